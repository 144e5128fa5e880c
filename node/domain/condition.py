"""How a node is: from facts to findings, the worst first, and from findings to one verdict.

Pure, so that every case can be tested by a table. Whoever knows of further trouble hands its
findings in with the facts; nothing here asks what they are about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from federation.base.clock import DAY, HOUR, MINUTE
from federation.base.errors import Kind
from federation.base.reasons import describe

# A peer that starts again, or a network that blinks, is nobody's concern yet.
PEER_PATIENCE_US = 5 * MINUTE
# An agreement that ended is old news after this long.
AGREEMENT_NOTED_US = 30 * DAY


class Severity(IntEnum):
    """What a finding makes of a node; the worst decides the verdict."""

    NOTICE = 1
    DEGRADED = 2
    RECOVERING = 3
    WAITING = 4
    NOT_JOINED = 5
    DOWN = 6


class TermKind(StrEnum):
    """What ends on a day."""

    ROOT = "ROOT"
    TARGETS = "TARGETS"
    SNAPSHOT = "SNAPSHOT"
    TIMESTAMP = "TIMESTAMP"
    ROLE = "ROLE"
    MESSAGE_KEY = "MESSAGE_KEY"
    LOG_KEY = "LOG_KEY"
    GOVERNANCE_KEY = "GOVERNANCE_KEY"
    RECOVERY_KEY = "RECOVERY_KEY"
    TLS_AUTHORITY = "TLS_AUTHORITY"
    TLS_LEAF = "TLS_LEAF"
    AGREEMENT = "AGREEMENT"


KEYS = (
    TermKind.MESSAGE_KEY,
    TermKind.LOG_KEY,
    TermKind.GOVERNANCE_KEY,
    TermKind.RECOVERY_KEY,
)
# A node that lacks one of these can say nothing that counts.
_NEEDED_KEYS = (TermKind.MESSAGE_KEY, TermKind.LOG_KEY)
# From how long before its end something is told. What renews itself is told of only when it
# should have been renewed long since.
WARN_US = {
    TermKind.ROOT: 60 * DAY,
    TermKind.TARGETS: 30 * DAY,
    TermKind.SNAPSHOT: 3 * DAY,
    TermKind.TIMESTAMP: 6 * HOUR,
    TermKind.ROLE: 60 * DAY,
    TermKind.MESSAGE_KEY: 30 * DAY,
    TermKind.LOG_KEY: 30 * DAY,
    TermKind.GOVERNANCE_KEY: 30 * DAY,
    TermKind.RECOVERY_KEY: 30 * DAY,
    TermKind.TLS_AUTHORITY: 180 * DAY,
    TermKind.TLS_LEAF: 29 * DAY,
    TermKind.AGREEMENT: 60 * DAY,
}
_METADATA = (TermKind.ROOT, TermKind.TARGETS, TermKind.ROLE)
_ONLINE = (TermKind.SNAPSHOT, TermKind.TIMESTAMP)
_CERTIFICATES = (TermKind.TLS_AUTHORITY, TermKind.TLS_LEAF)
PREPARED, ACTIVE, REVOKED, RESTING = "PREPARED", "ACTIVE", "REVOKED", "RESTING"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something worth telling.

    Attributes:
        reason: from the catalogue.
        subject: the peer, key, certificate, role or agreement concerned; empty for the node.
        at_us: since when it is so, or when it will be; 0 where nobody knows. UTC microseconds.
    """

    reason: str
    severity: Severity
    subject: str = ""
    at_us: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Something that holds until its end.

    Attributes:
        name: which of its kind; for keys the keyid.
        ends_us: when it ends, UTC microseconds; 0 when no end is set.
        state: for keys PREPARED, ACTIVE, VERIFY_ONLY or REVOKED; RESTING for an agreement that
            begins nothing because a key that signed it was revoked; else empty.
    """

    kind: TermKind
    name: str
    ends_us: int
    state: str = ""

    def days_left(self, now_us: int) -> int:
        """Return whole days until the end, negative once it is over."""
        return (self.ends_us - now_us) // DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingPeer:
    """A peer to which something cannot be delivered."""

    peer: str
    reason: str
    since_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a node knows of itself.

    Attributes:
        has_registry: whether any registry was verified yet.
        is_member: whether it lists this province.
        rung: the reason of the lowest rung of the ladder reached, or empty.
        storage: why the database does not do what it should, or empty.
        serves_reads: whether it can still be read.
        recovery: why the node signs nothing: RECALL after a start, COLLECTING what was lost,
            CONFIRMATION_NEEDED, LOG_UNRECOVERABLE, what showed that it was restored; or empty.
        rule: why there is no rule to judge by, or empty.
        others: what others found.
    """

    now_us: int
    has_registry: bool
    is_member: bool
    rung: str = ""
    storage: str = ""
    serves_reads: bool = True
    recovery: str = ""
    rule: str = ""
    peers: Sequence[FailingPeer] = ()
    terms: Sequence[Term] = ()
    others: Sequence[Finding] = ()


