"""Questions about experts and cases under review, within one transaction of a connection."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, select

from node.domain.exchange import ExchangeKey
from node.domain.experts import Expert
from node.domain.panel import Ballot
from node.domain.review_form import Review, read_case, read_expert, read_questions
from node.storage.review_tables import expert, review, review_ballot, review_draw


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


def _review(row: Row[Any]) -> Review:
    return Review(
        case=read_case(row.case_document),
        questions=read_questions(row.questions),
        decision=row.decision,
        version=row.version,
    )
