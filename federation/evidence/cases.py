"""Exchanges as their parties exported them, gathered case by case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from federation.base.errors import Breach
from federation.evidence.chain import Chain
from federation.evidence.findings import Findings, Pair
from federation.evidence.folder import EvidenceFiles
from federation.evidence.packing import unpack
from federation.evidence.parts import PartFailed, part
from federation.evidence.transcript import decode
from federation.evidence.verify import Verifier

CaseKey = tuple[str, str, bytes]


@dataclass(frozen=True, slots=True)
class Exported:
    """A transcript that holds.

    Attributes:
        holder: the province whose evidence it is.
        place: where it lies, for people.
    """

    holder: str
    place: str
    chain: Chain

    @property
    def key(self) -> CaseKey:
        """Source, destination and exchange."""
        return self.chain.source, self.chain.destination, self.chain.exchange_id


@dataclass(frozen=True, slots=True)
class Case:
    """One exchange with each party's copy of it."""

    copies: tuple[Exported, ...]

    @property
    def pair(self) -> Pair:
        """Source and destination."""
        chain = self.copies[0].chain
        return chain.source, chain.destination

    @property
    def chain(self) -> Chain:
        """The copy that shows most."""
        return max((one.chain for one in self.copies), key=lambda chain: len(chain.messages))

    @property
    def out_hundredths(self) -> int:
        """What left the source, by the source's own evidence."""
        own = (one.chain for one in self.copies if one.holder == one.chain.source)
        return max((chain.committed_hundredths for chain in own), default=0)

    @property
    def in_hundredths(self) -> int:
        """What the destination signed to have taken in, in source hundredths."""
        receipt = self.chain.receipt
        return receipt.inbound_hundredths if receipt else 0

    @property
    def granted_hundredths(self) -> int:
        """What the destination signed to have issued, in its own hundredths."""
        receipt = self.chain.receipt
        return receipt.granted_hundredths if receipt else 0

    @property
    def is_witnessed(self) -> bool:
        """Whether a copy shows that a quorum of witnesses covers the COMMIT."""
        return any(one.chain.witnesses for one in self.copies)

    @property
    def in_flight_hundredths(self) -> int:
        """What was committed and not yet receipted, in source hundredths."""
        return 0 if self.chain.receipt else self.chain.committed_hundredths


def read_transcripts(
    files: EvidenceFiles, verifier: Verifier, findings: Findings
) -> list[Exported]:
    """Return every exported transcript that holds, and note those that do not."""
    exported: list[Exported] = []
    for province, one in files.provinces.items():
        if one.transcripts is None:
            findings.add(f"{province} transcripts", "EVIDENCE_FORM", "missing", province=province)
            continue
        try:
            for number, encoded in enumerate(unpack(one.transcripts), start=1):
                place = f"{province} transcript {number}"
                exported += _verified(province, place, encoded, verifier, findings)
        except Breach as breach:
            findings.add(f"{province} transcripts", breach.reason, breach.detail, province=province)
    return exported


def gather_cases(exported: Iterable[Exported], findings: Findings) -> list[Case]:
    """Return exchanges with all their copies, and note copies that contradict each other."""
    copies: dict[CaseKey, list[Exported]] = {}
    for one in exported:
        copies.setdefault(one.key, []).append(one)
    cases = [Case(tuple(many)) for many in copies.values()]
    for case in cases:
        _compare_copies(case, findings)
    return cases


def _verified(
    province: str, place: str, encoded: bytes, verifier: Verifier, findings: Findings
) -> list[Exported]:
    try:
        with part("form"):
            transcript = decode(encoded)
            if transcript.registry:
                raise Breach("EVIDENCE_FORM", detail="a registry of its own")
        chain = verifier.verify(transcript)
        with part("messages"):
            if province not in (chain.source, chain.destination):
                raise Breach("NOT_PARTY")
    except PartFailed as failure:
        breach = failure.breach
        findings.add(f"{place}, {failure.part}", breach.reason, breach.detail, province=province)
        return []
    return [Exported(province, place, chain)]


def _compare_copies(case: Case, findings: Findings) -> None:
    holders = [one.holder for one in case.copies]
    if len(set(holders)) != len(holders):
        findings.add(case.copies[-1].place, "EVIDENCE_FORM", "exported twice", pair=case.pair)
    first, *others = case.copies
    known = {(one.kind, one.message.header.step): one.digest for one in first.chain.messages}
    for other in others:
        for one in other.chain.messages:
            key = (one.kind, one.message.header.step)
            if known.setdefault(key, one.digest) != one.digest:
                place = f"{other.place}, {one.kind.name}"
                findings.add(place, "EQUIVOCATION", first.place, pair=case.pair)
