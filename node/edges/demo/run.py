"""A whole run: establish, start, travel, prove; again from the beginning after any kill."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

from federation.base.clock import SystemClock
from federation.base.entropy import SystemEntropy
from federation.base.errors import Refusal
from federation.evidence.folder import write_figures
from node.edges.demo.announcer import Announcer
from node.edges.demo.establishment import Establishment
from node.edges.demo.figures import Findings
from node.edges.demo.itinerary import Itinerary
from node.edges.demo.journal import Journal
from node.edges.demo.journey import Journey, everywhere, holds
from node.edges.demo.ports import is_taken
from node.edges.demo.processes import Processes
from node.edges.demo.proofs import audit_again, collect_evidence
from node.edges.demo.province_desk import ProvinceDesk
from node.edges.demo.recomputing import Recomputing
from node.edges.demo.site import Site

_READY_SECONDS = 120.0
_WITNESS_SECONDS = 150.0
# A node that met peers before they were up says DEGRADED until it has reached them.
_SERVING = ("SERVING", "DEGRADED")


@dataclass(frozen=True, slots=True)
class Federation:
    """A running federation.

    Attributes:
        ready_seconds: from the beginning until every node served.
    """

    processes: Processes
    desks: Mapping[str, ProvinceDesk]
    ready_seconds: float


@contextmanager
def running(
    site: Site,
    provinces: tuple[str, ...],
    announcer: Announcer,
    databases: Mapping[str, str] | None = None,
) -> Iterator[Federation]:
    """Establish what is not there yet and run it until the context ends.

    Args:
        databases: addresses by province, where it is not a file in the node's directory.
    """
    began = monotonic()
    with Processes() as processes, ExitStack() as opened:
        _end_when_told()
        clock, entropy = SystemClock(), SystemEntropy()
        establishment = Establishment(
            site, provinces, clock=clock, entropy=entropy, databases=databases or {}
        )
        establishment.run(processes, announcer.stage)
        announcer.stage("starting", len(provinces))
        _start_nodes(site, provinces, processes)
        desks = {}
        for province in provinces:
            desks[province] = ProvinceDesk(site, province, processes.check)
            opened.callback(desks[province].close)
        _await_serving(desks, processes, announcer)
        everywhere(desks, ProvinceDesk.hurry)
        yield Federation(processes, desks, monotonic() - began)


def perform(
    site: Site, itinerary: Itinerary, federation: Federation, announcer: Announcer
) -> Findings:
    """Do everything that the itinerary says, prove it, and write the figures down.

    Raises:
        Refusal: DEMO_LOST when something acknowledged before a kill is gone, DEMO_STUCK when
            transfers do not end, DEMO_PROCESS when a process ended.
    """
    findings = Findings(ready_seconds=federation.ready_seconds, provinces=len(itinerary.provinces))
    journal = Journal(site.journal)
    try:
        if journal.facts:
            announcer.stage("holding")
            _check_journal(journal, federation)
        check = federation.processes.check
        journey = Journey(itinerary, federation.desks, journal, announcer, check)
        journey.prepare()
        findings.ends = journey.travel()
        findings.notes = _notes(itinerary, journey)
        _prove(site, federation, findings, announcer)
        announcer.stage("journal")
        _check_journal(journal, federation)
    finally:
        journal.close()
    findings.check(len(itinerary.transfers))
    _audit(site, findings, announcer)
    return findings


def stay(processes: Processes) -> None:
    """Wait for Ctrl-C, and tell when a process ends before."""
    while True:
        processes.check()
        sleep(0.5)


def _end_when_told() -> None:
    def leave(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, leave)


def _start_nodes(site: Site, provinces: tuple[str, ...], processes: Processes) -> None:
    for province in provinces:
        for place in range(2):
            if is_taken(site.address(province, place)):
                detail = f"{province}: {site.address(province, place)}"
                raise Refusal("DEMO_PORT", detail=detail)
        folder = site.node(province)
        processes.start(province, ("run", "--dir", str(folder)), folder / "node.log")


def _await_serving(
    desks: Mapping[str, ProvinceDesk], processes: Processes, announcer: Announcer
) -> None:
    until = monotonic() + _READY_SECONDS
    waiting = dict(desks)
    while waiting:
        processes.check()
        for province, desk in list(waiting.items()):
            # A channel that is refused waits longer before each next attempt, so it is not tried
            # before somebody listens.
            verdict = desk.verdict() if is_taken(desk.address) else "NODE_DOWN"
            if verdict in _SERVING:
                del waiting[province]
                announcer.advance()
            elif monotonic() > until:
                raise Refusal("DEMO_STUCK", detail=f"{province}: {verdict}")
        if waiting:
            sleep(0.1)


def _check_journal(journal: Journal, federation: Federation) -> None:
    missing = holds(journal, federation.desks)
    if missing:
        raise Refusal("DEMO_LOST", detail=f"{len(missing)}: " + "; ".join(missing[:5]))


def _notes(itinerary: Itinerary, journey: Journey) -> dict[str, Any]:
    rejected = [
        {"line": row.line, "reference": row.reference, "reason": row.reason}
        for rows in journey.rejected.values()
        for row in rows
    ]
    earlier = itinerary.notes.get("rejected_rows")
    notes = dict(itinerary.notes)
    if isinstance(earlier, list):
        notes["rejected_rows"] = sorted(earlier + rejected, key=lambda row: int(row["line"]))
    elif rejected:
        notes["rejected_rows"] = rejected
    return notes


def _prove(site: Site, federation: Federation, findings: Findings, announcer: Announcer) -> None:
    desks = federation.desks
    announcer.stage("reconciliation", len(desks))

    def reconcile(desk: ProvinceDesk) -> list[Any]:
        pairs = desk.reconcile()
        announcer.advance()
        return pairs

    pairs = everywhere(desks, reconcile)
    findings.pairs = [pair for province in desks for pair in pairs[province]]
    statuses = everywhere(desks, ProvinceDesk.status)
    findings.lots_deposited = sum(int(status.lots_deposited) for status in statuses.values())
    announcer.stage("witnessing")
    findings.witnessed = _await_witnessed(federation, findings.committed)
    announcer.stage("transcripts", len(findings.ends))
    recomputing = Recomputing(desks)
    findings.verified = collect_evidence(
        site, desks, findings.problems, announcer.advance, recomputing
    )
    findings.decisions = recomputing.decisions
    findings.recomputed = recomputing.agreeing


def _await_witnessed(federation: Federation, wanted: int) -> int:
    """Return how many COMMITs are witnessed, once all are or no witness got on for long."""
    until, before = monotonic() + _WITNESS_SECONDS, (0, 0)
    while True:
        federation.processes.check()
        statuses = everywhere(federation.desks, ProvinceDesk.status)
        count = sum(int(one.witnessing.source_witnessed) for one in statuses.values())
        if count >= wanted or monotonic() > until:
            return count
        known = sum(one.known_size for it in statuses.values() for one in it.witnessing.witnesses)
        if (count, known) > before:
            until, before = monotonic() + _WITNESS_SECONDS, (count, known)
        sleep(0.2)


def _audit(site: Site, findings: Findings, announcer: Announcer) -> None:
    write_figures(site.directory, findings.figures())
    announcer.stage("audit")
    findings.problems.extend(audit_again(site))
