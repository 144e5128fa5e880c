"""Two provinces whose destination judges by a rule of form 2 that cites catalogues of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from node.domain.catalogue import Catalogue, CatalogueEntry
from node.domain.catalogue_form import canonical_catalogue, make_catalogue
from node.domain.exchange import ExchangeKey
from node.domain.rulebook_form import canonical_document
from node.edges.decision_files import DecisionFile, read_decision
from tests.node.cap_documents import cap
from tests.node.province import DESTINATION, SOURCE, Province
from tests.node.published import publish, publish_rule
from tests.node.rulebook_documents import course, entry, grant, written
from tests.node.two_provinces import Person, TwoProvinces

CATALOGUE, RULE = "CATALOGUE", "RULE"
VERSION = "2025.1"
YEAR = {"kind": "CALENDAR_YEAR", "starts": [], "days": 0}


def catalogue(province: str, codes: str, *, version: str = VERSION, more: int = 0) -> Catalogue:
    """A catalogue of courses of 3.00 credits, of level 6."""
    entries = tuple(
        CatalogueEntry(
            code=code,
            title=f"课程 {code}",
            level=6,
            field="520",
            credits_hundredths=300 + more,
            hours=64,
            kind="DEGREE",
            category="",
            valid_from="",
            valid_until="",
        )
        for code in codes.split()
    )
    return make_catalogue(
        name=f"{province}/courses", version=version, title="课程目录", entries=entries
    )


THEIRS = catalogue(SOURCE, "CS-101 CS-102 CS-103 CS-104 CS-105 CS-106 XP-1")
OURS = catalogue(DESTINATION, "ZJ-1 ZJ-2 ZJ-3 ZJ-4")
ENTRIES = [
    # Both together count as one; their ratio is stated, and rounded down.
    entry({"all": [course("CS-101", "sh"), course("CS-102", "sh")]}, grant("ZJ-1", ratio="4/5")),
    # Either counts, once.
    entry({"any": [course("CS-103", "sh"), course("CS-104", "sh")]}, grant("ZJ-2")),
    entry(course("CS-105", "sh", minimum_grade=70), grant("ZJ-3"), repeats=True),
    entry(course("XP-1", "sh"), grant("ZJ-4"), track="PANEL"),
]


def rule(**change: Any) -> dict[str, Any]:
    """The content of the destination's rule."""
    cited = [
        {
            "key": key,
            "source": one.issuer,
            "name": one.name,
            "version": one.version,
            "sha256": one.digest,
        }
        for key, one in (("gd", OURS), ("sh", THEIRS))
    ]
    return {
        "rule": f"{DESTINATION}/together",
        "version": 1,
        "form": 2,
        "title_zh": "合并认定规则",
        "title_en": "Rule of what counts together",
        "valid_from": "2025-01-01",
        "catalogues": cited,
        "entries": [{"id": f"e{at}"} | one for at, one in enumerate(ENTRIES, start=1)],
        "caps": [cap("all-year", {"at_most": 1000}, window=YEAR, dated_by="DECIDED")],
    } | change


def document(**change: Any) -> bytes:
    """The rule's document."""
    return canonical_document(written(rule(**change)))


def publish_all(two: TwoProvinces) -> None:
    """Publish the catalogues and the rule at the destination."""
    # The destination keeps the catalogue of the source too, as it was imported.
    for one in (OURS, THEIRS):
        publish(two.destination.office, CATALOGUE, canonical_catalogue(one))
    # What is published last judges.
    two.clock.advance(1)
    publish_rule(two.destination.office, document())


@dataclass(frozen=True)
class Decided:
    """A decided exchange."""

    two: TwoProvinces
    person: Person
    exchange_id: bytes

    def key(self, at: Province) -> ExchangeKey:
        other = SOURCE if at is self.two.destination else DESTINATION
        return other, self.exchange_id

    def exported(self, at: Province | None = None) -> bytes:
        """The transcript as a province exports it, the destination unless told."""
        at = at or self.two.destination
        ((_, made),) = at.operations.transcripts([self.key(at)], with_registry=True)
        return made

    def file(self, at: Province | None = None) -> DecisionFile:
        """The decision in that transcript."""
        return read_decision(self.exported(at))


def decide(two: TwoProvinces, *codes: str, whole: bool = True, **options: Any) -> Decided:
    """Let a learner apply with a lot of each code, until nothing moves any more."""
    person = options.pop("person", None) or two.person()
    facts = options.pop("facts", {})
    lots = [two.lot(person, code=code, title=f"课程 {code}", **facts) for code in codes]
    exchange_id = two.apply(person, *lots, whole=whole, **options)
    two.run()
    return Decided(two, person, exchange_id)
