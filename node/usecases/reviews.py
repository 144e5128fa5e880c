"""Offers that people decide: a reviewer with a second person, or a panel that was drawn."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from federation.base.errors import Refusal, Unavailable
from federation.protocol.messages import State
from federation.trust.registry import TIMESTAMP
from node.domain import review_case as rules
from node.domain.canonical import digest_of, plain, spell
from node.domain.evidence import ask_more
from node.domain.exchange import ExchangeKey
from node.domain.experts import Expert, Parties, eligible
from node.domain.panel import Ballot
from node.domain.panel_draw import (
    LEAST_INSTITUTIONS,
    LEAST_SEATS,
    SECRET_SIZE,
    announce,
    draw,
    read_notice,
    seed_of,
)
from node.domain.review_case import ReviewPolicy, ReviewState, Track
from node.domain.review_form import Review
from node.usecases.deciding import Deciding
from node.usecases.office import Office, beijing_day
from node.usecases.ports import Transaction
from node.usecases.review_cases import (
    Shown,
    checked,
    expert_of,
    grants_of,
    is_answered,
    known_review,
    minute_of,
    questions_of,
    shown,
)

_REVIEWERS = 0
DEFAULT_POLICY = ReviewPolicy(decision_days=20, claim_hours=72, second_above_hundredths=None)
_Move = Callable[[Transaction, Review, int], Review]


class Reviews:
    """What registrars and experts do with offers held for people."""

    def __init__(
        self, office: Office, deciding: Deciding, policy: ReviewPolicy = DEFAULT_POLICY
    ) -> None:
        self._office = office
        self._deciding = deciding
        self._policy = policy

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
        targets: Mapping[bytes, tuple[str, str]],
        *,
        track: Track,
        field: str = "",
        is_person_wanted: bool = False,
    ) -> Review:
        """Open the case of an offer that is held; opened again it stays as it is.

        Args:
            targets: for each lot catalogue version and code of what it shall count as, in a
                catalogue that this province has published.
            field: field of study that its judges must know, or empty.

        Raises:
            Refusal: EXCHANGE; NO_SUCH_STEP unless the offer is held here; LOT where a lot has no
                target; CATALOGUE_ENTRY where the target stands in no published catalogue.
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
            seen = self._deciding.read_case(tx, key).facts.values()
            issuers = {facts["issuer"] for facts in seen if "issuer" in facts}
            case = rules.open_case(
                Parties(
                    case=key[1].hex(),
                    applicant=exchange.account,
                    issuers=frozenset(issuers),
                    field=field,
                ),
                Track.PANEL if track is Track.PANEL else Track.REVIEWER,
                self._policy,
                now_us=now_us,
                calendar=self._office.calendar,
                limit_us=exchange.lock_until_us,
                is_person_wanted=is_person_wanted,
            )
            made = Review(case=case, questions=questions_of(tx, self._office, exchange, targets))
            tx.add_review(key, made)
            return made

        return self._office.store.transact(work)

    def draw(self, key: ExchangeKey) -> Review:
        """Announce the draw of a panel; once the timestamp it waits for is there, seat it.

        Raises:
            Refusal: REVIEW, CASE_STATE, PANEL_TOO_FEW, PANEL_INSTITUTIONS.
            Unavailable: REGISTRY_MISSING without a timestamp.
        """
        document = self._office.registry.view().files.get(TIMESTAMP, b"")
        if not document:
            raise Unavailable("REGISTRY_MISSING")
        newest = int(json.loads(document)["signed"]["version"])

        def move(tx: Transaction, known: Review, now_us: int) -> Review:
            if known.case.state is not ReviewState.PANEL_WANTED:
                raise Refusal("CASE_STATE", detail=known.case.state)
            able = eligible(tx.experts().values(), known.case.parties, on=beijing_day(now_us))
            draws = tx.draws(key)
            if draws and not draws[-1][2]:
                notice_document, secret, _, _ = draws[-1]
                notice = read_notice(notice_document)
                if newest < notice.beacon:
                    return known
                if newest == notice.beacon:
                    seed = seed_of(notice, secret=secret, beacon=newest, timestamp=document)
                    names = set(draw(able, notice, seed))
                    tx.keep_draw(key, notice.draw_round, (notice_document, secret, seed, document))
                    seated = [one for one in able if one.expert in names]
                    return replace(known, case=rules.seat_panel(known.case, seated, now_us=now_us))
            # The first round, or one whose timestamp nobody here saw: it is announced anew.
            secret = self._office.entropy.token(SECRET_SIZE)
            notice = announce(
                able,
                province=self._office.province,
                case=known.case.parties.case,
                draw_round=len(draws) + 1,
                seats=LEAST_SEATS,
                institutions=LEAST_INSTITUTIONS,
                secret=secret,
                newest_timestamp=newest,
            )
            tx.keep_draw(key, len(draws) + 1, (notice.document(), secret, b"", b""))
            return known

        return self._move(key, move)

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
            return self._decided(tx, key, replace(known, case=case, decision=document), cast)

        return self._move(key, move, wakes=True)

    def second(self, key: ExchangeKey, *, agrees: bool, by: str) -> Review:
        """Agree as the second person, or bring the case before a panel.

        Raises:
            Refusal: REVIEW, EXPERT, CASE_STATE, CASE_CLAIMED.
        """

        def move(tx: Transaction, known: Review, now_us: int) -> Review:
            expert = expert_of(tx, by).expert
            case = rules.second(known.case, expert, agrees=agrees, now_us=now_us)
            cast = [one for one in tx.ballots(key, _REVIEWERS) if one.expert == case.proposed_by]
            decision = known.decision if agrees else b""
            return self._decided(tx, key, replace(known, case=case, decision=decision), cast)

        return self._move(key, move, wakes=True)

    def vote(
        self, key: ExchangeKey, ballots: Sequence[Ballot], *, declares: bool, by: str
    ) -> Review:
        """Cast a member's ballots, in the place of earlier ones until the minute is made.

        Raises:
            Refusal: REVIEW, EXPERT, CASE_STATE, PANEL_MEMBERS for others, PANEL_DECLARATION
                without the declaration of no interest, BALLOT, RULE_LIMIT, REASON_MISSING.
        """

        def move(tx: Transaction, known: Review, now_us: int) -> Review:
            expert = expert_of(tx, by).expert
            if known.case.state is not ReviewState.VOTING:
                raise Refusal("CASE_STATE", detail=known.case.state)
            if expert not in known.case.members:
                raise Refusal("PANEL_MEMBERS")
            if not declares:
                raise Refusal("PANEL_DECLARATION")
            cast = checked(known.questions, ballots, expert)
            tx.cast(key, len(tx.draws(key)), cast, now_us)
            return known

        return self._move(key, move)

    def minute(self, key: ExchangeKey) -> Review:
        """Add the ballots up, keep the minute and send what it decides.

        Raises:
            Refusal: REVIEW, CASE_STATE; BALLOT while a member has not voted on everything.
        """

        def move(tx: Transaction, known: Review, now_us: int) -> Review:
            made = minute_of(tx, self._office, key, known, now_us)
            case = rules.record_minute(
                known.case, [one.expert for one in made.members], made.digest
            )
            decided = replace(known, case=case, decision=made.document())
            chair = [
                Ballot(
                    expert=made.chair,
                    question=one.question,
                    granted_hundredths=one.granted_hundredths,
                    reasons=one.reasons,
                )
                for one in made.results
            ]
            return self._decided(tx, key, decided, chair)

        return self._move(key, move, wakes=True)

    def show(self, key: ExchangeKey) -> Shown:
        """Return a case.

        Raises:
            Refusal: REVIEW.
        """
        now_us = self._office.clock.now_us()
        return self._office.store.read(
            lambda reading: shown(reading, key, known_review(reading, key), now_us)
        )

    def list(self) -> list[Shown]:
        """Return all cases, what is due first at the top."""
        now_us = self._office.clock.now_us()
        return self._office.store.read(
            lambda reading: [shown(reading, key, one, now_us) for key, one in reading.reviews([])]
        )

    def _answered(self, known: Review) -> Review:
        now_us, calendar = self._office.clock.now_us(), self._office.calendar
        case = rules.evidence_came(known.case, self._policy, now_us=now_us, calendar=calendar)
        return replace(known, case=case)

    def _decided(
        self, tx: Transaction, key: ExchangeKey, known: Review, decided: Sequence[Ballot]
    ) -> Review:
        """Send what was decided, once it is."""
        if known.case.state is ReviewState.DECIDED:
            self._deciding.settle_in(tx, key, grants_of(known, decided))
        return known

    def _move(self, key: ExchangeKey, move: _Move, *, wakes: bool = False) -> Review:
        def work(tx: Transaction) -> Review:
            known = known_review(tx, key)
            exchange = tx.exchanges([key]).get(key)
            is_returned = known.case.state is ReviewState.RETURNED
            is_back = is_returned and exchange is not None and is_answered(exchange)
            before = self._answered(known) if is_back else known
            after = move(tx, before, self._office.clock.now_us())
            if after != known:
                tx.move_review(key, known, after)
            return after

        done = self._office.store.transact(work)
        if wakes:
            self._office.wake([key[0]])
        return done
