"""Recovery: from quarantine back to service, once others have returned what the backup lacks.

Every member is asked for a refill, and fences us by answering. Then, in one transaction, what came
back is applied, the log is continued to where the world saw it, and what nobody can settle is
listed for people. Where contents of the log were lost, two persons confirm that first.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from federation.base.errors import Breach, CreditBankError, Refusal
from federation.protocol.commitments import nullifier
from federation.protocol.messages import State
from federation.wire import codec
from federation.wire.delivery import Arrival
from federation.wire.entries import recovery_entry
from federation.wire.envelope import read_statement
from node.domain.lot import Hold, Lot
from node.usecases.collecting import Collecting
from node.usecases.incoming import Incoming
from node.usecases.log_memory import Remembered, continuation, remember
from node.usecases.office import Office
from node.usecases.own_signatures import OwnSignatures
from node.usecases.ports import Peers, Reading, StoredMessage, Transaction
from node.usecases.quarantine import (
    COLLECTING,
    CONFIRMATION,
    INCARNATION,
    UNRECOVERABLE,
    Quarantine,
    keep_quarantine,
    leave,
    read_quarantine,
)
from node.usecases.rebuilding import Rebuilding
from node.usecases.recall import Recall
from node.usecases.recovery_cases import opaque_leaves, two_restored
from node.usecases.recovery_ports import ListedCase, SpendKnown
from node.usecases.sealing import Sealing

_LOG = logging.getLogger("creditbank.recovery")
PERSONS = 2
LOTS_TOGETHER = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryStatus:
    """How far a recovery is.

    Attributes:
        quarantine: None where there is none.
        is_recalling: whether this process still asks what others know.
        opaque: ranges of the log whose contents were lost, as first and count.
    """

    quarantine: Quarantine | None
    is_recalling: bool
    incarnation: int
    opaque: tuple[tuple[int, int], ...]
    open_cases: int


class Recovery:
    """Leads a restored node out of quarantine."""

    def __init__(
        self, office: Office, sealing: Sealing, peers: Peers, incoming: Incoming, recall: Recall
    ) -> None:
        self._office = office
        self._collecting = Collecting(office, sealing, peers)
        self._incoming = incoming
        self._recall = recall
        self._own = OwnSignatures(office)

    def advance(self) -> bool:
        """Do what can be done now; tell whether this node may serve."""
        if not self._recall.attempt():
            return False
        kept = self._office.store.read(read_quarantine)
        if kept is None:
            return True
        if not kept.is_restored and not self._restore(kept):
            return False
        return self._end()

    def status(self) -> RecoveryStatus:
        """Return how far a recovery is."""

        def read(reading: Reading) -> RecoveryStatus:
            return RecoveryStatus(
                quarantine=read_quarantine(reading),
                is_recalling=not self._office.hold.may_sign(),
                incarnation=int(reading.fact(INCARNATION) or 1),
                opaque=tuple(reading.opaque_ranges()),
                open_cases=sum(1 for one in reading.cases() if not one.closed_us),
            )

        return self._office.store.read(read)

    def confirm(self, account: str) -> tuple[str, ...]:
        """Note that a local account confirms what was lost; return who has.

        Raises:
            Refusal: NOT_IN_QUARANTINE where nothing waits for it.
        """

        def work(tx: Transaction) -> tuple[str, ...]:
            kept = read_quarantine(tx)
            if kept is None or kept.blocked != CONFIRMATION:
                raise Refusal("NOT_IN_QUARANTINE")
            confirmed = tuple(sorted({*kept.confirmed, account}))
            keep_quarantine(tx, replace(kept, confirmed=confirmed))
            return confirmed

        return self._office.store.transact(work)

    def cases(self) -> list[ListedCase]:
        """Return what needs or needed people."""
        return self._office.store.read(lambda reading: reading.cases())

    def close_case(self, case_id: int, note: str) -> None:
        """Close a case with what was done about it.

        Raises:
            Refusal: NO_SUCH_CASE when there is no such open case.
        """
        now_us = self._office.clock.now_us()
        said = f" | {note}"
        if not self._office.store.transact(lambda tx: tx.close_case(case_id, said, now_us)):
            raise Refusal("NO_SUCH_CASE")

    def _restore(self, kept: Quarantine) -> bool:
        silent = self._collect()
        if silent:
            self._block(COLLECTING, silent)
            return False
        first = self._office.store.read(lambda reading: reading.log_state().checkpoint.size)
        remembered = remember(self._recall, self._own, self._office.province, first)
        try:
            self._office.store.transact(lambda tx: self._rebuild(tx, remembered, kept.note))
        except Breach as breach:
            if breach.reason != UNRECOVERABLE:
                raise
            _LOG.error("the log cannot be continued: %s", breach.detail)
            self._block(UNRECOVERABLE, ())
            return False
        return True

    def _collect(self) -> tuple[str, ...]:
        """Ask every member; return who has not answered fully."""
        silent = []
        for member in self._recall.members():
            try:
                self._collecting.collect(member)
            except CreditBankError as error:
                _LOG.warning("no refill from %s: %s", member.province, error.reason)
                silent.append(member.province)
        return tuple(silent)

    def _rebuild(self, tx: Transaction, remembered: Remembered, shown: bytes) -> None:
        moment = self._office.moment()
        kept = read_quarantine(tx)
        if kept is None or kept.is_restored:
            return  # Another process was here first.
        refilled = tx.unapplied()
        own = [one for one in refilled if one.is_sent]
        ahead = continuation(tx, remembered, self._own, own, shown)
        Rebuilding(self._office, tx, moment).run(refilled)
        opaque = tx.extend_log(*ahead) if ahead else 0
        if opaque:
            tx.open_cases_for([opaque_leaves(tx.opaque_ranges(), moment.now_us)])
        _dispute(tx, remembered.spends, moment.now_us)
        keep_quarantine(tx, replace(kept, is_restored=True, blocked=CONFIRMATION if opaque else ""))

    def _end(self) -> bool:
        ended = self._office.store.transact(self._leave)
        if not ended:
            return False
        self._office.store.settle()
        waiting = self._office.store.read(lambda reading: reading.unapplied())
        self._apply_unanswered([one for one in waiting if not one.is_sent])
        peers = [one.province for one in self._recall.members()]
        now_us = self._office.clock.now_us()
        for peer in peers:
            self._office.store.transact(lambda tx, peer=peer: tx.make_due(peer, now_us))  # type: ignore[misc]
        self._office.wake(peers)
        _LOG.warning("out of quarantine")
        return True

    def _leave(self, tx: Transaction) -> bool:
        kept = read_quarantine(tx)
        if kept is None:
            return True
        if not kept.is_restored:
            return False
        if kept.blocked == CONFIRMATION:
            if len(kept.confirmed) < PERSONS:
                return False
            self._log_recovery(tx, kept)
        leave(tx)
        return True

    def _log_recovery(self, tx: Transaction, kept: Quarantine) -> None:
        """Log who confirmed that which contents were lost."""
        document = json.dumps(
            {
                "province": self._office.province,
                "incarnation": int(tx.fact(INCARNATION) or 1),
                "opaque": tx.opaque_ranges(),
                "confirmed": kept.confirmed,
                "confirmed_us": self._office.clock.now_us(),
            },
            sort_keys=True,
        )
        digest = hashlib.sha256(document.encode()).digest()
        tx.set_fact(f"recovery {digest.hex()[:32]}", document)
        tx.log_refilled([(digest, recovery_entry(digest))])

    def _apply_unanswered(self, messages: Sequence[StoredMessage]) -> None:
        """Apply messages that came back and that we had not answered, as if they came now."""
        by_peer: dict[str, list[Arrival]] = defaultdict(list)
        for one in messages:
            if (arrival := _arrival(one)) is not None:
                by_peer[one.peer].append(arrival)
        for peer, arrivals in by_peer.items():
            self._incoming.apply(peer, arrivals, answers_travel_back=False)
        self._office.store.transact(lambda tx: _forget(tx, messages))

    def _block(self, blocked: str, silent: tuple[str, ...]) -> None:
        def work(tx: Transaction) -> None:
            kept = read_quarantine(tx)
            if kept is not None and (kept.blocked, kept.silent) != (blocked, silent):
                keep_quarantine(tx, replace(kept, blocked=blocked, silent=silent))

        self._office.store.transact(work)


def _arrival(one: StoredMessage) -> Arrival | None:
    if one.evidence is None:
        return None
    return Arrival(
        codec.decode(one.type, one.payload),
        one.evidence,
        one.digest,
        codec.decode_openings(one.openings),
        read_statement(one.evidence.seal.statement).incarnation,
    )


def _forget(tx: Transaction, messages: Sequence[StoredMessage]) -> None:
    """Erase what was shown for someone who has no account here, or for what is over."""
    exchanges = tx.exchanges([(one.peer, one.exchange_id) for one in messages])
    idle = [
        one.digest
        for one in messages
        if (found := exchanges.get((one.peer, one.exchange_id))) is None
        or not found.account
        or found.state is State.RELEASED
    ]
    tx.forget_openings(idle)


def _dispute(tx: Transaction, spends: Sequence[SpendKnown], now_us: int) -> None:
    """Hold lots that our log says were spent by a COMMIT that nobody has any more."""
    by_nullifier: Mapping[bytes, SpendKnown] = {one.nullifier: one for one in spends}
    settled = tx.spent_by(by_nullifier)
    open_marks = {mark: one for mark, one in by_nullifier.items() if mark not in settled}
    after = b""
    while open_marks and (page := tx.unspent_lots(after, LOTS_TOGETHER)):
        after = page[-1].lot_id
        held: list[tuple[Lot, SpendKnown]] = [
            (lot, open_marks[mark]) for lot in page if (mark := nullifier(lot.secret)) in open_marks
        ]
        tx.hold_lots([lot.lot_id for lot, _ in held], Hold.DISPUTED)
        tx.open_cases_for([two_restored(lot, spend, now_us) for lot, spend in held])
