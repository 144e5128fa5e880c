"""The demonstration over PostgreSQL: the same figures, also when one of two processes is killed.

``CREDITBANK_KILLS`` says how often a process is killed; the ordinary suite is content with three.
"""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from random import Random
from typing import Any

from node.edges.demo.announcer import Announcer
from node.edges.demo.cluster import Cluster
from node.edges.demo.plan import plan_demo
from node.edges.demo.processes import Processes
from node.edges.demo.run import perform, running
from node.edges.demo.site import Site, open_site
from tests.e2e.runs import start_demo, totals
from tests.postgresql import Databases

KILLS = int(os.environ.get("CREDITBANK_KILLS", "3"))
SEED = int(os.environ.get("CREDITBANK_KILL_SEED", "1"))
TRANSFERS = 40 * KILLS


def test_figures_are_those_of_sqlite(postgresql: Databases, tmp_path: Path) -> None:
    files = start_demo(tmp_path / "files", "--exit", "--json").finish()
    directory = tmp_path / "server"
    try:
        first = start_demo(directory, "--exit", "--json", "--db", "postgresql").finish()
        again = start_demo(directory, "--exit", "--json", "--db", "postgresql").finish()
    finally:
        # The demonstration keeps its server's data with its folder, which may be elsewhere.
        Cluster(directory / "postgresql", is_kept=False).end()
    assert totals(first) == totals(again) == totals(files)


def test_kills_of_one_of_two_processes_change_nothing(
    postgresql: Databases, tmp_path: Path
) -> None:
    calm = start_demo(tmp_path / "calm", "--exit", "--json", transfers=TRANSFERS).finish()
    figures, killed = _run_with_twins(tmp_path / "killed", postgresql)
    assert killed == KILLS
    assert totals(figures) == totals(calm)


def _run_with_twins(directory: Path, databases: Databases) -> tuple[dict[str, Any], int]:
    """Run with a second process beside each node, and kill those in turn while it runs."""
    plan = plan_demo(seed=7, provinces=3, learners=6, transfers=TRANSFERS)
    twins, done = Twins(), threading.Event()
    with (
        databases.lent_to(plan.provinces) as addresses,
        open_site(directory, {"digest": plan.digest()}, plan.provinces) as site,
        Announcer() as announcer,
        running(site, plan.provinces, announcer, addresses) as federation,
        twins,
    ):
        for province in plan.provinces:
            twins.start_for(site, province)
        killer = threading.Thread(target=twins.kill_in_turn, args=(site, plan.provinces, done))
        killer.start()
        try:
            findings = perform(site, plan, federation, announcer)
        finally:
            done.set()
            killer.join()
        assert findings.problems == []
        return findings.figures(), twins.killed


class Twins(Processes):
    """Second processes of nodes: same directory, same addresses, same database."""

    def __init__(self) -> None:
        super().__init__()
        self.killed = 0

    def start_for(self, site: Site, province: str) -> None:
        """Start the second process of a province."""
        folder = site.node(province)
        self.start(province, ("run", "--dir", str(folder)), folder / "twin.log")

    def kill_in_turn(self, site: Site, provinces: tuple[str, ...], done: threading.Event) -> None:
        """Kill one after another without warning, each while there is work, and start it again."""
        chance = Random(SEED)
        for turn in range(KILLS):
            if done.wait(chance.uniform(1.0, 2.0)) and turn:
                return
            province = provinces[turn % len(provinces)]
            os.kill(self.pids[province], signal.SIGKILL)
            self.reap(province)
            self.killed += 1
            self.start_for(site, province)

    def reap(self, province: str) -> None:
        """Wait for the end of a killed process."""
        child = self._children[province].process
        child.wait()
        assert child.stdin is not None
        child.stdin.close()
