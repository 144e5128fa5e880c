"""What can be wrong with the document of a programme of hours."""

from __future__ import annotations

from node.domain.fault_text import FaultText
from node.domain.programme_faults import PROGRAMME_FAULTS

HOURS_FAULTS = {
    **{
        cause: PROGRAMME_FAULTS[cause]
        for cause in ("NOT_TOML", "KEY_UNKNOWN", "KEY_MISSING", "CODE", "TITLE", "FORM_TOO_LARGE")
    },
    "PROGRAMME_NAME": FaultText(
        "名称有误",
        "请写成 省级代码/名称，如 CN-31/volunteering",
        "not a programme's name",
        "write province/name, as CN-31/volunteering",
    ),
    "OUTCOME_FORM": FaultText(
        "没有这种以学时计的成果形式",
        "请写按学时记录的成果形式代码，如 VOLUNTEERING",
        "no form of outcome that is counted in hours",
        "write the code of one, as VOLUNTEERING",
    ),
    "NOT_A_COUNT": FaultText(
        "不是大于 0 的整数",
        "请写整数，不加引号",
        "not a whole number above 0",
        "write digits only, without quotes",
    ),
    "AWARD_CREDITS": FaultText(
        "学分写法有误",
        '请写成带引号、最多两位小数的数，如 "1.00"，大于 0',
        "not an amount of credits",
        'write a number of at most two decimal places in quotes, as "1.00", above 0',
    ),
    "OUTCOME": FaultText(
        "学分将存入的成果内容不成立",
        "请对照学习成果的字段更正此处",
        "no outcome can have this value",
        "correct it by the fields of an outcome",
    ),
}
