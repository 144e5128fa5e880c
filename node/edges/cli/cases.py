"""One exchange in hand, as commands ask for it and show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from federation.base.amounts import show_credits
from federation.base.errors import Breach
from node.domain.review_case import PERSON_NOTICE_EN, PERSON_NOTICE_ZH, Track
from node.edges.cli.output import Output, as_data, show_time
from node.edges.cli.session import EXCHANGE_LABELS

if TYPE_CHECKING:
    from node.edges.local_client import LocalClient

CHUNK = 256 * 1024
FETCH_S = 300.0


def case_name(found: Any) -> Any:
    """Return the name of an exchange that was found."""
    from node.v1.case_service_pb2 import CaseName

    return CaseName(peer=found.peer, exchange=found.exchange)


def fetch_case(client: LocalClient, found: Any) -> Any:
    """Return an exchange lot by lot."""
    from node.v1.case_service_pb2 import GetCaseRequest

    return client.cases.GetCase(GetCaseRequest(name=case_name(found)))


def show_case(out: Output, row: Mapping[str, Any], case: Any) -> None:
    """Print an exchange, then its lots and files."""
    lots = [_lot_row(lot) for lot in case.lots]
    files = [as_data(one) for one in case.files]
    whole = {
        **row,
        "consent_withdrawn": show_time(case.consent_withdrawn_us),
        "questions": f"{case.questions_answered}/{case.questions_asked}",
        **said_of(case),
    }
    if out.as_json:
        out.json("request", whole | {"lots_detail": lots, "files": files})
        return
    out.record("request", EXCHANGE_LABELS | CASE_LABELS, whole)
    out.table("lots", _LOT_COLUMNS, lots, numbers=["amount_credits", "granted_credits"])
    if files:
        out.table("files", FILE_COLUMNS, files, numbers=["size_bytes"])


def said_of(case: Any) -> dict[str, str]:
    """Return who decided a case, until when it may be appealed, and what the learner is told."""
    is_by_rule = case.decided_by == Track.RULE
    return {
        "decided_by": case.decided_by,
        "appeal_until": show_time(case.appeal_until_us),
        "notice": f"{PERSON_NOTICE_ZH} {PERSON_NOTICE_EN}" if is_by_rule else "",
        "relates_to": case.relates_to,
    }


def show_state(out: Output, kind: str, found: Any, answer: Any) -> None:
    """Print the state of an exchange after a command."""
    labels = {"exchange": "交换 exchange", "state": "状态 state"}
    out.record(kind, labels, {"exchange": found.exchange, "state": answer.state})


def attach(client: LocalClient, lot: str, file: Path) -> Any:
    """Attach a file to a lot and return what is known of it.

    Raises:
        Breach: EVIDENCE_SIZE for an empty file, or what the node refuses it with.
    """
    if not file.stat().st_size:
        raise Breach("EVIDENCE_SIZE", detail=str(file))
    return client.lots.AttachFile(_parts(lot, file))


def _parts(lot: str, file: Path) -> Iterator[Any]:
    from node.v1.lot_service_pb2 import AttachFileRequest

    with file.open("rb") as content:
        while chunk := content.read(CHUNK):
            yield AttachFileRequest(lot=lot.lower(), chunk=chunk)


def _lot_row(lot: Any) -> dict[str, Any]:
    facts: Mapping[str, str] = dict(lot.facts)
    reasons: Sequence[str] = list(lot.reasons)
    return as_data(lot) | {
        "amount_credits": show_credits(lot.amount_hundredths),
        "granted_credits": show_credits(lot.granted_hundredths),
        "title": facts.get("title", ""),
        "code": facts.get("code", ""),
        "grade": facts.get("grade", ""),
        "reasons": reasons,
        "questions": list(lot.questions),
    }


CASE_LABELS = {
    "consent_withdrawn": "撤回同意 Consent withdrawn",
    "questions": "补充材料 Answered/asked",
    "decided_by": "审核方式 Decided by",
    "appeal_until": "可申诉至 Appeal until",
    "notice": "告知 Notice",
    "relates_to": "相关交换 Relates to",
}
_LOT_COLUMNS = {
    "lot": "批次 Lot",
    "code": "代码 Code",
    "title": "名称 Title",
    "grade": "成绩 Grade",
    "amount_credits": "提出 Offered",
    "granted_credits": "认定 Granted",
    "questions": "所需材料 Wanted",
    "reasons": "原因 Reasons",
}
FILE_COLUMNS = {
    "lot": "批次 Lot",
    "digest": "摘要 SHA-256",
    "size_bytes": "字节 Bytes",
    "media_type": "类型 Type",
    "path": "位置 Path",
}
