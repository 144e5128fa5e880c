"""What every step of a review by people is taken at: one case, moved within one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from federation.wire.entries import FINDING_TYPE, MINUTE_TYPE, document_entry
from node.domain import review_case as rules
from node.domain.exchange import ExchangeKey
from node.domain.finding import Finding
from node.domain.panel import Minute
from node.domain.review_case import ReviewPolicy, ReviewState
from node.domain.review_form import Review
from node.usecases.deciding import Deciding
from node.usecases.office import Office
from node.usecases.ports import Transaction
from node.usecases.review_cases import Shown, is_answered, known_review, shown

DEFAULT_POLICY = ReviewPolicy(decision_days=20, claim_hours=72, second_above_hundredths=None)
Move = Callable[[Transaction, Review, int], Review]


class ReviewDesk:
    """Cases as they are looked at and moved on."""

    def __init__(
        self, office: Office, deciding: Deciding, policy: ReviewPolicy = DEFAULT_POLICY
    ) -> None:
        self._office = office
        self._deciding = deciding
        self._policy = policy

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

    def _settle(
        self, tx: Transaction, key: ExchangeKey, known: Review, resolved: Minute | Finding
    ) -> Review:
        """Log what people resolved and send what it decides."""
        kind = MINUTE_TYPE if isinstance(resolved, Minute) else FINDING_TYPE
        document = resolved.document()
        self._deciding.settle_in(tx, key, resolved)
        tx.log_document(*document_entry(kind, document))
        return replace(known, decision=document)

    def _move(self, key: ExchangeKey, move: Move, *, wakes: bool = False) -> Review:
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
