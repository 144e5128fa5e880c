"""What rows of the Shanghai files need of the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from node.domain.catalogue import CatalogueEntry
from node.domain.shanghai_kept import KeptRow


class ShanghaiReading(Protocol):
    """What can be asked about rows that were taken, and by which titles outcomes are known."""

    def shanghai_rows(self, marks: Collection[bytes]) -> Mapping[bytes, KeptRow]: ...
    def shanghai_rows_about(
        self, subjects: Collection[bytes], accounts: Collection[str]
    ) -> list[KeptRow]: ...
    def shanghai_page(self, kind: str, after: int, limit: int) -> list[KeptRow]: ...
    def shanghai_templates(self, kind: str) -> Mapping[str, int]: ...
    def entries_titled(
        self, name: str, version: str, titles: Collection[str]
    ) -> list[CatalogueEntry]: ...


class ShanghaiWriting(Protocol):
    """What an import leaves behind."""

    def keep_shanghai_rows(self, rows: Sequence[KeptRow]) -> None: ...
    def take_shanghai_rows(self, marks: Collection[bytes], by: str) -> None: ...
