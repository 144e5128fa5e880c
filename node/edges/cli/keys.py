"""``creditbank keys``: what this node signs with, and who may call it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from node.config import NodeConfig
from node.edges.cli.options import HERE, AsJson, Dir, Plain, group
from node.edges.cli.output import Output

_LEAST_KEYID = 8

app = group("密钥与证书。Keys and certificates.")


@app.command("list")
def list_keys(directory: Dir = HERE, as_json: AsJson = False, plain: Plain = False) -> None:
    """列出签名密钥与证书，含剩余天数。List keys and certificates with the days left."""
    from federation.base.clock import SystemClock
    from node.config import load_config

    rows = list(_rows(load_config(directory), SystemClock().now_us()))
    columns = {
        "file": "文件 File",
        "use": "用途 Use",
        "id": "编号 Id",
        "days_left": "剩余天数 Days",
    }
    Output(as_json, plain).table("keys", columns, rows, numbers=["days_left"])


@app.command()
def account(
    name: Annotated[
        str, typer.Argument(help="系统名称：小写字母、数字、连字符 / system: a-z, 0-9 and hyphens")
    ],
    directory: Dir = HERE,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """为本省系统签发或续签证书。Issue or renew the certificate of a system of the province."""
    from federation.base.clock import SystemClock
    from node.founding import issue_service_account

    issued = issue_service_account(directory, name, clock=SystemClock())
    values = {
        "name": issued.name,
        "key": str(issued.key_path),
        "certificate": str(issued.certificate_path),
    }
    labels = {"name": "账户 account", "key": "密钥 key", "certificate": "证书 certificate"}
    Output(as_json, plain).record("account", labels, values)


@app.command()
def rotate(
    days: Annotated[
        int, typer.Option(min=0, max=90, help="多少天后启用 / days until the new key is active")
    ] = 7,
    directory: Dir = HERE,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """准备新的消息签名密钥；重新 join 后生效。Prepare the next message key; then join again."""
    from federation.base.clock import DAY, SystemClock
    from federation.base.errors import Refusal
    from node.config import load_config
    from node.edges.cli.session import fetch_registry
    from node.founding import rotate_message_key

    config, now_us = load_config(directory), SystemClock().now_us()
    listed = fetch_registry(config).members.get(config.province)
    if listed is None:
        raise Refusal("WAITING", detail=config.province)
    path = rotate_message_key(config, listed, now_us=now_us, from_us=now_us + days * DAY)
    values = {"key": str(path), "days": days, "next": "creditbank join INVITATION; restart"}
    labels = {"key": "密钥 key", "days": "启用前天数 days", "next": "下一步 next"}
    Output(as_json, plain).record("rotation", labels, values)


@app.command()
def revoke(
    keyid: Annotated[
        str, typer.Argument(help="密钥编号或其开头 / id of the key, or its beginning")
    ],
    log_size: Annotated[
        int, typer.Option(min=0, help="此日志规模之前的内容仍有效 / what lies below still counts")
    ],
    recovery: Annotated[
        Path | None, typer.Option("--key", help="恢复密钥文件 / file of the recovery key")
    ] = None,
    to: Annotated[
        Path | None, typer.Option(help="写入的文件 / where to write the revocation")
    ] = None,
    directory: Dir = HERE,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """用恢复密钥签署吊销书，交协调节点发布。Sign a revocation for the coordinator to publish."""
    from federation.base.clock import SystemClock
    from federation.base.errors import Refusal
    from federation.signing.keystore import load_key, replace_file
    from federation.trust.revocations import Revocation, write_revocation
    from node.config import load_config, read_passphrase
    from node.edges.cli.session import fetch_registry
    from node.founding import RECOVERY_KEY

    config = load_config(directory)
    member = fetch_registry(config).members.get(config.province)
    found = [one for one in member.keys if one.key.keyid.startswith(keyid)] if member else []
    if len(found) != 1 or len(keyid) < _LEAST_KEYID:
        raise Refusal("KEY_UNKNOWN", detail=keyid[:64])
    revocation = Revocation(
        province=config.province,
        keyid=found[0].key.keyid,
        log_size=log_size,
        revoked_at_us=SystemClock().now_us(),
    )
    signer = load_key(recovery or config.keys / RECOVERY_KEY, read_passphrase(config))
    target = to or Path(f"{revocation.keyid[:16]}.revocation")
    replace_file(target, write_revocation(revocation, signer))
    values = {
        "key": revocation.keyid,
        "log_size": log_size,
        "file": str(target),
        "next": f"creditbank coordinator revoke {target}",
    }
    labels = {"key": "密钥 key", "log_size": "日志规模 log size", "file": "文件 file"}
    Output(as_json, plain).record("revocation", labels | {"next": "下一步 next"}, values)


def _rows(config: NodeConfig, now_us: int) -> Iterator[dict[str, Any]]:
    from federation.signing.keystore import load_key
    from node.config import read_passphrase

    passphrase = read_passphrase(config)
    later = {path.name: _SIGNING["message.key"] for path in config.keys.glob("message-*.key")}
    for file, use in (_SIGNING | later).items():
        if not (config.keys / file).exists() and file == "recovery.key":
            continue  # It lies offline, as it should.
        signer = load_key(config.keys / file, passphrase)
        yield {"file": f"keys/{file}", "use": use, "id": signer.public.keyid, "days_left": None}
    certificates = [config.keys / "tls-ca.pem", config.keys / "tls.pem"]
    for path in [*certificates, *sorted(config.accounts.glob("*.pem"))]:
        yield _certificate_row(path, now_us)


def _certificate_row(path: Path, now_us: int) -> dict[str, Any]:
    from federation.transport.certificates import days_left, fingerprint

    text = path.read_text()
    # A leaf may stand behind its own sealed key in one file.
    pem = text[text.index("-----BEGIN CERTIFICATE-----") :]
    return {
        "file": f"{path.parent.name}/{path.name}",
        "use": _CERTIFICATES.get(path.name, "本省系统 own system"),
        "id": fingerprint(pem),
        "days_left": days_left(pem, now_us=now_us),
    }


_SIGNING = {
    "message.key": "签署消息 messages",
    "log.key": "签署日志 log",
    "governance.key": "签署协议 agreements",
    "recovery.key": "吊销密钥，宜离线保存 revokes; keep it offline",
}
_CERTIFICATES = {"tls-ca.pem": "签发证书 authority", "tls.pem": "节点 TLS node"}
