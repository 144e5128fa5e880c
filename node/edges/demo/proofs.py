"""Evidence: exported by the nodes, verified without them, and audited once more from files alone.

Transcripts are verified under the root of the ceremony, which no node had a hand in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from federation.evidence.audit import audit
from federation.evidence.folder import write_log, write_registry, write_transcripts
from federation.evidence.transcript import SUFFIX, decode, encode
from federation.evidence.verify import verify_transcript
from federation.signing.keystore import replace_file
from federation.trust.registry import RegistryView, verify_view
from node.edges.demo.province_desk import ProvinceDesk
from node.edges.demo.recomputing import Recomputing
from node.edges.demo.site import Site

EXAMPLES = "examples"
Advance = Callable[[], None]


def collect_evidence(
    site: Site,
    desks: Mapping[str, ProvinceDesk],
    problems: list[str],
    advance: Advance,
    recomputing: Recomputing,
) -> list[str]:
    """Write down what the nodes export and return the exchanges whose transcripts hold.

    Every decision in them is judged again.
    A transcript of each kind of end is also written whole, to be verified by itself.
    """
    pinned_root = site.root_path.read_bytes()
    files, their_root = next(iter(desks.values())).registry()
    if their_root != pinned_root:
        problems.append("ROOT: a node was installed with another root")
    view = verify_view(pinned_root, files)
    write_registry(site.directory, pinned_root, files)
    collector = _Collector(site, view, files, problems, advance, recomputing)
    for desk in desks.values():
        collector.collect(desk)
    return collector.verified


def audit_again(site: Site) -> list[str]:
    """Return what an audit of the folder, under the root of the ceremony, does not agree with."""
    report = audit(site.directory, site.root_path.read_bytes())
    return [f"AUDIT {one.place}: {one.reason} {one.detail}" for one in report.differences]


class _Collector:
    """Takes the exports of one province after another."""

    def __init__(
        self,
        site: Site,
        view: RegistryView,
        files: Mapping[str, bytes],
        problems: list[str],
        advance: Advance,
        recomputing: Recomputing,
    ) -> None:
        self._recomputing = recomputing
        self._site = site
        self._view = view
        self._files = files
        self._problems = problems
        self._advance = advance
        self._shown: set[str] = set()
        self.verified: list[str] = []

    def collect(self, desk: ProvinceDesk) -> None:
        """Verify and write the transcripts of one source, then its whole log."""
        kept = (self._check(desk.province, one.transcript) for one in desk.transcripts())
        write_transcripts(self._site.directory, desk.province, kept)
        entries, checkpoint = desk.log()
        write_log(self._site.directory, desk.province, entries, checkpoint)

    def _check(self, province: str, exported: bytes) -> bytes:
        """Verify a transcript; return it without the registry, which the folder has once."""
        transcript = decode(exported)
        different = self._recomputing.check(exported)
        self._problems.extend(f"{province}: {one}" for one in different)
        kept = encode(replace(transcript, registry={}))
        report = verify_transcript(
            kept, pinned_root=self._site.root_path.read_bytes(), registry=self._view
        )
        if report.valid:
            self.verified.append(report.exchange)
            if report.outcome not in self._shown:
                self._shown.add(report.outcome)
                whole = replace(transcript, registry=dict(self._files))
                whole = self._recomputing.complete(whole)
                replace_file(self._example(report.outcome), encode(whole))
        else:
            self._problems.append(f"TRANSCRIPT {province}: {report.failed_part}: {report.reason}")
        self._advance()
        return kept

    def _example(self, outcome: str) -> Path:
        return self._site.directory / EXAMPLES / f"{outcome}{SUFFIX}"
