"""The forms of learning outcomes and the evidence that each needs.

Four kinds stand in the framework (学历教育, 非学历培训, 职业证书, 无一定形式); a form is what an
outcome is within its kind. Evidence is named by kind; the files lie beside the database under
their digests.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from federation.base.errors import Breach
from node.domain.outcomes import CERTIFICATE, DEGREE, INFORMAL, TRAINING

EVIDENCE_KINDS = (
    "TRANSCRIPT",
    "DIPLOMA",
    "SYLLABUS",
    "ASSESSMENT_RECORD",
    "HOURS_RECORD",
    "CERTIFICATE_COPY",
    "REGISTER_EXTRACT",
    "EMPLOYER_STATEMENT",
    "WORK_REPORT",
    "AWARD_NOTICE",
    "SERVICE_RECORD",
    "PLATFORM_RECORD",
    "IDENTITY_CHECK",
    "OTHER",
)

# What an institution's own register says of an outcome, handed in as a file by its reviewer: the
# institution has seen the papers and answers for them. Nobody can attach it.
REGISTER_FILE = "REGISTER_FILE"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeForm:
    """One form.

    Attributes:
        kind: the kind of outcome that it belongs to.
        evidence: what must be there, all of it; of the kinds in one place any one is enough.
        counts_hours: whether its hours may be accumulated until they make credit.
    """

    form: str
    kind: str
    zh: str
    en: str
    evidence: tuple[frozenset[str], ...]
    counts_hours: bool = False


def _needs(*places: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(place.split("|")) for place in places)


_ROWS = (
    OutcomeForm(
        form="DEGREE_COURSE",
        kind=DEGREE,
        zh="学历教育课程",
        en="course of degree education",
        evidence=_needs("TRANSCRIPT"),
    ),
    OutcomeForm(
        form="DEGREE_AWARD",
        kind=DEGREE,
        zh="学历或学位",
        en="degree or diploma",
        evidence=_needs("DIPLOMA|REGISTER_EXTRACT", "TRANSCRIPT"),
    ),
    OutcomeForm(
        form="NON_DEGREE_TRAINING",
        kind=TRAINING,
        zh="非学历培训",
        en="non-degree training",
        evidence=_needs("CERTIFICATE_COPY|ASSESSMENT_RECORD", "SYLLABUS", "HOURS_RECORD"),
        counts_hours=True,
    ),
    OutcomeForm(
        form="VOCATIONAL_CERTIFICATE",
        kind=CERTIFICATE,
        zh="职业资格证书",
        en="vocational certificate",
        evidence=_needs("CERTIFICATE_COPY", "REGISTER_EXTRACT"),
    ),
    OutcomeForm(
        form="ONE_PLUS_X",
        kind=CERTIFICATE,
        zh="1+X 职业技能等级证书",
        en="1+X certificate of a vocational skill level",
        evidence=_needs("CERTIFICATE_COPY", "REGISTER_EXTRACT"),
    ),
    OutcomeForm(
        form="WORK_EXPERIENCE",
        kind=INFORMAL,
        zh="工作经历",
        en="work experience",
        evidence=_needs("EMPLOYER_STATEMENT", "WORK_REPORT|ASSESSMENT_RECORD"),
        counts_hours=True,
    ),
    OutcomeForm(
        form="COMPETITION",
        kind=INFORMAL,
        zh="竞赛获奖",
        en="award in a competition",
        evidence=_needs("AWARD_NOTICE|CERTIFICATE_COPY"),
    ),
    OutcomeForm(
        form="VOLUNTEERING",
        kind=INFORMAL,
        zh="志愿服务",
        en="volunteering",
        evidence=_needs("SERVICE_RECORD"),
        counts_hours=True,
    ),
    OutcomeForm(
        form="ONLINE_COURSE",
        kind=INFORMAL,
        zh="在线课程",
        en="online course",
        evidence=_needs("PLATFORM_RECORD|CERTIFICATE_COPY", "ASSESSMENT_RECORD|IDENTITY_CHECK"),
        counts_hours=True,
    ),
)
OUTCOME_FORMS = {row.form: row for row in _ROWS}


def outcome_form(form: str) -> OutcomeForm:
    """Return a form by its name.

    Raises:
        Breach: FIELDS where there is none.
    """
    if form not in OUTCOME_FORMS:
        raise Breach("FIELDS", detail="form")
    return OUTCOME_FORMS[form]


def missing_evidence(form: str, present: Collection[str]) -> tuple[tuple[str, ...], ...]:
    """Return what is still missing: for each place the kinds of which one is needed.

    Raises:
        Breach: FIELDS where there is no such form.
    """
    places = outcome_form(form).evidence
    if REGISTER_FILE in present:
        return ()
    return tuple(tuple(sorted(place)) for place in places if not place.intersection(present))
