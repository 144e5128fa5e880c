"""``creditbank peer``: other provinces' nodes as seen from here."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from federation.base.amounts import show_credits
from federation.base.clock import SECOND
from federation.base.errors import Refusal
from federation.base.names import province_name
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain, group
from node.edges.cli.output import Output, as_data, show_time
from node.edges.cli.refusals import DOWN, REFUSED
from node.edges.cli.session import connect, province_argument

app = group("其他省节点：联络、积压、核对、重试。Other provinces' nodes.")

Peer = Annotated[str, typer.Argument(metavar="PROVINCE", help="省份代码 / province")]


@app.command("list")
def list_peers(
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """列出各省与积压的消息。List peers and what waits for them."""
    from node.v1.operation_service_pb2 import GetStatusRequest

    with connect(directory, account) as client:
        answer = client.operations.GetStatus(GetStatusRequest())
    rows = [peer_row(peer) for peer in answer.peers]
    Output(as_json, plain).table("peers", PEER_COLUMNS, rows, numbers=["waiting", "lag"])


@app.command()
def show(
    peer: Peer,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """显示一省：是否可达、积压、失败原因。Show a peer: reachable, what waits, why it fails."""
    from node.v1.operation_service_pb2 import GetStatusRequest

    province = province_argument(peer)
    with connect(directory, account) as client:
        answer = client.operations.GetStatus(GetStatusRequest())
    found = [one for one in answer.peers if one.peer == province]
    if not found:
        raise Refusal("NOT_MEMBER", detail=province)
    Output(as_json, plain).record("peer", PEER_LABELS, peer_row(found[0]))


@app.command()
def ping(
    peer: Peer,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """以签名问答联系一省并核对账目。Ask a peer by signed question, and compare the books."""
    from node.v1.operation_service_pb2 import ReconcileRequest

    with connect(directory, account) as client:
        request = ReconcileRequest(peers=[province_argument(peer)])
        pair = client.operations.Reconcile(request).pairs[0]
    values = as_data(pair) | {
        name: show_credits(getattr(pair, f"{name}_hundredths"))
        for name in ("outbound", "inbound", "in_flight")
    }
    Output(as_json, plain).record("pair", _PAIR_LABELS, values)
    if not pair.agrees:
        raise typer.Exit(DOWN if pair.reason in _SILENT else REFUSED)


@app.command()
def retry(
    peer: Peer,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """立即重发待发给一省的消息。Send what waits for a peer, now."""
    from node.v1.operation_service_pb2 import RetryPeerRequest

    province = province_argument(peer)
    with connect(directory, account) as client:
        answer = client.operations.RetryPeer(RetryPeerRequest(peer=province))
    labels = {"peer": "对方 peer", "messages": "重发消息 messages"}
    Output(as_json, plain).record("retry", labels, as_data(answer) | {"peer": province})


def peer_row(peer: Any) -> dict[str, Any]:
    """Return what is shown of a peer."""
    name = province_name(peer.peer)
    return as_data(peer) | {
        "name": f"{name.zh} {name.en}",
        "reachable": _REACHABLE.get(peer.reachability, ""),
        "lag": f"{peer.lag_us // SECOND} s" if peer.waiting else "",
        "contact": show_time(max(peer.heard_us, peer.answered_us)),
        "heard": show_time(peer.heard_us),
        "answered": show_time(peer.answered_us),
        "oldest": show_time(peer.oldest_us),
        "first_failure": show_time(peer.first_failure_us),
        "last_failed": f"{show_time(peer.last_failure_us)} {peer.last_failure}".strip(),
        "next_attempt": show_time(peer.next_attempt_us),
        "refused": f"{peer.refusal} {show_time(peer.refused_us)}".strip(),
    }


_REACHABLE = {"YES": "可达 yes", "NO": "不可达 no", "UNKNOWN": "未知 unknown"}
PEER_COLUMNS = {
    "peer": "省份 Peer",
    "name": "名称 Name",
    "reachable": "可达 Reachable",
    "contact": "最近联络 Last contact",
    "waiting": "待发 Waiting",
    "lag": "滞后 Lag",
    "oldest": "最早 Oldest",
    "first_failure": "首次失败 Failing since",
    "failure": "原因 Why",
    "next_attempt": "下次尝试 Next attempt",
    "refused": "拒收 Refused here",
}
PEER_LABELS = PEER_COLUMNS | {
    "standing": "登记状态 standing",
    "heard": "最近来访 last call from it",
    "answered": "最近答复 last answer",
    "last_failed": "最近失败 last failure",
    "oldest_type": "最早消息 oldest message",
    "oldest_exchange": "最早交换 its exchange",
}
_PAIR_LABELS = {
    "source": "来源 source",
    "destination": "目的 destination",
    "outbound": "转出 outbound",
    "inbound": "转入 inbound",
    "in_flight": "在途 in flight",
    "exchanges": "交换 exchanges",
    "healed": "已自愈 healed",
    "agrees": "相符 agrees",
    "reason": "原因 reason",
}
_SILENT = ("UNREACHABLE", "RETRY", "STOPPING", "STORAGE")
