"""Apply what arrived, each message by itself, exactly once in effect however often it comes.

State, postings, inbox row, answer and log leaf are one transaction. A message under a used inbox
key gets its stored answer when its payload is the same, and is kept as proof when it is not. Only
applied messages and signed refusals are stored, never a transient or a gate error.
"""

from __future__ import annotations

from collections.abc import Sequence

from federation.base.errors import Breach, CreditBankError, Refusal, Unavailable
from federation.protocol.admission import check_fresh
from federation.protocol.inquiries import Message
from federation.protocol.lifecycle import Direction
from federation.protocol.messages import (
    Abort,
    Commit,
    ExchangeMessage,
    MessageType,
    Mode,
    Prepare,
    Receipt,
    Request,
    Vote,
)
from federation.wire import codec
from federation.wire.delivery import Arrival, Disposal
from node.domain import crediting, destination, source
from node.domain.changes import Contradiction
from node.domain.exchange import Exchange, Role
from node.domain.judgement import Judge
from node.domain.step import Moment, Step
from node.domain.voting import asks_people
from node.usecases.agreed_terms import AgreedTerms
from node.usecases.allowances import Allowances
from node.usecases.appeals import check_not_lower
from node.usecases.benches import Benches
from node.usecases.cap_books import CapBooks
from node.usecases.claimants import Claimants, shown_code
from node.usecases.disposals import Applied, has_crossed, repeated, unanswered
from node.usecases.follow_ups import FollowUps
from node.usecases.hearing import Hearing
from node.usecases.offers import Offering
from node.usecases.office import Office
from node.usecases.ports import Transaction
from node.usecases.recovery_cases import unfound_learner
from node.usecases.returns import facts_before
from node.usecases.review_closing import close_review
from node.usecases.workspace import Workspace, inbox_key

ANSWER_GRACE_US = 5_000_000


