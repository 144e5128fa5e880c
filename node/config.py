"""The configuration of a node: ``config.toml`` in its directory, then ``CREDITBANK_*`` variables.

Unknown keys are refused, because a misspelt one would otherwise silently leave its default in
force. Every refusal names the file, the key and what to do, in both languages.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from federation.base.errors import Breach, Refusal
from federation.base.names import parse_province
from federation.base.working_days import Calendar

CONFIG_FILE = "config.toml"
VARIABLE_PREFIX = "CREDITBANK_"
_LISTEN = re.compile(r"([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):([0-9]{1,5})")
_SQLITE = "sqlite:///"
_DATABASES = (_SQLITE, "postgresql://", "postgresql+psycopg://")


class ConfigRefusal(Refusal):
    """A configuration that cannot be used.

    Attributes:
        source: the file or the variable at fault.
        key: the key at fault; empty when it is the file as a whole.
        remedy_zh: what to do, in Chinese.
        remedy_en: what to do, in English.
    """

    def __init__(self, source: str, key: str, remedy_zh: str, remedy_en: str) -> None:
        place = f"{source} {key}".rstrip()
        super().__init__("CONFIG", detail=f"{place}: {remedy_zh} {remedy_en}")
        self.source = source
        self.key = key
        self.remedy_zh = remedy_zh
        self.remedy_en = remedy_en


class NodeConfig(BaseModel):
    """What a node needs to know before it opens anything.

    Attributes:
        directory: the node's directory; never in the file.
        province: province that the node belongs to, as ``CN-31``.
        peer_listen: where other provinces are served.
        peer_endpoint: what other provinces dial; ``peer_listen`` when empty.
        local_listen: where the province's own systems are served.
        database: URL; a relative SQLite path lies in the directory.
        passphrase_file: file whose first line opens the keys.
        lock_days: how long this node, as source, holds lots for an answer.
        decision_days: how long its judgement may take, as destination.
        answer_days: how long its promise then stands.
        code_days: how long a transfer code may be used.
        refresh_seconds: how often the registry is read again.
        peer_messages_per_second: messages that one other province may send, on average.
        peer_bytes_per_second: bytes that it may send.
        peer_calls: calls of it that are worked on at a time.
        review: who judges offers: ``rule`` at once, or a ``person`` by command.
        holidays: days off beside Saturdays and Sundays, YYYY-MM-DD, spaces between.
        makeup_days: days of weekends that are worked, likewise.
        claim_hours: how long a reviewer's claim on a case stands without a step.
        second_person_above_credits: grants of a reviewer above it need a second person; 0 for
            never.
        deposits: whether outcomes are taken as they come, or only as a catalogue published here
            has them, once there is one.
        evidence_mib: largest evidence file, MiB.
        log_level: least severity that is written to the log.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    directory: Path = Field(exclude=True)
    province: str
    peer_listen: str = "127.0.0.1:7401"
    peer_endpoint: str = ""
    local_listen: str = "127.0.0.1:7402"
    database: str = "sqlite:///node.db"
    passphrase_file: str = Field("passphrase", min_length=1)
    lock_days: int = Field(30, ge=1, le=365)
    decision_days: int = Field(20, ge=1, le=180)
    answer_days: int = Field(10, ge=1, le=180)
    code_days: int = Field(7, ge=1, le=90)
    refresh_seconds: int = Field(300, ge=1, le=86400)
    peer_messages_per_second: int = Field(5_000, ge=1, le=1_000_000)
    peer_bytes_per_second: int = Field(64 * 1024 * 1024, ge=65_536, le=2**40)
    peer_calls: int = Field(8, ge=1, le=256)
    review: Literal["rule", "person"] = "rule"
    holidays: str = ""
    makeup_days: str = ""
    claim_hours: int = Field(72, ge=1, le=720)
    second_person_above_credits: int = Field(0, ge=0, le=1000)
    deposits: Literal["free", "catalogued"] = "free"
    evidence_mib: int = Field(20, ge=1, le=64)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("province")
    @classmethod
    def _province_exists(cls, text: str) -> str:
        try:
            return parse_province(text)
        except Breach:
            raise ValueError("province") from None

    @field_validator("peer_listen", "local_listen", "peer_endpoint")
    @classmethod
    def _is_address(cls, text: str) -> str:
        match = _LISTEN.fullmatch(text)
        if text and (match is None or int(match[2]) > 65535):
            raise ValueError("address")
        return text

    @field_validator("database")
    @classmethod
    def _is_database(cls, text: str) -> str:
        if not text.startswith(_DATABASES):
            raise ValueError("database")
        return text

    @field_validator("holidays", "makeup_days")
    @classmethod
    def _is_days(cls, text: str) -> str:
        for day in text.split():
            date.fromisoformat(day)
        return text

    @property
    def calendar(self) -> Calendar:
        """The working days by which people's time to decide is counted."""
        return Calendar(
            holidays=frozenset(map(date.fromisoformat, self.holidays.split())),
            makeup_days=frozenset(map(date.fromisoformat, self.makeup_days.split())),
        )

    @property
    def endpoint(self) -> str:
        """What other provinces dial."""
        return self.peer_endpoint or self.peer_listen

    @property
    def database_url(self) -> str:
        """The database with a relative SQLite path resolved against the directory."""
        if not self.database.startswith(_SQLITE):
            return self.database
        return _SQLITE + str(self.directory / self.database.removeprefix(_SQLITE))

    @property
    def is_sqlite(self) -> bool:
        """Whether the store is a file, which one process at a time may use."""
        return self.database.startswith(_SQLITE)

    @property
    def passphrase_path(self) -> Path:
        """The file whose first line opens the keys."""
        return self.directory / self.passphrase_file

    @property
    def evidence(self) -> Path:
        """The folder of evidence files."""
        return self.directory / "evidence"

    @property
    def keys(self) -> Path:
        """The folder of keys and certificates."""
        return self.directory / "keys"

    @property
    def accounts(self) -> Path:
        """The folder of certificates that may call the local services."""
        return self.directory / "accounts"

    @property
    def root_path(self) -> Path:
        """The pinned root of trust; absent before joining."""
        return self.directory / "root.json"

    @property
    def coordinator_path(self) -> Path:
        """The coordinator's certificate as first met; absent before joining."""
        return self.directory / "coordinator.pem"

    @property
    def invitation_path(self) -> Path:
        """The invitation that was taken up; absent before joining."""
        return self.directory / "invitation"


