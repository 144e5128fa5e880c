"""Questions about experts and cases under review, within one transaction of a connection."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, select

from node.domain.exchange import ExchangeKey
from node.domain.experts import Expert
from node.domain.panel import Ballot
from node.domain.review_form import Review, read_case, read_expert, read_questions, read_roster
from node.storage.review_tables import (
    ballot_sheet,
    expert,
    person_wanted,
    raised_lot,
    review,
    review_ballot,
    review_draw,
    review_roster,
)


class SqlReviews:
    """Experts, cases, draws and ballots."""

    _connection: Connection

    def experts(self) -> dict[str, Expert]:
        """Return the list of experts by their local accounts."""
        found = self._connection.execute(select(expert).order_by(expert.c.expert)).all()
        return {row.account: read_expert(row.document) for row in found}

    def review(self, key: ExchangeKey) -> Review | None:
        """Return the case of an exchange, or None."""
        c = review.c
        query = select(review).where(c.peer == key[0], c.exchange_id == key[1])
        row = self._connection.execute(query).first()
        return None if row is None else _review(row)

    def reviews(self, states: Collection[str]) -> list[tuple[ExchangeKey, Review]]:
        """Return the cases in these states, or all, what is due first at the top."""
        query = select(review).order_by(review.c.due_us, review.c.peer, review.c.exchange_id)
        if states:
            query = query.where(review.c.state.in_(sorted(states)))
        found = self._connection.execute(query).all()
        return [((row.peer, row.exchange_id), _review(row)) for row in found]

    def draws(self, key: ExchangeKey) -> list[tuple[bytes, bytes, bytes, bytes]]:
        """Return the draws of a case in their order."""
        c = review_draw.c
        query = select(c.notice, c.secret, c.seed, c.timestamp).where(
            c.peer == key[0], c.exchange_id == key[1]
        )
        found = self._connection.execute(query.order_by(c.draw_round)).all()
        return [(row.notice, row.secret, row.seed, row.timestamp) for row in found]

    def ballots(self, key: ExchangeKey, draw_round: int) -> list[Ballot]:
        """Return the ballots of a round; round 0 is that of single reviewers."""
        c = review_ballot.c
        query = select(review_ballot).where(
            c.peer == key[0], c.exchange_id == key[1], c.draw_round == draw_round
        )
        return [
            Ballot(
                expert=row.expert,
                question=row.question,
                granted_hundredths=row.granted,
                reasons=tuple(row.reasons.split(",")) if row.reasons else (),
            )
            for row in self._connection.execute(query.order_by(c.expert, c.question)).all()
        ]

    def roster(self, key: ExchangeKey, draw_round: int) -> frozenset[str] | None:
        """Return who could be drawn in a round, or None where that was not kept."""
        c = review_roster.c
        query = select(c.document).where(
            c.peer == key[0], c.exchange_id == key[1], c.draw_round == draw_round
        )
        found = self._connection.execute(query).scalar()
        return None if found is None else read_roster(found)

    def ballot_sheet(self, key: ExchangeKey) -> bytes:
        """Return who voted how, as the minute names it, or nothing."""
        c = ballot_sheet.c
        query = select(c.document).where(c.peer == key[0], c.exchange_id == key[1])
        return self._connection.execute(query).scalar() or b""

    def is_person_wanted(self, key: ExchangeKey) -> bool:
        """Tell whether the learner asked for a person after the offer was received."""
        c = person_wanted.c
        query = select(c.wanted_us).where(c.peer == key[0], c.exchange_id == key[1])
        return self._connection.execute(query).first() is not None

    def raised(self, key: ExchangeKey) -> list[tuple[bytes, bytes]]:
        """Return the lots that appeals against an exchange added, each with one that it raised."""
        c = raised_lot.c
        query = select(c.lot_id, c.source_lot).where(c.peer == key[0], c.exchange_id == key[1])
        found = self._connection.execute(query.order_by(c.lot_id, c.source_lot)).all()
        return [(row.lot_id, row.source_lot) for row in found]


def _review(row: Row[Any]) -> Review:
    return Review(
        case=read_case(row.case_document),
        questions=read_questions(row.questions, row.peer),
        decision=row.decision,
        version=row.version,
    )
