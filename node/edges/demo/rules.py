"""Invented rules of form 2, and the catalogues that they cite; none of them binds anyone.

Degree courses and certificates count in full everywhere, training counts in full inside a region
and four fifths across, informal learning counts half. Two courses are one elective, whichever is
held; two more count only together. Local crafts count nowhere else, and work experience is for a
panel. Degree courses need seventy of a hundred. What training and informal learning count in all
is capped, and inside that what informal learning counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from federation.base.names import REGIONS, province_name
from node.domain.cap_form import COVERS
from node.domain.catalogue import Catalogue, CatalogueEntry
from node.domain.catalogue_form import canonical_catalogue, make_catalogue
from node.domain.outcomes import CERTIFICATE, DEGREE, INFORMAL, TRAINING
from node.domain.rulebook_form import canonical_document
from node.edges.demo.courses import CATALOGUE, COURSES, FOR_A_PANEL, Course

EITHER = ("EX-DEG-101", "EX-DEG-105")
TOGETHER = ("EX-TRN-302", "EX-INF-401")
# What has no more room beside these two.
CAPPED = "EX-INF-402"
_ELECTIVE = Course("EX-GEN-701", "通识选修（示例）", DEGREE, "none", 5, "750", 0, 300)
_PRACTICE = Course("EX-GEN-702", "社区教育实务（示例）", TRAINING, "none", 2, "840", 40, 200)
_CARE = Course("EX-GEN-703", "养老服务实践（示例）", TRAINING, "none", 4, "320", 80, 450)
_NOWHERE_ELSE = "EX-LOC-"
_MINIMUM = {DEGREE: 70, CERTIFICATE: 60, TRAINING: 60, INFORMAL: None}
_OPEN_HUNDREDTHS, _INFORMAL_HUNDREDTHS = 2000, 100

Content = dict[str, Any]


def write_catalogue(province: str) -> bytes:
    """Return the catalogue of a province: what it offers, and what others' outcomes count as."""
    return canonical_catalogue(_catalogue(province))


def write_rule(province: str, others: Sequence[str]) -> bytes:
    """Return the rule by which a province judges what comes from others."""
    names = province_name(province)
    abroad = [code for code in others if code != province]
    content = {
        "rule": f"{province}/general",
        "version": 1,
        "form": 2,
        "title_zh": f"{names.zh}学分银行转换规则（示例）",
        "title_en": f"Conversion rule of {names.en} (example)",
        "valid_from": "2024-01-01",
        "example": True,
        "catalogues": [_cited(code) for code in (province, *abroad)],
        "caps": _caps(),
        "entries": [one for code in abroad for one in _entries(province, code)],
    }
    return canonical_document(json.dumps(content, ensure_ascii=False).encode())


@cache
def _catalogue(province: str) -> Catalogue:
    courses = (*COURSES, FOR_A_PANEL, _ELECTIVE, _PRACTICE, _CARE)
    return make_catalogue(
        name=f"{province}/outcomes",
        version=CATALOGUE,
        title=f"{province_name(province).zh}学习成果目录（示例）",
        entries=tuple(_listed(course) for course in courses),
    )


def _listed(course: Course) -> CatalogueEntry:
    return CatalogueEntry(
        code=course.code,
        title=course.title,
        level=course.level,
        field=course.field,
        credits_hundredths=course.hundredths,
        hours=course.hours,
        kind=course.kind,
        category="",
        valid_from="",
        valid_until="",
    )


def _cited(province: str) -> Content:
    catalogue = _catalogue(province)
    return {
        "key": province,
        "source": province,
        "name": catalogue.name,
        "version": catalogue.version,
        "sha256": catalogue.digest,
    }


def _entries(province: str, source: str) -> Iterator[Content]:
    is_near = any(province in members and source in members for members in REGIONS.values())
    for course in COURSES:
        is_local = course.code.startswith(_NOWHERE_ELSE)
        if not is_local and course.code not in (*EITHER, *TOGETHER):
            ratio = {TRAINING: "1/1" if is_near else "4/5", INFORMAL: "1/2"}.get(course.kind, "1/1")
            required = _course(source, course.code, minimum=_MINIMUM[course.kind])
            yield _entry(province, source, course, required, course, ratio)
    either = [_course(source, code, minimum=_MINIMUM[DEGREE]) for code in EITHER]
    yield _entry(province, source, _ELECTIVE, {"any": either}, _ELECTIVE, "1/1")
    together = [_course(source, code) for code in TOGETHER]
    yield _entry(province, source, _PRACTICE, {"all": together}, _PRACTICE, "1/1")
    required = _course(source, FOR_A_PANEL.code)
    for_panel = _entry(province, source, FOR_A_PANEL, required, _CARE, "1/2")
    yield for_panel | {"track": "PANEL"}


def _entry(
    province: str, source: str, named: Course, requires: Content, target: Course, ratio: str
) -> Content:
    grant = {
        "target": target.code,
        "catalogue": province,
        "ratio": ratio,
        "level": target.level,
        "course_category": target.kind,
    }
    return {
        "id": f"{source}-{named.code.removeprefix('EX-')}",
        "requires": requires,
        "grants": [grant],
    }


def _course(source: str, code: str, *, minimum: int | None = None) -> Content:
    needed = {} if minimum is None else {"minimum_grade": minimum}
    return {"course": {"catalogue": source, "code": code, **needed}}


def _caps() -> list[Content]:
    return [
        _cap(
            "open-learning",
            "培训与非正式学习累计上限",
            "Training and informal learning in all",
            [INFORMAL, TRAINING],
            _OPEN_HUNDREDTHS,
        ),
        _cap(
            "informal",
            "其中非正式学习上限",
            "Of these, informal learning",
            [INFORMAL],
            _INFORMAL_HUNDREDTHS,
            within="open-learning",
        ),
    ]


def _cap(
    name: str, zh: str, en: str, kinds: list[str], hundredths: int, *, within: str = ""
) -> Content:
    return {
        "id": name,
        "title_zh": zh,
        "title_en": en,
        "covers": dict.fromkeys(COVERS) | {"types": kinds},
        "per": [],
        "window": {"kind": "LIFETIME", "starts": [], "days": 0},
        "dated_by": "EARNED",
        "measure": "CREDITS",
        "limit": {"at_most": hundredths},
        "within": within,
    }
