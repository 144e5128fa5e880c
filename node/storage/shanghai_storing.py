"""Rows of the Shanghai files, asked for and written within one transaction of a connection."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from node.domain.catalogue import ENTRY_FIELDS, CatalogueEntry
from node.domain.outcome_life import OutcomeState
from node.domain.shanghai_codes import Template
from node.domain.shanghai_kept import KeptRow
from node.storage.accreditation_tables import outcome
from node.storage.publication_tables import catalogue_entry
from node.storage.shanghai_tables import shanghai_row

_PLAIN = (
    "mark",
    "subject",
    "kind",
    "outcome",
    "account",
    "sealed",
    "file",
    "line",
    "handed_by",
    "taken_by",
)


class SqlShanghaiReading:
    """Rows that were taken, and outcomes of a catalogue by their titles."""

    _connection: Connection

    def shanghai_rows(self, marks: Collection[bytes]) -> Mapping[bytes, KeptRow]:
        """Return the rows that say the same, by their marks."""
        found = self._kept(_rows().where(shanghai_row.c.mark.in_(list(marks)))) if marks else []
        return {row.mark: row for row in found}

    def shanghai_rows_about(
        self, subjects: Collection[bytes], accounts: Collection[str]
    ) -> list[KeptRow]:
        """Return every row about these subjects.

        Args:
            accounts: the learners' that the subjects are about; where transactions run beside one
                another, no other one adds a row of theirs until ours ends.
        """
        if not subjects:
            return []
        wanted = shanghai_row.c.subject.in_(list(subjects))
        return self._kept(_rows().where(wanted).order_by(shanghai_row.c.place))

    def shanghai_page(self, kind: str, after: int, limit: int) -> list[KeptRow]:
        """Return a page of the rows of a kind that the bank took in, in the order of arrival."""
        c = shanghai_row.c
        query = _rows().where(c.kind == kind, c.place > after, c.taken_by != "")
        return self._kept(query.order_by(c.place).limit(limit))

    def shanghai_templates(self, kind: str) -> Mapping[str, int]:
        """Return how many rows of a kind use the codes of each template."""
        c = shanghai_row.c
        query = select(c.template, func.count().label("many")).where(
            c.kind == kind, c.taken_by != ""
        )
        found = self._connection.execute(query.group_by(c.template)).all()
        return {row.template: row.many for row in found}

    def entries_titled(
        self, name: str, version: str, titles: Collection[str]
    ) -> list[CatalogueEntry]:
        """Return the entries of one version of a catalogue that have these titles, by code."""
        c = catalogue_entry.c
        query = (
            select(catalogue_entry)
            .where(c.name == name, c.version == version, c.title.in_(sorted(titles)))
            .order_by(c.code)
        )
        found = self._connection.execute(query).all() if titles else []
        return [CatalogueEntry(*(getattr(row, one) for one in ENTRY_FIELDS)) for row in found]

    def _kept(self, query: Select[Any]) -> list[KeptRow]:
        return [_row(row) for row in self._connection.execute(query).all()]


class SqlShanghaiWriting(SqlShanghaiReading):
    """Rows as they come in, as the bank takes them, and as they are erased."""

    def keep_shanghai_rows(self, rows: Sequence[KeptRow]) -> None:
        """Keep new rows."""
        if rows:
            self._connection.execute(
                insert(shanghai_row),
                [
                    {
                        **{name: getattr(one, name) for name in _PLAIN},
                        "template": one.template.value,
                    }
                    for one in rows
                ],
            )

    def take_shanghai_rows(self, marks: Collection[bytes], by: str) -> None:
        """Note that the bank took rows in."""
        c = shanghai_row.c
        if marks:
            self._connection.execute(
                update(shanghai_row)
                .where(c.mark.in_(list(marks)), c.taken_by == "")
                .values(taken_by=by)
            )

    def _erase_shanghai_rows(self, account: str) -> None:
        self._connection.execute(delete(shanghai_row).where(shanghai_row.c.account == account))


def _rows() -> Select[Any]:
    joined = shanghai_row.join(outcome, outcome.c.outcome == shanghai_row.c.outcome)
    return select(shanghai_row, outcome.c.state).select_from(joined)


def _row(row: Row[Any]) -> KeptRow:
    return KeptRow(
        **{name: getattr(row, name) for name in _PLAIN},
        template=Template(row.template),
        place=row.place,
        state=OutcomeState(row.state),
    )
