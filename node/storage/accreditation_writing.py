"""Writes of accreditation, within one transaction of a connection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from node.domain.archive import ArchivedOutcome, Staff
from node.domain.canonical import spell
from node.domain.files import NamedFile
from node.domain.learning_hours import HoursAccount, HoursRecord
from node.storage.accreditation_tables import (
    hours_account,
    hours_record,
    outcome,
    outcome_file,
    staff,
)
from node.storage.engines import Conflict
from node.storage.following import SqlFollowing


class SqlAccrediting(SqlFollowing):
    """Appointments, steps of outcomes, and hours."""

    def appoint(self, one: Staff, *, by: str, now_us: int) -> None:
        """Let an account review, from now on as this person."""
        values = {
            "role": one.role.value,
            "institution": one.institution,
            "person": one.person,
            "appointed_by": by,
            "appointed_us": now_us,
        }
        self._insert_new(staff, [{"account": one.account, **values}])
        self._connection.execute(
            update(staff).where(staff.c.account == one.account).values(**values)
        )

    def add_outcome(self, one: ArchivedOutcome) -> None:
        """Add an outcome to the archive."""
        self.add_outcomes([one])

    def add_outcomes(self, outcomes: Sequence[ArchivedOutcome]) -> None:
        """Add outcomes to the archive."""
        if outcomes:
            self._connection.execute(
                insert(outcome),
                [
                    {**_row(one), "facts": spell(dict(one.facts)) if one.facts else b""}
                    for one in outcomes
                ],
            )

    def move_outcome(self, before: ArchivedOutcome, after: ArchivedOutcome) -> None:
        """Keep a step.

        Raises:
            Conflict: where the outcome does not stand as it was loaded.
        """
        self.move_outcomes([(before, after)])

    def move_outcomes(self, moved: Sequence[tuple[ArchivedOutcome, ArchivedOutcome]]) -> None:
        """Keep steps of several outcomes.

        Raises:
            Conflict: where one of them does not stand as it was loaded.
        """
        if not moved:
            return
        c = outcome.c
        seen = {
            "seen_outcome": c.outcome,
            "seen_version": c.version,
            "seen_state": c.state,
        }
        query = update(outcome).where(*(column == bindparam(name) for name, column in seen.items()))
        done = self._connection.execute(
            query,
            [
                {
                    **_row(after),
                    "seen_outcome": before.record.outcome,
                    "seen_version": before.version,
                    "seen_state": before.record.state.value,
                }
                for before, after in moved
            ],
        )
        if done.rowcount != len(moved):
            raise Conflict(f"one of {len(moved)} outcomes from {moved[0][0].record.outcome} on")

    def attach_to_outcome(self, name: str, kind: str, file: NamedFile) -> None:
        """Attach evidence to an outcome."""
        self._insert_new(
            outcome_file,
            [
                {
                    "outcome": name,
                    "digest": file.digest,
                    "kind": kind,
                    "size": file.size_bytes,
                    "media_type": file.media_type,
                }
            ],
        )

    def keep_hours(
        self, account: str, programme: str, before: HoursAccount, after: HoursAccount
    ) -> None:
        """Keep the sums of an account of hours.

        Raises:
            Conflict: where they do not stand as they were loaded.
        """
        c = hours_account.c
        key = {"account": account, "programme": programme}
        self._insert_new(hours_account, [{**key, "awards": 0, "remainder_minutes": 0}])
        moved = self._connection.execute(
            update(hours_account)
            .where(c.account == account, c.programme == programme)
            .where(c.awards == before.awards, c.remainder_minutes == before.remainder_minutes)
            .values(awards=after.awards, remainder_minutes=after.remainder_minutes)
        )
        if moved.rowcount != 1:
            raise Conflict("hours of an account")

    def add_hours(self, account: str, programme: str, record: HoursRecord) -> None:
        """Add a record that counts."""
        self._connection.execute(
            insert(hours_record),
            {
                "account": account,
                "programme": programme,
                "record": record.record,
                "form": record.form,
                "minutes": record.minutes,
            },
        )

    def strike_hours(self, account: str, programme: str, record: str) -> None:
        """Take out a record that no longer counts."""
        c = hours_record.c
        self._connection.execute(
            delete(hours_record).where(
                c.account == account, c.programme == programme, c.record == record
            )
        )

    def _erase_outcomes(self, account: str) -> None:
        """Forget what outcomes of a learner were about, and their evidence."""
        own = select(outcome.c.outcome).where(outcome.c.account == account)
        self._connection.execute(delete(outcome_file).where(outcome_file.c.outcome.in_(own)))
        self._connection.execute(
            update(outcome).where(outcome.c.account == account).values(facts=b"")
        )


def _row(one: ArchivedOutcome) -> dict[str, Any]:
    record = one.record
    return {
        "outcome": record.outcome,
        "form": record.form,
        "account": record.learner,
        "institution": record.institution,
        "submitted_by": record.submitted_by,
        "state": record.state.value,
        "reviewed_by": record.reviewed_by,
        "rereviewed_by": record.rereviewed_by,
        "reasons": ",".join(record.reasons),
        "expires": record.expires,
        "answer_until": record.answer_until,
        "frozen_from": record.frozen_from.value if record.frozen_from else "",
        "lot": record.lot,
        "hundredths": one.hundredths,
        "minutes": one.minutes,
        "programme": one.programme,
        "changed_us": one.changed_us,
        "version": one.version,
    }
