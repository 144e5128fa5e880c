"""Exchanges between the rogue and a running node, brought to where a test bends them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from federation.base.clock import DAY, SystemClock
from federation.protocol.inquiries import Message
from federation.protocol.messages import DecisionRecord, LotDecision, Prepare, Verdict, Vote
from federation.wire.delivery import Arrival
from tests.e2e.answers import Refused
from tests.e2e.federation_of_two import Federation
from tests.e2e.rogue import Offer, Rogue, Said
from tests.e2e.running_node import Learner, Node


@dataclass
class Judged:
    """An offer of the rogue that the destination has answered by a VOTE."""

    node: Node
    learner: Learner
    offer: Offer
    said: Said
    vote: Arrival

    @property
    def message(self) -> Vote:
        """What the VOTE says."""
        assert isinstance(self.vote.message, Vote)
        return self.vote.message


def judged(federation: Federation, *amounts: int, **options: Any) -> Judged:
    """Let the rogue offer lots to a new learner at the destination, and be answered."""
    node, rogue = federation.destination, federation.rogue
    learner = node.enrol()
    offer = rogue.offer(node.province, node.code(learner), learner.number, *amounts, **options)
    said = rogue.say(offer.prepare, offer.openings)
    (vote,) = rogue.answers(node, said)
    return Judged(node, learner, offer, said, vote)


def refuse(
    federation: Federation, message: Message, code: str, reason: str, openings: Any = b""
) -> None:
    """Check that a message of the rogue is refused so and that nothing is left of it."""
    node = federation.nodes[message.header.dst]
    rogue = federation.rogue
    with federation.unchanged(node):
        answer = rogue.call(node, rogue.encoded(node.province, rogue.say(message, openings)))
        assert isinstance(answer, Refused), answer
        assert (answer.code, answer.reason) == (code, reason)


def vote_on(federation: Federation, prepare: Prepare, cause: bytes) -> Vote:
    """Return a VOTE of the federation's rogue that grants everything."""
    return vote_by(federation.rogue, prepare, cause)


def vote_by(rogue: Rogue, prepare: Prepare, cause: bytes) -> Vote:
    """Return a VOTE of a rogue that grants everything."""
    lots = tuple(
        LotDecision(
            lot_id=lot.content.lot_id,
            verdict=Verdict.ACCEPT,
            granted_hundredths=100,
            reasons=(),
            entry="e1",
            target="T1",
        )
        for lot in prepare.lots
    )
    now_us = SystemClock().now_us()
    record = DecisionRecord(
        rule=f"{rogue.province}/general",
        rule_version=1,
        rule_digest=bytes(32),
        decided_on="2026-06-30",
        offered_hundredths=sum(lot.content.amount_hundredths for lot in prepare.lots),
        granted_hundredths=100 * len(lots),
        valid_until_us=now_us + DAY,
        appeal_until_us=now_us + DAY,
    )
    header = rogue.header(prepare.header.src, prepare.header.exchange_id, cause=cause)
    return Vote(header=header, lots=lots, record=record, accept_until_us=now_us + DAY)
