"""What can be wrong with a rule document, told to the person who wrote it.

A fault has a place (JSON path and line), a stable cause, and for each cause one sentence in
Chinese and English that ends with the remedy.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from node.domain.cap_faults import CAP_FAULTS
from node.domain.fault_text import FaultText

Step = str | int
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class FormFault:
    """One fault of a document.

    Attributes:
        path: JSON path of the value, ``$`` being the document.
        line: line of the value, or of what should contain it, from 1.
        cause: a key of ``FAULTS``.
    """

    path: str
    line: int
    cause: str

    @property
    def text(self) -> FaultText:
        """The sentences for people."""
        return FAULTS[self.cause]

    def __str__(self) -> str:
        return f"line {self.line}, {self.path}: {self.text.cause_en}; {self.text.remedy_en}"


def spell_path(path: tuple[Step, ...]) -> str:
    """Return a path as ``$.equivalences[3].ratio``; odd keys are quoted and escaped."""
    return "$" + "".join(_spell_step(step) for step in path)


def line_of(text: str, path: tuple[Step, ...]) -> int:
    """Return the line of a value in a JSON document, or of its nearest container.

    Requires that ``text`` is well-formed; walks no deeper than the path, once per call.
    """
    at = _SPACE.match(text).end()  # type: ignore[union-attr]
    for step in path:
        found = _enter(text, at, step)
        if found is None:
            break
        at = found
    return text.count("\n", 0, at) + 1


def _spell_step(step: Step) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", step):
        return f".{step}"
    return f"[{json.dumps(step[:64])}]"


def _enter(text: str, at: int, step: Step) -> int | None:
    """Return where the member begins of the container that begins at ``at``, or None."""
    if text[at] != ("[" if isinstance(step, int) else "{"):
        return None
    at, place = _skip(text, at + 1), 0
    while text[at] not in "]}":
        member: Step = place
        if isinstance(step, str):
            member, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        if member == step:
            return at
        _, at = _DECODER.raw_decode(text, at)
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
        place += 1
    return None


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


FAULTS = CAP_FAULTS | {
    "NOT_JSON": FaultText(
        "不是 UTF-8 编码的合法 JSON",
        "请在此行附近检查引号、逗号和括号",
        "not JSON in UTF-8",
        "check quotes, commas and brackets near this line",
    ),
    "TOO_LARGE": FaultText(
        "文件超过 32 MiB", "请拆分为多条规则", "larger than 32 MiB", "split it into several rules"
    ),
    "NOT_CANONICAL": FaultText(
        "不是规范写法",
        "请用 creditbank rule import 导入",
        "not the canonical spelling",
        "import it with: creditbank rule import",
    ),
    "NOT_AN_OBJECT": FaultText("此处应为对象", "请写成 {…}", "not an object", "write {...} here"),
    "NOT_A_LIST": FaultText("此处应为数组", "请写成 […]", "not a list", "write [...] here"),
    "NOT_A_TRUTH": FaultText(
        "此处应为 true 或 false", "请去掉引号", "neither true nor false", "write one, unquoted"
    ),
    "KEY_REPEATED": FaultText(
        "同一对象中键重复", "请只保留一个", "a key stands twice in one object", "keep one of them"
    ),
    "KEY_UNKNOWN": FaultText(
        "未知的键", "请删除或更正拼写", "an unknown key", "remove it or correct its spelling"
    ),
    "KEY_MISSING": FaultText(
        "缺少此键",
        "请补上;无值时写 null 或空串",
        "this key is missing",
        "add it, with null or an empty text where there is no value",
    ),
    "RULE_NAME": FaultText(
        "规则名有误",
        "请写成 省级代码/名称,如 CN-44/general",
        "not a rule's name",
        "write province/name, as CN-44/general",
    ),
    "VERSION": FaultText(
        "版本号有误", "请写不小于 1 的整数", "not a version", "write a whole number from 1"
    ),
    "TITLE": FaultText(
        "标题为空、过长或含控制字符",
        "请写不超过 400 字的文字",
        "an empty or long title, or one with control characters",
        "write plain text of at most 400 characters",
    ),
    "DATE": FaultText("日期不存在", "请写成 YYYY-MM-DD", "no such date", "write YYYY-MM-DD"),
    "ENDS_BEFORE_START": FaultText(
        "失效日早于生效日", "请更正其中之一", "valid_until is before valid_from", "correct one"
    ),
    "ENTRY_COUNT": FaultText(
        "条目为空或超过 100000 条",
        "请增加条目或拆分规则",
        "no entries, or more than 100000",
        "add some or split the rule",
    ),
    "ID_REPEATED": FaultText(
        "条目编号重复", "请改用新的编号", "an entry before has this id", "give it another id"
    ),
    "NEVER_REACHED": FaultText(
        "前面已有来源和代码相同的条目",
        "请合并两条或更改代码",
        "an entry before has this source and code, so this one is never reached",
        "merge the two or change the code",
    ),
    "CODE": FaultText(
        "代码有误",
        "请写不超过 64 字、首尾无空格且不含 * 的代码",
        "not a code",
        "write at most 64 characters, no spaces around, no *",
    ),
    "PATTERN": FaultText(
        "代码模式有误",
        "请写完整代码、以 * 结尾的前缀或 *",
        "not a pattern of codes",
        "write a whole code, a prefix ending with *, or *",
    ),
    "SOURCE": FaultText(
        "未知的来源省",
        "请写如 CN-33 的省级代码或 *",
        "not a province",
        "write a code such as CN-33, or *",
    ),
    "RATIO": FaultText(
        "比例有误",
        "请写成如 4/5 的分数,大于 0 且不超过 100",
        "not a ratio",
        "write a fraction such as 4/5, above 0 and at most 100",
    ),
    "GRADE": FaultText(
        "最低成绩有误",
        "请写 0 到 100 的整数或 null",
        "not a minimum grade",
        "write a whole number from 0 to 100, or null",
    ),
    "LEVEL": FaultText(
        "最低等级有误",
        "请写 1 到 10 的整数或 null",
        "not a minimum level",
        "write a whole number from 1 to 10, or null",
    ),
    "KINDS": FaultText(
        "成果类型有误",
        "请按此顺序选用 DEGREE、TRAINING、CERTIFICATE、INFORMAL,或写 null",
        "not a list of kinds",
        "choose from DEGREE, TRAINING, CERTIFICATE, INFORMAL in this order, or write null",
    ),
}
