"""A configuration is either whole and known, or refused by file, key and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from federation.base.errors import Refusal
from node.config import (
    FILE_KEYS,
    ConfigRefusal,
    config_text,
    load_config,
    make_config,
    read_passphrase,
)


def write(directory: Path, text: str) -> Path:
    """Write a configuration file and return its directory."""
    (directory / "config.toml").write_text(text, "utf-8")
    return directory


def refuse(directory: Path, **variables: str) -> ConfigRefusal:
    """Load a configuration that must be refused."""
    with pytest.raises(ConfigRefusal, match="CONFIG") as caught:
        load_config(directory, variables=variables)
    return caught.value


def test_a_province_is_enough(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, 'province = "CN-SH"'), variables={})
    assert config.province == "CN-31"
    assert config.endpoint == config.peer_listen == "127.0.0.1:7401"
    assert config.database_url == f"sqlite:///{tmp_path.resolve()}/node.db"
    assert config.keys == tmp_path.resolve() / "keys"


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    values = {
        "province": "CN-33",
        "peer_endpoint": "bank.example:7401",
        "passphrase_file": '/a "b" \\ 口令',
        "lock_days": 45,
    }
    config = make_config(tmp_path, values)
    assert load_config(write(tmp_path, config_text(config)), variables={}) == config


def test_every_key_is_explained(tmp_path: Path) -> None:
    text = config_text(make_config(tmp_path, {"province": "CN-33"}))
    assert [line.split(" = ")[0] for line in text.splitlines() if " = " in line] == list(FILE_KEYS)


def test_no_file_is_no_node(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="NO_NODE"):
        load_config(tmp_path)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('province = "CN-99"', "province"),
        ('peer_listen = "127.0.0.1:7401"', "province"),
        ('province = "CN-31"\npeer_port = 1', "peer_port"),
        ('province = "CN-31"\ndirectory = "/"', "directory"),
        ('province = "CN-31"\npeer_listen = "7401"', "peer_listen"),
        ('province = "CN-31"\nlocal_listen = "localhost:99999"', "local_listen"),
        ('province = "CN-31"\nlock_days = "30"', "lock_days"),
        ('province = "CN-31"\nlock_days = 0', "lock_days"),
        ('province = "CN-31"\nlock_days = 29', "lock_days"),
        ('province = "CN-31"\ndatabase = "mysql://x"', "database"),
        ('province = "CN-31"\nlog_level = "LOUD"', "log_level"),
        ('province = "CN-31"\npassphrase_file = ""', "passphrase_file"),
        ("province = CN-31", ""),
    ],
)
def test_a_fault_names_file_key_and_remedy(tmp_path: Path, text: str, key: str) -> None:
    refusal = refuse(write(tmp_path, text))
    assert (refusal.source, refusal.key) == (str(tmp_path / "config.toml"), key)
    assert any("\u4e00" <= char <= "\u9fff" for char in refusal.remedy_zh)
    assert refusal.remedy_en.isascii() or "…" in refusal.remedy_en
    assert refusal.remedy_en in refusal.detail


def test_text_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes("province = '上海'".encode("gb18030"))
    assert refuse(tmp_path).key == ""


def test_a_variable_goes_before_the_file(tmp_path: Path) -> None:
    write(tmp_path, 'province = "CN-31"\nlock_days = 30')
    variables = {"CREDITBANK_LOCK_DAYS": "60", "CREDITBANK_DIR": "/elsewhere"}
    assert load_config(tmp_path, variables=variables).lock_days == 60


def test_a_fault_in_a_variable_names_the_variable(tmp_path: Path) -> None:
    write(tmp_path, 'province = "CN-31"')
    refusal = refuse(tmp_path, CREDITBANK_LOCK_DAYS="many")
    assert refusal.source == "CREDITBANK_LOCK_DAYS"


def test_the_passphrase_is_the_first_line(tmp_path: Path) -> None:
    config = make_config(tmp_path, {"province": "CN-31"})
    config.passphrase_path.write_bytes(b"open sesame\nnote\n")
    config.passphrase_path.chmod(0o600)
    assert read_passphrase(config) == b"open sesame"


@pytest.mark.parametrize(("content", "mode"), [(None, 0), (b"\n", 0o600), (b"open", 0o644)])
def test_a_passphrase_file_that_will_not_do_is_refused(
    tmp_path: Path, content: bytes | None, mode: int
) -> None:
    config = make_config(tmp_path, {"province": "CN-31"})
    if content is not None:
        config.passphrase_path.write_bytes(content)
        config.passphrase_path.chmod(mode)
    with pytest.raises(Refusal, match="PASSPHRASE"):
        read_passphrase(config)