class Incoming:
    """Applies messages of peers."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def apply(
        self, peer: str, arrivals: Sequence[Arrival], *, answers_travel_back: bool
    ) -> list[Applied]:
        """Apply messages of one peer in one transaction and return what became of each.

        Args:
            answers_travel_back: whether the caller sends the answers in its own reply; delivery
                then waits a little before it sends them itself.
        """
        applied, told = self._office.store.transact(
            lambda tx: self._work(tx, peer, arrivals, answers_travel_back)
        )
        if not answers_travel_back:
            told = {*told, peer}
        if told:
            self._office.wake(told)
        return applied

    def repeated(self, peer: str, arrivals: Sequence[Arrival]) -> list[Applied]:
        """Return what became of messages as far as that is known already; nothing is applied.

        What was not applied before is to be sent again once this node may sign.
        """
        return self._office.store.read(lambda reading: repeated(reading, peer, arrivals))

    def _work(
        self, tx: Transaction, peer: str, arrivals: Sequence[Arrival], travels_back: bool
    ) -> tuple[list[Applied], set[str]]:
        """Return what became of each, and the other peers for whom something follows."""
        moment = self._office.moment()
        due_us = moment.now_us + (ANSWER_GRACE_US if travels_back else 0)
        workspace = Workspace(tx, now_us=moment.now_us, due_us=due_us)
        case = _Case(self._office, tx, workspace, moment)
        case.load(peer, arrivals)
        applied = [case.apply(peer, arrival) for arrival in arrivals]
        changes = workspace.finish()
        tx.apply(changes)
        return applied, {one.peer for one in changes.sent} - {peer}


class _Case:
    """One batch in hand, within its transaction."""

    def __init__(
        self, office: Office, tx: Transaction, workspace: Workspace, moment: Moment
    ) -> None:
        self._office = office
        self._tx = tx
        self._workspace = workspace
        self._moment = moment
        self._books = CapBooks(tx, workspace.changes, now_us=moment.now_us)
        self._benches = Benches(office, tx, self._books)
        self._follow_ups = FollowUps(tx, workspace, moment, self._books)
        self._claimants = Claimants(office, tx)
        self._offering = Offering(office, tx, workspace, moment)
        self._allowances = Allowances(office, tx, moment.now_us)
        self._agreed = AgreedTerms(office, self._allowances, moment)
        self._fence = 0

    def load(self, peer: str, arrivals: Sequence[Arrival]) -> None:
        """Load all that the batch touches, each kind in one query."""
        workspace = self._workspace
        self._fence = self._tx.fence(peer)
        workspace.load_inbox(inbox_key(arrival) for arrival in arrivals)
        workspace.load_exchanges((peer, one.message.header.exchange_id) for one in arrivals)
        # What was applied before is answered from what it came to.
        fresh = [one for one in arrivals if not self._is_repeated(one)]
        keys = {(peer, one.message.header.exchange_id) for one in fresh}
        begun = [
            one
            for one in fresh
            if (peer, one.message.header.exchange_id) not in workspace.exchanges
        ]
        sides = {(peer, _side(one.message)) for one in begun}
        self._allowances.load_open(sides)
        known = [workspace.exchanges[key] for key in keys & workspace.exchanges.keys()]
        held = (one for one in known if one.role is Role.SOURCE)
        wanted = {lot.lot_id for one in held for lot in one.lots}
        requests = (one.message for one in fresh if isinstance(one.message, Request))
        asked = {lot.lot_id for request in requests for lot in request.lots}
        workspace.load_lots(wanted | asked)
        self._offering.load(asked & workspace.lots.keys())
        holders = self._claimants.load_codes(fresh)
        self._allowances.load_moved(holders, sides)
        here = {one.account for one in known if one.role is Role.DESTINATION and one.account}
        self._benches.load(holders | here)
        self._claimants.load_learners(holders | here)

    def apply(self, peer: str, arrival: Arrival) -> Applied:
        """Apply one message; nothing in hand changes when it is refused."""
        key = inbox_key(arrival)
        known = self._workspace.inbox.get(key)
        if known is not None and known.digest == arrival.digest:
            return self._repeated(peer, arrival, known.answer)
        if known is not None:
            self._workspace.changes.contradictions.append(
                Contradiction(
                    key=key,
                    applied=known.digest,
                    evidence=arrival.evidence,
                    seen_us=self._moment.now_us,
                )
            )
            return Applied(Disposal.REFUSED, error=Breach("EQUIVOCATION"))
        try:
            return self._first(peer, arrival)
        except Unavailable as error:
            return Applied(Disposal.RETRY, error=error)
        except CreditBankError as error:
            return Applied(Disposal.REFUSED, error=error)

    def _is_repeated(self, arrival: Arrival) -> bool:
        known = self._workspace.inbox.get(inbox_key(arrival))
        return known is not None and known.digest == arrival.digest

    def _repeated(self, peer: str, arrival: Arrival, answer: bytes) -> Applied:
        if answer:
            return Applied(Disposal.ANSWERED, answer)
        exchange = self._workspace.exchanges[peer, arrival.message.header.exchange_id]
        return Applied(unanswered(arrival.message, exchange))

    def _first(self, peer: str, arrival: Arrival) -> Applied:
        message = arrival.message
        assert isinstance(message, ExchangeMessage)
        if arrival.incarnation < self._fence:
            # Its sender was restored since; it has told us to count nothing more of this.
            raise Breach("FENCED")
        if isinstance(message, Request):
            # Only now is it known to be none that was applied before.
            check_fresh(message.header, now_us=self._moment.now_us)
        key = (peer, message.header.exchange_id)
        before = self._workspace.exchanges.get(key) or self._begin(peer, message)
        counted = before.with_message(
            message, arrival.digest, Direction.RECEIVED, now_us=self._moment.now_us
        )
        step = self._step(message, arrival, counted)
        is_new = key not in self._workspace.exchanges
        answer = self._workspace.absorb(step)
        self._claimants.use(step)
        self._book(message, step)
        self._follow_ups.after(self._workspace.exchanges[key])
        exchange = self._workspace.exchanges[key]
        if is_new:
            self._allowances.note(exchange)
        if not answer and has_crossed(message, exchange):
            answer = exchange.last_sent  # It was sent before this came, and answers it.
        self._workspace.receive(arrival, exchange, answer)
        if answer:
            return Applied(Disposal.ANSWERED, answer)
        return Applied(unanswered(message, exchange))

    def _book(self, message: ExchangeMessage, step: Step) -> None:
        """Let the caps follow: reserved by a VOTE, consumed by a COMMIT, released by an ABORT."""
        self._books.take(step)
        if isinstance(message, Commit):
            self._books.consume(step.exchange, message)
        elif isinstance(message, Abort):
            self._books.release(step.exchange)
            if MessageType.VOTE not in step.exchange.hashes:
                close_review(self._tx, step.exchange)

    def _begin(self, peer: str, message: ExchangeMessage) -> Exchange:
        """Return an exchange not seen before; the table decides whether it may begin so."""
        if isinstance(message, Abort):
            # What it ends never came here: a tombstone, which takes room too.
            self._agreed.make_room_for_tombstone(peer)
        mode = message.mode if isinstance(message, Request | Prepare) else Mode.TRANSFER
        return Exchange(
            peer=peer,
            exchange_id=message.header.exchange_id,
            role=_side(message),
            mode=mode,
            begun_us=self._moment.now_us,
        )

    def _step(self, message: ExchangeMessage, arrival: Arrival, exchange: Exchange) -> Step:
        if isinstance(message, Request):
            return self._on_request(message, arrival, exchange)
        if isinstance(message, Prepare):
            return self._on_prepare(message, arrival, exchange)
        if isinstance(message, Vote):
            check_not_lower(self._tx, exchange, message)
            lots, shown = self._workspace.lots, arrival.openings
            return source.on_vote(self._moment, exchange, message, lots, shown)
        if isinstance(message, Commit):
            return self._on_commit(message, exchange)
        if isinstance(message, Abort):
            return crediting.on_abort(self._moment, exchange, message.reasons)
        if isinstance(message, Receipt):
            return source.on_receipt(exchange, message)
        return self._follow_ups.apply(message, arrival.openings, exchange)

    def _on_request(self, message: Request, arrival: Arrival, exchange: Exchange) -> Step:
        code = shown_code(arrival.openings)
        issued = self._claimants.issued(code)
        agreement = self._office.agreement(
            src=self._moment.province,
            dst=exchange.peer,
            mode=message.mode,
            signed_us=message.header.signed_time_us,
        )
        self._agreed.make_room(agreement, (exchange.peer, Role.SOURCE))
        learner = self._claimants.learner(issued.account) if issued else None
        try:
            step = self._offering.answer_request(
                message, exchange, code=code, issued=issued, learner=learner, agreement=agreement
            )
            offered = step.exchange.offered_hundredths
            self._allowances.check_cap(agreement, step.exchange, offered)
            return step
        except Refusal as refusal:
            return source.refuse_request(self._moment, exchange, refusal.reason)

    def _on_prepare(self, message: Prepare, arrival: Arrival, exchange: Exchange) -> Step:
        if exchange.hashes.get(MessageType.ABORT):
            return Step(exchange=exchange)
        if message.mode is not exchange.mode:
            raise Breach("NOT_AS_ASKED")
        claimant = self._claimants.claimant(arrival, exchange)
        if message.relates_to:
            hearing = Hearing(self._office, self._tx, self._moment, self._agreed)
            return hearing.hear(message, arrival, exchange, claimant)
        terms = self._agreed.terms(message, exchange, claimant.learner)
        account = claimant.learner.account if claimant.learner else ""
        bench = self._benches.bench(exchange, message, account)
        is_free = not (message.cites or terms.is_over_cap)
        asks_person = message.asks_person or claimant.asks_person
        if is_free and (
            asks_person or self._is_for_people(message, arrival, exchange, bench.judge)
        ):
            held = destination.hold(self._moment, exchange, message, claimant=claimant)
            if held is not None:
                return held
        return destination.on_prepare(
            self._moment,
            exchange,
            message,
            arrival.openings,
            claimant=claimant,
            bench=bench,
            terms=terms,
        )

    def _is_for_people(
        self, message: Prepare, arrival: Arrival, exchange: Exchange, rule: Judge
    ) -> bool:
        """Tell whether people decide on an offer: here on all, or by the rule on this one."""
        if self._office.reviews_by_person:
            return True
        return rule.asks_people and bool(
            asks_people(self._moment, exchange, message, arrival.openings, rule)
        )

    def _on_commit(self, message: Commit, exchange: Exchange) -> Step:
        prepare, vote = exchange.hashes[MessageType.PREPARE], exchange.hashes[MessageType.VOTE]
        stored = self._tx.messages([prepare, vote])
        voted = codec.decode(MessageType.VOTE, stored[vote].payload)
        assert isinstance(voted, Vote)
        if not exchange.account:
            self._tx.open_cases_for([unfound_learner(exchange, message, self._moment.now_us)])
        offered = codec.decode(MessageType.PREPARE, stored[prepare].payload)
        assert isinstance(offered, Prepare)
        return crediting.on_commit(
            self._moment,
            exchange,
            message,
            shown=codec.decode_openings(stored[prepare].openings),
            vote=voted,
            is_double=self._was_credited(exchange.peer, message),
            restored=facts_before(self._tx, offered) if exchange.relates_to else {},
        )

    def _was_credited(self, peer: str, message: Commit) -> bool:
        """Tell whether a lot of this COMMIT was credited before, or just now by this batch."""
        lots = {lot.lot_id for lot in message.lots}
        marks = {lot.nullifier for lot in message.lots}
        here = (
            lot
            for (source, name), one in self._workspace.exchanges.items()
            if source == peer and name != message.header.exchange_id
            for lot in one.lots
            if lot.is_committed and one.role is Role.DESTINATION
        )
        return bool(self._tx.credited(peer, message.lots)) or any(
            lot.lot_id in lots or lot.nullifier in marks for lot in here
        )


def _side(message: Message) -> Role:
    """Return where whoever receives a message stands in its exchange."""
    return Role.SOURCE if isinstance(message, Request | Vote | Receipt) else Role.DESTINATION
