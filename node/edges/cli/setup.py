"""``creditbank init``, ``join`` and ``run``: from nothing to a node that serves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from node.edges.cli.options import HERE, AsJson, Dir, Plain
from node.edges.cli.output import Output
from node.edges.cli.refusals import OK, REFUSED, WAITING

_ENDINGS = {"PENDING": WAITING, "APPROVED": OK, "REJECTED": REFUSED}


def init(
    province: Annotated[
        str, typer.Option(help="省份代码，如 CN-31 或 CN-SH / province, as CN-31 or CN-SH")
    ],
    directory: Dir = HERE,
    peer_listen: Annotated[
        str, typer.Option(help="对其他省的监听地址 / where other provinces are served")
    ] = "127.0.0.1:7401",
    local_listen: Annotated[
        str, typer.Option(help="对本省系统的监听地址 / where own systems are served")
    ] = "127.0.0.1:7402",
    peer_endpoint: Annotated[
        str, typer.Option(help="其他省拨入的地址 / what other provinces dial, when it differs")
    ] = "",
    db: Annotated[
        str, typer.Option("--db", help="数据库地址 / database URL")
    ] = "sqlite:///node.db",
    passphrase_file: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="已有的口令文件，省略则随机生成 / file with the passphrase; made when absent",
        ),
    ] = None,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """建立本省节点：密钥、证书、配置。Make a node: keys, certificates, configuration."""
    from federation.base.clock import SystemClock
    from federation.base.entropy import SystemEntropy
    from node.founding import found_node

    founding = found_node(
        directory,
        province,
        clock=SystemClock(),
        entropy=SystemEntropy(),
        peer_listen=peer_listen,
        local_listen=local_listen,
        peer_endpoint=peer_endpoint,
        database=db,
        passphrase_file=passphrase_file,
    )
    out = Output(as_json, plain)
    values = {
        "province": founding.config.province,
        "directory": str(founding.config.directory),
        "is_new": founding.is_new,
        "next": f"creditbank join INVITATION --dir {directory}",
    }
    out.record("node", _INIT_LABELS, values)
    out.note("keys/recovery.key 加入后请移到离线介质：它只用于吊销密钥。")
    out.note("Once joined, move keys/recovery.key offline: all it does is to revoke.")
    out.note("请另行保管 passphrase 与 keys/：丢失后无法恢复。")
    out.note("Keep passphrase and keys/ elsewhere too: nothing can bring them back.")


def join(
    invitation: Annotated[
        str, typer.Argument(help="协调节点给出的邀请码 / the string that the coordinator gave")
    ],
    directory: Dir = HERE,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """凭邀请码加入联盟；可重复执行以查看进展。Join; repeat it to see how it stands."""
    from federation.base.clock import SystemClock
    from federation.trust.registry import spoken
    from node.founding import join as take_up

    joining = take_up(directory, invitation, clock=SystemClock())
    values = {
        "state": joining.state,
        "coordinator": joining.coordinator,
        "root": joining.root_sha256 if as_json else spoken(joining.root_sha256),
        "next": _NEXT[joining.state],
    }
    Output(as_json, plain).record("application", _JOIN_LABELS, values)
    raise typer.Exit(_ENDINGS[joining.state])


def run(directory: Dir = HERE) -> None:
    """运行节点，直到 Ctrl-C 或 SIGTERM。Run the node until Ctrl-C or SIGTERM."""
    from node.bootstrap import serve

    raise typer.Exit(serve(directory))


_INIT_LABELS = {
    "province": "省份 province",
    "directory": "目录 directory",
    "is_new": "新建 new",
    "next": "下一步 next",
}
_JOIN_LABELS = {
    "state": "状态 state",
    "coordinator": "协调节点 coordinator",
    "root": "根指纹 root fingerprint",
    "next": "下一步 next",
}
_NEXT = {
    "PENDING": "等待批准，节点可先运行 creditbank run / awaits approval; the node may run",
    "APPROVED": "creditbank run",
    "REJECTED": "请联系协调节点 / ask the coordinator",
}
