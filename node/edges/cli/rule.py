"""``creditbank rule``: conversion rules, drafted by one, published by two, stopped by one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from node.edges.cli import publishing, rule_trials
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain, group
from node.edges.cli.output import Output
from node.edges.cli.publishing import RULE
from node.edges.cli.rule_files import RuleFile, read_rule
from node.edges.cli.session import connect

app = group("转换规则：整理、试算、双人发布、停用。Conversion rules: try, publish by two, retire.")
app.registered_commands.extend(rule_trials.app.registered_commands)

Name = Annotated[str, typer.Argument(metavar="NAME", help="规则名 / as CN-44/general")]
Version = Annotated[str, typer.Argument(metavar="VERSION", help="版本 / version")]
Digest = Annotated[
    str, typer.Option("--digest", help="所读内容的摘要 / digest of what you read, from `show`")
]


@app.command("import")
def import_rule(
    file: RuleFile,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """读入规则为草稿；有误则逐处列出，不改动任何内容。Take a draft in, or tell every fault."""
    out = Output(as_json, plain)
    document = read_rule(file, out)
    with connect(directory, account) as client:
        publishing.show_publication(out, publishing.hand_in(client, RULE, document))


@app.command()
def approve(
    name: Name,
    version: Version,
    digest: Digest,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """第一人批准草稿。The first person approves a draft."""
    out = Output(as_json, plain)
    publishing.take_step("APPROVE", RULE, name, version, digest, directory, account, out)


@app.command()
def publish(
    name: Name,
    version: Version,
    digest: Digest,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """第一人批准，第二人发布；发布后即据以判断。The first person approves, a second publishes."""
    publishing.publish(RULE, name, version, digest, directory, account, Output(as_json, plain))


@app.command("send-back")
def send_back(
    name: Name,
    version: Version,
    digest: Digest,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """撤回批准，退为草稿。Make a draft of what was approved."""
    publishing.send_back(RULE, name, version, digest, directory, account, Output(as_json, plain))


@app.command()
def retire(
    name: Name,
    version: Version,
    digest: Digest,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """停用一个版本及其之前发布的规则，一人即可。Retire a version and all before it; one may."""
    out = Output(as_json, plain)
    publishing.take_step("RETIRE", RULE, name, version, digest, directory, account, out)


@app.command("list")
def list_rules(
    name: Annotated[str, typer.Option("--name", help="只列此规则 / only this one")] = "",
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """列出规则的各版本，并指出现行的一个。List versions of rules, and which one judges."""
    from node.edges.cli.output import as_data
    from node.v1.publication_service_pb2 import ListPublicationsRequest

    with connect(directory, account) as client:
        answer = client.publications.ListPublications(ListPublicationsRequest(kind=RULE, name=name))
    rows = [
        as_data(one)
        | {"is_in_force": one.state == "PUBLISHED" and one.digest == answer.rule_in_force}
        for one in answer.publications
    ]
    columns = {"is_in_force": "现行 In force", **publishing.LABELS}
    Output(as_json, plain).table("rules", columns, rows)


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="规则名 / as CN-44/general")] = "",
    version: Annotated[str, typer.Argument(metavar="[VERSION]", help="版本 / version")] = "",
    digest: Annotated[
        str,
        typer.Option("--digest", help="决定所引的摘要 / digest that a decision names, instead"),
    ] = "",
    to: Annotated[
        Path | None,
        typer.Option("--to", help="把规范原文写入文件 / write the exact bytes into a file"),
    ] = None,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """显示一个版本的原文，停用的也可。Show the text of a version, retired ones too."""
    from node.domain.rule_writing import YAML, write_for_people
    from node.edges.cli.output import as_data

    out = Output(as_json, plain)
    with connect(directory, account) as client:
        found, document = publishing.fetch_document(client, RULE, name, version, digest)
    if to is not None:
        to.write_bytes(document)
    content = json.loads(document)
    if as_json:
        out.json("rule", as_data(found) | {"document": content})
        return
    publishing.show_publication(out, found)
    if to is None:
        out.line("\n" + write_for_people(content, YAML))


@app.command()
def schema(as_json: AsJson = False) -> None:
    """输出规则文件的 JSON Schema。Print the JSON Schema of rule files."""
    from node.domain.rule_guide import rule_schema

    if as_json:
        Output(as_json).json("schema", rule_schema())
        return
    Output().line(json.dumps(rule_schema(), ensure_ascii=False, indent=1))


@app.command()
def guide(as_json: AsJson = False) -> None:
    """输出规则与案例的写法说明。Print how rules and cases are written."""
    from node.domain.rule_guide import rule_guide

    if as_json:
        Output(as_json).json("guide", rule_guide())
        return
    Output().line(rule_guide())
