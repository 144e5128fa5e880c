"""A rule on its way through a running node: drafted, published by two, judging, tried, stopped."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.federation_of_two import READY_SECONDS, Federation, run_federation
from tests.e2e.realm import Told, command, open_account

NAME = "CN-44/general"
RULE = f"""\
form: 2
rule: {NAME}
version: 2
title_zh: 通用规则
title_en: General rule
valid_from: 2020-01-01
catalogues:
  - {{key: any, source: "*", name: 各省目录, version: "*"}}
  - {{key: home, source: CN-44, name: 本省目录, version: "*"}}
defaults: {{level: ANY}}
entries:
  - id: maths
    requires:
      course: {{catalogue: any, code: MATH*, minimum_grade: 60}}
    grants:
      - {{target: T1, catalogue: home, ratio: 1/1}}
    repeats: true
"""


def until(holds: Callable[[], bool]) -> None:
    """Wait for what must come true."""
    end = time.monotonic() + READY_SECONDS
    while not holds():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.05)


def transferred(federation: Federation, number: str) -> bytes:
    """Let someone new move an outcome of 3 credits from CN-31 to CN-44."""
    source, destination = federation.source, federation.destination
    here, there = open_account(source, number), open_account(destination, number)
    code = destination.code(there, "CN-31")
    exchange = source.apply(here, source.deposit(here, "3"), "CN-44", code=code)
    until(lambda: source.state_of(exchange) in ("PREPARED", "CLOSED"))
    return exchange


def granted(federation: Federation, exchange: bytes) -> str:
    """Return what the destination granted, in credits."""
    shown = ask(federation, "request", "show", exchange.hex())
    return str(shown["request"]["granted"])


def told(federation: Federation, *words: str, account: str = "operator") -> Told:
    """Run a command on the destination."""
    directory = str(federation.destination.directory)
    return command(*words, "--dir", directory, "--as", account, "--json")


def ask(federation: Federation, *words: str, account: str = "operator") -> Any:
    """Run a command on the destination that must succeed."""
    said = told(federation, *words, account=account)
    assert said.code == 0, said
    return said.answer


def test_a_rule_from_its_file_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "rule.yaml"
    file.write_text(RULE, encoding="utf-8")
    with run_federation(tmp_path) as federation:
        before = granted(federation, transferred(federation, "P-1"))
        tried = ask(federation, "rule", "dry-run", str(file))["dry_run"]
        drafted = ask(federation, "rule", "import", str(file))["publication"]
        step = ("rule", "publish", NAME, "2", "--digest", drafted["digest"])
        assert told(federation, *step, account="operator-li").code == 4
        assert told(federation, *step, account="operator-li").code == 1
        ask(federation, *step, account="operator-wang")
        after = granted(federation, transferred(federation, "P-2"))
        again = ask(federation, "rule", "dry-run", str(file))["dry_run"]
        retire = ("rule", "retire", NAME, "2", "--digest", drafted["digest"])
        ask(federation, *retire, account="operator-li")
        kept = tmp_path / "kept.rule"
        shown = ask(federation, "rule", "show", "--digest", drafted["digest"], "--to", str(kept))[
            "rule"
        ]
        states = {one["version"]: one["state"] for one in ask(federation, "rule", "list")["rules"]}
    assert (before, after) == ("2.40", "3.00")
    assert (tried["cases"], tried["changed"], tried["more"]) == (1, 1, "0.60")
    assert (again["cases"], again["changed"]) == (2, 1), "what the rule decided stays as it is"
    assert states == {"1": "RETIRED", "2": "RETIRED"}
    assert json.loads(kept.read_bytes()) == shown["document"]
