"""Members of the federation as their registry documents state them.

A document is append-only: a key that was listed once stays listed, because what it signed must
verify for ever. It may only become verify-only, or be revoked at a size of the member's log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, cast

from federation.base.errors import Breach
from federation.base.names import is_province
from federation.signing.keys import PublicKey, public_key
from federation.trust.canonical import check_fields, read_document, render_document

KeyUse = Literal["message", "log", "governance", "recovery"]
KEY_USES: tuple[KeyUse, ...] = ("message", "log", "governance", "recovery")
_NEEDED_USES: tuple[KeyUse, ...] = ("message", "log")
KEYS_MAX = 64
LARGEST_NUMBER = 2**53 - 1

_ENDPOINT = re.compile(r"([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):([0-9]{1,5})")
_KEYID = re.compile(r"[0-9a-f]{64}")
_CERTIFICATES = re.compile(
    r"(-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n){1,4}"
)
_MEMBER_FIELDS = {
    "province": str,
    "status": str,
    "endpoint": str,
    "wire_min": int,
    "wire_max": int,
    "tls_ca_pem": str,
    "keys": list,
}
_KEY_FIELDS = {"keyid": str, "use": str, "public_pem": str, "valid_from_us": int}
_KEY_MARKS = ("verify_only_from_us", "revoked_log_size", "revoked_at_us")


class MemberStatus(StrEnum):
    """Standing of a member."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    RETIRED = "RETIRED"


class KeyState(StrEnum):
    """Stages in the life of a key; old signatures verify in all but the last."""

    PREPARED = "PREPARED"
    ACTIVE = "ACTIVE"
    VERIFY_ONLY = "VERIFY_ONLY"
    REVOKED = "REVOKED"


@dataclass(frozen=True, slots=True)
class MemberKey:
    """A key of a member, with its life.

    Attributes:
        key: the public key.
        use: ``message`` signs batches of messages, ``log`` signs checkpoints, ``governance`` signs
            agreements and the roles that list them, ``recovery`` lies offline and only revokes.
        valid_from_us: earliest time at which it signs.
        verify_only_from_us: from here on it signs nothing new.
        revoked_log_size: what lies in the member's log below this size still counts.
        revoked_at_us: when it was revoked; set together with the size.
    """

    key: PublicKey
    use: KeyUse
    valid_from_us: int
    verify_only_from_us: int | None = None
    revoked_log_size: int | None = None
    revoked_at_us: int | None = None

    def state_at(self, now_us: int) -> KeyState:
        """Return where the key stands in its life."""
        if self.is_revoked:
            return KeyState.REVOKED
        if now_us < self.valid_from_us:
            return KeyState.PREPARED
        ended = self.verify_only_from_us is not None and now_us >= self.verify_only_from_us
        return KeyState.VERIFY_ONLY if ended else KeyState.ACTIVE

    def covers(self, log_index: int) -> bool:
        """Tell whether what it signed counts at a place of its owner's log."""
        return self.revoked_log_size is None or 0 <= log_index < self.revoked_log_size

    @property
    def is_revoked(self) -> bool:
        """Tell whether the key was revoked."""
        return self.revoked_at_us is not None


@dataclass(frozen=True, slots=True)
class Member:
    """A province of the federation, as its registry document states it."""

    province: str
    status: MemberStatus
    endpoint: str
    wire_min: int
    wire_max: int
    tls_ca_pem: str
    keys: tuple[MemberKey, ...]

    def find_key(self, keyid: str, use: KeyUse) -> MemberKey | None:
        """Return the listed key of this name and use; the name is a hint and proves nothing."""
        for known in self.keys:
            if known.key.keyid == keyid and known.use == use:
                return known
        return None

    @property
    def governance_key(self) -> MemberKey | None:
        """The key that speaks for the province on agreements, the newest that may sign."""
        able = [
            key
            for key in self.keys
            if key.use == "governance" and not key.is_revoked and key.verify_only_from_us is None
        ]
        return able[-1] if able else None


def member_path(province: str) -> str:
    """Return the path of a member's document in the registry."""
    return f"members/{province}.json"


def render_member(member: Member) -> bytes:
    """Return the document of a member in its only spelling."""
    return render_document(
        {
            "province": member.province,
            "status": member.status.value,
            "endpoint": member.endpoint,
            "wire_min": member.wire_min,
            "wire_max": member.wire_max,
            "tls_ca_pem": member.tls_ca_pem,
            "keys": [_key_object(key) for key in member.keys],
        }
    )


