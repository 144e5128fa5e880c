"""What can be wrong with a catalogue's table, beside what can be wrong with any table."""

from __future__ import annotations

from node.domain.rule_faults import FaultText

CATALOGUE_FAULTS = {
    "CODE": FaultText(
        "代码有误",
        "请写不超过 64 字、首尾无空格、不含控制字符的代码",
        "not a code",
        "write at most 64 characters, without spaces around or control characters",
    ),
    "TITLE": FaultText(
        "名称过长或含控制字符",
        "请写不超过 400 字的文字",
        "a title that is too long or has control characters",
        "write plain text of at most 400 characters",
    ),
    "LEVEL": FaultText(
        "等级有误",
        "请写 1 到 10 的整数，未定级则留空",
        "not a level",
        "write a whole number from 1 to 10, or nothing where there is none",
    ),
    "FIELD_OF_STUDY": FaultText(
        "学科代码有误",
        "请写 GB/T 13745 代码，如 520、520.20 或 520.2040",
        "not a field of study",
        "write a code of GB/T 13745, as 520, 520.20 or 520.2040",
    ),
    "KIND": FaultText(
        "成果类型有误",
        "请写学历教育、非学历培训、职业证书或无一定形式",
        "not a kind of outcome",
        "write DEGREE, TRAINING, CERTIFICATE or INFORMAL",
    ),
    "CODE_REPEATED": FaultText(
        "此代码前面已有相同的一行",
        "请删除其中一行",
        "a line before has this code and the same values",
        "remove one of the two",
    ),
    "CODE_IN_CONFLICT": FaultText(
        "此代码前面已有一行，且内容不同",
        "请只保留正确的一行；不同版本请分别导入",
        "a line before has this code with other values",
        "keep the right one; import different versions as versions",
    ),
}
