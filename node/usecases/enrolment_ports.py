"""What the enrolment of learners in programmes needs of the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from node.domain.study_programme import Enrolment


class EnrolmentReading(Protocol):
    """What can be asked about enrolments."""

    def enrolments(self, accounts: Collection[str]) -> Mapping[str, Sequence[Enrolment]]: ...
    def past_enrolments(self, account: str) -> Sequence[Enrolment]: ...


class EnrolmentWriting(Protocol):
    """What an enrolment, or its end, leaves behind."""

    def enrol(self, enrolment: Enrolment) -> None: ...
    def end_enrolment(self, enrolment: Enrolment, left_us: int) -> None: ...
