"""What can be wrong with a row of a Shanghai exchange file, and why a row is left out."""

from __future__ import annotations

from federation.base.reasons import describe
from node.domain.file_faults import FILE_FAULTS, FIRST_LINE, FileFault, fault_from
from node.domain.rule_faults import FaultText

SHANGHAI_FAULTS = {
    "FORMULA": FaultText(
        "内容以 =、+、- 或 @ 开头，表格软件会当作公式",
        "请删除开头的符号",
        "text that a spreadsheet would take for a formula",
        "remove the sign at its beginning",
    ),
    "TEXT_TOO_LONG": FaultText(
        "内容超过 400 字", "请缩短", "more than 400 characters", "shorten it"
    ),
    "IDENTIFIER": FaultText(
        "编号有误",
        "请写不超过 64 字、不含空格和控制字符的编号",
        "not an identifier",
        "write at most 64 characters without spaces or control characters",
    ),
    "CITIZEN_ID": FaultText(
        "身份证号有误",
        "请核对 18 位号码，最后一位为校验位",
        "not a citizen number",
        "check its eighteen characters; the last one is a check character",
    ),
    "CITIZEN_ID_AS_NUMBER": FaultText(
        "身份证号被表格软件改成了数值",
        "请把此列设为文本格式后重新填写，末几位已丢失",
        "a citizen number that a spreadsheet turned into a number",
        "make the column text and enter it again; its last digits are lost",
    ),
    "CODE_UNKNOWN": FaultText(
        "代码不在代码表中",
        "请照代码表填写；01、02 的前导零请以文本格式保留",
        "a code that is in no list",
        "take one from the list; keep the nought of 01 and 02 by making the column text",
    ),
    "CODE_OF_OTHER_TEMPLATE": FaultText(
        "代码属于另一模板",
        "请整个文件使用同一模板的代码",
        "a code of the other template",
        "use the codes of one template in the whole file",
    ),
    "SOURCE_MISPLACED": FaultText(
        "来源与文件种类不符",
        "课程转换填 01，证书转换填 02",
        "a source that does not belong into this kind of file",
        "write 01 in course conversions and 02 in certificate conversions",
    ),
    "NO_CODE_IN_TEMPLATE": FaultText(
        "所选模板没有对应的代码",
        "请改用另一模板，或核对毕业结业肄业",
        "the template chosen has no code for this",
        "choose the other template, or check how the studies ended",
    ),
    "NOT_ZERO": FaultText(
        "证书的原学分和原学时应为 0",
        "请写 0",
        "a certificate has no credits or hours of its own",
        "write 0",
    ),
    "NOT_A_MONTH": FaultText(
        "月份有误", "请写成 yyyyMM，如 202406", "not a month", "write yyyyMM, as 202406"
    ),
    "NOT_A_YEAR": FaultText("年份有误", "请写成四位数字", "not a year", "write four digits"),
    "NOT_PASSED": FaultText("成绩未达及格", "无需导入", "a grade that is no pass", "leave it out"),
    "GRADE_UNKNOWN": FaultText(
        "无法判断成绩是否及格",
        "请写百分制、五级制、合格或通过",
        "a grade of which nobody can tell whether it is a pass",
        "write a mark out of a hundred, 优秀 to 不及格, 合格 or 通过",
    ),
    "IS_EXEMPTION": FaultText(
        "成绩本身是免修或免考",
        "请提交原学习成果",
        "a grade that is itself an exemption",
        "hand in the outcome that it stands for",
    ),
    "LOWER_SCORE": FaultText(
        "同一课程另有更高成绩",
        "无需处理，已取最高成绩",
        "the same course has a higher score",
        "nothing to do; the highest counts",
    ),
    "OLDER_RECORD": FaultText(
        "同一课程同一成绩另有更新的记录",
        "无需处理，已取最新记录",
        "the same course has the same score in a newer record",
        "nothing to do; the newest counts",
    ),
    "PAIR_REPEATED": FaultText(
        "同一成果与同一课程的转换已出现",
        "请删除其中一行",
        "this outcome is converted into this course already",
        "remove one of the two rows",
    ),
    "COURSE_HELD": FaultText(
        "该学习者的这门课程已有其他记录",
        "如应以此行为准，请先由学分银行撤销原成果，再导入",
        "this course of the learner is held already, by another record",
        "where this row is the right one, let the bank revoke the outcome held, then import again",
    ),
    "OUTCOME_DIFFERS": FaultText(
        "同一成果此前的记录内容不同",
        "请核对成绩、学时、日期，或先由学分银行撤销原成果",
        "the same outcome was recorded otherwise before",
        "compare grade, hours and month, or let the bank revoke the outcome held",
    ),
    "NAME_DIFFERS": FaultText(
        "此身份证号的账户姓名不同",
        "请核对姓名与身份证号",
        "the account of this number has another name",
        "compare name and number",
    ),
    "NOT_HANDED_IN": FaultText(
        "院校尚未导入并初审此行，或已被退回、不予认定",
        "请先由院校审核人导入同一文件",
        "the institution has not handed in and reviewed this row, or it was returned or refused",
        "let the institution's reviewer import the same file first",
    ),
    "NO_CREDIT": FaultText(
        "学分为 0，不能成为批次",
        "请核对学分；证书的学分取自目录",
        "nought credits make no lot",
        "check the credits; those of a certificate are the catalogue's",
    ),
    "NOT_IN_CATALOGUE": FaultText(
        "目录中没有此名称和学分的成果",
        "请先导入该机构的目录，或更正名称、学分",
        "the catalogue has no outcome of this name and size",
        "import the institution's catalogue first, or correct name and credits",
    ),
    "TWO_IN_CATALOGUE": FaultText(
        "目录中有多个此名称和学分的成果",
        "请由经办人指定代码",
        "the catalogue has several outcomes of this name and size",
        "let a person choose the code",
    ),
    "STAGE_NOT_LEVELLED": FaultText(
        "框架未规定此教育层次的等级",
        "请在框架的 [stages] 中补上",
        "the framework gives no level to this stage",
        "add it under [stages] of the framework",
    ),
}


def shanghai_fault(
    cause: str, *, line: int = FIRST_LINE, column: str = "", see: tuple[int, ...] = ()
) -> FileFault:
    """Return a fault of a row; a cause of no file's is a reason that the bank itself gave."""
    texts = SHANGHAI_FAULTS
    if cause not in texts and cause not in FILE_FAULTS:
        told = describe(cause)
        texts = {
            cause: FaultText(
                told.zh.rstrip("。"),
                f"运行 {told.next_command}",
                told.en.rstrip("."),
                f"run {told.next_command}",
            )
        }
    return fault_from(texts, cause, line=line, column=column, see=see)
