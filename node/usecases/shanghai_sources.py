"""By what rows of a Shanghai file are understood: a catalogue, and a framework of levels."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from federation.base.errors import Refusal
from node.domain.catalogue import Catalogue
from node.domain.framework_form import read_framework
from node.domain.publication import Publication, PublicationState
from node.usecases.office import Office
from node.usecases.ports import Reading
from node.usecases.publications import CATALOGUE, FRAMEWORK


@dataclass(frozen=True, slots=True)
class Sources:
    """A catalogue by name, and the level that each stage of education stands for."""

    catalogue: Publication
    levels: Mapping[str, int]

    def part(self, reading: Reading, titles: Collection[str]) -> Catalogue:
        """Return those entries of the catalogue that have one of these titles."""
        made = self.catalogue
        entries = reading.entries_titled(made.name, made.version, titles)
        return Catalogue(made.name, made.version, made.name, tuple(entries), made.digest)


def find_sources(reading: Reading, office: Office, catalogue: str, framework: str) -> Sources:
    """Return the published catalogue and framework of these names, or the newest of the only one.

    Without any published framework stages have no level; catalogues may give levels themselves.

    Raises:
        Refusal: PUBLICATION where there is none, or several and none is named.
    """
    own = f"{office.province}/"
    catalogues = [one for one in _published(reading, CATALOGUE) if one.name.startswith(own)]
    chosen = _chosen(catalogues, catalogue)
    if chosen is None:
        raise Refusal("PUBLICATION", detail="no catalogue of this province is published")
    frameworks = _published(reading, FRAMEWORK)
    frameworks = [one for one in frameworks if one.name.startswith(own)] or frameworks
    levelled = _chosen(frameworks, framework)
    levels: Mapping[str, int] = {}
    if levelled is not None:
        document = reading.published_document(FRAMEWORK, levelled.name, levelled.version)
        levels = read_framework(document).stages
    return Sources(chosen, levels)


def _published(reading: Reading, kind: str) -> list[Publication]:
    return [one for one in reading.publications(kind) if one.state is PublicationState.PUBLISHED]


def _chosen(published: list[Publication], wanted: str) -> Publication | None:
    if wanted:
        name, _, version = wanted.rpartition("@")
        found = [one for one in published if (one.name, one.version) == (name, version)]
        if not found:
            raise Refusal("PUBLICATION", detail=wanted[:160])
        return found[0]
    names = sorted({one.name for one in published})
    if len(names) > 1:
        raise Refusal("PUBLICATION", detail=f"name one of {', '.join(names)[:160]}")
    # The list is in the order of publication.
    return published[-1] if published else None
