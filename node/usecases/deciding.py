"""Deciding on offers that are held for a person: ask for more, then judge.

People decide what a rule leaves to them, what the learner asked them for, and every appeal; what
they resolved is judged like a rule, with its record and the caps of the rule beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from federation.base.clock import DAY
from federation.base.errors import Breach, CreditBankError, Refusal
from federation.base.working_days import WEEKDAYS
from federation.protocol.commitments import LOT_SECRET, Openings
from federation.protocol.grouping import record_in
from federation.protocol.messages import (
    MessageType,
    Prepare,
    Request,
    State,
    SupplementAsked,
    Vote,
)
from federation.wire import codec
from node.domain import voting
from node.domain.decision_seals import read_record
from node.domain.evidence import QUESTIONS, ask_more
from node.domain.exchange import Exchange, ExchangeKey
from node.domain.finding import Finding
from node.domain.judgement import PanelJudge
from node.domain.panel import Minute
from node.domain.review_case import Track
from node.domain.step import Moment, Step
from node.usecases.appeals import under_appeal, with_difference
from node.usecases.benches import Benches
from node.usecases.cap_books import CapBooks
from node.usecases.office import Office
from node.usecases.ports import Reading, StoredMessage, Transaction
from node.usecases.review_closing import close_review
from node.usecases.workspace import Workspace

Rule = Callable[[Transaction, Moment, Exchange, CapBooks], Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An exchange as a registrar looks at it.

    Attributes:
        facts: what was shown of each lot; absent once erased.
        questions: what the last question asks, lot by lot.
        asked: questions so far.
        answered: questions that were answered.
        appeal_until_us: until when an appeal is heard, by people; 0 before a decision.
        decided_by: the track of the decision as its record has it, or empty.
    """

    exchange: Exchange
    facts: Mapping[bytes, Mapping[str, str]]
    questions: Mapping[bytes, Sequence[str]]
    asked: int
    answered: int
    appeal_until_us: int = 0
    decided_by: str = ""


