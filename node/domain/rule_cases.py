"""Cases for trying a rule, as a table that people write: one row a lot, and what should come of it.

Rows of one name are judged together, as a learner's first application: nothing was used before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from federation.base.amounts import parse_credits
from federation.base.errors import CreditBankError
from federation.base.names import parse_province
from federation.base.reasons import describe
from node.domain.decision_record import ACCEPT, Authority, Given, GivenLot, Record, compose
from node.domain.fault_text import FaultText
from node.domain.file_faults import FileBreach, FileFault, fault_from
from node.domain.judgement import Judge
from node.domain.outcomes import FIELD_NAMES, OUTCOME_KINDS, OutcomeFacts
from node.domain.rule_trial import granted_by_target
from node.domain.sheets import Sheet, SheetRow, read_credits, read_sheet

REASON = "RULE_CASES"
NOTHING = "-"

COLUMNS: Mapping[str, tuple[str, str]] = {
    "case": (
        "案例名;同名的行一并判定,省略则每行一案",
        "name of the case; rows of one name are judged together, a row without is its own",
    ),
    "source": ("来源省", "province that holds the outcome, as CN-33"),
    "credits": ("学分", "credits, as 3 or 2.50"),
    "code": ("课程代码", "its code"),
    "catalogue": ("目录版本", "version of its catalogue"),
    "title": ("名称", "its title"),
    "earned": ("获得日期", "day earned, YYYY-MM-DD"),
    "kind": ("成果类型", f"kind of outcome: {', '.join(OUTCOME_KINDS)}"),
    "issuer": ("办学机构", "institution"),
    "grade": ("成绩", "grade"),
    "scale": ("等级制,省略为 none", "its scale; none when absent"),
    "level": ("等级,省略为 0", "level; 0 when absent"),
    "field": ("学科", "field of study"),
    "hours": ("学时,省略为 0", "hours; 0 when absent"),
    "expires": ("失效日期", "last day on which it holds"),
    "wanted": ("申请的目标,空格分隔", "targets wished for, with spaces between"),
    "expected": (
        f"应授予:目标=学分,空格分隔;{NOTHING} 表示不授予;省略则不比较",
        f"what should be granted, TARGET=CREDITS with spaces between; {NOTHING} for nothing; "
        "absent: not compared",
    ),
    "reasons": (
        "应给出的原因,空格分隔;省略则不比较",
        "reasons that should be given, with spaces between; absent: not compared",
    ),
}
_DEFAULTS = {"grade": "", "scale": "none", "level": "0", "field": "", "hours": "0", "expires": ""}
_OF_CASE = ("wanted", "expected", "reasons")
OPTIONAL = ("case", *_DEFAULTS, *_OF_CASE)
REQUIRED = tuple(name for name in COLUMNS if name not in OPTIONAL)

FAULTS = {
    "EXPECTED": FaultText(
        "应授予的写法有误",
        f"请写 目标=学分,以空格分隔,或 {NOTHING}",
        "not what should be granted",
        f"write TARGET=CREDITS with spaces between, or {NOTHING}",
    ),
    "SAID_TWICE": FaultText(
        "同一案例的各行所写不同",
        "请只在一行填写,或各行写得相同",
        "rows of one case say different things",
        "fill it in on one row only, or alike on all",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedCase:
    """A case with what should come of it.

    Attributes:
        line: line of the file on which it begins.
        expected: hundredths of a credit for each target, or None where nothing was said.
        reasons: reasons that should be given, or None.
    """

    name: str
    line: int
    lots: tuple[GivenLot, ...]
    wanted: tuple[str, ...]
    expected: Mapping[str, int] | None
    reasons: frozenset[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a rule says of a case.

    Attributes:
        agrees: whether it is what was expected; None where nothing was.
        granted: hundredths of a credit for each target.
    """

    case: TriedCase
    agrees: bool | None
    granted: Mapping[str, int]
    entries: tuple[str, ...]
    reasons: tuple[str, ...]


def read_cases(document: bytes) -> list[TriedCase]:
    """Return the cases of a table.

    Raises:
        FileBreach: RULE_CASES with every fault, its line and its column.
    """
    sheet = read_sheet(document, reason=REASON)
    faults = [*_header_faults(sheet), *sheet.rejects]
    rows: dict[str, list[SheetRow]] = {}
    for row in sheet.rows:
        rows.setdefault(row.cells.get("case") or f"#{row.line}", []).append(row)
    if not faults and not rows:
        faults.append(fault_from({}, "NO_ROWS"))
    if faults:
        raise FileBreach(REASON, tuple(faults))
    reading = _Reading()
    cases = [reading.case(name, many) for name, many in rows.items()]
    if reading.faults:
        raise FileBreach(REASON, tuple(sorted(reading.faults, key=lambda fault: fault.line)))
    return cases


