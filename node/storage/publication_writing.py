"""Writes of what two persons publish, within one transaction of a connection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, insert, select, update

from node.domain.catalogue import CatalogueEntry
from node.domain.publication import Publication, PublicationState
from node.storage.engines import Conflict
from node.storage.following import SqlFollowing
from node.storage.publication_tables import catalogue_entry, publication


class SqlPublishing(SqlFollowing):
    """Drafts and the steps of persons."""

    def keep_draft(self, kind: str, draft: Publication, document: bytes, now_us: int) -> None:
        """Keep a draft in the place of an earlier draft of the same version.

        Raises:
            Conflict: where the version is no draft any more.
        """
        c = publication.c
        values = {**_row(draft), "kind": kind, "document": document, "changed_us": now_us}
        self._insert_new(publication, [values])
        kept = self._connection.execute(
            update(publication)
            .where(c.kind == kind, c.name == draft.name, c.version == draft.version)
            .where(c.state == PublicationState.DRAFT.value)
            .values(**values)
        )
        if kept.rowcount != 1:
            raise Conflict(f"publication {draft.name} {draft.version}")

    def keep_entries(self, name: str, version: str, entries: Sequence[CatalogueEntry]) -> None:
        """Keep the entries of a draft in the place of earlier ones."""
        c = catalogue_entry.c
        self._connection.execute(
            delete(catalogue_entry).where(c.name == name, c.version == version)
        )
        if entries:
            heading = {"name": name, "version": version}
            self._connection.execute(
                insert(catalogue_entry), [heading | asdict(one) for one in entries]
            )

    def move_publication(
        self, kind: str, before: Publication, after: Publication, now_us: int
    ) -> None:
        """Keep a person's step; when something was published stays known after it is retired.

        Raises:
            Conflict: where the version does not stand as it was loaded.
        """
        c = publication.c
        moment = "retired_us" if after.state is PublicationState.RETIRED else "changed_us"
        moved = self._connection.execute(
            update(publication)
            .where(c.kind == kind, c.name == before.name, c.version == before.version)
            .where(c.state == before.state.value, c.digest == before.digest)
            .where(c.approved_by == before.approved_by)
            .values(_row(after) | {moment: now_us})
        )
        if moved.rowcount != 1:
            raise Conflict(f"publication {before.name} {before.version}")

    def retire_before(self, kind: str, retired: Publication, now_us: int) -> None:
        """Retire all that was published before what somebody retired, by the same person."""
        c = publication.c
        published_us = (
            select(c.changed_us)
            .where(c.kind == kind, c.name == retired.name, c.version == retired.version)
            .scalar_subquery()
        )
        self._connection.execute(
            update(publication)
            .where(c.kind == kind, c.state == PublicationState.PUBLISHED.value)
            .where(c.changed_us <= published_us)
            .values(
                state=PublicationState.RETIRED.value,
                retired_by=retired.retired_by,
                retired_us=now_us,
            )
        )


def _row(one: Publication) -> dict[str, Any]:
    return asdict(one) | {"state": one.state.value}