class Deciding:
    """What a registrar does with an offer that was received."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def show(self, key: ExchangeKey) -> Case:
        """Return an exchange with what was shown and asked.

        Raises:
            Refusal: EXCHANGE.
        """

        return self._office.store.read(lambda reading: self.read_case(reading, key))

    def read_case(self, reading: Reading, key: ExchangeKey) -> Case:
        """Return the same within a transaction.

        Raises:
            Refusal: EXCHANGE.
        """
        exchange = reading.exchanges([key]).get(key)
        if exchange is None:
            raise Refusal("EXCHANGE")
        kinds = (MessageType.PREPARE, MessageType.SUPPLEMENT_ASKED, MessageType.VOTE)
        digests = {kind: exchange.hashes[kind] for kind in kinds if kind in exchange.hashes}
        stored = reading.messages(list(digests.values()))
        by_kind = {kind: stored[digest] for kind, digest in digests.items()}
        until_us, track = _decision(by_kind.get(MessageType.VOTE))
        return Case(
            exchange=exchange,
            facts=_facts(by_kind.get(MessageType.PREPARE), exchange),
            questions=_questions(by_kind.get(MessageType.SUPPLEMENT_ASKED)),
            asked=exchange.steps_of(MessageType.SUPPLEMENT_ASKED),
            answered=exchange.steps_of(MessageType.SUPPLEMENT),
            appeal_until_us=until_us,
            decided_by=track,
        )

    def ask(self, key: ExchangeKey, questions: Mapping[bytes, Sequence[str]]) -> State:
        """Ask the source for more evidence, lot by lot, by stable reasons.

        Raises:
            Breach: REASON_MISSING or REASON_FORM for reasons that are none of ``QUESTIONS``.
            Refusal: EXCHANGE, or what :func:`node.domain.evidence.ask_more` raises.
        """
        self.check_questions(questions)
        return self._act(key, lambda tx, moment, one, books: ask_more(moment, one, questions))

    def check_questions(self, questions: Mapping[bytes, Sequence[str]]) -> None:
        """See that something is asked, by stable reasons.

        Raises:
            Breach: REASON_MISSING or REASON_FORM.
        """
        reasons = {reason for many in questions.values() for reason in many}
        if not reasons:
            raise Breach("REASON_MISSING")
        if not reasons <= QUESTIONS:
            raise Breach("REASON_FORM")

    def settle_in(self, tx: Transaction, key: ExchangeKey, resolved: Minute | Finding) -> State:
        """Judge an offer as people resolved, within a transaction.

        Raises:
            Refusal: EXCHANGE, or NO_SUCH_STEP unless the offer is held here.
            Unavailable: NO_RULE.
        """
        return self.act_in(tx, key, lambda *case: self._judge(*case, resolved=resolved))

    def decide(self, key: ExchangeKey) -> State:
        """Judge an offer now, as the published rule proposes.

        Raises:
            Refusal: EXCHANGE, NO_SUCH_STEP unless the offer is held here, PANEL_NEEDED where the
                rule leaves a part of it to a panel, PERSON_WANTED where the learner asked for a
                person or appeals.
            Unavailable: NO_RULE.
        """

        def work(tx: Transaction) -> State:
            state = self.act_in(tx, key, self._judge)
            close_review(tx, tx.exchanges([key])[key])
            return state

        state = self._office.store.transact(work)
        self._office.wake([key[0]])
        return state

    def foresee(self, reading: Reading, exchange: Exchange) -> voting.Foreseen:
        """Return what the published rule says of an offer before anybody decides.

        Raises:
            Unavailable: NO_RULE.
        """
        prepare, shown = _offer(reading, exchange)
        moment = self._office.moment()
        bench = voting.Bench(judge=self._office.judge(reading))
        return voting.foresee(moment, exchange, prepare, shown, bench)

    def is_person_wanted(self, reading: Reading, exchange: Exchange) -> bool:
        """Tell whether no rule may decide alone: by the learner's wish, or on an appeal."""
        prepare, _ = _offer(reading, exchange)
        return (
            bool(exchange.relates_to)
            or prepare.asks_person
            or _was_asked_for(reading, exchange)
            or reading.is_person_wanted(exchange.key)
        )

    def _act(self, key: ExchangeKey, rule: Rule) -> State:
        state = self._office.store.transact(lambda tx: self.act_in(tx, key, rule))
        self._office.wake([key[0]])
        return state

    def act_in(self, tx: Transaction, key: ExchangeKey, rule: Rule) -> State:
        """Take a step of an exchange within a transaction; its peer is for the caller to wake.

        Raises:
            Refusal: EXCHANGE, or what the rule raises.
        """
        moment = self._office.moment()
        workspace = Workspace(tx, now_us=moment.now_us, due_us=moment.now_us)
        workspace.load_exchanges([key])
        exchange = workspace.exchanges.get(key)
        if exchange is None:
            raise Refusal("EXCHANGE")
        books = CapBooks(tx, workspace.changes, now_us=moment.now_us)
        step = rule(tx, moment, exchange, books)
        workspace.absorb(step)
        books.take(step)
        tx.apply(workspace.finish())
        return workspace.exchanges[key].state

    def _judge(
        self,
        tx: Transaction,
        moment: Moment,
        exchange: Exchange,
        books: CapBooks,
        *,
        resolved: Minute | Finding | None = None,
    ) -> Step:
        if exchange.state is not State.RECEIVED:
            raise Refusal("NO_SUCH_STEP")
        prepare, shown = _offer(tx, exchange)
        is_panel = isinstance(resolved, Minute)
        bench = Benches(self._office, tx, books).bench(
            exchange,
            prepare,
            exchange.account,
            track=Track.PANEL if is_panel else Track.REVIEWER,
            evidence=_evidence(tx, exchange),
        )
        if resolved is None:
            if self.is_person_wanted(tx, exchange):
                raise Refusal("PERSON_WANTED")
            tracks = voting.asks_people(moment, exchange, prepare, shown, bench.judge)
            if Track.PANEL.value in tracks:
                raise Refusal("PANEL_NEEDED")
        reading = Workspace(tx, now_us=moment.now_us, due_us=moment.now_us)
        appealed = under_appeal(tx, reading, exchange, prepare, bench.book)
        step = voting.judge(
            moment,
            exchange,
            prepare,
            shown,
            refusal="LEGAL_BASIS" if exchange.consent_withdrawn_us else None,
            bench=replace(
                bench,
                judge=PanelJudge(resolved, bench.judge) if resolved else bench.judge,
                resolved=resolved,
                appealed=appealed,
            ),
            terms=voting.Terms(
                accept_us=self._accept_us(moment, exchange, prepare),
                appeal_us=self._office.terms.appeal_days * DAY,
                kinds=self._kinds(moment, exchange, prepare),
            ),
        )
        return with_difference(tx, moment, step, shown, appealed)

    def _kinds(self, moment: Moment, exchange: Exchange, prepare: Prepare) -> tuple[str, ...]:
        """Return the kinds of outcome that were agreed on when the offer was made."""
        agreed = self._office.agreement_on(
            src=exchange.peer,
            dst=moment.province,
            mode=exchange.mode,
            day_us=prepare.header.signed_time_us,
        )
        return agreed.kinds if agreed else ()

    def _accept_us(self, moment: Moment, exchange: Exchange, prepare: Prepare) -> int:
        """Return how long a grant stands: our term, and not below what is agreed to this day."""
        ours_us = self._office.terms.accept_days * DAY
        signed_us = prepare.header.signed_time_us
        try:
            agreement = self._office.agreement(
                src=exchange.peer, dst=moment.province, mode=prepare.mode, signed_us=signed_us
            )
        except CreditBankError:
            return ours_us
        agreed_us = WEEKDAYS.deadline_us(signed_us, agreement.working_days)
        return max(ours_us, agreed_us - moment.now_us)


