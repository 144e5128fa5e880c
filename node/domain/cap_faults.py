"""What can be wrong with the caps of a rule document, told to the person who wrote them."""

from __future__ import annotations

from node.domain.fault_text import FaultText

CAP_FAULTS = {
    "CAP_COUNT_OF": FaultText(
        "上限超过 1000 条", "请拆分规则", "more than 1000 caps", "split the rule"
    ),
    "CAP_ID": FaultText(
        "上限编号有误",
        "请写不超过 64 字、首尾无空格且不含 * 的编号",
        "not a name for a cap",
        "write at most 64 characters, no spaces around, no *",
    ),
    "CAP_ID_REPEATED": FaultText(
        "前面已有同名上限", "请改用新的编号", "a cap before has this id", "give it another id"
    ),
    "CAP_SET": FaultText(
        "范围有误",
        "请写由小到大、不重复的非空文字列表，或写 null 表示全部",
        "not a scope",
        "write a sorted list of different texts that is not empty, or null for everything",
    ),
    "CAP_PER": FaultText(
        "计数维度有误",
        "请按字母顺序选用 award、category、content、form、issuer、kind、programme、source、target",
        "not a list of dimensions",
        "choose in alphabetical order from award, category, content, form, issuer, kind, "
        "programme, source, target",
    ),
    "CAP_WINDOW": FaultText(
        "时间范围有误",
        "请选用 LIFETIME、CALENDAR_YEAR、SEMESTER、ROLLING_DAYS",
        "not a window of time",
        "choose LIFETIME, CALENDAR_YEAR, SEMESTER or ROLLING_DAYS",
    ),
    "CAP_STARTS": FaultText(
        "学期起始日有误",
        '学期写一至六个由早到晚的日子，如 ["03-01","09-01"]；其他时间范围写 []',
        "not the first days of semesters",
        'for SEMESTER write one to six days in order, as ["03-01","09-01"]; else write []',
    ),
    "CAP_DAYS": FaultText(
        "天数有误",
        "滚动天数写 1 到 36600；其他时间范围写 0",
        "not a number of days",
        "for ROLLING_DAYS write 1 to 36600; else write 0",
    ),
    "CAP_DATED_BY": FaultText(
        "日期依据有误",
        "请写 EARNED 或 DECIDED；滚动天数只能写 DECIDED",
        "not a date to go by",
        "write EARNED or DECIDED; with ROLLING_DAYS only DECIDED",
    ),
    "CAP_MEASURE": FaultText(
        "计量有误",
        "请写 CREDITS、LOTS 或 TARGETS",
        "not a measure",
        "write CREDITS, LOTS or TARGETS",
    ),
    "CAP_TARGET_MEASURE": FaultText(
        "按目标课程计数时只能计 TARGETS",
        "请把 measure 改为 TARGETS 或去掉 target",
        "what is counted per target can only be TARGETS",
        "write TARGETS as measure, or remove target from per",
    ),
    "CAP_LIMIT": FaultText(
        "限额有误",
        '请写 {"at_most":数}、{"at_least":数} 或带 share 的对象',
        "not a limit",
        'write {"at_most":number}, {"at_least":number} or an object with share',
    ),
    "CAP_AMOUNT": FaultText(
        "限额数值有误",
        "请写 0 到 1000000000 的整数（学分以百分之一计）",
        "not an amount",
        "write a whole number from 0 to 1000000000, credits in hundredths",
    ),
    "CAP_SHARE": FaultText(
        "比例有误",
        "请写成如 35/100 的分数，大于 0 且不超过 1",
        "not a share",
        "write a fraction such as 35/100, above 0 and at most 1",
    ),
    "CAP_SHARE_OF": FaultText(
        "比例的基数有误",
        "请写专业总学分的名称，如 graduation",
        "not the name of a total",
        "write the name of a programme's total, such as graduation",
    ),
    "CAP_SHARE_MEASURE": FaultText(
        "只有学分才能按比例计",
        "请把 measure 改为 CREDITS",
        "only credits have shares",
        "write CREDITS as measure",
    ),
    "CAP_SHARE_PER": FaultText(
        "按专业总学分的比例须按专业计数",
        "请在 per 中加上 programme",
        "a share of a programme's total is counted per programme",
        "add programme to per",
    ),
    "CAP_SHARE_CAP": FaultText(
        "比例所依的上限不在前面，或者是下限",
        "请写前面一条上限的编号",
        "the cap that the share is of does not stand before, or is a floor",
        "write the id of a cap before this one",
    ),
    "CAP_ROUNDING": FaultText(
        "舍入方式有误",
        "请写 DOWN、UP、HALF_UP 或 HALF_EVEN",
        "not a rounding",
        "write DOWN, UP, HALF_UP or HALF_EVEN",
    ),
    "CAP_WITHIN": FaultText(
        "外层上限不在前面",
        "请写前面一条上限的编号或空串",
        "the outer cap does not stand before",
        "write the id of a cap before this one, or an empty text",
    ),
    "CAP_NOT_NESTED": FaultText(
        "内层上限的范围超出外层，或计量不同",
        "请缩小范围或去掉 within",
        "covers what the outer cap does not, or has another measure",
        "narrow its scope or remove within",
    ),
}
