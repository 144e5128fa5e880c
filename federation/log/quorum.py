"""How many witnesses must cosign a checkpoint, and what that can promise.

The witnesses of a log are the coordinator and every other active province; its owner is none. Of n
witnesses f may be dishonest, f = 0 below four and (n-1)//3 from there on, and a quorum is the
smallest k above (n+f)/2: two quorums then share more than f witnesses, so at least one honest one,
and it cosigns no two histories.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from federation.base.errors import Breach
from federation.log.cosignature import COORDINATOR, Cosignature, verify_line
from federation.log.note import parse_note
from federation.signing.keys import PublicKey
from federation.signing.tuf_keys import public_key_of_pem
from federation.trust.members import MemberStatus
from federation.trust.registry import RegistryView

TOLERATES_FROM = 4
Witnesses = Mapping[str, tuple[PublicKey, ...]]


@dataclass(frozen=True, slots=True)
class Quorum:
    """The arithmetic of one log's witnesses.

    Attributes:
        witnesses: how many there are, n.
        tolerated: how many of them may be dishonest, f.
        needed: how many must cosign, k.
    """

    witnesses: int
    tolerated: int
    needed: int


@dataclass(frozen=True, slots=True)
class Promise:
    """What a quorum can and cannot promise, in both languages."""

    zh: str
    en: str


def quorum_of(witnesses: int) -> Quorum:
    """Return the quorum for a number of witnesses; without any it can never be met."""
    tolerated = 0 if witnesses < TOLERATES_FROM else (witnesses - 1) // 3
    return Quorum(witnesses, tolerated, (witnesses + tolerated) // 2 + 1)


def promises(quorum: Quorum) -> Promise:
    """Return what this quorum promises."""
    if quorum.witnesses == 0:
        return Promise("没有见证方：不能见证", "no witness: nothing can be witnessed")
    if quorum.tolerated == 0:
        return Promise(
            f"{quorum.witnesses} 个见证方：能发现分叉，但不能容忍任何不诚实的见证方",
            f"{quorum.witnesses} witnesses: detects a forked log, tolerates no dishonest witness",
        )
    return Promise(
        f"{quorum.witnesses} 个见证方：不诚实者不超过 {quorum.tolerated} 个时，"
        "日志的两种历史不会都被见证",
        f"{quorum.witnesses} witnesses: no two histories of a log are witnessed while at most "
        f"{quorum.tolerated} of them are dishonest",
    )


def witnesses_of(view: RegistryView, owner: str) -> Witnesses:
    """Return the witnesses of a province's log with the keys that count, by province or role.

    A revoked key counts no more: when it cosigned is only its own word.
    """
    found: dict[str, tuple[PublicKey, ...]] = {}
    if pem := view.coordinator.witness_public_pem:
        found[COORDINATOR] = (public_key_of_pem(pem),)
    for province, member in sorted(view.members.items()):
        if province != owner and member.status is MemberStatus.ACTIVE:
            keys = [one.key for one in member.keys if one.use == "log" and not one.is_revoked]
            found[province] = tuple(keys)
    return found


def cosignatures_of(note: bytes, witnesses: Witnesses) -> dict[str, Cosignature]:
    """Return the cosignatures of distinct witnesses under a note; other lines are passed over.

    Raises:
        Breach: CHECKPOINT_INVALID for a false one under a witness's name and key.
    """
    parsed = parse_note(note)
    found: dict[str, Cosignature] = {}
    for witness, keys in witnesses.items():
        for line in parsed.signatures:
            one = verify_line(parsed.text, line, witness=witness, keys=keys)
            if one is not None:
                found[witness] = one
    return found


def check_quorum(note: bytes, witnesses: Witnesses) -> dict[str, Cosignature]:
    """Return who cosigned, where that is a quorum.

    Raises:
        Breach: QUORUM where it is none, CHECKPOINT_INVALID as :func:`cosignatures_of`.
    """
    found = cosignatures_of(note, witnesses)
    quorum = quorum_of(len(witnesses))
    if len(found) < quorum.needed:
        raise Breach("QUORUM", detail=f"{len(found)} of {quorum.needed}")
    return found
