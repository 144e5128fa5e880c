"""Writes of what accompanies and follows an exchange, within one transaction of a connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Table, delete, insert, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from federation.protocol.lifecycle import STANDING
from federation.protocol.messages import MessageType
from node.domain.changes import Changes, SentMessage
from node.domain.exchange import ExchangeKey
from node.domain.files import NamedFile
from node.storage import tables as t
from node.storage.reading import SqlReading

_STANDING = [kind.value for kind in STANDING]


class SqlFollowing(SqlReading):
    """Cases for people, erased openings, and what of the outbox is superseded."""

    def attach_file(self, file: NamedFile, now_us: int) -> None:
        """Attach a file to a lot."""
        row = {"digest": file.digest, "size": file.size_bytes, "media_type": file.media_type}
        self._insert_new(t.evidence_file, [{**row, "added_us": now_us}])
        self._insert_new(t.lot_evidence, [{"lot_id": file.lot_id, "digest": file.digest}])

    def log_reading(
        self, key: ExchangeKey, digest: bytes, *, first: int, sent: int, now_us: int
    ) -> None:
        """Keep that a peer read a part of a file."""
        self._connection.execute(
            insert(t.evidence_reading),
            {
                "peer": key[0],
                "exchange_id": key[1],
                "digest": digest,
                "first_byte": first,
                "bytes_sent": sent,
                "read_us": now_us,
            },
        )

    def _erase_evidence(self, account: str) -> None:
        """Forget which files were a learner's; the files themselves go with the next tidying."""
        own = select(t.lot.c.lot_id).where(t.lot.c.account == account)
        gone = select(t.lot_evidence.c.digest).where(t.lot_evidence.c.lot_id.in_(own))
        digests = [row.digest for row in self._connection.execute(gone).all()]
        self._connection.execute(delete(t.lot_evidence).where(t.lot_evidence.c.lot_id.in_(own)))
        e, x = t.exchange_evidence.c, t.exchange.c
        theirs = select(x.peer, x.exchange_id).where(x.account == account)
        self._connection.execute(
            delete(t.exchange_evidence).where(tuple_(e.peer, e.exchange_id).in_(theirs))
        )
        kept = select(t.lot_evidence.c.digest)
        f = t.evidence_file.c
        self._connection.execute(
            delete(t.evidence_file).where(f.digest.in_(digests), f.digest.not_in(kept))
        )

    def _follow_up(self, changes: Changes) -> None:
        self._insert_new(
            t.open_case, [{**asdict(one), "closed_us": 0} for one in changes.cases_new]
        )
        self._insert_new(
            t.exchange_evidence,
            [
                {
                    "peer": peer,
                    "exchange_id": exchange_id,
                    "digest": one.digest,
                    "lot_id": one.lot_id,
                    "size": one.size_bytes,
                    "media_type": one.media_type,
                }
                for (peer, exchange_id), one in changes.files_named
            ],
        )
        self._write_uses(changes.uses_gone, changes.uses_new)
        if changes.openings_erased:
            c, e = t.message.c, t.exchange_evidence.c
            self._connection.execute(
                delete(t.exchange_evidence).where(
                    tuple_(e.peer, e.exchange_id).in_(changes.openings_erased)
                )
            )
            self._connection.execute(
                update(t.message)
                .where(tuple_(c.peer, c.exchange_id).in_(changes.openings_erased))
                # Our VOTE's decision record states what the peer had shown.
                .where(or_(c.is_sent == 0, c.type == MessageType.VOTE), c.openings != b"")
                .values(openings=b"", is_erased=1)
            )

    def _supersede(self, keys: Sequence[ExchangeKey]) -> None:
        """Let nothing more be sent of these exchanges but what stands by itself."""
        c, m = t.outbox.c, t.message.c
        standing = select(m.digest).where(m.digest == c.digest, m.type.in_(_STANDING))
        self._connection.execute(
            delete(t.outbox).where(
                tuple_(c.peer, c.exchange_id).in_(list(keys)), ~standing.exists()
            )
        )

    def _insert_new(self, table: Table, values: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows that are not there yet."""
        if not values:
            return
        on_postgresql = self._connection.dialect.name == "postgresql"
        dialect = postgresql if on_postgresql else sqlite
        self._connection.execute(dialect.insert(table).on_conflict_do_nothing(), list(values))


def superseding(sent: Sequence[SentMessage]) -> list[ExchangeKey]:
    """Return the exchanges in which a new message supersedes what waits."""
    return [(one.peer, one.exchange_id) for one in sent if one.type not in _STANDING]


def unsuperseded(sent: Sequence[SentMessage]) -> list[SentMessage]:
    """Return what of new messages is to be sent: the last of each exchange, and what stands."""
    last = {(one.peer, one.exchange_id): one for one in sent if one.type not in _STANDING}
    kept = {one.digest for one in last.values()}
    return [one for one in sent if one.type in _STANDING or one.digest in kept]
