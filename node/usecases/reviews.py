"""Offers that people decide: a reviewer with a second person, or a panel that was drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from federation.base.errors import Breach, Refusal
from federation.protocol.messages import State
from node.domain import review_case as rules
from node.domain.canonical import digest_of, plain, spell
from node.domain.evidence import ask_more
from node.domain.exchange import Exchange, ExchangeKey
from node.domain.experts import Expert, Parties
from node.domain.panel import MOST_QUESTIONS, Ballot
from node.domain.review_case import ReviewState, Track, judges_of, track_of
from node.domain.review_form import Review
from node.usecases.panels import Panels
from node.usecases.ports import Transaction
from node.usecases.review_cases import (
    Asked,
    check_all_asked,
    checked,
    expert_of,
    finding_of,
    is_answered,
    questions_asked,
    questions_proposed,
)
from node.usecases.review_desk import DEFAULT_POLICY

__all__ = ["DEFAULT_POLICY", "Reviews"]
_REVIEWERS = 0


class Reviews(Panels):
    """What registrars and experts do with offers held for people."""

    def keep_experts(self, experts: Sequence[tuple[str, Expert]]) -> None:
        """Take in the list of experts, each with a local account, in the place of the one before.

        Raises:
            Refusal: EXPERT where a name, an account or a person stands twice.
        """
        sets = (
            {account for account, _ in experts},
            {one.expert for _, one in experts},
            {one.person for _, one in experts},
        )
        if any(len(one) != len(experts) for one in sets):
            raise Refusal("EXPERT", detail="twice on the list")
        self._office.store.transact(lambda tx: tx.keep_experts(experts))

    def experts(self) -> dict[str, Expert]:
        """Return the list of experts by account."""
        return self._office.store.read(lambda reading: reading.experts())

    def open(
        self,
        key: ExchangeKey,
        asked: Sequence[Asked] = (),
        *,
        track: Track,
        field: str = "",
        is_person_wanted: bool = False,
    ) -> Review:
        """Open the case of an offer that is held; opened again it stays as it is.

        Args:
            asked: what is put to whoever decides; nothing for what the rule proposes. What no
                question names the rule decides, where the learner did not ask for a person.
            field: field of study that its judges must know, or empty.

        Raises:
            Refusal: EXCHANGE; NO_SUCH_STEP unless the offer is held here; LOT where a lot has no
                question; CATALOGUE_ENTRY where a target stands in no published catalogue;
                PANEL_NEEDED where the rule or the decision under appeal asks for a panel.
            Unavailable: NO_RULE.
        """
        now_us = self._office.clock.now_us()

        def work(tx: Transaction) -> Review:
            known = tx.review(key)
            if known is not None:
                return known
            exchange = tx.exchanges([key]).get(key)
            if exchange is None:
                raise Refusal("EXCHANGE")
            if exchange.state is not State.RECEIVED:
                raise Refusal("NO_SUCH_STEP")
            made = self._opened(tx, exchange, asked, (track, field, is_person_wanted), now_us)
            tx.add_review(key, made)
            return made

        return self._office.store.transact(work)

    def _opened(
        self,
        tx: Transaction,
        exchange: Exchange,
        asked: Sequence[Asked],
        wanted: tuple[Track, str, bool],
        now_us: int,
    ) -> Review:
        """Return the case of an offer.

        Args:
            wanted: the track, the field of study, whether the learner asked for a person.
        """
        track, field, is_person_wanted = wanted
        foreseen = self._deciding.foresee(tx, exchange)
        is_wanted = is_person_wanted or self._deciding.is_person_wanted(tx, exchange)
        cited = (exchange.peer, exchange.relates_to)
        before = tx.review(cited) if exchange.relates_to else None
        chosen = Track.PANEL if track is Track.PANEL else Track.REVIEWER
        least = _least_track(foreseen.tracks, exchange, before, is_wanted)
        if least is Track.PANEL and chosen is not least:
            raise Refusal("PANEL_NEEDED")
        questions = (
            questions_asked(tx, self._office, exchange, asked)
            if asked
            else questions_proposed(foreseen, is_person_wanted=is_wanted)
        )
        if len(questions) > MOST_QUESTIONS:
            raise Breach("TOO_MANY_ITEMS")
        check_all_asked(exchange, questions, foreseen, is_person_wanted=is_wanted)
        case = rules.open_case(
            Parties(
                case=exchange.exchange_id.hex(),
                applicant=exchange.account,
                issuers=frozenset(lot.facts.issuer for lot in foreseen.case.lots),
                field=field,
                decided_before=judges_of(before.case) if before else frozenset(),
            ),
            chosen,
            self._policy,
            now_us=now_us,
            calendar=self._office.calendar,
            limit_us=exchange.lock_until_us,
            is_person_wanted=is_wanted,
        )
        return Review(case=case, questions=questions)

    def want_person(self, key: ExchangeKey) -> State:
        """Note that the learner wants a person to decide on an offer that is held here.

        Raises:
            Refusal: EXCHANGE; PERSON_BY_APPEAL where a decision was made already.
        """

        def work(tx: Transaction) -> State:
            exchange = tx.exchanges([key]).get(key)
            if exchange is None:
                raise Refusal("EXCHANGE")
            if exchange.state is not State.RECEIVED:
                raise Refusal("PERSON_BY_APPEAL")
            tx.want_person(key, self._office.clock.now_us())
            known = tx.review(key)
            if known is not None and not known.case.is_person_wanted:
                tx.move_review(key, known, replace(known, case=rules.want_person(known.case)))
            return exchange.state

        return self._office.store.transact(work)

    def claim(self, key: ExchangeKey, *, by: str) -> Review:
        """Take a case in hand, as its reviewer or as the second person.

        Raises:
            Refusal: REVIEW, EXPERT, or what :func:`node.domain.review_case.claim` raises.
        """

        def move(tx: Transaction, known: Review, now_us: int) -> Review:
            case = rules.claim(known.case, expert_of(tx, by), self._policy, now_us=now_us)
            return replace(known, case=case)

        return self._move(key, move)

    def give_up(self, key: ExchangeKey, *, by: str) -> Review:
        """Let go of a case.

        Raises:
            Refusal: REVIEW, EXPERT, CASE_STATE, CASE_CLAIMED.
        """

        def move(tx: Transaction, known: Review, now_us: int) -> Review:
            return replace(known, case=rules.give_up(known.case, expert_of(tx, by).expert))

        return self._move(key, move)

    def ask(self, key: ExchangeKey, questions: Mapping[bytes, Sequence[str]], *, by: str) -> Review:
        """Return a case for more evidence: the source is asked and the clock stands still.

        Raises:
            Breach: REASON_MISSING, REASON_FORM.
            Refusal: REVIEW, EXPERT, CASE_STATE, CASE_CLAIMED, EXCHANGE, NO_SUCH_STEP.
        """
        self._deciding.check_questions(questions)

        def move(tx: Transaction, known: Review, now_us: int) -> Review:
            expert = expert_of(tx, by).expert
            case = rules.ask_evidence(
                known.case, expert, now_us=now_us, calendar=self._office.calendar
            )
            self._deciding.act_in(
                tx, key, lambda _, moment, one, books: ask_more(moment, one, questions)
            )
            return replace(known, case=case)

        return self._move(key, move, wakes=True)

    def note_answers(self) -> int:
        """Let the clock run on where the evidence came that was asked for; return how many."""

        def work(tx: Transaction) -> int:
            returned = dict(tx.reviews([ReviewState.RETURNED.value]))
            answered = [key for key, one in tx.exchanges(returned).items() if is_answered(one)]
            for key in answered:
                tx.move_review(key, returned[key], self._answered(returned[key]))
            return len(answered)

        return self._office.store.transact(work)

    def propose(self, key: ExchangeKey, ballots: Sequence[Ballot], *, by: str) -> Review:
        """Decide as the reviewer; above a threshold a second person has to agree.

        Raises:
            Refusal: REVIEW, EXPERT, BALLOT where a question is not answered once, CASE_STATE,
                CASE_CLAIMED, RULE_LIMIT, REASON_MISSING.
        """

        def move(tx: Transaction, known: Review, now_us: int) -> Review:
            expert = expert_of(tx, by).expert
            cast = checked(known.questions, ballots, expert)
            document = spell([plain(one) for one in cast])
            case = rules.propose(
                known.case,
                expert,
                self._policy,
                proposal=digest_of(document),
                granted_hundredths=sum(one.granted_hundredths for one in cast),
                now_us=now_us,
            )
            tx.cast(key, _REVIEWERS, cast, now_us)
            proposed = replace(known, case=case, decision=document)
            return self._found(tx, key, proposed, cast, [expert], now_us)

        return self._move(key, move, wakes=True)

    def second(self, key: ExchangeKey, *, agrees: bool, by: str) -> Review:
        """Agree as the second person, or bring the case before a panel.

        Raises:
            Refusal: REVIEW, EXPERT, CASE_STATE, CASE_CLAIMED.
        """

        def move(tx: Transaction, known: Review, now_us: int) -> Review:
            expert = expert_of(tx, by).expert
            case = rules.second(known.case, expert, agrees=agrees, now_us=now_us)
            first = known.case.proposed_by
            cast = [one for one in tx.ballots(key, _REVIEWERS) if one.expert == first]
            after = replace(known, case=case, decision=known.decision if agrees else b"")
            return self._found(tx, key, after, cast, [first, expert], now_us)

        return self._move(key, move, wakes=True)

    def _found(
        self,
        tx: Transaction,
        key: ExchangeKey,
        known: Review,
        cast: Sequence[Ballot],
        reviewers: Sequence[str],
        now_us: int,
    ) -> Review:
        """Send what reviewers decided, once nobody else has to agree."""
        if known.case.state is not ReviewState.DECIDED:
            return known
        exchange = tx.exchanges([key])[key]
        made = finding_of(tx, self._office, exchange, known, (cast, reviewers, now_us))
        decided = replace(known, case=replace(known.case, proposal=made.digest))
        return self._settle(tx, key, decided, made)


def _least_track(
    rule_asks: frozenset[str], exchange: Exchange, before: Review | None, is_person_wanted: bool
) -> Track:
    """Return the track that a case needs at least.

    Args:
        before: the review of the decision under appeal, or None where no people made it.
    """
    appealed = (before.case.track if before else Track.RULE) if exchange.relates_to else None
    asked = [Track(one) for one in rule_asks] or [Track.RULE]
    return track_of(asked, is_person_wanted=is_person_wanted, appeals=appealed)
