"""The form of rule documents of form 2, as one table.

From this table a document is checked (:mod:`node.domain.rulebook_form`), and the published JSON
Schema and the page for people are made (:mod:`node.domain.rule_guide`).
"""

from __future__ import annotations

from node.domain.outcomes import HIGHEST_LEVEL
from node.domain.rule_values import is_name, is_pattern, is_plain_code, is_source, is_title
from node.domain.rule_ways import CREDITS, HOURS, LOTS
from node.domain.rulebook import DUPLICATES, ROUNDINGS, TRACKS
from node.domain.rulebook_shapes import (
    CODE,
    DAY,
    END,
    FORM,
    FREE,
    HOURS_RATIO,
    KINDS,
    LARGEST_VERSION,
    LEVEL,
    MINIMUM_GRADE,
    MOST_CATALOGUES,
    MOST_ENTRIES,
    MOST_GRANTS,
    MOST_PARTS,
    MOST_YEARS,
    NOTE,
    RATIO,
    SUM,
    TEXTS,
    TITLE,
    TRUTH,
    Inside,
    Key,
    Many,
    Plain,
    Tree,
    are_scales,
    is_digest,
    is_written,
    one_of,
    or_none,
    text,
    whole,
)

_CONDITIONS = {
    "minimum_grade": Key(
        MINIMUM_GRADE,
        None,
        "最低成绩:百分制分数,或按等级制分别写明;空对象表示不要求",
        "least grade: a mark out of a hundred, or a grade on each scale; {} asks none",
    ),
    "level": Key(
        or_none(LEVEL),
        None,
        "等级要求:不低于目标、相同、不限,或至少某级",
        "level: not lower than the target's, the same, any, or at least so high",
    ),
    "kinds": Key(KINDS, None, "可用的成果类型", "kinds of outcome that may count"),
    "overlap_percent": Key(
        or_none(whole(1, 100, "PERCENT")),
        None,
        "内容重合度下限(百分比)",
        "least share of the target's content that is covered, in percent",
    ),
    "earned_after": Key(END, "", "最早获得日期", "first day on which it may have been earned"),
    "earned_before": Key(END, "", "最晚获得日期", "last day on which it may have been earned"),
    "valid_years": Key(
        or_none(whole(1, MOST_YEARS, "YEARS")),
        None,
        "获得后有效年数",
        "years after it was earned in which it counts",
    ),
    "least_hundredths": Key(
        or_none(SUM), None, "学分下限(百分之一学分)", "least size in hundredths of a credit"
    ),
    "not_after_conversion": Key(
        or_none(TRUTH),
        None,
        "是否排除本身即为免修或转换所得的成果",
        "whether what is itself an exemption or a conversion is kept out",
    ),
}

