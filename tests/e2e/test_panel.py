"""A panel and an appeal against it, as processes and commands: the whole way of a held offer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from federation.base.clock import SystemClock
from federation.coordinator.publication import TIMESTAMP_LIFE, keep_fresh
from node.founding import issue_service_account
from tests.e2e.realm import Realm, command, realm, until_true
from tests.federation.registry_world import present_us

SOURCE, DESTINATION = "CN-31", "CN-44"
SCHOOLS = ("广东大学", "深圳大学")
EXPERTS = 12


class Bank:
    """The destination's people, by their commands."""

    def __init__(self, kingdom: Realm) -> None:
        self.kingdom = kingdom
        self.published: set[int] = set()

    def told(self, *words: str, account: str = "operator") -> Any:
        """Run a command that must succeed, or wait for something."""
        answer = self.kingdom.ask(DESTINATION, *words, "--as", account)
        assert answer.code in (0, 4), (words, answer.error)
        return answer

    def publish_catalogue(self, file: Path) -> None:
        """Let two persons publish what lots can count as."""
        file.write_text("code,title,level,credits,hours,kind\nGD-1,高等数学,5,2.5,40,DEGREE\n")
        name = f"{DESTINATION}/courses"
        heading = ("--name", name, "--version", "2026.1", "--title", "课程目录")
        draft = self.told("catalogue", "import", str(file), *heading, account="operator-li")
        publishing = ("catalogue", "publish", name, "2026.1", "--digest")
        for account in ("operator-li", "operator-wang"):
            self.told(*publishing, draft["publication"]["digest"], account=account)

    def import_experts(self, file: Path) -> None:
        """Put experts of two schools on the list, each with an account of their own."""
        rows = [f"E-{at},expert-{at},{SCHOOLS[at % 2]},110,2020-01-01" for at in range(EXPERTS)]
        file.write_text("\n".join(["expert,account,institution,fields,active_from", *rows]))
        self.told("expert", "import", str(file))

    def decide(self, exchange: str, lot: str, granted: str) -> list[str]:
        """Draw a panel, let it vote and make its minute; return its members."""
        target = ("--panel", "--target", f"{lot}=2026.1/GD-1")
        self.told("panel", "open", exchange, *target)
        members = until_true(lambda: self._seated(exchange), "no panel was seated")
        for member in members:
            account = member.replace("E-", "expert-")
            voting = ("panel", "vote", exchange, "--grant", f"q1={granted}", "--no-interest")
            self.told(*voting, account=account)
        review = self.told("panel", "minute", exchange)["review"]
        assert review["state"] == "DECIDED"
        return [str(one) for one in members]

    def _seated(self, exchange: str) -> list[str]:
        """Announce the draw or make it; the timestamp that it waits for is signed once it does."""
        review = self.told("panel", "draw", exchange)["review"]
        if review["state"] == "VOTING":
            return list(review["members"])
        if review["waits_for"] not in self.published:
            self.published.add(review["waits_for"])
            ahead_us = present_us() + len(self.published) * TIMESTAMP_LIFE
            assert keep_fresh(self.kingdom.world.office, self.kingdom.world.online, now_us=ahead_us)
        return []


def test_a_panel_decides_and_another_raises_it_on_appeal(tmp_path: Path) -> None:
    with realm(tmp_path) as kingdom:
        kingdom.start_coordinator()
        kingdom.found((SOURCE, DESTINATION), review="person")
        here, there = kingdom.start(SOURCE), kingdom.start(DESTINATION)
        for account in ("operator-li", "operator-wang", *(f"expert-{at}" for at in range(EXPERTS))):
            issue_service_account(kingdom.folder / DESTINATION, account, clock=SystemClock())
        bank = Bank(kingdom)
        bank.publish_catalogue(tmp_path / "catalogue.csv")
        bank.import_experts(tmp_path / "experts.csv")

        learner, account = kingdom.person(here, there)
        lots = here.deposit(learner, "3")
        code = there.code(account, SOURCE)
        exchange = here.apply(learner, lots, DESTINATION, code=code).hex()
        until_true(lambda: kingdom.states(DESTINATION).get(exchange) == "RECEIVED", "not held")
        first = bank.decide(exchange, lots[0].hex(), "1.00")
        until_true(lambda: kingdom.states(SOURCE).get(exchange) == "PREPARED", "no decision")
        told = kingdom.ask(SOURCE, "transfer", "show", exchange)["transfer"]
        assert (told["decided_by"], told["granted"]) == ("PANEL", "1.00")
        assert told["appeal_until"]
        assert kingdom.ask(SOURCE, "request", "accept", exchange).code == 0
        until_true(lambda: kingdom.states(SOURCE).get(exchange) == "CLOSED", "not credited")

        again = there.code(account, SOURCE).hex()
        words = ("transfer", "appeal", exchange, "--code", again, "--consent")
        appeal = kingdom.ask(SOURCE, *words)["appeal"]["exchange"]
        until_true(lambda: kingdom.states(DESTINATION).get(appeal) == "RECEIVED", "not heard")
        second = bank.decide(appeal, lots[0].hex(), "2.00")
        assert not set(first) & set(second)
        until_true(lambda: kingdom.states(SOURCE).get(appeal) == "RECOGNISED", "no decision")
        archive = there.archive(account)
        assert archive.balance_hundredths == 200
        assert sorted(lot.amount_hundredths for lot in archive.lots) == [100, 100]
        late = kingdom.ask(SOURCE, *words[:2], appeal, *words[3:])
        assert "APPEAL_TWICE" in late.error

        # Both stories verify offline, and the books agree.
        root = kingdom.folder / SOURCE / "root.json"
        out = tmp_path / "out"
        for province in (SOURCE, DESTINATION):
            exported = kingdom.ask(
                province, "transfer", "export", exchange, appeal, "--to", str(out / province)
            )
            assert exported.code == 0, exported.error
        files = sorted(out.glob("*/*.transcript"))
        assert len(files) == 4
        for file in files:
            check_verifies(file, root)


def check_verifies(file: Path, root: Path) -> None:
    told = command("verify", str(file), "--root", str(root), "--json")
    assert told.code == 0, told.error
