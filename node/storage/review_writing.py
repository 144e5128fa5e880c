"""Writes of reviews by people, within one transaction of a connection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, update

from node.domain.exchange import ExchangeKey
from node.domain.experts import Expert
from node.domain.panel import Ballot
from node.domain.review_form import (
    Review,
    spell_case,
    spell_expert,
    spell_questions,
    spell_roster,
)
from node.storage.engines import Conflict
from node.storage.following import SqlFollowing
from node.storage.review_tables import (
    ballot_sheet,
    expert,
    person_wanted,
    raised_lot,
    review,
    review_ballot,
    review_draw,
    review_roster,
)
from node.storage.tables import log_leaf


class SqlReviewing(SqlFollowing):
    """Experts, steps of cases, draws and ballots."""

    def keep_experts(self, experts: Sequence[tuple[str, Expert]]) -> None:
        """Keep a list of experts, each with a local account, in the place of the list before."""
        self._connection.execute(delete(expert))
        if experts:
            self._connection.execute(
                insert(expert),
                [
                    {"expert": one.expert, "account": account, "document": spell_expert(one)}
                    for account, one in experts
                ],
            )

    def add_review(self, key: ExchangeKey, one: Review) -> None:
        """Open a case."""
        values = {"peer": key[0], "exchange_id": key[1], **_row(one)}
        self._connection.execute(insert(review), values)

    def move_review(self, key: ExchangeKey, before: Review, after: Review) -> None:
        """Keep a step of a case.

        Raises:
            Conflict: where it does not stand as it was loaded.
        """
        c = review.c
        moved = self._connection.execute(
            update(review)
            .where(c.peer == key[0], c.exchange_id == key[1], c.version == before.version)
            .values(**_row(after) | {"version": before.version + 1})
        )
        if moved.rowcount != 1:
            raise Conflict(f"review {key[1].hex()}")

    def keep_draw(
        self, key: ExchangeKey, draw_round: int, draw: tuple[bytes, bytes, bytes, bytes]
    ) -> None:
        """Keep the notice of a draw, then what was drawn."""
        names = ("notice", "secret", "seed", "timestamp")
        values = dict(zip(names, draw, strict=True))
        place = {"peer": key[0], "exchange_id": key[1], "draw_round": draw_round}
        self._insert_new(review_draw, [{**place, **values}])
        c = review_draw.c
        self._connection.execute(
            update(review_draw)
            .where(c.peer == key[0], c.exchange_id == key[1], c.draw_round == draw_round)
            .where(c.notice == draw[0], c.seed == b"")
            .values(**values)
        )

    def cast(
        self, key: ExchangeKey, draw_round: int, ballots: Sequence[Ballot], now_us: int
    ) -> None:
        """Keep ballots in the place of those that the same expert cast before."""
        c = review_ballot.c
        for one in ballots:
            self._connection.execute(
                delete(review_ballot).where(
                    c.peer == key[0],
                    c.exchange_id == key[1],
                    c.draw_round == draw_round,
                    c.expert == one.expert,
                    c.question == one.question,
                )
            )
        self._connection.execute(
            insert(review_ballot),
            [
                {
                    "peer": key[0],
                    "exchange_id": key[1],
                    "draw_round": draw_round,
                    "expert": one.expert,
                    "question": one.question,
                    "granted": one.granted_hundredths,
                    "reasons": ",".join(one.reasons),
                    "cast_us": now_us,
                }
                for one in ballots
            ],
        )

    def keep_roster(self, key: ExchangeKey, draw_round: int, experts: Sequence[Expert]) -> None:
        """Keep who could be drawn in a round."""
        place = {"peer": key[0], "exchange_id": key[1], "draw_round": draw_round}
        self._insert_new(review_roster, [{**place, "document": spell_roster(experts)}])

    def keep_ballot_sheet(self, key: ExchangeKey, document: bytes) -> None:
        """Keep who voted how."""
        row = {"peer": key[0], "exchange_id": key[1], "document": document}
        self._connection.execute(insert(ballot_sheet), row)

    def want_person(self, key: ExchangeKey, now_us: int) -> None:
        """Keep that the learner asked for a person."""
        row = {"peer": key[0], "exchange_id": key[1], "wanted_us": now_us}
        self._insert_new(person_wanted, [row])

    def keep_raised(self, key: ExchangeKey, lots: Sequence[tuple[bytes, bytes]]) -> None:
        """Keep which lots an appeal against an exchange added, each with one that it raised."""
        place = {"peer": key[0], "exchange_id": key[1]}
        self._connection.execute(
            insert(raised_lot),
            [{**place, "lot_id": lot_id, "source_lot": source} for lot_id, source in lots],
        )

    def log_document(self, digest: bytes, entry: bytes) -> None:
        """Log a document by its digest."""
        self._connection.execute(insert(log_leaf), {"subject": digest, "entry": entry})


def _row(one: Review) -> dict[str, Any]:
    return {
        "state": one.case.state.value,
        "due_us": one.case.due_us,
        "case_document": spell_case(one.case),
        "questions": spell_questions(one.questions),
        "decision": one.decision,
        "version": one.version,
    }