def findings(facts: Facts) -> tuple[Finding, ...]:
    """Return what is to be told, the worst first; the order within one severity is fixed."""
    found = [
        *_own(facts),
        *facts.others,
        *_keys(facts.terms, facts.now_us),
        *(one for term in facts.terms for one in _ending(term, facts.now_us)),
        *(_failing(one, facts.now_us) for one in facts.peers),
    ]
    # Sorting is stable: what concerns the node comes before what concerns one peer.
    return tuple(sorted(found, key=lambda one: -one.severity))


def verdict(found: Sequence[Finding]) -> str:
    """Return SERVING, DEGRADED, RECOVERING, WAITING, NOT_JOINED or DOWN."""
    worst = max((one.severity for one in found), default=Severity.NOTICE)
    return "SERVING" if worst is Severity.NOTICE else worst.name


def _own(facts: Facts) -> Iterator[Finding]:
    if facts.storage:
        severity = Severity.DEGRADED if facts.serves_reads else Severity.DOWN
        yield Finding(reason=facts.storage, severity=severity)
    if not facts.has_registry:
        yield Finding(reason="REGISTRY_MISSING", severity=Severity.NOT_JOINED)
    elif not facts.is_member:
        yield Finding(reason="WAITING", severity=Severity.WAITING)
    elif facts.recovery:
        is_final = facts.recovery == "LOG_UNRECOVERABLE"
        reason, subject = (facts.recovery, "") if is_final else ("RECOVERING", facts.recovery)
        yield Finding(reason=reason, subject=subject, severity=Severity.RECOVERING)
    if facts.rung:
        yield Finding(reason=facts.rung, severity=Severity.DEGRADED)
    if facts.rule and facts.is_member and facts.serves_reads:
        yield Finding(reason=facts.rule, severity=Severity.NOTICE)


def _keys(terms: Sequence[Term], now_us: int) -> Iterator[Finding]:
    """Judge keys by their use: one that ends is no matter while another takes over."""
    for kind in KEYS:
        keys = [one for one in terms if one.kind is kind]
        able = [one for one in keys if one.state in (PREPARED, ACTIVE)]
        if not keys:
            continue
        if not any(one.state == ACTIVE for one in keys):
            last = max(keys, key=lambda one: one.ends_us)
            severity = Severity.DEGRADED if kind in _NEEDED_KEYS else Severity.NOTICE
            is_revoked = any(one.state == REVOKED for one in keys)
            yield Finding(
                reason="KEY_REVOKED" if is_revoked else "KEY_ENDED",
                severity=severity,
                subject=f"{kind} {last.name[:16]}",
                at_us=last.ends_us,
            )
        elif all(one.ends_us and one.ends_us - now_us <= WARN_US[kind] for one in able):
            last = max(able, key=lambda one: one.ends_us)
            yield Finding(
                reason="KEY_ENDING",
                severity=Severity.NOTICE,
                subject=f"{kind} {last.name[:16]}",
                at_us=last.ends_us,
            )


def _ending(term: Term, now_us: int) -> Iterator[Finding]:
    left_us = term.ends_us - now_us
    is_near = bool(term.ends_us) and left_us <= WARN_US[term.kind]
    if term.kind in KEYS or not (is_near or term.state == RESTING):
        return
    is_over = left_us <= 0
    reason = _agreement(term, left_us) if term.kind is TermKind.AGREEMENT else ""
    if term.kind in _METADATA:
        reason = "METADATA_EXPIRED" if is_over else "METADATA_ENDING"
    elif term.kind in _CERTIFICATES:
        reason = "CERTIFICATE_EXPIRED" if is_over else "CERTIFICATE_ENDING"
    elif term.kind in _ONLINE and not is_over:
        # Once it is over the ladder tells.
        reason = "METADATA_ENDING"
    if reason:
        is_harmful = is_over and term.kind is not TermKind.AGREEMENT
        yield Finding(
            reason=reason,
            severity=Severity.DEGRADED if is_harmful else Severity.NOTICE,
            subject=f"{term.kind} {term.name}".rstrip(),
            at_us=term.ends_us,
        )


def _agreement(term: Term, left_us: int) -> str:
    if left_us <= 0:
        return "AGREEMENT_ENDED" if -left_us <= AGREEMENT_NOTED_US else ""
    return "AGREEMENT_RESTING" if term.state == RESTING else "AGREEMENT_ENDING"


def _failing(peer: FailingPeer, now_us: int) -> Finding:
    is_passing = describe(peer.reason).kind is Kind.UNAVAILABLE
    is_young = now_us - peer.since_us < PEER_PATIENCE_US
    severity = Severity.NOTICE if is_passing and is_young else Severity.DEGRADED
    return Finding(reason=peer.reason, severity=severity, subject=peer.peer, at_us=peer.since_us)
