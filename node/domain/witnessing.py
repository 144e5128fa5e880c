"""What a node keeps beside its books as a witness, and as one that is witnessed."""

from __future__ import annotations

from dataclasses import dataclass

from node.domain.exchange import ExchangeKey

# Kinds of cases that proofs open for people.
DOUBLE_GRANT = "DOUBLE_GRANT"
FORKED_LOG = "FORKED_LOG"
SHORTFALL = "SHORTFALL"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMisconduct:
    """A portable proof as kept.

    Attributes:
        digest: names the deed, whoever proves it.
        document: the proof without the registry's files.
    """

    digest: bytes
    province: str
    kind: str
    document: bytes
    seen_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubted:
    """A credited exchange whose COMMIT is not what the source's mirrored log has.

    Attributes:
        commit: hash of the COMMIT that was credited.
        log_index: where the source proved it to stand.
    """

    key: ExchangeKey
    commit: bytes
    log_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestSeal:
    """The newest place of a peer's log that a message of it was received under."""

    statement: bytes
    checkpoint: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessedSize:
    """The newest checkpoint of our own log with a quorum; size zero before the first."""

    size: int = 0
    note: bytes = b""
    witnessed_us: int = 0
