"""An institution hands rows of its register in: accounts, outcomes submitted, and their review.

The institution's system speaks for the learners; who calls reviews for the institution and answers
for what the register says. Each row is in whole or not at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from federation.base.errors import CreditBankError
from node.domain.archive import ArchivedOutcome, Submission, archived
from node.domain.changes import Changes
from node.domain.file_faults import FileFault
from node.domain.learner import Learner
from node.domain.national_id import RESIDENT_ID
from node.domain.outcome_forms import REGISTER_FILE
from node.domain.outcome_life import Actor, OutcomeRecord, OutcomeState, OutcomeStep, take_step
from node.domain.outcomes import OutcomeFacts
from node.domain.shanghai import CertificateConversion
from node.domain.shanghai_faults import shanghai_fault
from node.domain.shanghai_kept import (
    ENDED,
    GRADES,
    KeptRow,
    form_of,
    says_the_same,
    spell_cells,
)
from node.domain.shanghai_mapping import outcomes_from
from node.usecases.accounts import NONCE_SIZE, new_learner
from node.usecases.office import Office, beijing_day
from node.usecases.ports import Transaction
from node.usecases.shanghai_batch import Batch, MarkedRow, TakenIn, read_batch, row_context
from node.usecases.shanghai_sources import find_sources

_DRAWN_SIZE = 9


@dataclass(frozen=True, slots=True)
class _Drafted:
    """A row as an outcome."""

    row: MarkedRow
    facts: OutcomeFacts
    hundredths: int


class _Rejected(Exception):
    """A row that is not taken; carries the cause."""


@dataclass
class _Work:
    """One batch in hand.

    Attributes:
        learners: by the blind index of their numbers, those to be opened too.
        held: rows known before, by what they are about.
        outcomes: outcomes known before, by name.
        new: outcomes to be added, by what they are about.
        used: blind indexes of new learners of whom a row was taken.
    """

    office: Office
    batch: Batch
    reviewer: Actor
    file: bytes
    learners: dict[bytes, Learner] = field(default_factory=dict)
    fresh: set[bytes] = field(default_factory=set)
    held: Mapping[bytes, Sequence[KeptRow]] = field(default_factory=dict)
    outcomes: Mapping[str, ArchivedOutcome] = field(default_factory=dict)
    new: dict[bytes, ArchivedOutcome] = field(default_factory=dict)
    used: set[bytes] = field(default_factory=set)

    def take(self, drafted: _Drafted) -> KeptRow:
        """Return a row as it shall be kept, its outcome known or among the new ones."""
        row = drafted.row.placed.row
        mark = self.mark_of(row.citizen_id)
        learner = self.learners[mark]
        if learner.name != row.person_name:
            raise _Rejected("NAME_DIFFERS")
        outcome = self._outcome(drafted, learner.account)
        if mark in self.fresh:
            self.used.add(mark)
        return KeptRow(
            mark=drafted.row.mark,
            subject=drafted.row.subject,
            kind=self.batch.kind,
            template=self.batch.template,
            outcome=outcome.record.outcome,
            account=learner.account,
            sealed=self.office.vault.seal(
                spell_cells(drafted.row.cells),
                context=row_context(drafted.row.mark),
                nonce=self.office.entropy.token(NONCE_SIZE),
            ),
            file=self.file,
            line=drafted.row.placed.line,
            handed_by=self.reviewer.person,
        )

    def mark_of(self, citizen_id: str) -> bytes:
        """Return the blind index of a citizen's number."""
        return self.office.vault.blind_index(RESIDENT_ID, citizen_id)

    def _outcome(self, drafted: _Drafted, account: str) -> ArchivedOutcome:
        subject, is_grade = drafted.row.subject, self.batch.kind == GRADES
        live = [one for one in self.held.get(subject, ()) if one.state not in ENDED]
        known = self.outcomes[live[0].outcome] if live else self.new.get(subject)
        if known is None:
            self.new[subject] = known = self._submitted(drafted, account)
            return known
        is_repeated = is_grade and any(one.kind == GRADES for one in live)
        if is_repeated or not says_the_same(drafted.facts, drafted.row.placed.row, known):
            raise _Rejected("COURSE_HELD" if is_grade else "OUTCOME_DIFFERS")
        return known

    def _submitted(self, drafted: _Drafted, account: str) -> ArchivedOutcome:
        """Return a new outcome, submitted for the learner and reviewed by who hands it in."""
        if not drafted.hundredths:
            raise _Rejected("NO_CREDIT")
        now_us = self.office.clock.now_us()
        made = archived(
            Submission(
                # Drawn, not derived: the name stays when all that it could tell is erased. The
                # moment in front keeps what came together together in the database.
                outcome=f"sh-{now_us:014x}{self.office.entropy.token(_DRAWN_SIZE).hex()}",
                form=form_of(drafted.facts, drafted.row.placed.row),
                account=account,
                institution=self.reviewer.institution,
                hundredths=drafted.hundredths,
                minutes=0,
                programme="",
                facts=drafted.facts.as_fields(),
            ),
            submitted_by=account,
            now_us=now_us,
        )
        record = replace(made.record, evidence={self.file.hex(): REGISTER_FILE})
        return replace(made, record=_reviewed(record, self.reviewer, beijing_day(now_us)))


