"""What every column of the open data means, in Chinese and English: the columns themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

Column = tuple[str, str]
TITLES: Mapping[str, Column] = {
    "rules": ("现行规则", "The rule in force"),
    "rule_entries": ("规则条目，每条目每个目标课程一行", "Entries, a row for each target of each"),
    "rule_courses": ("规则条目引用的课程", "Courses that entries cite"),
    "rule_caps": ("规则的上限与下限", "Caps of the rule"),
    "versions": (
        "已发布的目录、框架、对照表、学时方案",
        "Published catalogues, frameworks, crosswalks and programmes of hours",
    ),
    "agreements": ("协调节点公布的省际互认协议", "Agreements as published by the coordinator"),
    "refusals": (
        "按季度、转出省、条目、原因的不予认定率",
        "Refusals by quarter, source province, entry and reason",
    ),
}
_RULE: Mapping[str, Column] = {
    "rule": ("规则名称", "Name of the rule"),
    "version": ("规则版本", "Version of the rule"),
}
TABLES: Mapping[str, Mapping[str, Column]] = {
    "rules": {
        **_RULE,
        "digest": ("规则文件的 SHA-256", "SHA-256 of the rule's document"),
        "title_zh": ("中文标题", "Title in Chinese"),
        "title_en": ("英文标题", "Title in English"),
        "valid_from": ("生效日", "First day in force"),
        "valid_until": ("终止日，空为无期限", "Last day in force; empty for no end"),
        "is_example": ("是否仅为示例", "Whether it is an example that binds nobody"),
    },
    "rule_entries": {
        **_RULE,
        "entry": ("条目名称", "Name of the entry"),
        "track": (
            "由谁决定：RULE 规则、REVIEWER 审核员、PANEL 专家组",
            "Who decides: RULE, REVIEWER or PANEL",
        ),
        "requires": (
            "要求：ALL 全部、ANY 其一、n OF 其中 n 项、SEQUENCE 依次、POOL 合计；"
            "课程写作 省@目录版本:代码",
            "Requirement: ALL, ANY, n OF, SEQUENCE, POOL; a course is source@version:code",
        ),
        "target": ("对应的本省课程代码", "Code of the course it counts as here"),
        "target_catalogue": ("本省课程所在目录", "Catalogue of that course"),
        "target_version": ("该目录版本", "Version of that catalogue"),
        "measure": (
            "授予学分；ratio n/m 按原学分比例，hours n/m 按学时",
            "Credits granted; ratio n/m of those held, hours n/m credits an hour",
        ),
        "level": ("目标课程等级，0 为未注明", "Level of the target, 0 when not stated"),
        "category": ("目标课程类别", "Category of the target course"),
        "rounding": ("取整方式，至百分之一学分", "Rounding, to hundredths of a credit"),
        "valid_from": ("条目生效日", "First day of the entry"),
        "valid_until": ("条目终止日", "Last day of the entry"),
        "note": ("备注", "Note"),
    },
    "rule_courses": {
        **_RULE,
        "entry": ("条目名称", "Name of the entry"),
        "source": ("课程所在省，* 为各省", "Province of the course, * for every one"),
        "issuer": ("办学机构，空为不限", "Institution; empty for any"),
        "catalogue": ("目录名称", "Name of the catalogue"),
        "catalogue_version": ("目录版本，* 为各版本", "Version of the catalogue, * for every one"),
        "catalogue_digest": ("目录文件的 SHA-256", "SHA-256 of the published catalogue"),
        "code": ("课程代码；以 * 结尾为代码开头", "Code; ending with * for the beginning of codes"),
        "conditions": ("成果须满足的条件", "What an outcome must fulfil"),
    },
    "rule_caps": {
        **_RULE,
        "cap": ("上限名称", "Name of the cap"),
        "title_zh": ("中文标题", "Title in Chinese"),
        "title_en": ("英文标题", "Title in English"),
        "measure": (
            "计量：CREDITS 学分、LOTS 批次、TARGETS 课程",
            "What is counted: CREDITS, LOTS or TARGETS",
        ),
        "limit": ("限额；n/m OF 为占某总数的比例", "The limit; n/m OF is a share of a total"),
        "window": ("计算期间", "Stretch of time in which it is counted"),
        "within": ("所属的外层上限", "The cap that it lies inside"),
    },
    "versions": {
        "kind": (
            "种类：CATALOGUE、FRAMEWORK、CROSSWALK、HOURS",
            "CATALOGUE, FRAMEWORK, CROSSWALK or HOURS",
        ),
        "name": ("名称", "Name"),
        "version": ("版本", "Version"),
        "digest": ("文件的 SHA-256", "SHA-256 of the document"),
    },
    "agreements": {
        "agreement": ("协议名称", "Name of the agreement"),
        "version": ("协议版本", "Version of the agreement"),
        "parties": ("缔约省，以空格分隔", "Parties, with spaces between"),
        "modes": ("方式：RECOGNISE 互认、TRANSFER 转移", "RECOGNISE or TRANSFER, or both"),
        "kinds": ("成果类型，空为全部", "Kinds of outcome; empty for all"),
        "valid_from": ("生效日", "First day"),
        "valid_until": ("终止日", "Last day"),
        "decision_days": ("审核工作日", "Working days to decide"),
        "answer_days": ("答复工作日", "Working days to answer"),
        "learner_year_cap": (
            "每人每年学分上限，空为不限",
            "Credits a learner and year; empty for no cap",
        ),
        "open_exchanges_quota": (
            "同一方向同时进行的交换上限，0 为不限",
            "Open exchanges in one direction; 0 for no limit",
        ),
        "requires_witnessed": (
            "外来批次是否须经见证",
            "Whether lots from elsewhere must be witnessed",
        ),
        "is_resting": (
            "签署密钥被撤销、暂不开始新交换",
            "Whether it begins nothing, a key of it being revoked",
        ),
        "sha256": ("签署文件的 SHA-256", "SHA-256 of the signed document"),
    },
    "refusals": {
        "quarter": (
            "交换开始的季度（北京时间）",
            "Quarter in which the exchange began, in Beijing",
        ),
        "source": ("提出申请的转出省", "Province whose credits were judged"),
        "entry": (
            "作出判断的条目；* 为合并的小项，空为无对应条目",
            "Entry that spoke; * for small ones together, empty for none",
        ),
        "reason": ("原因；空为全部不予认定", "Reason; empty for refused at all"),
        "judged": ("已判断的批次数", "Lots judged"),
        "refused": ("不予认定的批次数；空为不公布", "Lots refused; empty where withheld"),
        "rate": (
            "不予认定率，四位小数；空为不公布",
            "Refused of judged, four places; empty where withheld",
        ),
    },
}
_NOTES = (
    (
        "CSV 为 UTF-8（带标记），首行为列名；以 = + - @ 开头的文本前加撇号，"
        "以免被表格软件当作公式。",
        "CSV is UTF-8 with a mark and a heading; text that begins with = + - @ has an apostrophe"
        " before it, so that no spreadsheet takes it for a formula.",
    ),
    (
        "不予认定率：少于十名学习者的数目不公布，小项合并为 *；"
        "季度结束一个月后公布一次，不再更改。",
        "Refusals: numbers of fewer than ten learners are withheld, small entries stand together as"
        " *; a quarter is told once, a month after its end, and never changed.",
    ),
)


def dictionary_text(heading: Mapping[str, str]) -> str:
    """Return the data dictionary as a page."""
    return "\n".join(_lines(heading)) + "\n"


def _lines(heading: Mapping[str, str]) -> Iterator[str]:
    yield f"# 数据字典 Data dictionary: {heading['province']}, {heading['made_on']}"
    yield ""
    for zh, en in _NOTES:
        yield f"- {zh} {en}"
    for name, columns in TABLES.items():
        zh, en = TITLES[name]
        yield from ("", f"## {name}: {zh} · {en}", "")
        yield from ("| 列 column | 中文 | English |", "|---|---|---|")
        yield from (f"| {column} | {zh} | {en} |" for column, (zh, en) in columns.items())
