"""The messages of one exchange together: one story, told in order, whose numbers agree."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from federation.base.errors import Breach
from federation.evidence.disclosure import check_identity, check_nullifiers
from federation.evidence.examiner import Proven
from federation.evidence.follow_ups import check_follow_ups
from federation.evidence.parts import part
from federation.evidence.record_papers import check_papers
from federation.evidence.transcript import place_of
from federation.protocol.grouping import record_in
from federation.protocol.lifecycle import (
    REPEATABLE,
    Direction,
    advance,
    check_cause,
    check_step,
    event_of,
)
from federation.protocol.messages import (
    Abort,
    Commit,
    Ending,
    ExchangeMessage,
    MessageType,
    Mode,
    Prepare,
    Receipt,
    Request,
    State,
    Vote,
)

_SOURCE_SPEAKS = frozenset(
    {
        MessageType.PREPARE,
        MessageType.SUPPLEMENT,
        MessageType.COMMIT,
        MessageType.ABORT,
        MessageType.NOTICE,
    }
)
_Kind = TypeVar("_Kind", bound=ExchangeMessage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A proven exchange.

    Attributes:
        source: the province that holds the credits.
        destination: the province where they shall count.
        messages: in causal order.
        source_state: where the source stands once it has what is shown here.
        destination_state: the same for the destination.
        witnesses: who cosigned the source's log with the COMMIT in it; none where nobody is shown
            to have, and then it is credited and no more.
        documents: catalogues and a minute that the decision record names.
    """

    source: str
    destination: str
    exchange_id: bytes
    mode: Mode
    messages: tuple[Proven, ...]
    source_state: State
    destination_state: State
    rule_document: bytes
    witnesses: tuple[str, ...] = ()
    documents: tuple[bytes, ...] = ()

    @property
    def request(self) -> Request | None:
        """The REQUEST, where the learner applied at the destination."""
        return self._message(Request)

    @property
    def prepare(self) -> Prepare | None:
        """The PREPARE."""
        return self._message(Prepare)

    @property
    def vote(self) -> Vote | None:
        """The VOTE."""
        return self._message(Vote)

    @property
    def commit(self) -> Commit | None:
        """The COMMIT."""
        return self._message(Commit)

    @property
    def abort(self) -> Abort | None:
        """The ABORT."""
        return self._message(Abort)

    @property
    def receipt(self) -> Receipt | None:
        """The RECEIPT."""
        return self._message(Receipt)

    @property
    def record(self) -> bytes:
        """The decision record beside the VOTE, or empty where none is shown."""
        voted = self.proven(MessageType.VOTE)
        return record_in(voted.openings) if voted else b""

    @property
    def offered_hundredths(self) -> int:
        """Sum of the lots offered, or wanted where none were, in source hundredths."""
        if self.prepare is not None:
            return _offered(self.prepare)
        return sum(lot.amount_hundredths for lot in self.request.lots) if self.request else 0

    @property
    def voted_hundredths(self) -> int:
        """Sum that the VOTE grants, in destination hundredths."""
        return sum(lot.granted_hundredths for lot in self.vote.lots) if self.vote else 0

    @property
    def lots_credited(self) -> int:
        """How many lots the destination issues: one for each target of a group, or lot by lot."""
        if self.commit is None or self.vote is None:
            return 0
        groups = self.vote.groups
        return sum(len(group.grants) for group in groups) if groups else len(self.commit.lots)

    @property
    def committed_hundredths(self) -> int:
        """Sum that left the source, in source hundredths."""
        return sum(lot.amount_hundredths for lot in self.commit.lots) if self.commit else 0

    def proven(self, kind: MessageType) -> Proven | None:
        """Return the message of a kind with its proof."""
        return next((one for one in self.messages if one.kind is kind), None)

    def _message(self, kind: type[_Kind]) -> _Kind | None:
        for one in self.messages:
            if isinstance(one.message, kind):
                return one.message
        return None


def link_up(
    messages: Sequence[Proven], rule_document: bytes = b"", documents: tuple[bytes, ...] = ()
) -> Chain:
    """Return the exchange that proven messages make up.

    Raises:
        PartFailed: naming the first message that does not fit those before it.
    """
    with part("messages"):
        _check_order(messages)
    for one in messages:
        with part(f"{one.kind.name}: exchange"):
            _check_same_exchange(one, messages[0])
    _check_one_history(messages)
    mode = _mode(messages)
    source_state, destination_state = _replay(messages, mode)
    source, destination = _roles(messages[0])
    chain = Chain(
        source=source,
        destination=destination,
        exchange_id=messages[0].message.header.exchange_id,
        mode=mode,
        messages=tuple(messages),
        source_state=source_state,
        destination_state=destination_state,
        rule_document=rule_document,
        documents=documents,
    )
    _check_prepare(chain)
    _check_vote(chain)
    _check_commit(chain)
    _check_receipt(chain)
    check_follow_ups(chain.messages)
    with part("rule document"):
        _check_rule(chain)
    with part("documents"):
        check_papers(chain.record, documents)
    return chain


def _check_order(messages: Sequence[Proven]) -> None:
    if not messages:
        raise Breach("TRANSCRIPT_ORDER", detail="no message")
    places = [place_of(one.kind, one.message.header.step) for one in messages]
    if any(first >= second for first, second in pairwise(places)):
        raise Breach("TRANSCRIPT_ORDER", detail="messages")


def _roles(one: Proven) -> tuple[str, str]:
    header = one.message.header
    if _is_by_source(one):
        return header.src, header.dst
    return header.dst, header.src


