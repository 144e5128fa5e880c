"""Questions about catalogues, frameworks and rules, within one transaction of a connection."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    exists,
    func,
    literal_column,
    select,
    tuple_,
)

from node.domain.catalogue import ENTRY_FIELDS, CatalogueEntry
from node.domain.publication import Publication, PublicationState
from node.storage.publication_tables import catalogue_entry, publication

CATALOGUE, RULE = "CATALOGUE", "RULE"
_PERSONS = ("drafted_by", "approved_by", "published_by", "retired_by")
_HEADING = ("name", "version", "digest", *_PERSONS)
_STANDING = [PublicationState.PUBLISHED.value, PublicationState.RETIRED.value]


class SqlPublications:
    """What is drafted, approved and published."""

    _connection: Connection

    def publication(self, kind: str, name: str, version: str) -> Publication | None:
        """Return one version, or None."""
        c = publication.c
        query = select(*_columns()).where(c.kind == kind, c.name == name, c.version == version)
        row = self._connection.execute(query).first()
        return None if row is None else _publication(row)

    def publications(self, kind: str, name: str = "") -> list[Publication]:
        """Return the versions of one name, or of all, in the order of their last step."""
        c = publication.c
        query = select(*_columns()).where(c.kind == kind)
        if name:
            query = query.where(c.name == name)
        query = query.order_by(c.name, c.changed_us, c.version)
        return [_publication(row) for row in self._connection.execute(query).all()]

    def published_document(self, kind: str, name: str, version: str) -> bytes:
        """Return the document of a version, drafts included; empty when there is none."""
        c = publication.c
        query = select(c.document).where(c.kind == kind, c.name == name, c.version == version)
        row = self._connection.execute(query).first()
        return b"" if row is None else row.document

    def rule_in_force(self) -> str:
        """Return the digest of the rule that judges: the one published last and not retired.

        Empty where there is none. No document is read.
        """
        c = publication.c
        return str(self._connection.execute(_newest_rule(c.digest)).scalar() or "")

    def rule(self) -> bytes | None:
        """Return the rule that judges, or None."""
        digest = self.rule_in_force()
        return self.documents_by_digest([digest]).get(digest) if digest else None

    def documents_by_digest(self, digests: Collection[str]) -> Mapping[str, bytes]:
        """Return what was published here under these digests, retired or not."""
        if not digests:
            return {}
        c = publication.c
        query = select(c.digest, c.document).where(
            c.digest.in_(sorted(set(digests))), c.state.in_(_STANDING)
        )
        return {row.digest: row.document for row in self._connection.execute(query).all()}

    def catalogues_in_force(self, digests: Collection[str]) -> set[str]:
        """Return which of these digests are those of published catalogues."""
        c = publication.c
        query = select(c.digest).where(
            c.kind == CATALOGUE, c.digest.in_(sorted(set(digests))), _is_in_force()
        )
        return {row.digest for row in self._connection.execute(query).all()}

    def has_catalogue(self, issuer: str) -> bool:
        """Tell whether a province has published a catalogue of its own."""
        c = publication.c
        query = select(
            exists().where(
                c.kind == CATALOGUE,
                c.name.startswith(f"{issuer}/", autoescape=True),
                _is_in_force(),
            )
        )
        return bool(self._connection.execute(query).scalar())

    def targets_of(self, issuer: str) -> list[CatalogueEntry]:
        """Return all entries of a province's published catalogues, the newest version's last."""
        c, e = publication.c, catalogue_entry.c
        query = (
            select(catalogue_entry)
            .join(publication, (c.name == e.name) & (c.version == e.version))
            .where(c.kind == CATALOGUE, _is_in_force())
            .where(e.name.startswith(f"{issuer}/", autoescape=True))
            .order_by(c.changed_us, c.version, e.code)
        )
        return [_entry(row) for row in self._connection.execute(query).all()]

    def listed_outcomes(
        self, issuer: str, cited: Collection[tuple[str, str]]
    ) -> list[tuple[str, str, CatalogueEntry]]:
        """Return the entries that outcomes of a province cite by version and code.

        Returns:
            name and version of each published catalogue that has one, with the entry.
        """
        if not cited:
            return []
        c, e = publication.c, catalogue_entry.c
        query = (
            select(catalogue_entry)
            .join(publication, (c.name == e.name) & (c.version == e.version))
            .where(c.kind == CATALOGUE, _is_in_force())
            .where(e.name.startswith(f"{issuer}/", autoescape=True))
            .where(tuple_(e.version, e.code).in_(sorted(cited)))
            .order_by(e.name, e.version, e.code)
        )
        return [
            (row.name, row.version, _entry(row)) for row in self._connection.execute(query).all()
        ]

    def listings(
        self, issuer: str, codes: Collection[str]
    ) -> list[tuple[str, str, str, CatalogueEntry]]:
        """Return where codes stand in a province's published catalogues, the newest version's last.

        Returns:
            name, version and digest of each catalogue that has one, with the entry.
        """
        askable = sorted(code for code in codes if "\0" not in code)
        c, e = publication.c, catalogue_entry.c
        query = (
            select(catalogue_entry, c.digest)
            .join(publication, (c.name == e.name) & (c.version == e.version))
            .where(c.kind == CATALOGUE, _is_in_force())
            .where(e.name.startswith(f"{issuer}/", autoescape=True), e.code.in_(askable))
            .order_by(c.changed_us, e.name, e.version, e.code)
        )
        return [
            (row.name, row.version, row.digest, _entry(row))
            for row in self._connection.execute(query).all()
        ]


def _is_in_force() -> ColumnElement[bool]:
    # SQLite uses a partial index only where the query spells the index's own condition.
    return publication.c.state == literal_column("'PUBLISHED'")


def _newest_rule(column: ColumnElement[Any]) -> Select[Any]:
    c = publication.c
    # A rule's version is a whole number in its only spelling: of two the longer is the higher.
    newest = (c.changed_us.desc(), func.length(c.version).desc(), c.version.desc(), c.name.desc())
    return select(column).where(c.kind == RULE, _is_in_force()).order_by(*newest).limit(1)


def _entry(row: Row[Any]) -> CatalogueEntry:
    return CatalogueEntry(*(getattr(row, one) for one in ENTRY_FIELDS))


def _columns() -> list[Any]:
    return [publication.c[name] for name in (*_HEADING, "state")]


def _publication(row: Row[Any]) -> Publication:
    values = {name: getattr(row, name) for name in _HEADING}
    return Publication(**values, state=PublicationState(row.state))
