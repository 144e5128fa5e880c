"""``creditbank keys``: what this node signs with, and who may call it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from node.config import NodeConfig
from node.edges.cli.options import HERE, AsJson, Dir, Plain, group
from node.edges.cli.output import Output

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


def _rows(config: NodeConfig, now_us: int) -> Iterator[dict[str, Any]]:
    from federation.signing.keystore import load_key
    from node.config import read_passphrase

    passphrase = read_passphrase(config)
    for file, use in _SIGNING.items():
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
