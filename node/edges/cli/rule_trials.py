"""The commands of ``creditbank rule`` that try a rule: on written cases, and on past ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.base.amounts import show_credits
from node.edges.cli import publishing
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain, group
from node.edges.cli.output import Output, as_data, show_day
from node.edges.cli.refusals import REFUSED
from node.edges.cli.rule_files import RuleFile, read_rule
from node.edges.cli.session import connect

if TYPE_CHECKING:
    from node.domain.rule_cases import Tried

app = group("转换规则的试算。Trying conversion rules.")
_CHUNK = 256 * 1024


@app.command("test")
def try_rule(
    file: RuleFile,
    cases: Annotated[
        Path | None,
        typer.Argument(
            exists=True,
            dir_okay=False,
            readable=True,
            help="CSV 案例，写法见 rule guide / cases, as `rule guide` has them",
        ),
    ] = None,
    on: Annotated[
        str,
        typer.Option(help="按哪一天判断 YYYY-MM-DD，省略则今天 / day judged by; today when absent"),
    ] = "",
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """检查规则；给出案例则逐案比较，不连接节点。Check a rule, or try cases."""
    from federation.base.clock import SystemClock
    from node.domain.file_faults import FileBreach
    from node.domain.outcomes import check_date
    from node.domain.rule_cases import read_cases, try_case
    from node.domain.rule_judge import open_rule

    out = Output(as_json, plain)
    judge = open_rule(read_rule(file, out))
    if cases is None:
        out.record("rule", _LABELS, dict(zip(_LABELS, judge.rule, strict=True)))
        return
    try:
        read = read_cases(cases.read_bytes())
    except FileBreach as breach:
        publishing.refuse_faults(out, breach.faults, cases)
        raise
    day = check_date(on) if on else show_day(SystemClock().now_us())
    tried = [try_case(judge, one, on=day) for one in read]
    out.table("cases", _CASE_COLUMNS, [_case_row(one) for one in tried], numbers=["line"])
    if any(one.agrees is False for one in tried):
        raise typer.Exit(REFUSED)


@app.command("dry-run")
def dry_run(
    file: RuleFile,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """用文件中的规则重判以往案件，列出会有的变化，不存任何内容。What would come out otherwise."""
    from node.v1.rule_service_pb2 import DryRunRequest

    out = Output(as_json, plain)
    document = read_rule(file, out)
    parts = (
        DryRunRequest(chunk=document[at : at + _CHUNK]) for at in range(0, len(document), _CHUNK)
    )
    rows: list[dict[str, Any]] = []
    sums: Any = None
    with connect(directory, account) as client:
        for answer in client.rules.DryRun(parts):
            rows += [_change_row(one) for one in answer.changes]
            sums = answer.sums
    entries = [_with_credits(one, "before", "after") for one in sums.entries]
    reasons = [as_data(one) for one in sums.reasons]
    shown = _with_credits(sums, "more", "less") | {"entries": entries, "reasons": reasons}
    if as_json:
        out.json("dry_run", shown | {"changes": rows})
        return
    out.table("changes", _CHANGE_COLUMNS, rows)
    out.table("entries", _ENTRY_COLUMNS, entries, numbers=list(_ENTRY_COLUMNS)[1:])
    out.table("reasons", _REASON_COLUMNS, reasons, numbers=list(_REASON_COLUMNS)[1:])
    out.record("sums", _SUM_LABELS, shown)


@app.command()
def gaps(
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """未获认可的成果与目标，按涉及的学习者多少排列。What was refused, most learners first."""
    from node.v1.rule_service_pb2 import ListGapsRequest

    with connect(directory, account) as client:
        rows = [
            as_data(one) | {"why": [f"{of.reason} {of.learners}" for of in one.reasons]}
            for answer in client.rules.ListGaps(ListGapsRequest())
            for one in answer.gaps
        ]
    Output(as_json, plain).table("gaps", _GAP_COLUMNS, rows, numbers=["learners"])


@app.command()
def draft(
    case: Annotated[str, typer.Option("--case", help="由人作出认定的交换 / exchange decided")],
    into: Annotated[
        Path | None,
        typer.Option("--into", help="写入的 .yaml 或 .json，省略则显示 / where to write it"),
    ] = None,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """把一案的认定写成现行规则的下一版本，可供导入。The next version, with a decided case in it."""
    from node.domain.rule_writing import YAML, language_of, write_for_people
    from node.edges.cli.session import find_exchange
    from node.v1.operation_service_pb2 import ExchangeName
    from node.v1.rule_service_pb2 import DraftRuleRequest

    out = Output(as_json, plain)
    with connect(directory, account) as client:
        found = find_exchange(client, case)
        name = ExchangeName(peer=found.peer, exchange=found.exchange)
        request = DraftRuleRequest(name=name)
        document = b"".join(answer.chunk for answer in client.rules.DraftRule(request))
    content = json.loads(document)
    if into is not None:
        into.write_text(write_for_people(content, language_of(into.name)), encoding="utf-8")
    if as_json:
        out.json("draft", {"file": str(into or ""), "document": content})
    elif into is None:
        out.line(write_for_people(content, YAML))
    else:
        out.note(f"creditbank rule import {into}")


def _case_row(one: Tried) -> dict[str, Any]:
    case = one.case
    return {
        "line": case.line,
        "case": case.name,
        "lots": [lot.facts.title for lot in case.lots],
        "wanted": list(case.wanted),
        "expected": None if case.expected is None else _amounts(case.expected),
        "granted": _amounts(one.granted),
        "entries": list(one.entries),
        "reasons": list(one.reasons),
        "agrees": one.agrees,
    }


def _amounts(by_target: Any) -> list[str]:
    return [f"{target}={show_credits(by_target[target])}" for target in sorted(by_target)]


def _change_row(one: Any) -> dict[str, Any]:
    targets = [
        f"{of.target} {show_credits(of.before_hundredths)} → {show_credits(of.after_hundredths)}"
        for of in one.targets
    ]
    lots = [
        f"{of.before} → {of.after} {' '.join(_moved(of.reasons_before, of.reasons_after))}".strip()
        for of in one.lots
    ]
    data = as_data(one)
    return data | {
        "peer": one.name.peer,
        "exchange": one.name.exchange,
        "granted": targets,
        "verdicts": lots,
    }


def _moved(before: Any, after: Any) -> Iterator[str]:
    yield from (f"-{one}" for one in before if one not in after)
    yield from (f"+{one}" for one in after if one not in before)


def _with_credits(message: Any, *names: str) -> dict[str, Any]:
    return as_data(message) | {
        name: show_credits(getattr(message, f"{name}_hundredths")) for name in names
    }


_LABELS = {"rule": "规则 rule", "version": "版本 version", "digest": "摘要 digest"}
_CASE_COLUMNS = {
    "line": "行 Line",
    "case": "案例 Case",
    "lots": "成果 Outcomes",
    "expected": "应有 Expected",
    "granted": "认定 Granted",
    "entries": "条目 Entries",
    "reasons": "原因 Reasons",
    "agrees": "相符 Agrees",
}
_CHANGE_COLUMNS = {
    "exchange": "交换 Exchange",
    "peer": "来源 Peer",
    "decided_on": "决定日 Decided",
    "track": "方式 Track",
    "granted": "认定 Granted",
    "verdicts": "结论 Verdicts",
}
_ENTRY_COLUMNS = {
    "entry": "条目 Entry",
    "cases_before": "原案件 Cases",
    "cases_after": "新案件 Would be",
    "before": "原学分 Credits",
    "after": "新学分 Would be",
}
_REASON_COLUMNS = {
    "reason": "原因 Reason",
    "lots_before": "原批次 Lots",
    "lots_after": "新批次 Would be",
}
_SUM_LABELS = {
    "cases": "重判案件 cases",
    "changed": "有变化 changed",
    "learners": "涉及学习者 learners",
    "unrecorded": "无记录 without a record",
    "more": "增加学分 more",
    "less": "减少学分 less",
}
_GAP_COLUMNS = {
    "learners": "学习者 Learners",
    "source": "来源 Source",
    "issuer": "机构 Issuer",
    "code": "代码 Code",
    "title": "名称 Title",
    "target": "目标 Target",
    "why": "原因 Reasons",
}
