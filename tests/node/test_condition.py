"""The verdict of a node, case by case: which facts make which findings, and in which order."""

from __future__ import annotations

import pytest

from federation.base.clock import DAY, HOUR, MINUTE
from federation.base.reasons import reasons
from node.domain.condition import (
    KEYS,
    WARN_US,
    Facts,
    FailingPeer,
    Finding,
    Severity,
    Term,
    TermKind,
    findings,
    verdict,
)

NOW = 1_800_000_000_000_000
WELL = {"now_us": NOW, "has_registry": True, "is_member": True}


def told(**facts: object) -> tuple[str, list[str]]:
    """Return the verdict and the reasons in their order."""
    found = findings(Facts(**(WELL | facts)))  # type: ignore[arg-type]
    assert {one.reason for one in found} <= reasons().keys() | {"FROM_THE_FUTURE"}
    return verdict(found), [one.reason for one in found]


def term(kind: TermKind, left_us: int, state: str = "", name: str = "n") -> Term:
    """Return something that ends in a while."""
    return Term(kind=kind, name=name, ends_us=NOW + left_us, state=state)


def key(kind: TermKind, state: str, left_us: int | None = None) -> Term:
    """Return a key without an end, or with one."""
    ends_us = 0 if left_us is None else NOW + left_us
    return Term(kind=kind, name=state.lower().ljust(64, "0"), ends_us=ends_us, state=state)


def failing(reason: str, for_us: int, peer: str = "CN-33") -> FailingPeer:
    """Return a peer to which delivery fails for a while."""
    return FailingPeer(peer=peer, reason=reason, since_us=NOW - for_us)


M, L, G = TermKind.MESSAGE_KEY, TermKind.LOG_KEY, TermKind.GOVERNANCE_KEY
CASES = {
    "all is well": ({}, "SERVING", []),
    "never joined": ({"has_registry": False}, "NOT_JOINED", ["REGISTRY_MISSING"]),
    "not a member yet": ({"is_member": False, "rule": "NO_RULE"}, "WAITING", ["WAITING"]),
    "no rule": ({"rule": "NO_RULE"}, "SERVING", ["NO_RULE"]),
    "first rung": ({"rung": "TIMESTAMP_EXPIRED"}, "DEGRADED", ["TIMESTAMP_EXPIRED"]),
    "a full disk": ({"storage": "STORAGE"}, "DEGRADED", ["STORAGE"]),
    "no database": (
        {"storage": "STORAGE", "serves_reads": False, "has_registry": False},
        "DOWN",
        ["STORAGE", "REGISTRY_MISSING"],
    ),
    "a peer blinks": (
        {"peers": [failing("UNREACHABLE", 4 * MINUTE)]},
        "SERVING",
        ["UNREACHABLE"],
    ),
    "a peer is gone": (
        {"peers": [failing("UNREACHABLE", 5 * MINUTE)]},
        "DEGRADED",
        ["UNREACHABLE"],
    ),
    "a peer refuses": ({"peers": [failing("KEY_REVOKED", 0)]}, "DEGRADED", ["KEY_REVOKED"]),
    "a peer says what we do not know": (
        {"peers": [failing("FROM_THE_FUTURE", 0)]},
        "DEGRADED",
        ["FROM_THE_FUTURE"],
    ),
    "the rung before peers": (
        {"peers": [failing("ANSWER_UNPROVEN", HOUR)], "rung": "SNAPSHOT_EXPIRED"},
        "DEGRADED",
        ["SNAPSHOT_EXPIRED", "ANSWER_UNPROVEN"],
    ),
    "others' findings among ours": (
        {
            "others": [Finding(reason="RETRY", severity=Severity.DEGRADED)],
            "peers": [failing("UNREACHABLE", 0)],
            "rule": "NO_RULE",
        },
        "DEGRADED",
        ["RETRY", "NO_RULE", "UNREACHABLE"],
    ),
    "a key that ends, another prepared": (
        {"terms": [key(M, "ACTIVE", DAY), key(M, "PREPARED")]},
        "SERVING",
        [],
    ),
    "a key that ends, no other": (
        {"terms": [key(M, "ACTIVE", DAY), key(M, "REVOKED", -DAY)]},
        "SERVING",
        ["KEY_ENDING"],
    ),
    "the key has ended": ({"terms": [key(L, "VERIFY_ONLY", -1)]}, "DEGRADED", ["KEY_ENDED"]),
    "the key was revoked": (
        {"terms": [key(M, "REVOKED", -1), key(L, "ACTIVE")]},
        "DEGRADED",
        ["KEY_REVOKED"],
    ),
    "no agreement can be signed": ({"terms": [key(G, "REVOKED", -1)]}, "SERVING", ["KEY_REVOKED"]),
    "targets near their end": (
        {"terms": [term(TermKind.TARGETS, 30 * DAY)]},
        "SERVING",
        ["METADATA_ENDING"],
    ),
    "targets over": ({"terms": [term(TermKind.TARGETS, 0)]}, "DEGRADED", ["METADATA_EXPIRED"]),
    "of the timestamp's end the ladder tells": (
        {"terms": [term(TermKind.TIMESTAMP, -1)], "rung": "TIMESTAMP_EXPIRED"},
        "DEGRADED",
        ["TIMESTAMP_EXPIRED"],
    ),
    "a leaf that renews itself in time": (
        {"terms": [term(TermKind.TLS_LEAF, 30 * DAY)]},
        "SERVING",
        [],
    ),
    "a leaf that should have been renewed": (
        {"terms": [term(TermKind.TLS_LEAF, 28 * DAY)]},
        "SERVING",
        ["CERTIFICATE_ENDING"],
    ),
    "a leaf that ended": (
        {"terms": [term(TermKind.TLS_LEAF, -1)]},
        "DEGRADED",
        ["CERTIFICATE_EXPIRED"],
    ),
    "an agreement that ended": (
        {"terms": [term(TermKind.AGREEMENT, -DAY)]},
        "SERVING",
        ["AGREEMENT_ENDED"],
    ),
    "an agreement that ended long ago": (
        {"terms": [term(TermKind.AGREEMENT, -40 * DAY)]},
        "SERVING",
        [],
    ),
    "an agreement that rests": (
        {"terms": [term(TermKind.AGREEMENT, 900 * DAY, "RESTING")]},
        "SERVING",
        ["AGREEMENT_RESTING"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_facts_make_findings_and_a_verdict(name: str) -> None:
    facts, expected, ordered = CASES[name]
    assert told(**facts) == (expected, ordered)


@pytest.mark.parametrize("kind", [one for one in TermKind if one not in KEYS])
def test_every_term_is_told_of_before_and_not_too_early(kind: TermKind) -> None:
    assert told(terms=[term(kind, WARN_US[kind] + 1)])[1] == []
    verdict_near, reasons_near = told(terms=[term(kind, WARN_US[kind])])
    assert verdict_near == "SERVING"
    assert len(reasons_near) == 1


def test_the_peer_that_fails_the_longest_comes_first() -> None:
    peers = [failing("UNREACHABLE", HOUR, "CN-44"), failing("STORAGE", HOUR // 2, "CN-33")]
    found = findings(Facts(**WELL, peers=peers))  # type: ignore[arg-type]
    assert [one.subject for one in found] == ["CN-44", "CN-33"]
