"""One command's conversation with the node: opened late, for help must not wait for gRPC."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from federation.base.amounts import show_credits
from federation.base.errors import Refusal
from federation.base.names import parse_province
from federation.base.reasons import describe

if TYPE_CHECKING:
    from federation.trust.registry import RegistryView
    from node.config import NodeConfig
    from node.edges.local_client import LocalClient


def connect(directory: Path, account: str) -> LocalClient:
    """Return a client for the node of a directory.

    Raises:
        Refusal: NO_NODE, CONFIG, PASSPHRASE or KEY_FILE.
    """
    from node.edges.local_client import LocalClient

    return LocalClient.open(directory, account)


def fetch_registry(config: NodeConfig) -> RegistryView:
    """Fetch the registry from the coordinator and verify it under the pinned root.

    Raises:
        Refusal: NOT_JOINED before the node joined.
        Unavailable: COORDINATOR_UNREACHABLE.
        Breach: what :func:`federation.trust.refresh.refresh` raises.
    """
    from federation.transport.registry_client import RegistryReader, read_invitation
    from federation.trust.refresh import refresh

    try:
        invitation = read_invitation(config.invitation_path.read_text().strip())
        certificate, root = config.coordinator_path.read_text(), config.root_path.read_bytes()
    except FileNotFoundError:
        raise Refusal("NOT_JOINED") from None
    with RegistryReader(invitation.address, certificate) as reader:
        return refresh(root, None, reader.read)


def exchanges(
    client: LocalClient, *, states: list[str] | None = None, references: list[str] | None = None
) -> Iterator[Any]:
    """Yield the summaries of exchanges, page by page."""
    from node.v1.application_service_pb2 import ListExchangesRequest

    after = 0
    while True:
        page = client.applications.ListExchanges(
            ListExchangesRequest(states=states, references=references, after=after)
        )
        yield from page.exchanges
        if not page.next_after:
            return
        after = page.next_after


def find_exchange(client: LocalClient, name: str) -> Any:
    """Return the summary of an exchange named by its identifier or by its reference here.

    Raises:
        Refusal: EXCHANGE when there is none.
    """
    for found in exchanges(client, references=[name]):
        return found
    for found in exchanges(client):
        if found.exchange == name.lower():
            return found
    raise Refusal("EXCHANGE", detail=name)


def exchange_row(summary: Any) -> dict[str, Any]:
    """Return what is shown of an exchange, amounts as people write them."""
    from node.edges.cli.output import as_data, show_time

    row = as_data(summary)
    return row | {
        "direction": "转出 out" if summary.is_source else "转入 in",
        "offered": show_credits(summary.offered_hundredths),
        "granted": show_credits(summary.granted_hundredths),
        "committed": show_credits(summary.committed_hundredths),
        "begun": show_time(summary.begun_us),
        "changed": show_time(summary.changed_us),
        "witnessed": show_time(summary.witnessed_us),
        "lots": f"{summary.lots_granted}/{summary.lots_offered}",
    }


EXCHANGE_COLUMNS = {
    "exchange": "交换 Exchange",
    "reference": "引用 Reference",
    "peer": "对方 Peer",
    "direction": "方向 Direction",
    "mode": "方式 Mode",
    "state": "状态 State",
    "offered": "提出 Offered",
    "granted": "认定 Granted",
    "changed": "更新 Changed",
    "witnessed": "见证 Witnessed",
}
EXCHANGE_LABELS = EXCHANGE_COLUMNS | {
    "committed": "转移 Committed",
    "lots": "批次 Lots",
    "reasons": "原因 Reasons",
    "begun": "开始 Begun",
}
AMOUNTS = ("offered", "granted", "committed")


def rejected_row(row: Any) -> dict[str, Any]:
    """Return what is shown of a row that was not taken."""
    text = describe(row.reason)
    return {
        "line": row.line,
        "reference": row.reference,
        "reason": row.reason,
        "why": f"{text.zh} {text.en}",
    }


REJECTED_COLUMNS = {
    "line": "行 Line",
    "reference": "引用 Reference",
    "reason": "原因 Reason",
    "why": "说明 Meaning",
}


def province_argument(text: str) -> str:
    """Return the code of a province that a person wrote.

    Raises:
        Breach: PROVINCE_UNKNOWN when there is no such province.
    """
    return parse_province(text)
