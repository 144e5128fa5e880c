"""An appeal: an exchange of its own that asks other people to decide again.

What was not committed is offered anew, and its decision is one like any other. What was committed
stays where it is: such an appeal moves nothing, its VOTE states what each lot counts as in all,
and the destination posts the difference. No decision on appeal is lower than the one before it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from federation.protocol.commitments import Openings
from federation.protocol.lots import LotGroup, TargetGrant
from federation.protocol.messages import MessageType, Mode, Prepare, State, Vote
from node.domain.cap_book import CapBook, UseState
from node.domain.credit_groups import Credit, facts_credited
from node.domain.crediting import credited_lot
from node.domain.decision_record import ACCEPT, Record
from node.domain.exchange import Exchange, Role
from node.domain.ledger import Entry, appeal_entry
from node.domain.lot import Lot
from node.domain.step import Moment

# The name in a VOTE of what an earlier decision granted and this one leaves as it is.
EARLIER = "earlier"
_OVER = (State.CREDITED, State.REJECTED, State.RELEASED, State.RECOGNISED)
_OVER_AT_SOURCE = (State.COMMITTED, State.CLOSED, State.ABORTED, State.RECOGNISED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """The exchange that an appeal cites, as one side has it.

    Attributes:
        exchange: absent where there is none with this peer.
        vote: its decision, or None before any.
        prepare: its offer.
        heard: its lots that another appeal has had judged, or is about to.
    """

    exchange: Exchange | None
    vote: Vote | None = None
    prepare: Prepare | None = None
    heard: Collection[bytes] = ()

    @property
    def committed(self) -> frozenset[bytes]:
        """Its lots that were committed."""
        lots = self.exchange.lots if self.exchange else ()
        return frozenset(lot.lot_id for lot in lots if lot.is_committed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appealed:
    """What a judge must know of the decision under appeal.

    Attributes:
        exchange: its exchange, 32 hexadecimal digits; empty where nothing is under appeal.
        claim: its name in the book of caps where its lots were committed, else empty.
        offered_on: day of its offer, by which the validity of committed lots is judged.
        gone: why committed lots no longer count as they were granted.
    """

    exchange: str = ""
    claim: str = ""
    offered_on: str = ""
    gone: Mapping[bytes, str] = field(default_factory=dict)


NOT_APPEALED = Appealed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a decision on appeal adds.

    Attributes:
        lot_ids: lots of the source that it is granted for, together.
    """

    lot_ids: tuple[bytes, ...]
    target: str
    hundredths: int


def obstacle(
    cited: Cited, *, account: str, lots: Mapping[bytes, int], mode: Mode, signed_us: int
) -> str:
    """Return why an appeal cannot be heard, or nothing.

    Args:
        account: the learner's account on this side.
        lots: amounts by lot, as offered.
        signed_us: when the appeal was signed; that it came late is not the learner's doing.
    """
    exchange, vote = cited.exchange, cited.vote
    if exchange is None or vote is None or cited.prepare is None or exchange.account != account:
        return "APPEAL_UNKNOWN"
    over = _OVER if exchange.role is Role.DESTINATION else _OVER_AT_SOURCE
    known = {lot.lot_id: lot.amount_hundredths for lot in exchange.lots}
    if exchange.state not in over or not lots.items() <= known.items():
        return "APPEAL_UNKNOWN"
    if cited.prepare.relates_to:
        return "APPEAL_TWICE" if cited.prepare.is_appeal else "APPEAL_UNKNOWN"
    if not cited.committed.isdisjoint(lots) and not lots.keys() <= cited.committed:
        return "APPEAL_MIXED"
    if mode is not mode_of(cited, lots):
        return "APPEAL_MIXED"
    if signed_us > vote.record.appeal_until_us:
        return "APPEAL_LATE"
    return "" if lots.keys().isdisjoint(cited.heard) else "APPEAL_TWICE"


