"""``creditbank doctor``: everything that a node needs, looked at one by one, without the node."""

from __future__ import annotations

import errno
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from federation.base.errors import CreditBankError
from federation.base.reasons import describe
from node.config import NodeConfig
from node.edges.cli.options import HERE, AsJson, Dir, Plain
from node.edges.cli.output import Output
from node.edges.cli.refusals import REFUSED

_LEAST_BYTES = 1 << 30
_WARN_DAYS = 30
_SKEW_US = 10 * 60 * 1_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found.

    Attributes:
        subject: what was looked at.
        is_sound: whether it will do.
        found: what was seen.
        remedy: what to do where it will not.
    """

    subject: str
    is_sound: bool
    found: str
    remedy: str = ""


def doctor(directory: Dir = HERE, as_json: AsJson = False, plain: Plain = False) -> None:
    """逐项检查：配置、密钥、证书、时钟、磁盘、数据库、端口、协调节点。Check what a node needs."""
    from node.config import load_config

    config = load_config(directory)
    rows = [_row(finding) for look in _LOOKS for finding in _look(look, config)]
    columns = {"subject": "项目 Subject", "verdict": "结论 Verdict", "found": "所见 Found"}
    Output(as_json, plain).table("findings", columns | {"remedy": "处理 Remedy"}, rows)
    if not all(row["is_sound"] for row in rows):
        raise typer.Exit(REFUSED)


def _row(finding: Finding) -> dict[str, Any]:
    return {
        "subject": finding.subject,
        "is_sound": finding.is_sound,
        "verdict": "正常 ok" if finding.is_sound else "注意 attention",
        "found": finding.found,
        "remedy": finding.remedy,
    }


def _look(look: Callable[[NodeConfig], Iterator[Finding]], config: NodeConfig) -> Iterator[Finding]:
    try:
        yield from look(config)
    except CreditBankError as error:
        text = describe(error.reason)
        found = f"{error.reason}：{text.zh} {text.en} {error.detail}".rstrip()
        yield Finding(look.__doc__ or "", False, found, text.next_command)


def _see_keys(config: NodeConfig) -> Iterator[Finding]:
    """密钥 keys"""
    from federation.signing.keystore import load_key
    from federation.signing.vault import load_vault
    from node.config import read_passphrase

    passphrase = read_passphrase(config)
    for name in ("message.key", "log.key"):
        keyid = load_key(config.keys / name, passphrase).public.keyid
        yield Finding(f"密钥 {name}", True, keyid[:16])
    load_vault(config.keys / "identity.key", passphrase)
    yield Finding("密钥 identity.key", True, "")


def _see_certificates(config: NodeConfig) -> Iterator[Finding]:
    """证书 certificates"""
    from federation.base.clock import SystemClock
    from federation.transport.certificates import days_left

    now_us = SystemClock().now_us()
    for path in (config.keys / "tls-ca.pem", config.keys / "tls.pem"):
        text = path.read_text()
        days = days_left(text[text.index("-----BEGIN CERTIFICATE-----") :], now_us=now_us)
        remedy = "" if days > _WARN_DAYS else "creditbank run"
        yield Finding(f"证书 {path.name}", days > _WARN_DAYS, f"{days} 天 days", remedy)


def _see_clock(config: NodeConfig) -> Iterator[Finding]:
    """时钟 clock"""
    from federation.base.clock import SystemClock
    from node.edges.cli.output import show_time

    # No clock is at hand to compare with, but none may be before what was already written.
    now_us = SystemClock().now_us()
    newest_us = max(path.stat().st_mtime_ns // 1000 for path in config.directory.iterdir())
    is_sound = now_us + _SKEW_US >= newest_us
    remedy = "" if is_sound else "请校准系统时钟 / set the system clock (chronyc tracking)"
    yield Finding("时钟 clock", is_sound, show_time(now_us), remedy)


def _see_disk(config: NodeConfig) -> Iterator[Finding]:
    """磁盘 disk"""
    folders = {config.directory}
    if config.is_sqlite:
        folders.add(Path(config.database_url.removeprefix("sqlite:///")).parent)
    for folder in sorted(folders):
        free = shutil.disk_usage(folder).free
        is_sound = free >= _LEAST_BYTES
        remedy = "" if is_sound else "请清理磁盘 / make room"
        found = f"{folder}  {free / (1 << 30):.1f} GiB 可用 free"
        yield Finding("磁盘 disk", is_sound, found, remedy)


def _see_database(config: NodeConfig) -> Iterator[Finding]:
    """数据库 database"""
    from node.upkeep import look_at_database

    seen = look_at_database(config)
    if seen is None:
        yield Finding("数据库 database", True, "首次运行时建立 made when the node first runs")
        return
    is_sound = seen.is_current or not seen.revision
    found = f"{seen.engine} {seen.revision}  日志 log {seen.log_size}"
    remedy = "" if is_sound else "creditbank upgrade --plan"
    yield Finding("数据库 database", is_sound, found, remedy)


def _see_ports(config: NodeConfig) -> Iterator[Finding]:
    """端口 ports"""
    for address in (config.peer_listen, config.local_listen):
        held = _is_held(address)
        is_sound = held is not None
        words = {True: "有程序在监听 in use", False: "空闲 free", None: "无法使用 cannot be used"}
        remedy = "" if is_sound else "creditbank config check"
        yield Finding(f"端口 {address}", is_sound, words[held], remedy)


def _is_held(address: str) -> bool | None:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_server((host.strip("[]"), int(port)), family=_family(host)):
            return False
    except OSError as error:
        return True if error.errno == errno.EADDRINUSE else None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if host.startswith("[") else socket.AF_INET


def _see_coordinator(config: NodeConfig) -> Iterator[Finding]:
    """协调节点 coordinator"""
    from federation.transport.registry_client import fetch_pinned_root, read_invitation

    if not config.invitation_path.exists():
        yield Finding("协调节点 coordinator", False, "NOT_JOINED", "creditbank join INVITATION")
        return
    invitation = read_invitation(config.invitation_path.read_text())
    fetch_pinned_root(invitation)
    yield Finding("协调节点 coordinator", True, invitation.address)


_LOOKS = (
    _see_keys,
    _see_certificates,
    _see_clock,
    _see_disk,
    _see_database,
    _see_ports,
    _see_coordinator,
)
