"""What can be wrong with the document of a programme of study."""

from __future__ import annotations

from node.domain.fault_text import FaultText

PROGRAMME_FAULTS = {
    "FORM_TOO_LARGE": FaultText(
        "文件超过 1 MiB", "请精简文件", "larger than 1 MiB", "shorten the file"
    ),
    "NOT_TOML": FaultText(
        "不是 UTF-8 编码的合法 TOML",
        "请在此行附近检查引号、等号和括号",
        "not TOML in UTF-8",
        "check quotes, equals signs and brackets near this line",
    ),
    "KEY_UNKNOWN": FaultText(
        "未知的键", "请删除或更正拼写", "an unknown key", "remove it or correct its spelling"
    ),
    "KEY_MISSING": FaultText("缺少此键", "请补上", "this key is missing", "add it"),
    "PROGRAMME_NAME": FaultText(
        "名称有误",
        "请写成 省级代码/名称，如 CN-44/software-bachelor",
        "not a programme's name",
        "write province/name, as CN-44/software-bachelor",
    ),
    "CODE": FaultText(
        "代码有误",
        "请写 1 到 64 个字符，首尾无空格，不含控制字符",
        "not a code",
        "write 1 to 64 characters, none around it and no control characters",
    ),
    "AWARD": FaultText(
        "证书类别有误",
        "请写大写字母与下划线，如 BACHELOR；没有则留空",
        "not an award",
        "write capitals and underscores, as BACHELOR, or leave it empty",
    ),
    "TITLE": FaultText(
        "名称为空或含控制字符",
        "请填写，不换行",
        "empty, or with control characters",
        "fill it in, on one line",
    ),
    "NOT_A_TRUTH": FaultText(
        "此处应为 true 或 false", "请去掉引号", "neither true nor false", "write one, unquoted"
    ),
    "TOTALS": FaultText(
        "总学分表有误",
        "请写成 [totals]，每行一个名称，最多 32 个",
        "not the totals of a programme",
        "write [totals] and one name a line, at most 32",
    ),
    "TOTAL_NAME": FaultText(
        "总学分名称有误",
        "请写小写字母、数字与下划线，如 graduation",
        "not the name of a total",
        "write small letters, digits and underscores, as graduation",
    ),
    "NOT_CREDITS": FaultText(
        "学分写法有误",
        '请写成带引号、最多两位小数的数，如 "140" 或 "76.10"，大于 0',
        "not an amount of credits",
        'write a number of at most two decimal places in quotes, as "140" or "76.10", above 0',
    ),
    "TARGETS": FaultText(
        "课程代码列表有误",
        "请由小到大列出代码，不重复，最多 5000 个",
        "not a list of targets",
        "list codes in ascending order, none twice, at most 5000",
    ),
}
