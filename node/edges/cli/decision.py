"""``creditbank decision``: what was decided, as data that anybody can judge again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain, group
from node.edges.cli.output import Output
from node.edges.cli.refusals import REFUSED

if TYPE_CHECKING:
    from node.domain.recompute import Recomputation
    from node.edges.decision_files import DecisionFile

app = group("认定决定：查看、导出、由他人重算。Decisions, which others judge again.")

Name = Annotated[
    str,
    typer.Argument(
        metavar="EXCHANGE|FILE",
        help="交换编号或引用，或证据链、记录文件 / exchange, or a file: transcript or record",
    ),
]
Papers = Annotated[
    list[Path] | None,
    typer.Option(exists=True, dir_okay=False, readable=True, help="可重复 / repeatable"),
]


@app.command()
def show(
    name: Name,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """显示认定：哪些批次合并认定为什么、原因、上限算式。Show a decision and its arithmetic."""
    from federation.base.errors import Refusal
    from node.edges.cli.decision_view import decision_values, fetch_decision, show_decision
    from node.edges.cli.session import connect, find_exchange

    if file := _file(name):
        decision = _told(file)
    else:
        with connect(directory, account) as client:
            decision = fetch_decision(client, find_exchange(client, name))
    if not decision.is_decided:
        raise Refusal("NOT_DECIDED", detail=name)
    out = Output(as_json, plain)
    if as_json:
        out.json("decision", decision_values(decision))
    else:
        show_decision(out, decision)


@app.command()
def export(
    name: Annotated[str, typer.Argument(metavar="EXCHANGE", help="交换编号或引用 / exchange")],
    to: Annotated[Path, typer.Option("--out", help="认定记录写入的文件 / file for the record")],
    papers: Annotated[
        Path | None,
        typer.Option(
            file_okay=False,
            help="规则、目录、会议纪要写入的目录 / folder for rule, catalogues and minute",
        ),
    ] = None,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """导出认定记录及其依据。Export a decision record, and the documents that it rests on."""
    from federation.base.errors import Refusal
    from federation.signing.keystore import replace_file
    from node.edges.cli.decision_view import fetch_decision
    from node.edges.cli.session import connect, find_exchange

    rows = []
    with connect(directory, account) as client:
        decision = fetch_decision(client, find_exchange(client, name))
        if not decision.record:
            reason = "RECORD_ABSENT" if decision.is_decided else "NOT_DECIDED"
            raise Refusal(reason, detail=name)
        replace_file(to, decision.record)
        rows.append(_row("RECORD", decision.record_digest, to))
        for one in decision.papers if papers else ():
            document = one.minute or _published(client, one.kind, one.digest)
            target = Path(papers or ".") / f"{one.digest}.{one.kind.lower()}"
            if document:
                replace_file(target, document)
            rows.append(_row(one.kind, one.digest, target if document else None))
    Output(as_json, plain).table("files", _FILE_COLUMNS, rows)


@app.command()
def recompute(
    name: Name,
    rule: Papers = None,
    catalogue: Papers = None,
    minute: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, readable=True, help="会议纪要 / minute"),
    ] = None,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """按记录所指的规则与目录重新判断：一致，或逐项指出不同。Judge again; say what differs."""
    from node.edges.decision_files import gather, judge_again

    file = _file(name) or _of_exchange(name, directory, account)
    given = _read(rule), _read(catalogue), _read([minute] if minute else None)
    if file.missing(_digests(given)):
        file = gather(file, _finder(directory, account))
    said = judge_again(
        file, rules=given[0], catalogues=given[1], minute=given[2][0] if given[2] else None
    )
    _tell(Output(as_json, plain), file, said, _digests(given))
    if not said.agrees:
        raise typer.Exit(REFUSED)


def _file(name: str) -> DecisionFile | None:
    """Return the decision in a file, or None where there is no such file."""
    from node.edges.decision_files import read_decision

    path = Path(name)
    if path.is_file():
        return read_decision(path.read_bytes())
    if path.suffix or len(path.parts) > 1:
        raise typer.BadParameter(f"没有这个文件 no such file: {name}")
    return None


def _of_exchange(name: str, directory: Path, account: str) -> DecisionFile:
    """Return the decision on an exchange as the node of a directory exports it."""
    from federation.base.errors import Refusal
    from node.edges.cli.session import connect, find_exchange
    from node.edges.decision_files import read_decision
    from node.v1.operation_service_pb2 import ExchangeName, ExportTranscriptsRequest

    with connect(directory, account) as client:
        found = find_exchange(client, name)
        wanted = ExchangeName(peer=found.peer, exchange=found.exchange)
        request = ExportTranscriptsRequest(exchanges=[wanted])
        for answer in client.operations.ExportTranscripts(request):
            return read_decision(answer.transcript)
    raise Refusal("NOT_DECIDED", detail=name)


def _told(file: DecisionFile) -> Any:
    from node.edges.decision_form import decision_message

    return decision_message(
        vote=file.vote,
        record=file.record,
        state=file.state,
        wanted=file.wanted,
        documents=list(file.documents.values()),
    )


def _finder(directory: Path, account: str) -> Any:
    """Return how a paper is found in the node of a directory, if one is there and runs."""
    from federation.base.errors import CreditBankError
    from node.edges.cli.session import connect

    def find(kind: str, digest: str) -> bytes:
        try:
            with connect(directory, account) as client:
                return _published(client, kind, digest)
        except CreditBankError:
            return b""

    return find


def _published(client: Any, kind: str, digest: str) -> bytes:
    """Return what was published here under a digest, or nothing."""
    from federation.base.errors import CreditBankError
    from node.edges.cli.publishing import fetch_document

    if kind not in ("RULE", "CATALOGUE"):
        return b""
    try:
        return fetch_document(client, kind, "", "", digest)[1]
    except CreditBankError:
        return b""


def _tell(out: Output, file: DecisionFile, said: Recomputation, given: Sequence[str]) -> None:
    known = file.content
    missing = [digest for _, digest in file.missing(given)]
    papers = [
        {"kind": kind, "digest": digest, "is_here": digest not in missing}
        for kind, digest in file.papers
    ]
    values = {
        "agrees": said.agrees,
        "exchange": known.given.exchange if known else "",
        "rule": f"{known.given.authority.rule}@{known.given.authority.rule_version}"
        if known
        else "",
        "outcome": known.decided.outcome if known else "",
        "record_state": file.state,
        "is_named_by_vote": file.vote is not None,
        "papers": papers,
        "differences": [
            {
                "path": one.path,
                "cause": one.cause,
                "stated": one.stated,
                "found": one.found,
                "zh": one.sentences[0],
                "en": one.sentences[1],
            }
            for one in said.differences
        ],
    }
    if out.as_json:
        out.json("recomputation", values)
        return
    if said.agrees:
        out.line("一致：重新判断得出同样的认定。Agrees: judged again, the decision is the same.")
    else:
        out.line("不一致，因为：Differs because:")
        for one in said.differences:
            out.line("  " + " ".join(one.sentences))
    out.record(
        "recomputation",
        _LABELS,
        values
        | {"papers": [f"{one['kind']} {str(one['digest'])[:16]}… {_here(one)}" for one in papers]},
    )
    if file.vote is None:
        out.note(
            "只有记录本身，没有投票消息，不能证明它就是所作的认定。"
            "The record alone, without a VOTE, does not show that it is what was decided."
        )


def _here(paper: dict[str, Any]) -> str:
    return "有 here" if paper["is_here"] else "缺 missing"


def _read(paths: Sequence[Path] | None) -> list[bytes]:
    return [path.read_bytes() for path in paths or ()]


def _digests(given: Sequence[Sequence[bytes]]) -> list[str]:
    from node.domain.canonical import digest_of

    return [digest_of(one) for many in given for one in many]


def _row(kind: str, digest: str, file: Path | None) -> dict[str, Any]:
    return {"kind": kind, "digest": digest, "file": str(file) if file else ""}


_FILE_COLUMNS = {"kind": "种类 Kind", "digest": "摘要 SHA-256", "file": "文件 File"}
_LABELS = {
    "exchange": "交换 exchange",
    "rule": "规则 rule",
    "outcome": "结论 outcome",
    "papers": "依据 rests on",
}