FILE_KEYS = tuple(name for name in NodeConfig.model_fields if name != "directory")


def load_config(directory: Path, *, variables: Mapping[str, str] = os.environ) -> NodeConfig:
    """Return the configuration of the node in a directory.

    Raises:
        Refusal: NO_NODE when there is none.
        ConfigRefusal: CONFIG naming file or variable, key and remedy.
    """
    path = directory / CONFIG_FILE
    written = _read(path)
    overriding = _variables(variables)
    for key in written:
        if key not in FILE_KEYS:
            raise _unknown_key(path, key)
    return make_config(directory, written | overriding, overridden=frozenset(overriding))


def make_config(
    directory: Path, values: Mapping[str, Any], *, overridden: frozenset[str] = frozenset()
) -> NodeConfig:
    """Return a configuration made of values.

    Raises:
        ConfigRefusal: CONFIG naming file or variable, key and remedy.
    """
    path = directory / CONFIG_FILE
    try:
        config = NodeConfig(directory=directory.resolve(), **values)
    except ValidationError as error:
        raise _refusal_of(error, path, overridden) from None
    if config.lock_days < config.decision_days + config.answer_days:
        least = config.decision_days + config.answer_days
        raise ConfigRefusal(
            str(path),
            "lock_days",
            f"锁定期不得短于决定期与答复期之和，请改为 {least} 或更大。",
            f"The lock outlasts decision and answer together; set {least} or more.",
        )
    return config


def read_passphrase(config: NodeConfig) -> bytes:
    """Return what opens the keys: the first line of the passphrase file.

    Raises:
        Refusal: PASSPHRASE when the file is missing, empty or readable by others.
    """
    path = config.passphrase_path
    try:
        is_open_to_others = path.stat().st_mode & 0o077
        first = path.read_bytes().split(b"\n", 1)[0].strip()
    except OSError:
        raise Refusal("PASSPHRASE", detail=f"{path}: not readable") from None
    if is_open_to_others:
        raise Refusal("PASSPHRASE", detail=f"{path}: readable by others; chmod 600")
    if not first:
        raise Refusal("PASSPHRASE", detail=f"{path}: empty")
    return first


def config_text(config: NodeConfig) -> str:
    """Return the file of a configuration, every key written out and explained."""
    lines = [f"# {_NOTES['']}", ""]
    for key in FILE_KEYS:
        lines += [f"# {_NOTES[key]}", f"{key} = {_spell(getattr(config, key))}"]
    return "\n".join(lines) + "\n"


