"""Questions about outcomes on their way to credit, within one transaction of a connection."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from node.domain.archive import ArchivedOutcome, Staff
from node.domain.files import NamedFile
from node.domain.learning_hours import HoursAccount, HoursRecord
from node.domain.outcome_forms import REGISTER_FILE
from node.domain.outcome_life import OutcomeRecord, OutcomeRole, OutcomeState
from node.storage.accreditation_tables import (
    hours_account,
    hours_record,
    outcome,
    outcome_file,
    staff,
)
from node.storage.shanghai_tables import shanghai_row

_HOLDING = [
    one.value for one in (OutcomeState.ACCREDITED, OutcomeState.DEPOSITED, OutcomeState.FROZEN)
]
_PLAIN = (
    "outcome",
    "form",
    "institution",
    "submitted_by",
    "reviewed_by",
    "rereviewed_by",
    "expires",
    "answer_until",
    "lot",
)


class SqlAccreditations:
    """Who reviews, what is under review, and hours so far."""

    _connection: Connection

    def staff(self, account: str) -> Staff | None:
        """Return as whom an account reviews, or None."""
        row = self._connection.execute(select(staff).where(staff.c.account == account)).first()
        return None if row is None else _staff(row)

    def all_staff(self) -> list[Staff]:
        """Return everyone who reviews, by account."""
        query = select(staff).order_by(staff.c.account)
        return [_staff(row) for row in self._connection.execute(query).all()]

    def outcome(self, name: str) -> ArchivedOutcome | None:
        """Return an outcome by its name, or None."""
        query = select(outcome).where(outcome.c.outcome == name)
        return next(iter(self._archived(query)), None)

    def outcomes(
        self, *, state: str, account: str, after: str, limit: int
    ) -> list[ArchivedOutcome]:
        """Return a page of outcomes by name, of one state and one account where given."""
        c = outcome.c
        query = select(outcome).where(c.outcome > after)
        if state:
            query = query.where(c.state == state)
        if account:
            query = query.where(c.account == account)
        return self._archived(query.order_by(c.outcome).limit(limit))

    def unanswered_outcomes(self, today: str, limit: int) -> list[ArchivedOutcome]:
        """Return outcomes that were returned and not answered in time."""
        c = outcome.c
        query = select(outcome).where(
            c.state == OutcomeState.RETURNED.value, c.answer_until != "", c.answer_until < today
        )
        return self._archived(query.order_by(c.outcome).limit(limit))

    def outcomes_named(self, names: Collection[str]) -> Mapping[str, ArchivedOutcome]:
        """Return the outcomes with these names."""
        query = select(outcome).where(outcome.c.outcome.in_(list(names)))
        return {one.record.outcome: one for one in self._archived(query)} if names else {}

    def outcomes_of_lot(self, lot_id: bytes) -> list[ArchivedOutcome]:
        """Return the outcome that became a lot, if it was one of this archive."""
        c = outcome.c
        # Said twice so that the index, which leaves out what has no lot, serves.
        query = select(outcome).where(c.lot == lot_id.hex(), c.lot != "")
        return self._archived(query)

    def expired_outcomes(self, today: str, after: str, limit: int) -> list[ArchivedOutcome]:
        """Return a page, by name, of accredited outcomes whose last day is over."""
        c = outcome.c
        query = select(outcome).where(
            c.outcome > after, c.expires != "", c.expires < today, c.state.in_(_HOLDING)
        )
        return self._archived(query.order_by(c.outcome).limit(limit))

    def outcome_files(self, name: str) -> list[NamedFile]:
        """Return the evidence of an outcome; its files belong to no lot yet."""
        c = outcome_file.c
        query = select(outcome_file).where(c.outcome == name).order_by(c.digest)
        return [
            NamedFile(lot_id=b"", digest=row.digest, size_bytes=row.size, media_type=row.media_type)
            for row in self._connection.execute(query).all()
        ]

    def hours_account(self, account: str, programme: str) -> HoursAccount:
        """Return the hours of a learner under a programme."""
        a, r = hours_account.c, hours_record.c
        query = select(hours_account).where(a.account == account, a.programme == programme)
        row = self._connection.execute(query).first()
        if row is None:
            return HoursAccount()
        listed = select(hours_record).where(r.account == account, r.programme == programme)
        return HoursAccount(
            records=tuple(
                HoursRecord(record=one.record, form=one.form, minutes=one.minutes)
                for one in self._connection.execute(listed.order_by(r.record)).all()
            ),
            awards=row.awards,
            remainder_minutes=row.remainder_minutes,
        )

    def _archived(self, wanted: Select[Any]) -> list[ArchivedOutcome]:
        found = self._connection.execute(wanted).all()
        names = [row.outcome for row in found]
        evidence: dict[str, dict[str, str]] = {name: {} for name in names}
        if names:
            c = outcome_file.c
            query = select(c.outcome, c.digest, c.kind).where(c.outcome.in_(names))
            for row in self._connection.execute(query).all():
                evidence[row.outcome][row.digest.hex()] = row.kind
            r = shanghai_row.c
            registered = select(r.outcome, r.file).where(r.outcome.in_(names)).distinct()
            for of, file in self._connection.execute(registered).all():
                evidence[of][file.hex()] = REGISTER_FILE
        return [_outcome(row, evidence[row.outcome]) for row in found]


def _staff(row: Row[Any]) -> Staff:
    return Staff(
        account=row.account,
        role=OutcomeRole(row.role),
        institution=row.institution,
        person=row.person,
    )


def _outcome(row: Row[Any], evidence: dict[str, str]) -> ArchivedOutcome:
    return ArchivedOutcome(
        record=OutcomeRecord(
            **{name: getattr(row, name) for name in _PLAIN},
            learner=row.account,
            evidence=evidence,
            state=OutcomeState(row.state),
            reasons=tuple(row.reasons.split(",")) if row.reasons else (),
            frozen_from=OutcomeState(row.frozen_from) if row.frozen_from else None,
        ),
        hundredths=row.hundredths,
        minutes=row.minutes,
        programme=row.programme,
        facts=json.loads(row.facts) if row.facts else {},
        changed_us=row.changed_us,
        version=row.version,
    )