def try_case(judge: Judge, case: TriedCase, *, on: str) -> Tried:
    """Judge a case on a day, YYYY-MM-DD, by a rule with its caps."""
    record = _record(judge, case, on)
    granted = granted_by_target(record)
    reasons = tuple(dict.fromkeys(r for lot in record.decided.lots for r in lot.reasons))
    checks = []
    if case.expected is not None:
        checks.append(granted == case.expected)
    if case.reasons is not None:
        checks.append(case.reasons <= set(reasons))
    return Tried(
        case=case,
        agrees=all(checks) if checks else None,
        granted=granted,
        entries=tuple(group.entry for group in record.decided.groups if group.verdict == ACCEPT),
        reasons=reasons,
    )


def _record(judge: Judge, case: TriedCase, on: str) -> Record:
    rule, version, digest = judge.rule
    given = Given(
        exchange="",
        source=case.lots[0].source,
        destination=rule.partition("/")[0],
        decided_on=on,
        track="RULE",
        authority=Authority(rule=rule, rule_version=version, rule_digest=digest),
        catalogues=(),
        programme=None,
        wanted=case.wanted,
        lots=case.lots,
        struck=(),
        valid_until_us=0,
        appeal_until_us=0,
    )
    return compose(given, judge.judge(given.case), judge.caps, used={})


def _header_faults(sheet: Sheet) -> Iterator[FileFault]:
    for name in sheet.header:
        if name not in COLUMNS:
            yield fault_from({}, "HEADER_UNKNOWN", column=name)
        elif sheet.header.count(name) > 1:
            yield fault_from({}, "HEADER_REPEATED", column=name)
    for name in REQUIRED:
        if name not in sheet.header:
            yield fault_from({}, "HEADER_MISSING", column=name)


@dataclass
class _Reading:
    """Reads rows and gathers what is wrong with them."""

    faults: list[FileFault] = field(default_factory=list)
    _lots: int = 0

    def case(self, name: str, rows: list[SheetRow]) -> TriedCase:
        wanted, expected, reasons = (self._said(column, rows) for column in _OF_CASE)
        return TriedCase(
            name=name,
            line=rows[0].line,
            lots=tuple(lot for row in rows for lot in self._lot(row)),
            wanted=tuple(dict.fromkeys(wanted.split())),
            expected=self._expected(expected, rows[0].line),
            reasons=frozenset(reasons.split()) if reasons else None,
        )

    def _said(self, column: str, rows: list[SheetRow]) -> str:
        """Return what the rows of a case say of it as a whole."""
        said = {" ".join(row.cells.get(column, "").split()): row.line for row in rows}
        said.pop("", None)
        if len(said) > 1:
            first, *others = said.values()
            self._note("SAID_TWICE", others[0], column, see=(first,))
        return next(iter(said), "")

    def _expected(self, text: str, line: int) -> dict[str, int] | None:
        if not text:
            return None
        expected: dict[str, int] = {}
        for word in [] if text == NOTHING else text.split():
            target, equals, amount = word.rpartition("=")
            hundredths = read_credits(amount)
            if not equals or not target or not hundredths or target in expected:
                self._note("EXPECTED", line, "expected")
                return None
            expected[target] = hundredths
        return expected

    def _lot(self, row: SheetRow) -> Iterator[GivenLot]:
        cells = {name: text.strip() for name, text in row.cells.items()}
        texts = {name: cells.get(name) or _DEFAULTS.get(name, "") for name in FIELD_NAMES}
        column = "source"
        try:
            source = parse_province(cells["source"])
            column = "credits"
            amount = parse_credits(cells["credits"])
            column = ""
            facts = OutcomeFacts.from_fields(texts)
        except CreditBankError as error:
            said = describe(error.reason)
            text = FaultText(
                said.zh.rstrip("。"), "请更正此行", said.en.rstrip("."), "correct this row"
            )
            self.faults.append(FileFault(row.line, column or _column(error), error.reason, text))
            return
        self._lots += 1
        yield GivenLot(
            lot=f"{source}:{self._lots:032x}", source=source, amount_hundredths=amount, facts=facts
        )

    def _note(self, cause: str, line: int, column: str, *, see: tuple[int, ...] = ()) -> None:
        self.faults.append(fault_from(FAULTS, cause, line=line, column=column, see=see))


def _column(error: CreditBankError) -> str:
    """Return the column that a fault of an outcome is about, where it says so."""
    return next((name for name in COLUMNS if name in error.detail.split()), "")
