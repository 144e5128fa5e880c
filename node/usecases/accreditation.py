"""Accreditation (认定): an outcome is submitted, reviewed twice by two persons, and becomes a lot.

The step that accredits also deposits, in one transaction. Hours add up under a programme instead,
and the record that fills a threshold brings the lot.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from federation.base.errors import Breach, Refusal
from federation.protocol.admission import MOST_FILES
from node.domain.archive import ArchivedOutcome, Staff, Submission, archived, check_reasons
from node.domain.changes import Changes
from node.domain.files import NamedFile
from node.domain.hours_programme import HoursProgramme, read_programme
from node.domain.learning_hours import HoursRecord, accumulate, strike
from node.domain.outcome_forms import EVIDENCE_KINDS
from node.domain.outcome_life import (
    Actor,
    OutcomeRole,
    OutcomeState,
    OutcomeStep,
    take_step,
)
from node.domain.outcome_lot import statement_of, touches_lot
from node.domain.publication import PublicationState
from node.usecases.accredited import (
    attach_files,
    booked,
    deposit_accredited,
    deposited_as,
    mint,
)
from node.usecases.evidence import Evidence
from node.usecases.lots import Lots, Stated
from node.usecases.office import Office, beijing_day
from node.usecases.ports import Reading, Transaction
from node.usecases.publications import HOURS

# Under this name the store has what hours made, each award once.
HOURS_SOURCE = "creditbank:hours"
PAGE = 500
ANSWER_DAYS = 30
_TAKES_EVIDENCE = (OutcomeState.SUBMITTED, OutcomeState.RETURNED)
_CLOCK = Actor(role=OutcomeRole.CLOCK, person="clock")


class Accreditation:
    """Takes outcomes from submission to credit."""

    def __init__(self, office: Office, evidence: Evidence) -> None:
        self._office = office
        self._evidence = evidence
        self._lots = Lots(office)

    def appoint(self, staff: Staff, *, by: str) -> None:
        """Let an account review, for an institution or for the bank.

        Raises:
            Refusal: OUTCOME_ROLE for any other role; SAME_PERSON where another account reviews
                as this person already.
        """
        if staff.role not in (OutcomeRole.INSTITUTION, OutcomeRole.BANK):
            raise Refusal("OUTCOME_ROLE")
        if (staff.role is OutcomeRole.INSTITUTION) != bool(staff.institution):
            raise Refusal("OUTCOME_ROLE", detail="institution")
        now_us = self._office.clock.now_us()

        def work(tx: Transaction) -> None:
            others = [one for one in tx.all_staff() if one.account != staff.account]
            if staff.person in {one.person for one in others}:
                raise Refusal("SAME_PERSON")
            tx.appoint(staff, by=by, now_us=now_us)

        self._office.store.transact(work)

    def staff(self) -> list[Staff]:
        """Return everyone who reviews."""
        return self._office.store.read(lambda reading: reading.all_staff())

    def submit(self, wanted: Submission, *, by: str) -> ArchivedOutcome:
        """Put an outcome into the archive; the same again changes nothing.

        Args:
            by: local account: of the institution's staff, or of a system that speaks for the
                learner.

        Raises:
            Breach: what :func:`node.domain.archive.archived` raises; DUPLICATE_OUTCOME where
                another outcome has the name.
            Refusal: ACCOUNT, ACCOUNT_ERASED, OUTCOME_ROLE.
        """
        now_us = self._office.clock.now_us()

        def work(tx: Transaction) -> ArchivedOutcome:
            learner = tx.learners([wanted.account]).get(wanted.account)
            if learner is None:
                raise Refusal("ACCOUNT")
            if learner.is_erased:
                raise Refusal("ACCOUNT_ERASED")
            actor = _submitter(tx, by, wanted.account, wanted.institution)
            made = archived(wanted, submitted_by=actor.person, now_us=now_us)
            known = tx.outcome(wanted.outcome)
            if known is None:
                tx.add_outcome(made)
                return made
            if not _is_same(known, made):
                raise Breach("DUPLICATE_OUTCOME")
            return known

        return self._office.store.transact(work)

    def attach(self, outcome: str, kind: str, content: bytes, *, by: str) -> NamedFile:
        """Attach evidence while an outcome is submitted or was returned.

        Raises:
            Breach: FIELDS for an unknown kind, EVIDENCE_SIZE, EVIDENCE_TYPE, EVIDENCE_FILES.
            Refusal: OUTCOME, OUTCOME_ROLE, OUTCOME_STATE.
        """
        if kind not in EVIDENCE_KINDS:
            raise Breach("FIELDS", detail="kind")
        file = self._evidence.shelve(content)

        def work(tx: Transaction) -> None:
            known = _known(tx, outcome)
            _submitter(tx, by, known.record.learner, known.record.institution)
            if known.record.state not in _TAKES_EVIDENCE:
                raise Refusal("OUTCOME_STATE", detail=known.record.state)
            if len(known.record.evidence) >= MOST_FILES:
                raise Breach("EVIDENCE_FILES")
            tx.attach_to_outcome(outcome, kind, file)

        self._office.store.transact(work)
        return file

    def take_step(
        self, outcome: str, step: OutcomeStep, *, by: str, reasons: Sequence[str] = ()
    ) -> ArchivedOutcome:
        """Take a person's step; ACCREDIT also deposits, or counts hours.

        FREEZE, UNFREEZE and REVOKE of what became a lot are stated of the lot too, here or where
        it went.

        Raises:
            Breach: REASON_FORM.
            Refusal: OUTCOME, or what :func:`node.domain.outcome_life.take_step` and
                :func:`node.domain.notices.stated` raise; PROGRAMME where hours belong to none
                that is published; CATALOGUE_ENTRY or CATALOGUE_DIFFERS; NOT_HOURS where hours
                would be frozen, which only their award can be.
        """
        why = check_reasons(tuple(reasons))

        def work(tx: Transaction) -> tuple[ArchivedOutcome, Stated | None]:
            known = _known(tx, outcome)
            record = known.record
            now_us = self._office.clock.now_us()
            after = take_step(
                record,
                step,
                _actor(tx, by, step, record.learner, record.institution),
                today=beijing_day(now_us),
                reasons=why,
                answer_until=_days_on(now_us) if step is OutcomeStep.RETURN else "",
            )
            moved, said = known.after(after, now_us), None
            if step is OutcomeStep.ACCREDIT:
                moved = self._deposit(tx, moved, now_us)
            elif touches_lot(record, step) and not _strikes(known, step):
                said = self._lots.state_within(tx, statement_of(record, step, why))
            elif step in (OutcomeStep.FREEZE, OutcomeStep.UNFREEZE):
                raise Refusal("NOT_HOURS")
            elif step is OutcomeStep.REVOKE:
                _strike(tx, moved)
            tx.move_outcome(known, moved)
            return moved, said

        moved, said = self._office.store.transact(work)
        if said:
            self._lots.wake(said)
        return moved

    def expire_unanswered(self) -> int:
        """Let returned outcomes expire whose time to answer is over; return how many did."""
        now_us = self._office.clock.now_us()
        today = beijing_day(now_us)

        def work(tx: Transaction) -> int:
            found = tx.unanswered_outcomes(today, PAGE)
            for known in found:
                after = take_step(known.record, OutcomeStep.EXPIRE, _CLOCK, today=today)
                tx.move_outcome(known, known.after(after, now_us))
            return len(found)

        return self._office.store.transact(work)

    def show(self, outcome: str) -> ArchivedOutcome:
        """Return an outcome.

        Raises:
            Refusal: OUTCOME.
        """
        return self._office.store.read(lambda reading: _known(reading, outcome))

    def list(self, *, state: str, account: str, after: str) -> list[ArchivedOutcome]:
        """Return a page of outcomes by name."""
        return self._office.store.read(
            lambda reading: reading.outcomes(state=state, account=account, after=after, limit=PAGE)
        )

    def _deposit(self, tx: Transaction, known: ArchivedOutcome, now_us: int) -> ArchivedOutcome:
        """Return an accredited outcome as what became of it: a lot, or hours that count."""
        if not known.facts:
            raise Refusal("ACCOUNT_ERASED")
        if known.minutes:
            return self._count_hours(tx, known, now_us)
        done = deposit_accredited(tx, self._office, [known])
        for error in done.refused.values():
            raise error
        (moved,) = done.done
        attach_files(tx, moved, now_us)
        return moved

    def _count_hours(self, tx: Transaction, known: ArchivedOutcome, now_us: int) -> ArchivedOutcome:
        account, programme = known.record.learner, _programme(tx, known.programme)
        before = tx.hours_account(account, known.programme)
        record = HoursRecord(
            record=known.record.outcome, form=known.record.form, minutes=known.minutes
        )
        award = accumulate(before, [record], programme.rule)
        tx.keep_hours(account, known.programme, before, award.account)
        tx.add_hours(account, known.programme, record)
        if not award.hundredths:
            return known
        facts = programme.outcome(earned=beijing_day(now_us), awards=award.awards)
        reference = f"{account}/{award.account.awards}/{programme.digest[:32]}"
        if tx.deposited(HOURS_SOURCE, [reference]):
            raise Refusal("DUPLICATE_LOT")
        lot = mint(self._office, known, facts, award.hundredths, HOURS_SOURCE, reference)
        tx.apply(Changes(lots_new=[lot], entries=[booked(self._office, lot, now_us)]))
        moved = deposited_as(known, lot, now_us)
        attach_files(tx, moved, now_us)
        return moved


def _known(reading: Reading, outcome: str) -> ArchivedOutcome:
    known = None if "\0" in outcome else reading.outcome(outcome)
    if known is None:
        raise Refusal("OUTCOME")
    return known


def _submitter(reading: Reading, account: str, learner: str, institution: str) -> Actor:
    """Return as whom an account hands in: its institution's staff, or for the learner."""
    staff = reading.staff(account)
    if staff is None:
        return Actor(role=OutcomeRole.LEARNER, person=learner)
    if staff.institution != institution:
        raise Refusal("OUTCOME_ROLE")
    return staff.actor()


