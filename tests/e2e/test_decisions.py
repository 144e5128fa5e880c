"""A decision between running nodes: wished for, shown, recomputed on both sides, erased."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from tests.e2e.federation_of_two import READY_SECONDS, run_federation
from tests.e2e.realm import Told, command, open_account
from tests.e2e.running_node import Node


def until(holds: Callable[[], bool]) -> None:
    """Wait for what must come true."""
    end = time.monotonic() + READY_SECONDS
    while not holds():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.05)


def told(node: Node, *words: str) -> Told:
    """Run a command on a node."""
    return command(*words, "--dir", str(node.directory), "--json")


def test_both_sides_recompute_a_decision_until_it_is_erased(tmp_path: Path) -> None:
    with run_federation(tmp_path) as federation:
        source, destination = federation.source, federation.destination
        here, there = open_account(source, "P-1"), open_account(destination, "P-1")
        (lot,) = source.deposit(here, "3")
        opened = told(
            source,
            *("request", "open", "--account", here.account, "--peer", "CN-44", "--consent"),
            *("--lot", lot.hex(), "--code", destination.code(there, "CN-31").hex()),
            *("--target", "T1", "--whole-grant"),
        )
        assert opened.code == 0, opened
        name = str(opened["request"]["exchange"])
        until(lambda: source.state_of(bytes.fromhex(name)) == "CLOSED")

        shown = [told(node, "transfer", "show", name) for node in (source, destination)]
        decisions = [one["transfer"]["decision"] for one in shown]
        assert [one["wanted_targets"] for one in decisions] == [["T1"], ["T1"]]
        assert [one["groups"][0]["grants"] for one in decisions] == [
            [{"target": "T1", "granted_hundredths": 240}]
        ] * 2
        assert decisions[0]["record"] == decisions[1]["record"] is not None

        ours = told(destination, "decision", "recompute", name)
        assert (ours.code, ours["recomputation"]["agrees"]) == (0, True), ours
        theirs = told(source, "decision", "recompute", name)
        causes = [one["cause"] for one in theirs["recomputation"]["differences"]]
        assert (theirs.code, causes) == (1, ["DOCUMENT_MISSING"])

        out, papers = str(tmp_path / "record.json"), tmp_path / "papers"
        exported = told(
            destination, "decision", "export", name, "--out", out, "--papers", str(papers)
        )
        rule = next(one["file"] for one in exported["files"] if one["kind"] == "RULE")
        assert told(source, "decision", "recompute", name, "--rule", rule).code == 0
        assert told(source, "decision", "recompute", out, "--rule", rule).code == 0

        transcripts = tmp_path / "transcripts"
        assert told(destination, "learner", "erase", there.account, "--yes").code == 0
        told(destination, "transfer", "export", name, "--to", str(transcripts))
        (file,) = transcripts.iterdir()
        after = told(destination, "decision", "recompute", str(file))
        (difference,) = after["recomputation"]["differences"]
        assert (after.code, difference["cause"], difference["found"]) == (
            1,
            "RECORD_ABSENT",
            "ERASED",
        )
        root = str(destination.client.config.root_path)
        report = command("verify", str(file), "--root", root, "--json")["report"]
        assert (report["valid"], report["record_state"]) == (True, "erased")
