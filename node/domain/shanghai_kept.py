"""A row of the Shanghai files as a node keeps it: what it is about, and every cell as given.

A row becomes an outcome, and several conversions of one outcome stay rows of it. What identifies a
row is what it says, whatever encoding or template it came in; what identifies its outcome is the
person, the institution and the course or certificate.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from node.domain.archive import ArchivedOutcome
from node.domain.canonical import plain, spell
from node.domain.outcome_life import OutcomeState
from node.domain.outcomes import CERTIFICATE, DEGREE, INFORMAL, TRAINING, OutcomeFacts
from node.domain.shanghai import CertificateConversion, CourseConversion, CourseGrade, Row
from node.domain.shanghai_codes import Template
from node.domain.shanghai_selection import outcome_key

GRADES = "GRADES"
COURSES = "COURSES"
CERTIFICATES = "CERTIFICATES"
KINDS: dict[str, type[Row]] = {
    GRADES: CourseGrade,
    COURSES: CourseConversion,
    CERTIFICATES: CertificateConversion,
}
# Decided against, or over: the course or certificate may be handed in anew.
ENDED = frozenset(
    {OutcomeState.REFUSED, OutcomeState.WITHDRAWN, OutcomeState.EXPIRED, OutcomeState.REVOKED}
)
_FORMS = {
    DEGREE: "DEGREE_COURSE",
    TRAINING: "NON_DEGREE_TRAINING",
    CERTIFICATE: "VOCATIONAL_CERTIFICATE",
    INFORMAL: "ONLINE_COURSE",
}
_ONE_PLUS_X = "1+X"
# What two rows of one outcome say alike; where it stands in a catalogue may have changed between.
_SAID = ("title", "grade", "scale", "hours", "earned", "issuer")


@dataclass(frozen=True, slots=True)
class GivenRow:
    """A row as it is handed in.

    Attributes:
        line: where it stands in its file, from 1.
        cells: as given, in the official order of the columns.
    """

    line: int
    cells: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRow:
    """A row that was taken.

    Attributes:
        mark: keyed hash of what it says; the same row has the same.
        subject: keyed hash of what its outcome is about.
        kind: one of ``KINDS``.
        template: whose codes its cells use.
        outcome: the outcome that it is a row of.
        account: the learner's.
        sealed: its cells, sealed for this mark.
        file: keyed hash of the file that brought it first.
        line: where it stood there, from 1.
        handed_by: person of the institution who handed it in.
        taken_by: person of the bank who took it in, or empty.
        place: in the order of arrival; 0 before it is kept.
        state: of its outcome, as loaded.
    """

    mark: bytes
    subject: bytes
    kind: str
    template: Template
    outcome: str
    account: str
    sealed: bytes = field(repr=False)
    file: bytes
    line: int
    handed_by: str
    taken_by: str = ""
    place: int = 0
    state: OutcomeState = OutcomeState.SUBMITTED


def content_of(institution: str, row: Row) -> str:
    """Return what a row says, in one spelling whatever its codes and its encoding were."""
    return spell([institution, plain(row)]).decode()


def subject_of(institution: str, row: Row) -> str:
    """Return what the outcome of a row is about, in one spelling.

    A course that its own school reports and that another school converted is one outcome.
    """
    if isinstance(row, CertificateConversion):
        key = outcome_key(row)
    else:
        issuer = institution if isinstance(row, CourseGrade) else row.institution
        key = (issuer, row.citizen_id, row.course, row.stage)
    return spell([None if one is None else str(one) for one in key]).decode()


def form_of(facts: OutcomeFacts, row: Row) -> str:
    """Return the form of the outcome that a row is of."""
    if isinstance(row, CertificateConversion) and facts.kind == CERTIFICATE:
        is_one_plus_x = _ONE_PLUS_X in row.certificate_type.upper()
        return "ONE_PLUS_X" if is_one_plus_x else _FORMS[CERTIFICATE]
    return _FORMS[facts.kind]


def says_the_same(facts: OutcomeFacts, row: Row, known: ArchivedOutcome) -> bool:
    """Tell whether a further row speaks of an outcome as the first one did."""
    is_as_large = row.credits_hundredths in (0, known.hundredths)
    return is_as_large and all(str(getattr(facts, name)) == known.facts.get(name) for name in _SAID)


def spell_cells(cells: tuple[str, ...]) -> bytes:
    """Return the cells of a row as bytes to be sealed."""
    return spell(list(cells))
