"""``creditbank status``: the verdict first, then why, then the figures."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from federation.base.errors import Unavailable
from federation.base.names import province_name
from federation.base.reasons import describe
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain
from node.edges.cli.output import Output, as_data, console, show_time
from node.edges.cli.refusals import DOWN, OK, REFUSED, WAITING, report

_CODES = {
    "SERVING": OK,
    "DEGRADED": REFUSED,
    "RECOVERING": REFUSED,
    "NOT_JOINED": REFUSED,
    "WAITING": WAITING,
    "DOWN": DOWN,
}
_WORDS = {
    "SERVING": "正常 serving",
    "DEGRADED": "降级 degraded",
    "RECOVERING": "恢复中 recovering",
    "NOT_JOINED": "尚未加入 not joined",
    "WAITING": "等待批准 waiting for approval",
    "DOWN": "停止 down",
}
_WARN_DAYS = 30


def status(
    directory: Dir = HERE,
    account: Account = OPERATOR,
    is_watched: Annotated[
        bool, typer.Option("--watch", help="持续刷新，直到 Ctrl-C / refresh until Ctrl-C")
    ] = False,
    every: Annotated[
        float, typer.Option(min=0.2, max=3600, help="刷新间隔（秒） / seconds between refreshes")
    ] = 2.0,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """节点状态；退出码 0 正常、1 降级、3 停止、4 等待批准。How the node is, by exit code too.

    降级：登记册时间戳或快照过期，根、目标或本省协议所在角色过期，存储写入失败，消息或日志密钥停用或
    被吊销，证书过期，某省拒收，或某省无法送达超过五分钟。即将到期与短暂故障只作提醒，退出码仍为 0。

    Degraded, exit code 1: timestamp or snapshot of the registry expired; root, targets or a role
    that lists an agreement of this province expired; the store cannot be written; the message or
    log key ended or was revoked; a certificate expired; a peer refuses what is sent; a peer has
    not been reached for five minutes. What ends soon, or fails for less long, is only told of.
    Down, exit code 3: the node does not answer, or cannot read its database.

    最近联络按单个进程计；待发、失败起始与下次尝试来自数据库。Last contacts are those of the process
    that answers; what waits, since when it fails and the next attempt are the database's.
    """
    out = Output(as_json, plain)
    if not is_watched:
        raise typer.Exit(_show(directory, account, out))
    while True:
        _clear_screen(out)
        try:
            _show(directory, account, out)
        except Unavailable as error:
            report(error, as_json=as_json, plain=plain)
        time.sleep(every)


def _clear_screen(out: Output) -> None:
    if not (out.as_json or out.plain):
        console().clear()


def _show(directory: Path, account: str, out: Output) -> int:
    from node.edges.cli.session import connect
    from node.v1.operation_service_pb2 import GetStatusRequest

    with connect(directory, account) as client:
        answer = client.operations.GetStatus(GetStatusRequest())
        days = _certificate_days(client.config)
    if out.as_json:
        out.json("status", as_data(answer) | {"certificate_days": days})
    else:
        _draw(out, answer, days)
    return _CODES.get(answer.verdict, DOWN)


def _draw(out: Output, answer: Any, days: int) -> None:
    name = province_name(answer.province)
    verdict = _WORDS.get(answer.verdict, answer.verdict)
    out.line(f"{name.zh} {name.en} {answer.province}：{verdict}")
    _draw_findings(out, answer)
    states = sorted(answer.exchanges.items())
    values = as_data(answer) | {
        "exchanges": "  ".join(f"{state} {count}" for state, count in states),
        "certificate_days": f"{days}{'  即将到期 expires soon' if days <= _WARN_DAYS else ''}",
    }
    out.record("status", _LABELS, values | witnessing_values(answer.witnessing))
    _draw_witnesses(out, answer.witnessing)
    _draw_peers(out, answer)
    if answer.terms:
        out.table("terms", _TERM_COLUMNS, map(_term_row, answer.terms), numbers=["days_left"])


def _draw_findings(out: Output, answer: Any) -> None:
    for one in answer.findings:
        text = describe(one.reason)
        subject = f"（{one.subject}）" if one.subject else ""
        when = f"  {show_time(one.at_us)}" if one.at_us else ""
        mark = "提醒 notice  " if one.severity == "NOTICE" else ""
        out.line(f"{mark}{one.reason}{subject}：{text.zh} {text.en}{when}")
        out.line(f"处理 next：{text.next_command}")


def _draw_peers(out: Output, answer: Any) -> None:
    from node.edges.cli.peer import PEER_COLUMNS, peer_row

    rows = [peer_row(peer) for peer in answer.peers]
    if rows:
        out.table("peers", PEER_COLUMNS, rows, numbers=["waiting", "lag"])


def _term_row(term: Any) -> dict[str, Any]:
    zh_en = _TERMS.get(term.kind, term.kind)
    return as_data(term) | {
        "kind": zh_en,
        "name": term.name[:16] if term.kind.endswith("_KEY") else term.name,
        "ends": show_time(term.ends_us),
        "days_left": term.days_left if term.ends_us else "",
    }


def witnessing_values(one: Any) -> dict[str, str]:
    """Return what is shown of how far the log is witnessed."""
    from node.edges.cli.output import show_time

    lag = one.log_size - one.witnessed_size
    when = f"  {show_time(one.witnessed_us)}" if one.witnessed_us else ""
    return {
        "witnessed": f"{one.witnessed_size}/{one.log_size}  落后 behind {lag}{when}",
        "quorum": f"{one.needed}/{one.witnesses_count}  f={one.tolerated}  "
        f"{one.promise_zh} {one.promise_en}",
        "witnessed_exchanges": f"转出 out {one.source_witnessed}  "
        f"转入 in {one.destination_witnessed}",
        "proofs": f"{one.proofs}{'  creditbank misconduct list' if one.proofs else ''}",
        "cases": str(one.cases),
    }


def _draw_witnesses(out: Output, one: Any) -> None:
    """Show witnesses that fail or have been behind for long."""
    from node.edges.cli.output import show_time

    rows = [
        {
            "witness": witness.witness,
            "known_size": witness.known_size,
            "failing_since": show_time(witness.failing_since_us),
            "failure": witness.failure,
            "stalled": "是 yes" if witness.is_stalled else "",
        }
        for witness in one.witnesses
        if witness.is_stalled or witness.failure
    ]
    if rows:
        out.table("witnesses", _WITNESS_COLUMNS, rows, numbers=["known_size"])


def _certificate_days(config: Any) -> int:
    from federation.base.clock import SystemClock
    from federation.transport.certificates import days_left

    text = (config.keys / "tls.pem").read_text()
    pem = text[text.index("-----BEGIN CERTIFICATE-----") :]
    return days_left(pem, now_us=SystemClock().now_us())


_LABELS = {
    "registry_version": "登记册版本 registry",
    "log_size": "日志条目 log entries",
    "lots_deposited": "存入批次 lots deposited",
    "exchanges": "交换 exchanges",
    "witnessed": "日志已见证 log witnessed",
    "quorum": "见证法定数 quorum",
    "witnessed_exchanges": "已见证的交换 exchanges witnessed",
    "proofs": "违规证明 proofs of misconduct",
    "cases": "待人工处理 open cases",
    "certificate_days": "TLS 证书剩余天数 certificate days",
}
_WITNESS_COLUMNS = {
    "witness": "见证方 Witness",
    "known_size": "所知 Knows",
    "failing_since": "失败起 Failing since",
    "failure": "原因 Why",
    "stalled": "停滞 Stalled",
}
_TERM_COLUMNS = {
    "kind": "期限 Term",
    "name": "名称 Name",
    "state": "状态 State",
    "days_left": "剩余天数 Days",
    "ends": "到期 Ends",
}
_TERMS = {
    "ROOT": "信任根 root",
    "TARGETS": "登记目标 targets",
    "SNAPSHOT": "快照 snapshot",
    "TIMESTAMP": "时间戳 timestamp",
    "ROLE": "区域角色 role",
    "MESSAGE_KEY": "消息密钥 message key",
    "LOG_KEY": "日志密钥 log key",
    "GOVERNANCE_KEY": "治理密钥 governance key",
    "RECOVERY_KEY": "恢复密钥 recovery key",
    "TLS_AUTHORITY": "TLS 机构 authority",
    "TLS_LEAF": "TLS 证书 certificate",
    "AGREEMENT": "互认协议 agreement",
}
