"""``creditbank rule``: check, try and publish conversion rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.base.amounts import parse_credits, show_credits
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain, group
from node.edges.cli.output import Output, as_data

if TYPE_CHECKING:
    from node.domain.rules import Rule

app = group("转换规则：整理、试算、发布。Conversion rules.")

CASE_COLUMNS = ("source", "credits")
RuleFile = Annotated[
    Path,
    typer.Argument(exists=True, dir_okay=False, readable=True, help="规则文件 JSON / rule as JSON"),
]


@app.command("import")
def import_rule(
    file: RuleFile,
    to: Annotated[
        Path | None,
        typer.Option(
            help="写入的文件，省略则为原名加 .rule / where to write it; beside FILE when absent"
        ),
    ] = None,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """检查规则并写成唯一的规范形式。Check a rule and write it in its one spelling."""
    document, rule = _read(file)
    target = to or file.with_suffix(".rule")
    target.write_bytes(document)
    values = _summary(rule) | {"file": str(target)}
    Output(as_json, plain).record("rule", _LABELS | {"file": "文件 file"}, values)


@app.command("test")
def try_rule(
    file: RuleFile,
    cases: Annotated[
        Path | None,
        typer.Argument(
            exists=True,
            dir_okay=False,
            readable=True,
            help="CSV 案例 / cases: source, credits 及成果各列 and columns of outcomes",
        ),
    ] = None,
    on: Annotated[
        str,
        typer.Option(help="按哪一天判断 YYYY-MM-DD，省略则今天 / day judged by; today when absent"),
    ] = "",
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """检查规则；给出案例则逐一试算，不连接节点。Check a rule and judge cases by it."""
    _, rule = _read(file)
    out = Output(as_json, plain)
    if cases is None:
        out.record("rule", _LABELS, _summary(rule))
        return
    rows = list(_judgements(rule, cases, on or _today()))
    out.table("judgements", _JUDGEMENT_COLUMNS, rows, numbers=["credits", "granted"])


@app.command()
def publish(
    file: RuleFile,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """发布规则；同一版本的内容不可更改。Publish a rule; a version never changes its content."""
    from node.edges.cli.session import connect
    from node.v1.operation_service_pb2 import PublishRuleRequest

    document, _ = _read(file)
    with connect(directory, account) as client:
        answer = client.operations.PublishRule(PublishRuleRequest(document=document))
    labels = {"rule": "规则 rule", "version": "版本 version", "digest": "摘要 digest"}
    Output(as_json, plain).record("rule", labels, as_data(answer))


@app.command("list")
def list_rules(
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """列出已发布的规则。List published rules."""
    from node.edges.cli.session import connect
    from node.v1.operation_service_pb2 import ListRulesRequest

    with connect(directory, account) as client:
        answer = client.operations.ListRules(ListRulesRequest())
    columns = {"rule": "规则 Rule", "version": "版本 Version", "digest": "摘要 Digest"}
    rows = [as_data(rule) for rule in answer.rules]
    Output(as_json, plain).table("rules", columns, rows, numbers=["version"])


def _read(file: Path) -> tuple[bytes, Rule]:
    """Return a rule in its one spelling; every fault is told with its line before it is refused."""
    from node.domain.rule_form import RuleFormBreach, canonical_rule, parse_rule

    try:
        document = canonical_rule(file.read_bytes())
    except RuleFormBreach as breach:
        for fault in breach.faults:
            typer.echo(f"{file.name}: {fault}", err=True)
        raise
    return document, parse_rule(document)


def _summary(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.name,
        "version": rule.version,
        "title": rule.title_zh,
        "title_en": rule.title_en,
        "valid": f"{rule.valid_from} … {rule.valid_until}",
        "entries": len(rule.entries),
        "digest": rule.digest,
    }


def _judgements(rule: Rule, cases: Path, on: str) -> Iterator[dict[str, Any]]:
    from federation.base.names import parse_province
    from node.domain.outcomes import FIELD_NAMES, OutcomeFacts
    from node.domain.rules import decide
    from node.edges.cli.csv_files import open_csv
    from node.edges.cli.outcome import OPTIONAL

    required = (*CASE_COLUMNS, *(name for name in FIELD_NAMES if name not in OPTIONAL))
    for line, row in open_csv(cases, required, tuple(OPTIONAL)).read():
        texts = {name: row.get(name) or OPTIONAL.get(name, "") for name in FIELD_NAMES}
        amount = parse_credits(row["credits"])
        judgement = decide(
            rule,
            source=parse_province(row["source"]),
            facts=OutcomeFacts.from_fields(texts),
            amount_hundredths=amount,
            on=on,
        )
        yield {
            "line": line,
            "title": texts["title"],
            "credits": show_credits(amount),
            "verdict": judgement.verdict,
            "granted": show_credits(judgement.granted_hundredths),
            "target": judgement.target,
            "entry": judgement.entry_id,
            "reasons": list(judgement.reasons),
        }


def _today() -> str:
    from federation.base.clock import SystemClock
    from node.edges.cli.output import show_day

    return show_day(SystemClock().now_us())


_LABELS = {
    "rule": "规则 rule",
    "version": "版本 version",
    "title": "名称 title",
    "valid": "有效期 valid",
    "entries": "条目 entries",
    "digest": "摘要 digest",
}
_JUDGEMENT_COLUMNS = {
    "line": "行 Line",
    "title": "成果 Outcome",
    "credits": "学分 Credits",
    "verdict": "结论 Verdict",
    "granted": "认定 Granted",
    "target": "对应 Target",
    "entry": "条目 Entry",
    "reasons": "原因 Reasons",
}
