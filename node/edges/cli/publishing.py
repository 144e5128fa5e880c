"""What commands share that publish by two persons."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from node.edges.cli.output import Output, as_data
from node.edges.cli.refusals import REFUSED, WAITING
from node.edges.cli.session import connect

if TYPE_CHECKING:
    from node.domain.file_faults import FileFault
    from node.edges.local_client import LocalClient

CATALOGUE, FRAMEWORK, CROSSWALK = "CATALOGUE", "FRAMEWORK", "CROSSWALK"
RULE = "RULE"


def hand_in(client: LocalClient, kind: str, document: bytes) -> Any:
    """Send a draft and return it as kept."""
    from node.edges import publication_calls

    return publication_calls.hand_in(client, kind, document)


def fetch_document(
    client: LocalClient, kind: str, name: str, version: str, digest: str = ""
) -> tuple[Any, bytes]:
    """Return a version and its document, found by name and version or by its digest alone."""
    from node.v1.publication_service_pb2 import GetDocumentRequest

    request = GetDocumentRequest(kind=kind, name=name, version=version, digest=digest)
    parts = list(client.publications.GetDocument(request))
    return parts[0].publication, b"".join(part.chunk for part in parts)


def publish(
    kind: str, name: str, version: str, digest: str, directory: Path, account: str, out: Output
) -> None:
    """Approve a draft as the first person, publish what is approved as the second."""
    from node.v1.publication_service_pb2 import TakeStepRequest

    with connect(directory, account) as client:
        stands, _ = fetch_document(client, kind, name, version)
        step = "APPROVE" if stands.state == "DRAFT" else "PUBLISH"
        request = TakeStepRequest(
            kind=kind, name=name, version=version, step=step, digest=digest.lower()
        )
        done = client.publications.TakeStep(request).publication
    show_publication(out, done)
    if done.state == "APPROVED":
        out.note("已批准，等待第二人发布。Approved; a second person publishes it.")
        raise typer.Exit(WAITING)


def send_back(
    kind: str, name: str, version: str, digest: str, directory: Path, account: str, out: Output
) -> None:
    """Make a draft of what was approved."""
    take_step("SEND_BACK", kind, name, version, digest, directory, account, out)


def take_step(
    step: str,
    kind: str,
    name: str,
    version: str,
    digest: str,
    directory: Path,
    account: str,
    out: Output,
) -> None:
    """Take one step with a version and show it."""
    from node.v1.publication_service_pb2 import TakeStepRequest

    request = TakeStepRequest(
        kind=kind, name=name, version=version, step=step, digest=digest.lower()
    )
    with connect(directory, account) as client:
        show_publication(out, client.publications.TakeStep(request).publication)


def list_versions(kinds: Iterable[str], name: str, directory: Path, account: str) -> list[Any]:
    """Return the versions of these kinds as rows."""
    from node.v1.publication_service_pb2 import ListPublicationsRequest

    with connect(directory, account) as client:
        return [
            as_data(one) | {"kind": kind}
            for kind in kinds
            for one in client.publications.ListPublications(
                ListPublicationsRequest(kind=kind, name=name)
            ).publications
        ]


def show_publication(out: Output, publication: Any) -> None:
    """Print a version."""
    out.record("publication", LABELS, as_data(publication))


def refuse_faults(out: Output, faults: Iterable[FileFault], file: Path) -> NoReturn:
    """Print every fault of a file with its line, cause and remedy, and end refused."""
    rows = [
        {
            "file": file.name,
            "line": fault.line,
            "column": fault.column,
            "cause": fault.cause,
            "why": f"{fault.text.cause_zh}；{fault.text.remedy_zh}",
            "why_en": f"{fault.text.cause_en}; {fault.text.remedy_en}",
            "see": list(fault.see),
        }
        for fault in faults
    ]
    out.table("faults", FAULT_COLUMNS, rows, numbers=["line"])
    raise typer.Exit(REFUSED)


LABELS = {
    "name": "名称 name",
    "version": "版本 version",
    "state": "状态 state",
    "digest": "摘要 digest",
    "drafted_by": "提交人 drafted by",
    "approved_by": "批准人 approved by",
    "published_by": "发布人 published by",
    "retired_by": "停用人 retired by",
}
FAULT_COLUMNS = {
    "file": "文件 File",
    "line": "行 Line",
    "column": "列 Column",
    "cause": "代码 Cause",
    "why": "说明与处理",
    "why_en": "Cause and remedy",
    "see": "另见行 See line",
}