def hand_in(tx: Transaction, office: Office, batch: Batch, reviewer: Actor) -> TakenIn:
    """Keep new rows of an institution's register, their outcomes reviewed by it.

    Args:
        reviewer: acts for the institution.

    Raises:
        Refusal: what :func:`node.usecases.shanghai_sources.find_sources` raises.
    """
    read = read_batch(office, batch, reviewer.institution)
    known = tx.shanghai_rows([one.mark for one in read.rows])
    again = _review_again(tx, office, known.values(), reviewer)
    fresh = [one for one in read.rows if one.mark not in known]
    drafted, unmapped = _drafts(tx, office, batch, fresh, reviewer.institution)
    work = _Work(office, batch, reviewer, read.file)
    _find_learners(tx, work, drafted)
    _find_held(tx, work, drafted)
    kept: list[KeptRow] = []
    rejects = [*read.rejects, *unmapped]
    for one in drafted:
        try:
            kept.append(work.take(one))
        except _Rejected as rejected:
            rejects.append(shanghai_fault(str(rejected), line=one.row.placed.line))
        except CreditBankError as error:
            rejects.append(shanghai_fault(error.reason, line=one.row.placed.line))
    tx.apply(Changes(learners_new=[work.learners[mark] for mark in sorted(work.used)]))
    tx.add_outcomes(list(work.new.values()))
    tx.keep_shanghai_rows(kept)
    return TakenIn(
        handed_in=len(kept),
        unchanged=len(known),
        outcomes=len(work.new) + again,
        opened=len(work.used),
        rejects=tuple(sorted(rejects, key=lambda fault: fault.line)),
    )


def _drafts(
    tx: Transaction,
    office: Office,
    batch: Batch,
    fresh: Sequence[MarkedRow],
    institution: str,
) -> tuple[list[_Drafted], tuple[FileFault, ...]]:
    """Return new rows as outcomes of the catalogue, and why others are none."""
    sources = find_sources(tx, office, batch.catalogue, batch.framework)
    titles = {title for one in fresh for title in _titles(one)}
    mapped = outcomes_from(
        [one.placed for one in fresh],
        catalogue=sources.part(tx, titles),
        levels=sources.levels,
        issuer=institution,
    )
    unmapped = {fault.line for fault in mapped.rejects}
    rows = [one for one in fresh if one.placed.line not in unmapped]
    drafted = [
        _Drafted(row, made.facts, made.amount_hundredths)
        for row, made in zip(rows, mapped.outcomes, strict=True)
    ]
    return drafted, mapped.rejects


def _titles(one: MarkedRow) -> tuple[str, ...]:
    row = one.placed.row
    if isinstance(row, CertificateConversion):
        return row.certificate + row.certificate_level, row.certificate
    return (row.course,)


def _find_learners(tx: Transaction, work: _Work, drafted: Sequence[_Drafted]) -> None:
    """Load the learners of a batch, and make those who have no account yet."""
    listed = [one.row.placed.row for one in drafted]
    # Backwards, so that of one person's rows the first is kept.
    rows = {work.mark_of(row.citizen_id): row for row in reversed(listed)}
    work.learners |= tx.learners_by_index(set(rows)) if rows else {}
    missing = [mark for mark in rows if mark not in work.learners]
    serial = tx.take_serials(len(missing)) if missing else 0
    for at, mark in enumerate(missing):
        row = rows[mark]
        work.learners[mark] = new_learner(
            work.office,
            serial + at,
            name=row.person_name,
            document_type=RESIDENT_ID,
            number=row.citizen_id,
            mark=mark,
        )
        work.fresh.add(mark)


def _find_held(tx: Transaction, work: _Work, drafted: Sequence[_Drafted]) -> None:
    accounts = {one.account for mark, one in work.learners.items() if mark not in work.fresh}
    held: dict[bytes, list[KeptRow]] = defaultdict(list)
    for one in tx.shanghai_rows_about({each.row.subject for each in drafted}, accounts):
        held[one.subject].append(one)
    work.held = held
    names = {one.outcome for rows in held.values() for one in rows if one.state not in ENDED}
    work.outcomes = tx.outcomes_named(names)


def _review_again(
    tx: Transaction, office: Office, known: Iterable[KeptRow], reviewer: Actor
) -> int:
    """Review what was returned to the learner and submitted again since."""
    names = {one.outcome for one in known if one.state is OutcomeState.SUBMITTED}
    now_us = office.clock.now_us()
    found = tx.outcomes_named(names)
    tx.move_outcomes(
        [
            (one, one.after(_reviewed(one.record, reviewer, beijing_day(now_us)), now_us))
            for one in found.values()
        ]
    )
    return len(found)


def _reviewed(record: OutcomeRecord, reviewer: Actor, today: str) -> OutcomeRecord:
    return take_step(record, OutcomeStep.REVIEW, reviewer, today=today)