TABLE: dict[str, dict[str, Key]] = {
    "rule": {
        "rule": Key(
            text(is_name, "RULE_NAME", 80),
            ...,
            "省级代码/名称",
            "province and name, CN-44/general",
        ),
        "version": Key(whole(1, LARGEST_VERSION, "VERSION"), ..., "版本号", "version, from 1"),
        "form": Key(
            Plain(lambda value: type(value) is int and value == FORM, "FORM", {"const": FORM}),
            ...,
            "文件格式,写 2",
            "form of the document, 2",
        ),
        "title_zh": Key(TITLE, ..., "中文标题", "title in Chinese"),
        "title_en": Key(TITLE, ..., "英文标题", "title in English"),
        "valid_from": Key(DAY, ..., "生效日", "first day in force"),
        "valid_until": Key(END, "", "最后有效日", "last day in force"),
        "example": Key(TRUTH, False, "是否仅为示例", "whether it is made up and binds no one"),
        "note": Key(NOTE, "", "说明", "remark"),
        "scales": Key(
            Plain(are_scales, "SCALES", {"type": "object"}),
            {},
            "自定等级制,从高到低列出",
            "named scales of grades, each from best to worst",
        ),
        "catalogues": Key(
            Many("catalogue", 1, MOST_CATALOGUES, "CATALOGUE_COUNT"),
            ...,
            "所引用的目录",
            "catalogues that the entries cite",
        ),
        "defaults": Key(
            Inside("defaults"), {}, "各条目的默认值", "what entries mean unless they say"
        ),
        "exclusions": Key(Inside("exclusions"), {}, "一律排除的成果", "what never counts"),
        "caps": Key(
            Plain(lambda value: isinstance(value, list), "NOT_A_LIST", {"type": "array"}),
            [],
            "上限,外层在前",
            "caps, outer ones before those within them",
        ),
        "entries": Key(
            Many("entry", 1, MOST_ENTRIES, "ENTRY_COUNT"), ..., "条目", "the lines of the rule"
        ),
    },
    "catalogue": {
        "key": Key(CODE, ..., "在本文件中的简称", "short name in this document"),
        "source": Key(
            text(is_source, "SOURCE", 6),
            ...,
            "来源省,* 为不限",
            "province that holds it, * for any",
        ),
        "issuer": Key(
            text(lambda value: value == "" or is_title(value), "TITLE", 400),
            "",
            "办学机构名称,空为不限",
            "institution as outcomes name it, empty for any",
        ),
        "name": Key(TITLE, ..., "目录名称", "name of the catalogue"),
        "version": Key(
            text(lambda value: value == "*" or is_plain_code(value), "CATALOGUE_VERSION", 64),
            ...,
            "目录版本,* 为不限",
            "its version, * for any",
        ),
        "sha256": Key(
            Plain(
                lambda value: value == "" or is_digest(value),
                "DIGEST_FORM",
                {"type": "string", "pattern": "^([0-9a-f]{64})?$"},
            ),
            "",
            "目录文件的 SHA-256;写明版本时必填",
            "SHA-256 of the catalogue; must stand where a version is named",
        ),
    },
    "defaults": {
        "rounding": Key(
            one_of(ROUNDINGS, "ROUNDING"), "DOWN", "舍入方式", "how grants are rounded"
        ),
        "minimum_grade": _CONDITIONS["minimum_grade"],
        "level": Key(LEVEL, "NOT_LOWER", _CONDITIONS["level"].zh, _CONDITIONS["level"].en),
        "kinds": _CONDITIONS["kinds"],
        "hours_per_credit": Key(
            or_none(whole(1, 1000, "HOURS_PER_CREDIT")),
            None,
            "每学分学时数",
            "hours of learning for one credit",
        ),
    },
    "exclusions": {
        "kinds": Key(KINDS, None, "排除的成果类型", "kinds of outcome"),
        "categories": Key(TEXTS, [], "排除的课程类别", "categories of course"),
        "titles": Key(
            TEXTS, [], "名称中含有即排除的词", "words that exclude an outcome by its title"
        ),
        "exemptions": Key(
            TRUTH,
            False,
            "是否排除免修与转换所得",
            "whether exemptions and conversions are excluded",
        ),
        "duplicates": Key(
            one_of(DUPLICATES, "DUPLICATES"),
            "CODE",
            "重复内容:同代码只计最高、同名亦只计最高,或不限",
            "like content: the highest of a code counts, of a name too, or all",
        ),
    },
    "entry": {
        "id": Key(CODE, ..., "条目编号", "name of the entry"),
        "requires": Key(Tree(), ..., "要求", "what is required"),
        "grants": Key(
            Many("grant", 1, MOST_GRANTS, "GRANT_COUNT"), ..., "授予", "what is granted for it"
        ),
        "grade_written": Key(
            Plain(
                is_written,
                "GRADE_WRITTEN",
                {
                    "anyOf": [
                        {"enum": ["EXEMPT", "AS_IS"]},
                        {"type": "object", "additionalProperties": {"type": "string"}},
                    ]
                },
            ),
            "EXEMPT",
            "记载成绩:免考、原成绩,或按最低分分档",
            "grade written: 免考, the grade held, or a text from each mark up",
        ),
        "conditions": Key(Inside("conditions"), {}, "条件", "conditions on every course"),
        "track": Key(one_of(TRACKS, "TRACK"), "RULE", "由谁决定", "who decides"),
        "valid_from": Key(END, "", "条目生效日", "first day of the entry"),
        "valid_until": Key(END, "", "条目最后有效日", "last day of the entry"),
        "incomplete": Key(
            or_none(one_of(("HOLD", "REFUSE"), "INCOMPLETE")),
            None,
            "只满足一部分时:保留待补或拒绝;默认两省及以上保留",
            "satisfied in part: hold or refuse; unless said, hold where two provinces are asked",
        ),
        "repeats": Key(
            TRUTH, False, "同一申请可否多次适用", "whether it may apply again in a case"
        ),
        "note": Key(NOTE, "", "说明", "remark"),
    },
    "grant": {
        "target": Key(CODE, ..., "目标课程代码", "code of the target"),
        "catalogue": Key(CODE, ..., "目标所在目录", "key of its catalogue"),
        CREDITS: Key(
            or_none(SUM), None, "固定学分(百分之一学分)", "fixed amount, hundredths of a credit"
        ),
        "ratio": Key(or_none(RATIO), None, "每学分折算", "credits for each credit held, as 4/3"),
        "hours_ratio": Key(
            or_none(HOURS_RATIO),
            None,
            "每学时折算学分,STANDARD 按默认学时",
            "credits for each hour, as 1/16; STANDARD for the default hours_per_credit",
        ),
        "at_least_hundredths": Key(
            or_none(SUM), None, "按比例授予的下限", "least that a proportional grant comes to"
        ),
        "at_most_hundredths": Key(
            or_none(SUM), None, "按比例授予的上限", "most that a proportional grant comes to"
        ),
        "level": Key(whole(0, HIGHEST_LEVEL, "LEVEL_NUMBER"), 0, "目标等级", "level of the target"),
        "course_category": Key(FREE, "", "课程类别(用于上限)", "category of course, for caps"),
        "rounding": Key(
            or_none(one_of(ROUNDINGS, "ROUNDING")), None, "舍入方式", "how it is rounded"
        ),
    },
    "conditions": _CONDITIONS,
    "course": {
        "catalogue": Key(CODE, ..., "所在目录的简称", "key of its catalogue"),
        "code": Key(
            text(is_pattern, "PATTERN", 65),
            ...,
            "课程代码,可以 * 结尾",
            "code, or a beginning and *",
        ),
        **_CONDITIONS,
    },
    "pool": {
        "of": Key(
            Many("course", 1, MOST_PARTS, "PART_COUNT"), ..., "可用课程", "courses that add up"
        ),
        LOTS: Key(or_none(SUM), None, "门数", "how many outcomes"),
        CREDITS: Key(or_none(SUM), None, "学分合计(百分之一学分)", "credits in all, hundredths"),
        HOURS: Key(or_none(SUM), None, "学时合计", "hours in all"),
    },
}