_NOTES = {
    "": "学分银行节点配置 / configuration of a credit bank node",
    "province": "所属省份 / province",
    "peer_listen": "对其他省的监听地址 / where other provinces are served",
    "peer_endpoint": "其他省拨入的地址，空则同上 / what they dial, when it differs",
    "local_listen": "对本省系统的监听地址 / where the province's own systems are served",
    "database": "数据库地址 / database URL",
    "passphrase_file": "口令文件 / file whose first line opens the keys",
    "lock_days": "转出锁定期（天） / days that lots are held as source",
    "decision_days": "认定决定期（天） / days for a decision as destination",
    "answer_days": "学习者答复期（天） / days that the decision then stands",
    "code_days": "转移码有效期（天） / days that a transfer code may be used",
    "refresh_seconds": "登记册更新间隔（秒） / seconds between readings of the registry",
    "peer_messages_per_second": "每省每秒消息数上限 / messages a second from one province",
    "peer_bytes_per_second": "每省每秒字节数上限 / bytes a second from one province",
    "peer_calls": "每省同时调用数上限 / calls at a time from one province",
    "review": "谁审核转入 / who judges offers: rule or person",
    "holidays": "工作日中的放假日 / days off, YYYY-MM-DD, spaces between",
    "makeup_days": "调休上班的周末 / days of weekends that are worked",
    "claim_hours": "认领有效小时 / hours that a reviewer's claim stands",
    "second_person_above_credits": "超过此学分须第二人 / above it a second person; 0 never",
    "deposits": "存入是否须与已发布目录一致 / free, or as published here: catalogued",
    "evidence_mib": "证明文件上限（MiB） / largest evidence file, MiB",
    "log_level": "日志级别 / DEBUG, INFO, WARNING or ERROR",
}


def _spell(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    escaped = "".join(
        f"\\u{ord(char):04x}" if ord(char) < 32 or char in '"\\\x7f' else char for char in value
    )
    return f'"{escaped}"'


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise Refusal("NO_NODE", detail=str(path.parent)) from None
    except OSError as error:
        why = error.strerror or "not readable"
        raise ConfigRefusal(
            str(path),
            "",
            f"无法读取（{why}），请检查权限。",
            f"Not readable ({why}); check its mode.",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigRefusal(
            str(path), "", f"不是有效的 TOML：{error}。", f"This is not TOML: {error}."
        ) from None


def _variables(variables: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in FILE_KEYS:
        text = variables.get(VARIABLE_PREFIX + key.upper())
        if text is None:
            continue
        is_number = NodeConfig.model_fields[key].annotation is int
        found[key] = int(text) if is_number and re.fullmatch(r"[0-9]{1,9}", text) else text
    return found


def _unknown_key(path: Path, key: str) -> ConfigRefusal:
    known = ", ".join(FILE_KEYS)
    return ConfigRefusal(
        str(path),
        key,
        f"没有这个配置项，请删除或改正；可用的有：{known}。",
        f"There is no such key; remove or correct it. Known: {known}.",
    )


def _refusal_of(error: ValidationError, path: Path, overridden: frozenset[str]) -> ConfigRefusal:
    first = error.errors()[0]
    key = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        return _unknown_key(path, key)
    source = VARIABLE_PREFIX + key.upper() if key in overridden else str(path)
    remedy = _REMEDIES.get(key)
    if first["type"] == "missing":
        remedy = (f"缺少此项，请补上：{key} = …", f"This key is missing; add {key} = …")
    if remedy is None:
        remedy = (f"值不正确：{first['msg']}。", f"The value will not do: {first['msg']}.")
    return ConfigRefusal(source, key, *remedy)


_ADDRESS_REMEDY = (
    "请写成 主机:端口，如 127.0.0.1:7401。",
    "Write host:port, as 127.0.0.1:7401.",
)
_DAYS_REMEDY = (
    "请写日期，以空格分隔，如 2026-10-01 2026-10-02。",
    "Write days with spaces between, as 2026-10-01 2026-10-02.",
)
_REMEDIES = {
    "province": ("请写省份代码，如 CN-31。", "Write the code of a province, as CN-31."),
    "peer_listen": _ADDRESS_REMEDY,
    "peer_endpoint": _ADDRESS_REMEDY,
    "local_listen": _ADDRESS_REMEDY,
    "database": (
        "请写 sqlite:///文件 或 postgresql://…。",
        "Write sqlite:///file or postgresql://….",
    ),
    "review": ("请写 rule 或 person。", "Write rule or person."),
    "holidays": _DAYS_REMEDY,
    "makeup_days": _DAYS_REMEDY,
    "deposits": ("请写 free 或 catalogued。", "Write free or catalogued."),
    "log_level": (
        "请写 DEBUG、INFO、WARNING 或 ERROR。",
        "Write DEBUG, INFO, WARNING or ERROR.",
    ),
}
