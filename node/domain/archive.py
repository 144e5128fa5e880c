"""An outcome in a learner's archive on its way to credit: its life, its facts and its size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from federation.base.amounts import check_amount
from federation.base.errors import Breach
from federation.base.names import is_clean_identifier, is_clean_text
from node.domain.evidence import QUESTIONS
from node.domain.learning_hours import MOST_MINUTES
from node.domain.notices import REASONS as LOT_REASONS
from node.domain.outcome_forms import outcome_form
from node.domain.outcome_life import Actor, OutcomeRecord, OutcomeRole
from node.domain.outcomes import OutcomeFacts

LONGEST_NAME = 128
# Why an outcome is refused, or taken back once it was accredited.
REFUSALS = frozenset({"NOT_GENUINE", "NOT_THE_LEARNERS", "BELOW_STANDARD", "OUTSIDE_FRAMEWORK"})
REVIEW_REASONS = QUESTIONS | REFUSALS | LOT_REASONS | {"EVIDENCE_MISSING"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Who reviews, by local account.

    Attributes:
        role: INSTITUTION or BANK.
        institution: where the person reviews for; of INSTITUTION only.
        person: name of the person; a learner's account number where the person has one here, so
            that nobody reviews what is their own.
    """

    account: str
    role: OutcomeRole
    institution: str
    person: str

    def actor(self) -> Actor:
        """Return as whom this account acts."""
        return Actor(role=self.role, person=self.person, institution=self.institution)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """An outcome as it is submitted: worth credits, or minutes under a programme of hours.

    Attributes:
        outcome: its name in the province.
        account: the learner's.
        hundredths: credits asked for, or 0.
        minutes: duration, or 0.
        programme: programme of hours, ``name@version``, or empty.
        facts: by their stable names.
    """

    outcome: str
    form: str
    account: str
    institution: str
    hundredths: int
    minutes: int
    programme: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedOutcome:
    """An outcome as the archive has it.

    Attributes:
        facts: empty once erased.
        version: rises with every step.
    """

    record: OutcomeRecord
    hundredths: int
    minutes: int
    programme: str
    facts: Mapping[str, str]
    changed_us: int
    version: int = 0

    def after(self, record: OutcomeRecord, now_us: int) -> ArchivedOutcome:
        """Return it after a step."""
        return replace(self, record=record, changed_us=now_us, version=self.version + 1)


def archived(wanted: Submission, *, submitted_by: str, now_us: int) -> ArchivedOutcome:
    """Return a new outcome in the archive.

    Raises:
        Breach: BAD_TEXT for a name that is none; FIELDS for an unknown form, a kind that is not
            the form's, or hours where the form counts none or no programme is named; AMOUNT.
    """
    if not is_clean_identifier(wanted.outcome, longest=LONGEST_NAME):
        raise Breach("BAD_TEXT", detail="outcome")
    if not is_clean_text(wanted.institution):
        raise Breach("BAD_TEXT", detail="institution")
    facts = OutcomeFacts.from_fields(wanted.facts)
    form = outcome_form(wanted.form)
    if facts.kind != form.kind:
        raise Breach("FIELDS", detail="kind")
    _check_size(wanted, counts_hours=form.counts_hours)
    return ArchivedOutcome(
        record=OutcomeRecord(
            outcome=wanted.outcome,
            form=wanted.form,
            learner=wanted.account,
            institution=wanted.institution,
            submitted_by=submitted_by,
            evidence={},
            expires=facts.expires,
        ),
        hundredths=wanted.hundredths,
        minutes=wanted.minutes,
        programme=wanted.programme,
        facts=facts.as_fields(),
        changed_us=now_us,
    )


def check_reasons(reasons: tuple[str, ...]) -> tuple[str, ...]:
    """Return reasons of a reviewer when they are stable ones.

    Raises:
        Breach: REASON_FORM for any other.
    """
    if not set(reasons) <= REVIEW_REASONS:
        raise Breach("REASON_FORM")
    return reasons


def _check_size(wanted: Submission, *, counts_hours: bool) -> None:
    if not wanted.minutes:
        check_amount(wanted.hundredths)
        if wanted.programme:
            raise Breach("FIELDS", detail="programme")
        return
    is_named = is_clean_identifier(wanted.programme, longest=160) and "@" in wanted.programme
    if wanted.hundredths or not (counts_hours and is_named and 0 < wanted.minutes <= MOST_MINUTES):
        raise Breach("FIELDS", detail="hours")
