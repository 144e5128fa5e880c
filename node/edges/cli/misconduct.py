"""``creditbank misconduct``: portable proofs that provinces broke the rules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from federation.base.names import province_name
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain, group
from node.edges.cli.output import Output, as_data, show_time
from node.edges.cli.session import connect

app = group("违规证明：列出、导出。Portable proofs that provinces broke the rules.")


@app.command("list")
def list_misconduct(
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """列出本节点留存的违规证明。List the proofs kept here."""
    from node.v1.misconduct_service_pb2 import ListMisconductRequest

    with connect(directory, account) as client:
        answer = client.misconduct.ListMisconduct(ListMisconductRequest())
    rows = [
        as_data(one)
        | {
            "name": f"{(name := province_name(one.province)).zh} {name.en}",
            "seen": show_time(one.seen_us),
        }
        for one in answer.proofs
    ]
    Output(as_json, plain).table("misconduct", _COLUMNS, rows)


@app.command()
def export(
    digest: Annotated[
        str | None,
        typer.Argument(help="证明的摘要，省略则全部 / a proof's digest, all when absent"),
    ] = None,
    to: Annotated[Path, typer.Option(help="存放的目录 / folder to write to")] = Path("misconduct"),
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """导出违规证明，任何人可用 verify 离线验证。Export proofs that anybody verifies offline."""
    from federation.evidence.misconduct import SUFFIX
    from federation.signing.keystore import replace_file
    from node.v1.misconduct_service_pb2 import ExportMisconductRequest, ListMisconductRequest

    rows = []
    with connect(directory, account) as client:
        listed = client.misconduct.ListMisconduct(ListMisconductRequest()).proofs
        for wanted in [digest] if digest else [one.digest for one in listed]:
            answer = client.misconduct.ExportMisconduct(ExportMisconductRequest(digest=wanted))
            file = to / f"{wanted[:16]}{SUFFIX}"
            replace_file(file, answer.document)
            rows.append({"file": str(file), "bytes": len(answer.document)})
    columns = {"file": "文件 File", "bytes": "字节 Bytes"}
    Output(as_json, plain).table("proofs", columns, rows, numbers=["bytes"])


_COLUMNS = {
    "digest": "摘要 Digest",
    "province": "省份 Province",
    "name": "名称 Name",
    "kind": "种类 Kind",
    "seen": "发现 Found",
}
