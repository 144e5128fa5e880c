"""An agreement by the commands that people type: proposed, signed, listed, compared, withdrawn."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from node.edges.cli.main import run
from tests.node.test_cli_join import Office, office

__all__ = ["office"]
TERMS = ("--from", "2026-01-01", "--until", "2028-12-31")


class Provinces:
    """Two provinces of one region, joined."""

    def __init__(self, office: Office, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.office = office
        self.folder = folder
        self._capsys = capsys

    def join(self, *provinces: str) -> None:
        """Found nodes and bring them into the registry."""
        for province in provinces:
            assert run(["init", "--province", province, "--dir", self.node(province)]) == 0
            invitation = self.office.tell("coordinator", "invite", province).split()[0]
            assert run(["join", invitation, "--dir", self.node(province)]) == 4
        self.office.publish(self.office.tell("coordinator", "approve", *provinces).split())

    def node(self, province: str) -> str:
        """Return the directory of a node."""
        return str(self.folder / province)

    def says(self, *words: str, province: str = "CN-31") -> object:
        """Run a command of a province and return what it prints as JSON."""
        self._capsys.readouterr()
        words = ("agreement", *words, "--dir", self.node(province), "--json")
        assert run(words) == 0, self._capsys.readouterr().err
        return json.loads(self._capsys.readouterr().out)

    def list_it(self, *files: Path) -> None:
        """Have the coordinator draft, both provinces sign, and the coordinator publish."""
        for draft in self.office.tell("coordinator", "agree", *map(str, files)).split():
            for province in ("CN-31", "CN-33"):
                self.says("sign", draft, province=province)
            self.office.tell("coordinator", "publish", draft)


def test_an_agreement_from_proposal_to_withdrawal(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = Provinces(office, tmp_path, capsys)
    first, second = tmp_path / "first", tmp_path / "second"
    parties = ("--party", "CN-SH", "--party", "CN-33")
    with office.serving():
        both.join("CN-31", "CN-33")
        both.says("propose", "delta", *parties, *TERMS, "--to", str(first))
        # One party short, the coordinator drafts nothing.
        assert run(["coordinator", "agree", str(first), "--folder", str(tmp_path / "office")]) == 1
        assert "AGREEMENT_UNSIGNED" in capsys.readouterr().err
        shown = both.says("sign", str(first), province="CN-33")["agreement"]
        assert len(shown["signers"]) == 2
        both.list_it(first)
        [listed] = both.says("list")["agreements"]
        assert listed["sha256"] == shown["sha256"]
        assert (listed["role"], listed["role_days_left"]) == ("yangtze-river-delta", 364)

        words = ("--version", "2", "--cap", "30", "--to", str(second))
        both.says("propose", "delta", *parties, *TERMS, *words)
        changed = both.says("diff", "delta", str(second))["differences"]
        assert [row["field"] for row in changed] == [
            "version",
            "learner_year_cap_hundredths",
            "sha256",
        ]
        assert changed[1]["new"] == 3000

        withdrawal = tmp_path / "withdrawal"
        both.says("withdraw", "delta", "--to", str(withdrawal), province="CN-33")
        both.list_it(withdrawal)
        assert both.says("list")["agreements"] == []
        assert run(["agreement", "show", "delta", "--dir", both.node("CN-31")]) == 1
        assert "AGREEMENT_UNKNOWN" in capsys.readouterr().err