def _actor(
    reading: Reading, account: str, step: OutcomeStep, learner: str, institution: str
) -> Actor:
    if step in (OutcomeStep.WITHDRAW, OutcomeStep.RESUBMIT):
        return _submitter(reading, account, learner, institution)
    staff = reading.staff(account)
    if staff is None:
        raise Refusal("OUTCOME_ROLE", detail=str(step))
    return staff.actor()


def _programme(reading: Reading, reference: str) -> HoursProgramme:
    name, _, version = reference.rpartition("@")
    known = reading.publication(HOURS, name, version)
    if known is None or known.state is not PublicationState.PUBLISHED:
        raise Refusal("PROGRAMME", detail=reference)
    return read_programme(reading.published_document(HOURS, name, version))


def _strikes(known: ArchivedOutcome, step: OutcomeStep) -> bool:
    """Tell whether a step takes hours back, and not the lot that the last of them filled."""
    return bool(known.minutes) and step is OutcomeStep.REVOKE


def _strike(tx: Transaction, known: ArchivedOutcome) -> None:
    """Let hours no longer count; credit they made stays and is owed by the remainder."""
    account = known.record.learner
    before = tx.hours_account(account, known.programme)
    after = strike(before, known.record.outcome)
    tx.keep_hours(account, known.programme, before, after)
    tx.strike_hours(account, known.programme, known.record.outcome)


def _is_same(one: ArchivedOutcome, other: ArchivedOutcome) -> bool:
    return all(
        getattr(one, name) == getattr(other, name)
        for name in ("hundredths", "minutes", "programme", "facts")
    ) and (one.record.form, one.record.learner, one.record.institution) == (
        other.record.form,
        other.record.learner,
        other.record.institution,
    )


def _days_on(now_us: int) -> str:
    return (date.fromisoformat(beijing_day(now_us)) + timedelta(days=ANSWER_DAYS)).isoformat()
