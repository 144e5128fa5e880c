"""The code lists of the Shanghai credit bank's exchange files, in both templates that are in use.

The same words have other codes in each template, and the newer one tells apart who completed
without graduating and who still studies. A file keeps to one template.
"""

from __future__ import annotations

from enum import StrEnum


class Template(StrEnum):
    """Which code lists a file uses."""

    FIRST = "FIRST"
    NEWER = "NEWER"


class Stage(StrEnum):
    """Stage of education (教育层次)."""

    BACHELOR = "本科"
    COLLEGE = "专科"
    COLLEGE_TO_BACHELOR = "专升本"
    SCHOOL_TO_BACHELOR = "高起本"


class Category(StrEnum):
    """Category of education (教育类别)."""

    ADULT = "成人"
    REGULAR = "普高"
    ONLINE = "网络"
    SECONDARY_VOCATIONAL = "中职"
    SELF_STUDY = "自考"


class Completion(StrEnum):
    """How the studies ended (毕业结业肄业)."""

    GRADUATED = "毕业"
    COMPLETED_OR_LEFT = "结业肄业"
    COMPLETED = "结业"
    STUDYING = "在校"


class Season(StrEnum):
    """Season of graduation (毕业季)."""

    SPRING = "春"
    AUTUMN = "秋"


class Source(StrEnum):
    """What is converted (来源)."""

    COURSE = "课程类"
    CERTIFICATE = "证书类"


Listed = Stage | Category | Completion | Season | Source

_SOURCES = {"01": Source.COURSE, "02": Source.CERTIFICATE}
CODES: dict[Template, dict[type[StrEnum], dict[str, Listed]]] = {
    Template.FIRST: {
        Stage: {
            "20": Stage.BACHELOR,
            "21": Stage.COLLEGE,
            "22": Stage.COLLEGE_TO_BACHELOR,
            "23": Stage.SCHOOL_TO_BACHELOR,
        },
        Category: {
            "30": Category.ADULT,
            "31": Category.REGULAR,
            "32": Category.ONLINE,
            "33": Category.SECONDARY_VOCATIONAL,
            "34": Category.SELF_STUDY,
        },
        Completion: {"40": Completion.GRADUATED, "41": Completion.COMPLETED_OR_LEFT},
        Season: {"50": Season.SPRING, "51": Season.AUTUMN},
        Source: {**_SOURCES},
    },
    Template.NEWER: {
        Stage: {
            "85": Stage.BACHELOR,
            "86": Stage.COLLEGE,
            "783": Stage.COLLEGE_TO_BACHELOR,
            "784": Stage.SCHOOL_TO_BACHELOR,
        },
        Category: {
            "321": Category.ADULT,
            "322": Category.REGULAR,
            "1221": Category.ONLINE,
            "1381": Category.SECONDARY_VOCATIONAL,
            "1421": Category.SELF_STUDY,
        },
        Completion: {
            "1261": Completion.GRADUATED,
            "1262": Completion.COMPLETED,
            "1690": Completion.STUDYING,
        },
        Season: {"1321": Season.SPRING, "1322": Season.AUTUMN},
        Source: {**_SOURCES},
    },
}


def listed(template: Template, of: type[StrEnum], code: str) -> Listed | None:
    """Return what a code means in a template, or None when it has no such code."""
    return CODES[template][of].get(code)


def code_for(template: Template, value: Listed) -> str | None:
    """Return the code of a value in a template, or None when it cannot say that."""
    codes = CODES[template][type(value)]
    return next((code for code, known in codes.items() if known is value), None)
