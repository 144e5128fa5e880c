"""What can be wrong with a file that a person or another system hands in.

A fault has a place (line and column), a stable cause, and for each cause one sentence in Chinese
and English that ends with the remedy. It never repeats a cell: cells hold learners' names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from federation.base.errors import Breach
from node.domain.rule_faults import FaultText

FIRST_LINE = 1
LONGEST_COLUMN = 64


@dataclass(frozen=True, slots=True)
class FileFault:
    """One fault of a file.

    Attributes:
        line: line of the file, from 1, on which the row begins.
        column: the column's name as the file has it, or where there are no columns the path of
            the value; empty for the whole row.
        cause: stable UPPER_SNAKE name.
        text: what is wrong and what to do, in both languages.
        see: other lines that belong to the fault, such as the first of two equal codes.
    """

    line: int
    column: str
    cause: str
    text: FaultText
    see: tuple[int, ...] = ()

    def __str__(self) -> str:
        place = f"line {self.line}" + (f", {self.column}" if self.column else "")
        also = f" (see line {', '.join(map(str, self.see))})" if self.see else ""
        return f"{place}: {self.text.cause_en}{also}; {self.text.remedy_en}"


class FileBreach(Breach):
    """A file that cannot be taken; nothing of it was.

    Attributes:
        faults: every fault in the order of the lines.
    """

    def __init__(self, reason: str, faults: tuple[FileFault, ...]) -> None:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(reason, detail=f"{faults[0]}{more}")
        self.faults = faults


def fault_from(
    texts: Mapping[str, FaultText],
    cause: str,
    *,
    line: int = FIRST_LINE,
    column: str = "",
    see: tuple[int, ...] = (),
) -> FileFault:
    """Return a fault with its sentences, which must be in the table given or in this one.

    A column's name comes out of the file and ends on somebody's terminal, so it is cut short and
    what cannot be printed is shown as a replacement character.
    """
    shown = "".join(char if char.isprintable() else "\ufffd" for char in column[:LONGEST_COLUMN])
    return FileFault(line, shown, cause, texts.get(cause) or FILE_FAULTS[cause], see)


FILE_FAULTS = {
    "TOO_LARGE": FaultText(
        "文件超过 32 MiB", "请拆分为多个文件", "larger than 32 MiB", "split it into several files"
    ),
    "EMPTY_FILE": FaultText(
        "文件没有内容", "请导出含表头的表格", "the file is empty", "export a table with its header"
    ),
    "NOT_TEXT": FaultText(
        "既不是 UTF-8 也不是 GB 18030 文本",
        "请另存为 CSV（UTF-8 或 GB 18030），不要直接提交 .xlsx",
        "text neither in UTF-8 nor in GB 18030",
        "save it as CSV in one of the two; a workbook (.xlsx) is not a CSV",
    ),
    "ENCODING_UNSURE": FaultText(
        "无法判断是 UTF-8 还是 GB 18030",
        "请指定编码，或另存为带 BOM 的 UTF-8",
        "it could be UTF-8 or GB 18030",
        "name the encoding, or save it as UTF-8 with a byte order mark",
    ),
    "QUOTES": FaultText(
        "引号不成对，或引号后另有文字",
        "请检查此行的双引号；单元格内的引号写两次",
        "a quotation mark without its pair, or text after one",
        "check the double quotes of this line; write one inside a cell twice",
    ),
    "CELL_COUNT": FaultText(
        "此行的列数与表头不同",
        "请检查多余或缺少的逗号；含逗号的内容加双引号",
        "this row has more or fewer cells than the header",
        "look for a comma too many or too few; quote cells that contain one",
    ),
    "CONTROL_CHARACTER": FaultText(
        "含换行或其他控制字符",
        "请删除单元格内的换行和不可见字符",
        "a line break or another control character",
        "remove line breaks and invisible characters from the cell",
    ),
    "SPACE_AROUND": FaultText(
        "首尾有空格", "请删除首尾空格", "spaces before or after", "remove them"
    ),
    "HEADER_UNKNOWN": FaultText(
        "未知的列名", "请删除此列或更正列名", "an unknown column", "remove it or correct its name"
    ),
    "HEADER_REPEATED": FaultText(
        "同一列出现两次", "请只保留一列", "a column stands twice", "keep one of the two"
    ),
    "HEADER_MISSING": FaultText(
        "缺少此列", "请补上此列", "this column is missing", "add the column"
    ),
    "NO_ROWS": FaultText("表头下没有数据", "请补上数据行", "no rows below the header", "add rows"),
    "TOO_MANY_ROWS": FaultText(
        "超过 100000 行",
        "请拆分为多个文件",
        "more than 100000 rows",
        "split it into several files",
    ),
    "CELL_EMPTY": FaultText("此处必填", "请填写", "this cell may not be empty", "fill it in"),
    "NOT_A_NUMBER": FaultText(
        "不是非负整数",
        "请写整数，不要加单位或千位分隔符",
        "not a whole number",
        "write digits only, without unit or separator",
    ),
    "NOT_CREDITS": FaultText(
        "学分写法有误",
        "请写最多两位小数的数，如 2 或 2.5",
        "not an amount of credits",
        "write a number of at most two decimal places, as 2 or 2.5",
    ),
    "NOT_A_DATE": FaultText(
        "日期不存在或写法有误",
        "请写成 YYYY-MM-DD，如 2026-09-01",
        "no such date, or another spelling",
        "write YYYY-MM-DD, as 2026-09-01",
    ),
    "ENDS_BEFORE_START": FaultText(
        "失效日早于生效日",
        "请更正其中之一",
        "the end is before the beginning",
        "correct one of them",
    ),
}
