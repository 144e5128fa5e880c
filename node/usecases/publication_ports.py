"""What the publication of catalogues and frameworks needs of the store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from node.domain.catalogue import CatalogueEntry
from node.domain.publication import Publication

Listed = tuple[str, str, CatalogueEntry]


class PublicationReading(Protocol):
    """What can be asked about what is drafted and published."""

    def publication(self, kind: str, name: str, version: str) -> Publication | None: ...
    def publications(self, kind: str, name: str = "") -> list[Publication]: ...
    def published_document(self, kind: str, name: str, version: str) -> bytes: ...
    def targets_of(self, issuer: str) -> list[CatalogueEntry]: ...
    def has_catalogue(self, issuer: str) -> bool: ...
    def listed_outcomes(self, issuer: str, cited: Collection[tuple[str, str]]) -> list[Listed]: ...


class PublicationWriting(Protocol):
    """What a person's step leaves behind."""

    def keep_draft(
        self, kind: str, publication: Publication, document: bytes, now_us: int
    ) -> None: ...
    def keep_entries(self, name: str, version: str, entries: Sequence[CatalogueEntry]) -> None: ...
    def move_publication(
        self, kind: str, before: Publication, after: Publication, now_us: int
    ) -> None: ...
