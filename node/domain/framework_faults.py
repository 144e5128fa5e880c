"""What can be wrong with the document of a framework or a crosswalk."""

from __future__ import annotations

from node.domain.catalogue_faults import CATALOGUE_FAULTS
from node.domain.rule_faults import FaultText

FRAMEWORK_FAULTS = {
    **{cause: CATALOGUE_FAULTS[cause] for cause in ("CODE", "TITLE", "FIELD_OF_STUDY")},
    "FORM_TOO_LARGE": FaultText(
        "文件超过 4 MiB", "请精简文件", "larger than 4 MiB", "shorten the file"
    ),
    "NOT_TOML": FaultText(
        "不是 UTF-8 编码的合法 TOML",
        "请在此行附近检查引号、等号和括号",
        "not TOML in UTF-8",
        "check quotes, equals signs and brackets near this line",
    ),
    "NOT_TABLES": FaultText(
        "此处应为表",
        "请写成 [[levels]]、[[units]] 或 [stages]",
        "not tables",
        "write [[levels]], [[units]] or [stages]",
    ),
    "NOT_TEXTS": FaultText(
        "此处应为文字数组",
        '请写成 ["…", "…"]',
        "not a list of texts",
        'write ["…", "…"]',
    ),
    "NOT_A_TRUTH": FaultText(
        "此处应为 true 或 false", "请去掉引号", "neither true nor false", "write one, unquoted"
    ),
    "KEY_UNKNOWN": FaultText(
        "未知的键", "请删除或更正拼写", "an unknown key", "remove it or correct its spelling"
    ),
    "KEY_MISSING": FaultText("缺少此键", "请补上", "this key is missing", "add it"),
    "FRAMEWORK_NAME": FaultText(
        "名称有误",
        "请写成 省级代码/名称，如 CN-33/outcomes",
        "not a framework's name",
        "write province/name, as CN-33/outcomes",
    ),
    "REFERENCE": FaultText(
        "框架引用有误",
        "请写成 名称@版本，如 CN-33/outcomes@2026.1",
        "not a reference to a framework",
        "write name@version, as CN-33/outcomes@2026.1",
    ),
    "HOURS_PER_CREDIT": FaultText(
        "每学分学时有误",
        '请写成分数，如 "16/1" 或 "33/2"，大于 0 且不超过 1000',
        "not the hours in a credit",
        'write a fraction, as "16/1" or "33/2", above 0 and at most 1000',
    ),
    "RANK": FaultText(
        "等级有误", "请写 1 到 10 的整数", "not a rank", "write a whole number from 1 to 10"
    ),
    "RANKS": FaultText(
        "等级不是从 1 起依次排列",
        "请从 1 起逐级列出，不跳级、不重复",
        "the ranks do not run from 1 upwards",
        "list every rank from 1, none left out and none twice",
    ),
    "RANK_UNKNOWN": FaultText(
        "本框架没有此等级",
        "请更正等级，或在 [[levels]] 中补上",
        "the framework has no such rank",
        "correct the rank, or add it under [[levels]]",
    ),
    "RANKS_BESIDE": FaultText(
        "对应等级有误",
        "请由低到高列出，如 [4, 5]",
        "not a list of ranks",
        "list them ascending, as [4, 5]",
    ),
    "CROSSWALK_FALLS": FaultText(
        "来源等级重复或逆序，或对应到更低的等级",
        "请由低到高列出；较高等级不得对应到更低等级",
        "a source rank repeated or out of order, or one that falls below the one before",
        "list source ranks ascending; a higher one may not stand beside a lower one",
    ),
    "UNIT_REPEATED": FaultText(
        "认证单元代码重复", "请改用新的代码", "a unit before has this code", "give it another code"
    ),
}
