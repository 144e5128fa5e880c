"""Enrolments of learners: questions and writes, within one transaction of a connection."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, literal_column, select, update

from node.domain.study_programme import Enrolment
from node.storage.counting import storable
from node.storage.engines import Conflict
from node.storage.enrolment_tables import enrolment


class SqlEnrolments:
    """In which programmes learners study."""

    _connection: Connection

    def enrolments(self, accounts: Collection[str]) -> Mapping[str, Sequence[Enrolment]]:
        """Return the enrolments in force of each of these accounts, the newest first."""
        c = enrolment.c
        if not accounts:
            return {}
        # SQLite uses a partial index only where the query spells the index's own condition.
        in_force = c.left_us == literal_column("0")
        query = select(enrolment).where(c.account.in_(storable(accounts)), in_force)
        found: dict[str, list[Enrolment]] = {}
        for row in self._connection.execute(query.order_by(c.enrolled_us.desc())).all():
            found.setdefault(row.account, []).append(_enrolment(row))
        return found

    def past_enrolments(self, account: str) -> Sequence[Enrolment]:
        """Return every enrolment of an account, in force or not, the newest first."""
        c = enrolment.c
        query = select(enrolment).where(c.account == account).order_by(c.enrolled_us.desc())
        return [_enrolment(row) for row in self._connection.execute(query).all()]

    def enrol(self, one: Enrolment) -> None:
        """Add an enrolment; a second in force of one programme fails at its unique key."""
        row = {column.name: getattr(one, column.name) for column in enrolment.columns}
        self._connection.execute(insert(enrolment), row)

    def end_enrolment(self, one: Enrolment, left_us: int) -> None:
        """End an enrolment that is in force.

        Raises:
            Conflict: where it is not any more.
        """
        c = enrolment.c
        ended = self._connection.execute(
            update(enrolment)
            .where(c.account == one.account, c.enrolled_us == one.enrolled_us, c.left_us == 0)
            .values(left_us=left_us)
        )
        if ended.rowcount != 1:
            raise Conflict("enrolment")

    def _erase_enrolments(self, account: str) -> None:
        """Forget what a learner studied for."""
        self._connection.execute(delete(enrolment).where(enrolment.c.account == account))


def _enrolment(row: Row[Any]) -> Enrolment:
    return Enrolment(**row._mapping)
