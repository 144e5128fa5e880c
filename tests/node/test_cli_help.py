"""Help answers at once, for every command, in both languages; explanations are complete."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from typer.core import TyperGroup

from federation.base.reasons import reasons
from node.edges.cli.main import _COMMANDS, load_command, run

# Their own tests speak for these.
ELSEWHERE = ("demo", "coordinator", "officer")
OURS = [name for name in _COMMANDS if name not in ELSEWHERE]
HEAVY = ("grpc", "cryptography", "pydantic", "sqlalchemy", "tuf", "google.protobuf")


def is_chinese(text: str) -> bool:
    """Tell whether a text has Chinese in it."""
    return any("\u4e00" <= char <= "\u9fff" for char in text)


def is_bilingual(text: str) -> bool:
    """Tell whether a text says something in Chinese first, and in English."""
    return is_chinese(text) and any(char.isascii() and char.isalpha() for char in text)


def leaves(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Yield every command below one, by its full name."""
    if isinstance(command, TyperGroup):
        for sub, below in command.commands.items():
            yield from leaves(f"{name} {sub}", below)
    else:
        yield name, command


ALL = [leaf for name in OURS for leaf in leaves(name, load_command(name))]


@pytest.mark.parametrize("name", list(_COMMANDS))
def test_the_list_of_commands_speaks_both_languages(name: str) -> None:
    assert is_bilingual(_COMMANDS[name][1])
    assert is_chinese(_COMMANDS[name][1][:12])


@pytest.mark.parametrize(("name", "command"), ALL, ids=[name for name, _ in ALL])
def test_every_command_and_option_is_explained_in_both_languages(name: str, command: Any) -> None:
    assert is_bilingual(command.help or ""), name
    for option in command.params:
        if option.name != "help":
            assert is_bilingual(option.help or ""), f"{name} {option.name}"


@pytest.mark.parametrize("name", [name for name, _ in ALL])
def test_help_ends_with_zero(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*name.split(), "--help"]) == 0
    assert "Usage: creditbank" in capsys.readouterr().out


def test_commands_of_a_node_take_its_directory() -> None:
    without = {
        "explain",
        "verify",
        "audit",
        "rule test",
        "rule schema",
        "rule guide",
        "backup verify",
    }
    without |= {"catalogue conflicts", "framework example", "shanghai check", "shanghai convert"}
    for name, command in ALL:
        options = {spelling for param in command.params for spelling in param.opts}
        assert ("--dir" in options) == (name not in without), name


def test_reading_commands_offer_json() -> None:
    for name, command in ALL:
        options = {spelling for param in command.params for spelling in param.opts}
        assert "--json" in options or name == "run", name


def test_help_does_not_wait_for_heavy_parts() -> None:
    program = (
        "import sys; from node.edges.cli.main import run; run(['--help']);"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    start = time.monotonic()
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stderr.strip() == "[]"
    assert time.monotonic() - start < 5


def test_no_command_is_a_matter_of_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["statu"]) == 2
    assert "status" in capsys.readouterr().err


@pytest.mark.parametrize("reason", list(reasons()))
def test_every_reason_is_explained(reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", reason, "--json"]) == 0
    text = json.loads(capsys.readouterr().out)["reason"]
    assert is_chinese(text["zh"])
    assert is_chinese(text["effect_zh"])
    assert text["en"].endswith(".")
    assert text["effect_en"].endswith(".")
    assert text["next_command"]


def test_an_unknown_reason_is_answered_and_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "no_such", "--plain"]) == 1
    assert "NO_SUCH" in capsys.readouterr().out


def test_all_reasons_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "--plain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(reasons()) + 1