def _offer(reading: Reading, exchange: Exchange) -> tuple[Prepare, Openings]:
    digest = exchange.hashes[MessageType.PREPARE]
    stored = reading.messages([digest])[digest]
    prepare = codec.decode(MessageType.PREPARE, stored.payload)
    assert isinstance(prepare, Prepare)
    return prepare, codec.decode_openings(stored.openings)


def _was_asked_for(reading: Reading, exchange: Exchange) -> bool:
    """Tell whether our own REQUEST asked for a person, whatever its answer says."""
    digest = exchange.hashes.get(MessageType.REQUEST)
    if digest is None:
        return False
    request = codec.decode(MessageType.REQUEST, reading.messages([digest])[digest].payload)
    assert isinstance(request, Request)
    return request.asks_person


def _evidence(reading: Reading, exchange: Exchange) -> dict[bytes, tuple[str, ...]]:
    found: dict[bytes, tuple[str, ...]] = {}
    for one in reading.exchange_files(exchange.key):
        found[one.lot_id] = (*found.get(one.lot_id, ()), one.digest.hex())
    return found


def _facts(prepare: StoredMessage | None, exchange: Exchange) -> Mapping[bytes, Mapping[str, str]]:
    if prepare is None:
        return {}
    shown = codec.decode_openings(prepare.openings)
    return {
        lot.lot_id: {
            name: one.value.decode("utf-8", "replace")
            for name, one in shown.by_name(lot.lot_id).items()
            if name != LOT_SECRET
        }
        for lot in exchange.lots
    }


def _decision(voted: StoredMessage | None) -> tuple[int, str]:
    """Return until when a decision may be appealed, and by which track it was made."""
    if voted is None:
        return 0, ""
    vote = codec.decode(MessageType.VOTE, voted.payload)
    assert isinstance(vote, Vote)
    record = record_in(codec.decode_openings(voted.openings))
    try:
        track = read_record(record).given.track if record else ""
    except Breach:
        track = ""  # Another form of record than ours, which the other side may have.
    return vote.record.appeal_until_us, track


def _questions(asked: StoredMessage | None) -> Mapping[bytes, Sequence[str]]:
    if asked is None:
        return {}
    message = codec.decode(MessageType.SUPPLEMENT_ASKED, asked.payload)
    assert isinstance(message, SupplementAsked)
    return {lot.lot_id: lot.reasons for lot in message.lots}
