"""``creditbank verify`` and ``audit``: evidence checked without a node, by anybody."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from node.edges.cli.options import AsJson, Plain
from node.edges.cli.output import Output
from node.edges.cli.refusals import OK, REFUSED

Root = Annotated[
    Path,
    typer.Option(
        exists=True,
        dir_okay=False,
        readable=True,
        help="信任根文件，须另行取得并核对指纹 / root of trust, obtained and compared elsewhere",
    ),
]


def verify(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, readable=True, help="证据链文件 / transcript"),
    ],
    root: Root,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """离线验证一份证据链或违规证明。Verify a transcript, or a proof of misconduct, offline."""
    from federation.evidence.conviction import explain_conviction, verify_misconduct
    from federation.evidence.misconduct import is_misconduct
    from federation.evidence.report import explain
    from federation.evidence.verify import verify_transcript

    out = Output(as_json, plain)
    if is_misconduct(file.name, file.read_bytes()):
        found = verify_misconduct(file.read_bytes(), pinned_root=root.read_bytes())
        if as_json:
            out.json("report", found.to_json())
        else:
            out.line(explain_conviction(found).rstrip("\n"))
        raise typer.Exit(OK if found.valid else REFUSED)
    report = verify_transcript(file.read_bytes(), pinned_root=root.read_bytes())
    if as_json:
        out.json("report", report.to_json())
    else:
        out.line(explain(report).rstrip("\n"))
    if not report.valid:
        raise typer.Exit(REFUSED)


def audit(
    folder: Annotated[
        Path,
        typer.Argument(exists=True, file_okay=False, help="含证据的目录 / folder with evidence"),
    ],
    root: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            readable=True,
            help="信任根文件；省略则只证明目录自洽 / without it, only self-agreement is shown",
        ),
    ] = None,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """仅凭证据重算全部数字并比对。Derive every figure again from evidence alone, and compare."""
    from federation.evidence.audit import audit as audit_evidence
    from federation.evidence.findings import explain_audit

    report = audit_evidence(folder, root.read_bytes() if root else None)
    out = Output(as_json, plain)
    if as_json:
        out.json("audit", report.to_json())
    else:
        out.line(explain_audit(report).rstrip("\n"))
    if not report.agrees:
        raise typer.Exit(REFUSED)
