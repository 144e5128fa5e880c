"""What a transaction writes. A conditional update that meets another state stops the work."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, tuple_, update

from federation.wire.entries import deposit_entry
from federation.wire.envelope import Batch
from node.domain.changes import Changes, SentMessage
from node.storage import conditional, rows
from node.storage import tables as t
from node.storage.accreditation_writing import SqlAccrediting
from node.storage.following import superseding, unsuperseded
from node.storage.mirror_writing import SqlMirrorWriting
from node.storage.publication_writing import SqlPublishing
from node.storage.recovery_writing import SqlRecovering
from node.storage.review_writing import SqlReviewing
from node.storage.shanghai_storing import SqlShanghaiWriting
from node.usecases.ports import RejectedRow


class SqlTransaction(
    SqlRecovering,
    SqlMirrorWriting,
    SqlPublishing,
    SqlAccrediting,
    SqlReviewing,
    SqlShanghaiWriting,
):
    """Questions and writes within one transaction of a connection."""

    def apply(self, changes: Changes, *, is_recovering: bool = False) -> None:
        """Write all changes.

        Raises:
            Conflict: when an exchange, a lot or a transfer code is no longer as it was loaded.
            Unavailable: RECOVERING when something new is said, unless recovery itself says it.
        """
        if changes.sent and not is_recovering:
            self.require_leave()
        self._open_learners(changes)
        self._write_exchanges(changes)
        self._write_lots(changes)
        self._post(changes.entries)
        self._write_inbox(changes)
        self._receive(changes)
        self._settle(changes)
        self._send(changes.sent)
        self._use_codes(changes)
        self._follow_up(changes)

    def take_serials(self, count: int) -> int:
        """Take account serials and return the first."""
        return self._take("account", count)

    def record_seals(self, batch: Batch, unsealed: Collection[bytes]) -> None:
        """Keep the signature of a batch for the messages that had none."""
        seal_id = self._keep_seal(batch.seal)
        wanted = set(unsealed)
        placed = (one for one in batch.evidence() if one.item.digest in wanted)
        conditional.place_evidence(self._connection, placed, seal_id)

    def reschedule(
        self, digests: Collection[bytes], *, due_us: int, failure: str, now_us: int
    ) -> None:
        """Set when messages are tried next, and why they are still waiting."""
        c = t.outbox.c
        wanted = c.digest.in_(list(digests))
        attempts = c.attempts + 1
        values: dict[str, Any] = {"due_us": due_us, "attempts": attempts, "failure": failure}
        self._connection.execute(update(t.outbox).where(wanted).values(**values))
        first = now_us if failure else 0
        unmarked = c.first_failure_us == 0 if failure else c.first_failure_us != 0
        self._connection.execute(
            update(t.outbox).where(wanted, unmarked).values(first_failure_us=first)
        )

    def make_due(self, peer: str, now_us: int) -> int:
        """Make everything that waits for a peer due, and return how many messages that is."""
        c = t.outbox.c
        done = self._connection.execute(
            update(t.outbox)
            .where(c.peer == peer, c.due_us > now_us)
            .values(due_us=now_us, attempts=0)
        )
        return done.rowcount

    def forget_waiting(self, digests: Collection[bytes]) -> None:
        """Take messages out of the outbox."""
        if digests:
            self._connection.execute(delete(t.outbox).where(t.outbox.c.digest.in_(list(digests))))

    def record_rejected(self, rejected: Sequence[RejectedRow]) -> None:
        """Keep why rows of an import were not taken."""
        self._insert_new(
            t.import_rejected,
            [
                {
                    "source": row.source,
                    "line": row.line,
                    "reference": row.reference,
                    "reason": row.reason,
                }
                for row in rejected
            ],
        )

    def record_progress(self, source: str, line: int) -> None:
        """Keep how far an import has come; it never goes back."""
        table = t.import_progress
        self._insert_new(table, [{"source": source, "line": 0}])
        self._connection.execute(
            update(table).where(table.c.source == source, table.c.line < line).values(line=line)
        )

    def keep_registry(self, version: int, files: Mapping[str, bytes]) -> None:
        """Keep a verified view in the place of older ones; versions never fall."""
        c = t.registry_view.c
        self._connection.execute(delete(t.registry_view).where(c.version <= version))
        self._connection.execute(
            insert(t.registry_view),
            [
                {"version": version, "name": name, "content": content}
                for name, content in files.items()
            ],
        )

    def set_fact(self, name: str, value: str) -> None:
        """Keep a fact of this node."""
        self._insert_new(t.fact, [{"name": name, "value": value}])
        self._connection.execute(update(t.fact).where(t.fact.c.name == name).values(value=value))

    def erase(self, account: str, now_us: int) -> int:
        """Erase a learner's values and salts; return how many values that was."""
        erased = 1 + sum(len(lot.openings.openings) for lot in self.lots_of(account))
        nothing = {"name": "", "document_type": "", "document": b"", "blind_index": None}
        self._connection.execute(
            update(t.learner)
            .where(t.learner.c.account == account)
            .values(**nothing, erased_us=now_us)
        )
        self._connection.execute(
            update(t.lot).where(t.lot.c.account == account).values(openings=b"")
        )
        self._erase_outcomes(account)
        self._erase_shanghai_rows(account)
        self._erase_evidence(account)
        self._erase_uses(account)
        self._erase_enrolments(account)
        c, e = t.message.c, t.exchange.c
        found = self._all(t.exchange.select().where(e.account == account))
        keys = [(row.peer, row.exchange_id) for row in found]
        if keys:
            self._connection.execute(
                update(t.message)
                .where(tuple_(c.peer, c.exchange_id).in_(keys), c.openings != b"")
                .values(openings=b"", is_erased=1)
            )
        return erased

    def _write_exchanges(self, changes: Changes) -> None:
        if changes.exchanges_new:
            self._connection.execute(
                insert(t.exchange), [rows.exchange_row(one) for one in changes.exchanges_new]
            )
            conditional.insert_lots(self._connection, changes.exchanges_new)
        conditional.move_exchanges(self._connection, changes.exchanges_moved)

    def _write_lots(self, changes: Changes) -> None:
        new = changes.lots_new
        if new:
            first = self._take("lot", len(new))
            self._connection.execute(
                insert(t.lot), [rows.lot_row(lot, first + at) for at, lot in enumerate(new)]
            )
            self._log([(lot.lot_id, deposit_entry(lot.commitment, lot.origin)) for lot in new])
        conditional.move_lots(self._connection, changes.lots_moved)

    def _write_inbox(self, changes: Changes) -> None:
        if changes.inbox_new:
            self._connection.execute(
                insert(t.inbox),
                [
                    {
                        "peer": row.key[0],
                        "exchange_id": row.key[1],
                        "type": row.key[2],
                        "step": row.key[3],
                        "digest": row.digest,
                        "answer": row.answer,
                    }
                    for row in changes.inbox_new
                ],
            )
        conditional.answer_inbox(self._connection, changes.inbox_answers)

    def _receive(self, changes: Changes) -> None:
        seals = {id(one.evidence.seal): one.evidence.seal for one in changes.received}
        seals |= {id(one.evidence.seal): one.evidence.seal for one in changes.contradictions}
        kept = {name: self._keep_seal(seal) for name, seal in seals.items()}
        self._insert_new(
            t.message,
            [
                {
                    "digest": one.digest,
                    "is_sent": 0,
                    "peer": one.peer,
                    "exchange_id": one.exchange_id,
                    "type": one.evidence.item.type,
                    "payload": one.evidence.item.payload,
                    "openings": one.evidence.item.openings if one.keeps_openings else b"",
                    "is_erased": int(bool(one.evidence.item.openings) and not one.keeps_openings),
                    "created_us": one.received_us,
                    **rows.evidence_row(one.evidence, kept[id(one.evidence.seal)]),
                }
                for one in changes.received
            ],
        )
        self._insert_new(
            t.contradiction,
            [
                {
                    "peer": one.key[0],
                    "exchange_id": one.key[1],
                    "type": one.key[2],
                    "step": one.key[3],
                    "applied": one.applied,
                    "digest": one.evidence.item.digest,
                    "payload": one.evidence.item.payload,
                    "seen_us": one.seen_us,
                    **rows.evidence_row(one.evidence, kept[id(one.evidence.seal)]),
                }
                for one in changes.contradictions
            ],
        )

    def _settle(self, changes: Changes) -> None:
        self.forget_waiting(changes.answered)
        superseded = [*changes.settled, *superseding(changes.sent)]
        if superseded:
            self._supersede(superseded)

    def _send(self, sent: Sequence[SentMessage]) -> None:
        if not sent:
            return
        self._connection.execute(insert(t.message), [_sent_row(one) for one in sent])
        self._connection.execute(
            insert(t.outbox),
            [
                {
                    "digest": one.digest,
                    "peer": one.peer,
                    "exchange_id": one.exchange_id,
                    "created_us": one.created_us,
                    "due_us": one.due_us,
                    "attempts": 0,
                    "first_failure_us": 0,
                    "failure": "",
                }
                for one in unsuperseded(sent)
            ],
        )
        self._log([(one.digest, one.entry) for one in sent])

    def _use_codes(self, changes: Changes) -> None:
        if changes.codes_new:
            self._connection.execute(
                insert(t.transfer_code), [rows.code_row(one) for one in changes.codes_new]
            )
        conditional.use_codes(self._connection, changes.codes_used)

    def _log(self, leaves: Sequence[tuple[bytes, bytes]]) -> None:
        self._connection.execute(
            insert(t.log_leaf), [{"subject": subject, "entry": entry} for subject, entry in leaves]
        )


def _sent_row(one: SentMessage) -> dict[str, Any]:
    return {
        "digest": one.digest,
        "is_sent": 1,
        "peer": one.peer,
        "exchange_id": one.exchange_id,
        "type": one.type,
        "payload": one.payload,
        "openings": one.openings,
        "created_us": one.created_us,
        "seal_id": None,
        "batch_index": 0,
        "batch_proof": b"",
        "log_index": -1,
        "log_proof": b"",
    }
