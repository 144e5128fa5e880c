"""Questions of other provinces: what would count here. Nothing of who asks is kept.

What stays of a question is that there was one more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from federation.base.errors import CreditBankError, Unavailable
from federation.protocol.messages import Mode
from federation.trust.agreements import Agreement
from federation.trust.ladder import permits
from node.domain.what_if import Advice, Adviser, Circumstances, Question
from node.usecases.office import Office, beijing_day
from node.usecases.ports import Reading
from node.usecases.quarantine import recovering

RETRY_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer to a question.

    Attributes:
        agreement: name of the agreement under which the asking province could begin a transfer.
        is_by_person: whether people decide here on every application.
        titles: name of each target, by catalogue version and code, where it is published.
    """

    advice: Advice
    agreement: str
    is_by_person: bool
    titles: Mapping[tuple[str, str], str]


class WhatIf:
    """Answers what outcomes would count as by the rule in force."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._lock = threading.Lock()
        self._adviser: Adviser | None = None
        self.answered = 0
        self.refused = 0

    def answer(self, asker: str, ask: Callable[[], Question]) -> Answered:
        """Return the answer to a question of a province.

        Args:
            asker: the province, for its agreement with this one.
            ask: reads the question; called once it may be answered.

        Raises:
            Unavailable: NO_RULE, SNAPSHOT_EXPIRED while nothing new may begin, RECOVERING.
            Breach: where the question is none.
        """
        try:
            self._check_able()
            question = ask()
            answered = self._office.store.read(lambda reading: self._read(reading, asker, question))
        except CreditBankError:
            with self._lock:
                self.refused += 1
            raise
        with self._lock:
            self.answered += 1
        return answered

    def _check_able(self) -> None:
        permissions = permits(self._office.clock.now_us(), self._office.registry.view())
        if not permissions.begins_exchanges:
            raise Unavailable(permissions.cause, retry_after_ms=RETRY_MS)
        if not self._office.may_speak():
            raise recovering()

    def _read(self, reading: Reading, asker: str, question: Question) -> Answered:
        adviser = self._ready(reading)
        office = self._office
        found = {one.source: self._agreement(one.source) for one in question.outcomes}
        advice = adviser.advise(
            question,
            Circumstances(
                province=office.province,
                on=beijing_day(office.clock.now_us()),
                kinds={source: one.kinds for source, one in found.items() if one},
            ),
        )
        agreement = self._agreement(asker)
        return Answered(
            advice=advice,
            agreement=agreement.agreement if agreement else "",
            is_by_person=office.reviews_by_person,
            titles={
                (version, entry.code): entry.title
                for _, version, entry in reading.listed_outcomes(office.province, advice.targets)
            },
        )

    def _ready(self, reading: Reading) -> Adviser:
        """Return the rule in force, made ready once."""
        judge = self._office.judge(reading)
        known = self._adviser
        if known is None or known.judge is not judge:
            known = self._adviser = Adviser(judge)
        return known

    def _agreement(self, source: str) -> Agreement | None:
        now_us = self._office.clock.now_us()
        return self._office.agreement_on(
            src=source, dst=self._office.province, mode=Mode.TRANSFER, day_us=now_us
        )