def mode_of(cited: Cited, lots: Collection[bytes]) -> Mode:
    """Return how an appeal on these lots is offered: what moved already moves no more."""
    assert cited.exchange is not None, "an appeal cites an exchange"
    is_moved = not cited.committed.isdisjoint(lots)
    return Mode.RECOGNISE if is_moved else cited.exchange.mode


def raised(book: CapBook, claim: str) -> CapBook:
    """Return the book with what a decision on committed lots added counted at once."""
    lots = {
        use.part.lot for use in book.uses if use.claim == claim and use.state is UseState.RESERVED
    }
    return book.consume(claim, lots) if lots else book


def totals(record: Record) -> dict[str, dict[str, int]]:
    """Return what each accepted lot counts as in all, by target: what stood and what was added."""
    found: dict[str, dict[str, int]] = {
        lot.lot: {one.target: one.hundredths for one in lot.earlier} for lot in record.given.lots
    }
    for group in record.decided.groups:
        for part in group.parts if group.verdict == ACCEPT else ():
            found[part.lot][part.target] = part.hundredths
    accepted = {lot.lot for lot in record.decided.lots if lot.verdict == ACCEPT}
    return {lot: targets for lot, targets in found.items() if lot in accepted and targets}


def groups_of(record: Record) -> tuple[LotGroup, ...]:
    """Return a decision on committed lots as its VOTE states it: each lot with all it counts as.

    Nothing where each counts as one target.
    """
    entries = {
        lot: group.entry
        for group in record.decided.groups
        if group.verdict == ACCEPT
        for lot in group.lots
    }
    every = totals(record)
    if all(len(targets) == 1 for targets in every.values()):
        return ()
    return tuple(
        LotGroup(
            entry=entries.get(lot, EARLIER),
            lot_ids=(_lot_id(lot),),
            grants=tuple(
                TargetGrant(target=target, granted_hundredths=hundredths)
                for target, hundredths in sorted(targets.items())
            ),
        )
        for lot, targets in every.items()
    )


def differences(record: Record) -> tuple[Difference, ...]:
    """Return what a decision on committed lots adds, by group and target."""
    found = []
    for group in record.decided.groups:
        added: dict[str, int] = {}
        for part in group.parts if group.verdict == ACCEPT else ():
            more = part.hundredths - part.earlier_hundredths
            added[part.target] = added.get(part.target, 0) + more
        found += [
            Difference(
                lot_ids=tuple(_lot_id(lot) for lot in group.lots), target=target, hundredths=more
            )
            for target, more in added.items()
            if more
        ]
    return tuple(found)


def credited(
    moment: Moment,
    exchange: Exchange,
    added: tuple[Difference, ...],
    shown: Openings,
    *,
    origin: bytes,
    decision: bytes,
) -> tuple[tuple[Lot, ...], Entry]:
    """Return what an appeal credits: a lot for each difference, and the entry that issues them.

    The hours stay with the lot that was credited first.

    Args:
        shown: the openings of the appeal's PREPARE.
        origin: hash of the COMMIT that brought what is raised; they are witnessed together.
        decision: hash of the VOTE.
    """
    lots = []
    for one in added:
        whole = Credit(
            lot_ids=one.lot_ids,
            target=one.target,
            granted_hundredths=one.hundredths,
            group_hundredths=one.hundredths,
        )
        facts = replace(facts_credited(whole, shown, {}), hours=0)
        lots.append(credited_lot(moment, exchange, facts, one.hundredths, origin))
    entry = appeal_entry(
        account=exchange.account,
        peer=exchange.peer,
        own_unit=moment.province,
        amounts=[one.hundredths for one in added],
        exchange_id=exchange.exchange_id,
        decision=decision,
        time_us=moment.now_us,
    )
    return tuple(lots), entry


def commit_of(cited: Cited) -> bytes:
    """Return the hash of the COMMIT that moved what is under appeal."""
    assert cited.exchange is not None, "an appeal cites an exchange"
    return cited.exchange.hashes[MessageType.COMMIT]


def _lot_id(name: str) -> bytes:
    return bytes.fromhex(name.partition(":")[2])
