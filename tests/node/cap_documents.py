"""Caps as real rules have them, written as a rule document would, and parts to try them on."""

from __future__ import annotations

import hashlib
from typing import Any

from node.domain.cap_form import COVERS, caps_of
from node.domain.caps import Cap, Part, Programme

LIFETIME = {"kind": "LIFETIME", "starts": [], "days": 0}
CALENDAR_YEAR = {"kind": "CALENDAR_YEAR", "starts": [], "days": 0}
KOREAN_SEMESTERS = {"kind": "SEMESTER", "starts": ["03-01", "09-01"], "days": 0}


def cap(cap_id: str, limit: dict[str, Any], **change: Any) -> dict[str, Any]:
    covers = dict.fromkeys(COVERS) | change.pop("covers", {})
    return {
        "id": cap_id,
        "title_zh": "上限",
        "title_en": "A cap",
        "covers": covers,
        "per": [],
        "window": LIFETIME,
        "dated_by": "EARNED",
        "measure": "CREDITS",
        "limit": limit,
        "within": "",
    } | change


def share(ratio: str, of: str, **more: Any) -> dict[str, Any]:
    return {"share": ratio, "of": of, "rounding": "DOWN"} | more


# Open University of China: at most 35 % of the compulsory courses set centrally.
OUC = [
    cap(
        "ouc-compulsory",
        share("35/100", "compulsory"),
        covers={"categories": ["COMPULSORY"]},
        per=["programme"],
    )
]
# A college in Guangdong: at most half of the graduation credits, and inside that at most a quarter
# by certificates of online courses.
GUANGDONG = [
    cap("gd-all", share("50/100", "graduation"), per=["programme"]),
    cap(
        "gd-online",
        share("25/100", "graduation"),
        covers={"types": ["ONLINE_COURSE"]},
        per=["programme"],
        within="gd-all",
    ),
]
# The Korean academic credit bank.
KOREA = [
    cap("kr-year", {"at_most": 4200}, window=CALENDAR_YEAR),
    cap("kr-semester", {"at_most": 2400}, window=KOREAN_SEMESTERS, within="kr-year"),
    cap(
        "kr-institution-bachelor",
        {"at_most": 10500},
        covers={"awards": ["BACHELOR"]},
        per=["issuer", "programme"],
    ),
    cap(
        "kr-institution-associate",
        {"at_most": 6000},
        covers={"awards": ["ASSOCIATE"]},
        per=["issuer", "programme"],
    ),
    cap(
        "kr-certificates-bachelor",
        {"at_most": 3},
        covers={"types": ["CERTIFICATE"], "awards": ["BACHELOR"]},
        per=["programme"],
        measure="LOTS",
    ),
    cap(
        "kr-certificates-associate",
        {"at_most": 2},
        covers={"types": ["CERTIFICATE"], "awards": ["ASSOCIATE"]},
        per=["programme"],
        measure="LOTS",
    ),
    cap(
        "kr-courses",
        {"at_least": 1800},
        covers={"types": ["ACCREDITED_COURSE", "PART_TIME_COURSE"]},
    ),
]
# A Hong Kong university's professional programmes: at most half.
CUHK = [cap("cuhk-half", share("1/2", "graduation"), per=["programme"])]
# UIBE: at most eight courses.
UIBE = [cap("uibe-courses", {"at_most": 8}, per=["programme"], measure="TARGETS")]
# Similar certificates are not converted twice, and no course is granted twice.
NO_DOUBLE = [
    cap("same-content", {"at_most": 1}, per=["content"], measure="LOTS"),
    cap("same-target", {"at_most": 1}, per=["target"], measure="TARGETS"),
]

BACHELOR = Programme(
    code="BA-CS", award="BACHELOR", totals={"graduation": 14_000, "compulsory": 7_610}
)
ASSOCIATE = Programme(code="AS-CS", award="ASSOCIATE", totals={"graduation": 8_000})


def caps(*lists: list[dict[str, Any]]) -> tuple[Cap, ...]:
    return caps_of([one for listed in lists for one in listed])


def part(name: str, hundredths: int, **change: Any) -> Part:
    values = {
        "lot": "CN-33:" + hashlib.sha256(name.encode()).hexdigest()[:32],
        "target": f"T-{name}",
        "hundredths": hundredths,
        "kind": "DEGREE",
        "earned": "2026-03-15",
        "issuer": "浙江开放大学",
        "source": "CN-33",
    }
    return Part(**(values | change))
