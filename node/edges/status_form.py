"""What a node knows of itself, in the form in which its operators are told."""

from __future__ import annotations

from node.domain.condition import Finding, Term
from node.usecases.standing import PeerStanding
from node.v1 import operation_service_pb2 as pb


def peer_status(one: PeerStanding, now_us: int) -> pb.PeerStatus:
    """Return a peer as operators are told of it."""
    told = pb.PeerStatus(
        peer=one.peer,
        standing=one.standing,
        reachability=one.reachability,
        heard_us=one.contact.heard_us,
        answered_us=one.contact.answered_us,
        last_failure_us=one.contact.failed_us,
        last_failure=one.contact.failure,
        refused_us=one.contact.refused_us,
        refusal=one.contact.refusal,
    )
    if one.lag is not None:
        told.waiting = one.lag.waiting
        told.oldest_us = one.lag.oldest_us
        told.oldest_type = one.lag.oldest_type
        told.oldest_exchange = one.lag.oldest_exchange.hex()
        told.lag_us = max(now_us - one.lag.oldest_us, 0)
        told.first_failure_us = one.lag.first_failure_us
        told.failure = one.lag.failure
        told.next_attempt_us = one.lag.next_attempt_us
    return told


def finding(one: Finding) -> pb.Finding:
    """Return a finding as operators are told of it."""
    return pb.Finding(
        reason=one.reason, severity=one.severity.name, subject=one.subject, at_us=one.at_us
    )


def term(one: Term, now_us: int) -> pb.Term:
    """Return what ends on a day as operators are told of it."""
    return pb.Term(
        kind=one.kind.value,
        name=one.name,
        ends_us=one.ends_us,
        days_left=one.days_left(now_us) if one.ends_us else 0,
        state=one.state,
    )
