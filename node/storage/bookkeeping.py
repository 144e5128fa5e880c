"""The books: accounts, entries, postings and balances, and the counters that number them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import insert, update

from node.domain.cases import OpenCase
from node.domain.changes import Changes
from node.domain.ledger import Entry, learner_account
from node.storage import rows
from node.storage import tables as t
from node.storage.following import SqlFollowing

_LEARNER = learner_account("")


class SqlBookkeeping(SqlFollowing):
    """Writes to the ledger within one transaction of a connection."""

    def _open_learners(self, changes: Changes) -> None:
        if changes.learners_new:
            self._connection.execute(
                insert(t.learner), [rows.learner_row(one) for one in changes.learners_new]
            )
            self._connection.execute(
                insert(t.balance),
                [
                    {"account": learner_account(one.account), "hundredths": 0}
                    for one in changes.learners_new
                ],
            )

        if changes.references_new:
            self._connection.execute(
                insert(t.learner_reference),
                [
                    {"source": one.source, "reference": one.reference, "account": one.account}
                    for one in changes.references_new
                ],
            )

    def open_cases_for(self, cases: Sequence[OpenCase]) -> None:
        """Open cases for people; one that is there already, open or closed, stays as it is."""
        self._insert_new(
            t.open_case,
            [
                {
                    "kind": one.kind,
                    "peer": one.peer,
                    "exchange_id": one.exchange_id,
                    "subject": one.subject,
                    "hundredths": one.hundredths,
                    "opened_us": one.opened_us,
                    "closed_us": 0,
                    "note": one.note,
                }
                for one in cases
            ],
        )

    def _post(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        first = self._take("entry", len(entries))
        numbered = list(enumerate(entries, start=first))
        self._connection.execute(
            insert(t.entry),
            [
                {
                    "entry_id": number,
                    "kind": one.kind.value,
                    "peer": one.peer,
                    "subject": one.subject,
                    "decision": one.decision,
                    "time_us": one.time_us,
                }
                for number, one in numbered
            ],
        )
        self._connection.execute(
            insert(t.posting),
            [
                {
                    "entry_id": number,
                    "line": line,
                    "debit": posting.debit,
                    "credit": posting.credit,
                    "unit": posting.unit,
                    "hundredths": posting.hundredths,
                }
                for number, one in numbered
                for line, posting in enumerate(one.postings)
            ],
        )
        self._move_balances(entries)

    def _move_balances(self, entries: Iterable[Entry]) -> None:
        moves: dict[str, int] = defaultdict(int)
        for entry in entries:
            for posting in entry.postings:
                if posting.debit.startswith(_LEARNER):
                    moves[posting.debit] -= posting.hundredths
                if posting.credit.startswith(_LEARNER):
                    moves[posting.credit] += posting.hundredths
        c = t.balance.c
        for account, delta in sorted(moves.items()):
            moved = self._connection.execute(
                update(t.balance)
                .where(c.account == account)
                .values(hundredths=c.hundredths + delta)
            )
            assert moved.rowcount == 1, "a learner's account without a balance"

    def _take(self, name: str, count: int) -> int:
        c = t.counter.c
        self._insert_new(t.counter, [{"name": name, "value": 0}])
        taken = update(t.counter).where(c.name == name).values(value=c.value + count)
        last = self._connection.execute(taken.returning(c.value)).scalar_one()
        return int(last) - count + 1