def parse_member(content: bytes) -> Member:
    """Return the member that a document describes.

    Raises:
        Breach: MEMBER_DOCUMENT for any defect of form, KEY_FORM for a defect of a key.
    """
    value = read_document(content, reason="MEMBER_DOCUMENT")
    check_fields(value, _MEMBER_FIELDS, reason="MEMBER_DOCUMENT")
    _require(is_province(value["province"]), "province")
    _require(value["status"] in list(MemberStatus), "status")
    _require(1 <= value["wire_min"] <= value["wire_max"] <= 1000, "wire versions")
    _require(_CERTIFICATES.fullmatch(value["tls_ca_pem"]) is not None, "tls_ca_pem")
    member = Member(
        province=value["province"],
        status=MemberStatus(value["status"]),
        endpoint=check_endpoint(value["endpoint"]),
        wire_min=value["wire_min"],
        wire_max=value["wire_max"],
        tls_ca_pem=value["tls_ca_pem"],
        keys=tuple(_parse_key(item) for item in value["keys"]),
    )
    _check_keys(member)
    return member


def check_endpoint(text: str) -> str:
    """Return ``host:port`` when it is one.

    Raises:
        Breach: MEMBER_DOCUMENT when it is not.
    """
    match = _ENDPOINT.fullmatch(text)
    _require(match is not None and 0 < int(match[2]) < 65536, "endpoint")
    return text


def check_successor(old: Member, new: Member) -> None:
    """Check that one document may follow another.

    Raises:
        Breach: MEMBER_HISTORY when a key vanished or changed, or a retired member returned.
    """
    if old.province != new.province:
        raise Breach("MEMBER_HISTORY", detail=f"{old.province} became {new.province}")
    if old.status is MemberStatus.RETIRED and new.status is not MemberStatus.RETIRED:
        raise Breach("MEMBER_HISTORY", detail=f"{old.province} had retired")
    for before in old.keys:
        after = new.find_key(before.key.keyid, before.use)
        if after is None or not _may_follow(before, after):
            raise Breach(
                "MEMBER_HISTORY", detail=f"{old.province} key {before.key.keyid[:16]} {before.use}"
            )


def _may_follow(before: MemberKey, after: MemberKey) -> bool:
    same_key = before.key == after.key and before.valid_from_us == after.valid_from_us
    return same_key and all(
        getattr(before, mark) in (None, getattr(after, mark)) for mark in _KEY_MARKS
    )


def _key_object(key: MemberKey) -> dict[str, Any]:
    marks = {mark: getattr(key, mark) for mark in _KEY_MARKS}
    return {
        "keyid": key.key.keyid,
        "use": key.use,
        "public_pem": key.key.pem,
        "valid_from_us": key.valid_from_us,
        **{mark: value for mark, value in marks.items() if value is not None},
    }


def _parse_key(value: Any) -> MemberKey:
    _require(isinstance(value, dict), "key")
    fields = _KEY_FIELDS | {mark: int for mark in _KEY_MARKS if mark in value}
    check_fields(value, fields, reason="MEMBER_DOCUMENT")
    _require(value["use"] in KEY_USES, "key use")
    _require(_KEYID.fullmatch(value["keyid"]) is not None, "keyid")
    numbers = [value[name] for name, kind in fields.items() if kind is int]
    _require(all(0 <= number <= LARGEST_NUMBER for number in numbers), "number of a key")
    _require(("revoked_at_us" in value) == ("revoked_log_size" in value), "revocation")
    return MemberKey(
        key=public_key(value["public_pem"], value["keyid"]),
        use=cast(KeyUse, value["use"]),
        valid_from_us=value["valid_from_us"],
        verify_only_from_us=value.get("verify_only_from_us"),
        revoked_log_size=value.get("revoked_log_size"),
        revoked_at_us=value.get("revoked_at_us"),
    )


def _check_keys(member: Member) -> None:
    _require(len(member.keys) <= KEYS_MAX, "number of keys")
    # One key for one use: a checkpoint must never pass for a batch of messages.
    _require(len({key.key.keyid for key in member.keys}) == len(member.keys), "keyid twice")
    _require(len({key.key.pem for key in member.keys}) == len(member.keys), "key twice")
    for use in _NEEDED_USES:
        _require(any(key.use == use for key in member.keys), f"no {use} key")


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise Breach("MEMBER_DOCUMENT", detail=what)