def _is_by_source(one: Proven) -> bool:
    """Tell who speaks: by type, or where both parties may, by the step that is each one's own."""
    is_first = one.message.header.step == 1
    if one.kind is MessageType.CONSENT_WITHDRAWN:
        return is_first
    if one.kind is MessageType.CONSENT_ACK:
        return not is_first
    return one.kind in _SOURCE_SPEAKS


def _check_same_exchange(one: Proven, first: Proven) -> None:
    header = one.message.header
    if header.exchange_id != first.message.header.exchange_id or _roles(one) != _roles(first):
        raise Breach("EXCHANGE_DIFFERS")
    # A later step alone would hide the message that it replaces.
    if header.step != 1 and one.kind not in REPEATABLE:
        raise Breach("STEP")


def _check_one_history(messages: Sequence[Proven]) -> None:
    """Two roots for one size of one log prove that its owner tells two stories."""
    roots: dict[tuple[str, int], bytes] = {}
    for one in messages:
        head = one.checkpoint
        with part(f"{one.kind.name}: log"):
            if roots.setdefault((head.origin, head.size), head.root) != head.root:
                raise Breach("LOG_DIFFERS", detail="two roots for one size")


def _mode(messages: Sequence[Proven]) -> Mode:
    for one in messages:
        if isinstance(one.message, Prepare):
            return one.message.mode
    first = messages[0].message
    return first.mode if isinstance(first, Request) else Mode.TRANSFER


def _replay(messages: Sequence[Proven], mode: Mode) -> tuple[State, State]:
    """Take both sides through the table from the start; whatever is named must be shown."""
    source = destination = State.UNKNOWN
    known: dict[MessageType, bytes] = {}
    series: dict[tuple[MessageType, int], bytes] = {}
    for one in messages:
        step = one.message.header.step
        with part(f"{one.kind.name}: cause"):
            check_step(one.kind, step, series)
            # In this state the table makes no allowance for a cause that is still on its way.
            check_cause(
                one.kind,
                one.message.header.cause,
                known,
                State.LOCKED,
                step=step,
                series=series,
            )
        known[one.kind] = one.digest
        if one.kind in REPEATABLE:
            series[one.kind, step] = one.digest
        ours, theirs = Direction.SENT, Direction.RECEIVED
        if not _is_by_source(one):
            ours, theirs = theirs, ours
        with part(f"{one.kind.name}: state"):
            event = event_of(one.message, mode)
            source = advance(source, ours, event)
            destination = advance(destination, theirs, event)
    return source, destination


def _check_prepare(chain: Chain) -> None:
    request, prepare = chain.request, chain.prepare
    if prepare is None:
        return
    if request is not None:
        with part("PREPARE: lots"):
            wanted = {lot.lot_id: lot.amount_hundredths for lot in request.lots}
            if _amounts(prepare) != wanted or request.mode is not prepare.mode:
                raise Breach("LOTS_DIFFER", detail="not the lots wanted")
    with part("PREPARE: identity"):
        check_identity((one.message, one.openings) for one in chain.messages)


def _check_vote(chain: Chain) -> None:
    prepare, vote = chain.prepare, chain.vote
    if prepare is None or vote is None:
        return
    with part("VOTE: lots"):
        if [lot.lot_id for lot in vote.lots] != [lot.content.lot_id for lot in prepare.lots]:
            raise Breach("LOTS_DIFFER", detail="not the lots offered")
    with part("VOTE: sums"):
        if vote.record.offered_hundredths != _offered(prepare):
            raise Breach("SUMS_DIFFER", detail="offered")


def _check_commit(chain: Chain) -> None:
    prepare, vote, commit = chain.prepare, chain.vote, chain.commit
    if prepare is None or vote is None or commit is None:
        return
    with part("COMMIT: lots"):
        amounts = _amounts(prepare)
        granted = {
            lot.lot_id: (amounts[lot.lot_id], lot.granted_hundredths) for lot in vote.accepted
        }
        debited = {
            lot.lot_id: (lot.amount_hundredths, lot.granted_hundredths) for lot in commit.lots
        }
        if debited != granted:
            raise Breach("LOTS_DIFFER", detail="not the lots granted")
    with part("COMMIT: time"):
        signed_us = commit.header.signed_time_us
        if signed_us > vote.accept_until_us:
            raise Breach("COMMIT_TOO_LATE", detail="accept_until")
        if signed_us > prepare.lock_until_us:
            raise Breach("COMMIT_TOO_LATE", detail="lock_until")
    with part("COMMIT: nullifiers"):
        for one in chain.messages:
            check_nullifiers(commit, one.openings)


def _check_receipt(chain: Chain) -> None:
    commit, receipt = chain.commit, chain.receipt
    if receipt is None:
        return
    with part("RECEIPT: ending"):
        if (receipt.ending is Ending.CREDITED) is not (commit is not None):
            raise Breach("NO_SUCH_STEP", detail=f"{receipt.ending.name} after another decision")
    if commit is not None:
        with part("RECEIPT: sums"):
            granted = sum(lot.granted_hundredths for lot in commit.lots)
            sums = (receipt.inbound_hundredths, receipt.granted_hundredths)
            if sums != (chain.committed_hundredths, granted):
                raise Breach("SUMS_DIFFER", detail="credited")


def _check_rule(chain: Chain) -> None:
    if not chain.rule_document:
        return
    named = chain.vote.record.rule_digest if chain.vote else b""
    if hashlib.sha256(chain.rule_document).digest() != named:
        raise Breach("RULE_DIFFERS")


def _amounts(prepare: Prepare) -> dict[bytes, int]:
    return {lot.content.lot_id: lot.content.amount_hundredths for lot in prepare.lots}


def _offered(prepare: Prepare) -> int:
    return sum(lot.content.amount_hundredths for lot in prepare.lots)
