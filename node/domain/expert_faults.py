"""What can be wrong with the list of experts."""

from __future__ import annotations

from node.domain.fault_text import FaultText

EXPERT_FAULTS = {
    "EXPERT_NAME": FaultText(
        "编号有误",
        "请写 1 到 64 个字符的编号，如 E-0017，不写姓名",
        "not a name on the list",
        "write 1 to 64 characters, as E-0017, and never a person's name",
    ),
    "ACCOUNT_NAME": FaultText(
        "账户名有误",
        "请写该专家在本省的服务账户名",
        "not an account's name",
        "write the account by which the expert signs in here",
    ),
    "INSTITUTION": FaultText(
        "院校为空或含控制字符",
        "请填写院校全称",
        "no institution, or one with control characters",
        "fill in its full name",
    ),
    "FIELDS_OF_STUDY": FaultText(
        "学科代码有误",
        "请写 GB/T 13745 代码，多个以分号隔开",
        "not codes of fields of study",
        "write codes after GB/T 13745, several between semicolons",
    ),
    "TRUTH_WORD": FaultText(
        "此处应为 是 或 否",
        "请写 是、否，或留空",
        "neither yes nor no",
        "write yes or no, or nothing",
    ),
    "EXPERT_REPEATED": FaultText(
        "编号、账户或个人重复",
        "每位专家只列一次",
        "a name, an account or a person stands twice",
        "list each expert once",
    ),
}
