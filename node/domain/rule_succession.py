"""The next version of a rule: what is in force, and an entry for each thing that people granted.

It claims no more than was decided. People widen it before two of them publish it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from federation.base.errors import Refusal
from node.domain.draft_rule import draft_of
from node.domain.rule_form import RuleFormBreach
from node.domain.rule_revision import DecidedCase, entry_from_case
from node.domain.rulebook import ANY
from node.domain.rulebook_form import canonical_document
from node.domain.rulebook_shapes import FORM


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedVersion:
    """A version of a catalogue as a rule cites it.

    Attributes:
        issuer: institution as outcomes name it, or empty for all.
        digest: SHA-256 of it; empty where it is not kept here, and any version is cited.
    """

    source: str
    issuer: str
    name: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What people granted in one case.

    Attributes:
        case: name of the case, from which its entries are named.
        decided: what was granted together.
        homes: the home catalogue of each target.
        abroad: the catalogues of the lots, by source, issuer and version.
    """

    case: str
    decided: Sequence[DecidedCase]
    homes: Mapping[str, CitedVersion]
    abroad: Mapping[tuple[str, str, str], CitedVersion]


def first_rule(province: str, today: str) -> dict[str, Any]:
    """Return the content of a rule without entries, for a province that has none."""
    return {
        "rule": f"{province}/general",
        "form": FORM,
        "version": 0,
        "title_zh": "转换规则",
        "title_en": "Conversion rule",
        "valid_from": today,
        "catalogues": [],
        "entries": [],
    }


def next_version(content: dict[str, Any], draft: Draft, *, after: int) -> bytes:
    """Return the document of the next version, in its one spelling.

    Args:
        content: of the rule in force, of either form; it is changed.
        after: the highest version of that name that was ever published.

    Raises:
        Refusal: DRAFT_SHAPE where a table of equivalences has no line for what was granted; what
            it lacks may be written as a rule of form 2.
    """
    content["version"] = max(content["version"], after) + 1
    if "equivalences" in content:
        content["equivalences"] = [*content["equivalences"], *_lines(draft)]
    else:
        cited = _Citations(content["catalogues"])
        content["entries"] = [*content["entries"], *_entries(draft, cited)]
        content["catalogues"] = cited.catalogues
    try:
        return canonical_document(json.dumps(content, ensure_ascii=False).encode())
    except RuleFormBreach as breach:
        raise Refusal("DRAFT_SHAPE", detail=str(breach.faults[0])) from None


def _lines(draft: Draft) -> Iterable[dict[str, Any]]:
    for at, one in enumerate(draft.decided, start=1):
        if len(one.grants) != 1:
            raise Refusal("DRAFT_SHAPE")
        (grant,) = one.grants
        yield draft_of(
            _entry_name(draft, at),
            [(lot.source, lot.facts) for lot in one.lots],
            minute=one.minute,
            target=grant.target,
            catalogue="",
            granted_hundredths=grant.hundredths,
            offered_hundredths=sum(lot.amount_hundredths for lot in one.lots),
        ).as_equivalence()


def _entries(draft: Draft, cited: _Citations) -> Iterable[dict[str, Any]]:
    for at, one in enumerate(draft.decided, start=1):
        names = {(lot.source, lot.facts.issuer, lot.facts.catalogue) for lot in one.lots}
        keys = {name: cited.key(draft.abroad[name]) for name in sorted(names)}
        yield entry_from_case(
            one,
            entry_id=_entry_name(draft, at),
            homes={of.target: cited.key(draft.homes[of.target]) for of in one.grants},
            catalogues=keys,
        )


def _entry_name(draft: Draft, at: int) -> str:
    return f"{draft.case}-{at}"


class _Citations:
    """The catalogues that a document names, and those that it comes to name."""

    def __init__(self, catalogues: Sequence[Mapping[str, Any]]) -> None:
        self.catalogues: list[Mapping[str, Any]] = list(catalogues)

    def key(self, wanted: CitedVersion) -> str:
        """Return the key of a catalogue, naming it where the document does not."""
        version = wanted.version if wanted.digest else ANY
        for one in self.catalogues:
            named = (one["source"], one["version"], one.get("sha256", ""))
            is_same = named == (wanted.source, version, wanted.digest)
            if is_same and one.get("issuer", "") in (wanted.issuer, ""):
                return str(one["key"])
        made: dict[str, Any] = {
            "key": self._new_key(wanted.source),
            "source": wanted.source,
            "name": wanted.name,
            "version": version,
        }
        made |= {"issuer": wanted.issuer} if wanted.issuer else {}
        made |= {"sha256": wanted.digest} if wanted.digest else {}
        self.catalogues.append(made)
        return str(made["key"])

    def _new_key(self, source: str) -> str:
        taken = {one["key"] for one in self.catalogues}
        numbers = range(1, len(taken) + 2)
        return next(key for at in numbers if (key := f"{source}-{at}") not in taken)
