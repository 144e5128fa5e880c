"""Agreements between provinces: what may be exchanged, from when to when, on which terms.

An agreement is one document, signed by the governance key of every party; the role that lists it
says no more than that it is in force. It is asked for where an exchange begins, by the day on
which the first message was signed. What has begun is never stopped by its end: an open exchange
may be committed until its ``accept_until``, and committed work always completes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from federation.base.amounts import LARGEST_HUNDREDTHS
from federation.base.errors import Breach, Refusal
from federation.base.names import is_province, region_of
from federation.signing.keys import Signer
from federation.trust.canonical import check_fields, read_document, render_document
from federation.trust.members import Member, MemberKey
from federation.trust.signed_document import SignedDocument, parse_signed, render_signed

AGREEMENT_TYPE = "application/vnd.creditbank.agreement.v1+json"
WITHDRAWAL_TYPE = "application/vnd.creditbank.withdrawal.v1+json"
CROSS = "cross"
REASON = "AGREEMENT_FORM"
MODES = ("RECOGNISE", "TRANSFER")
MOST_PARTIES = 64
MOST_DAYS = 250
MOST_OPEN = 1_000_000
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")
_KIND = re.compile(r"[A-Z][A-Z_]{0,31}")
_FIELDS = {
    "agreement": str,
    "version": int,
    "parties": list,
    "modes": list,
    "kinds": list,
    "valid_from": str,
    "valid_until": str,
    "decision_days": int,
    "answer_days": int,
    "learner_year_cap_hundredths": int,
    "open_exchanges_quota": int,
    "requires_witnessed": bool,
}
_NUMBERS = {
    "version": range(1, 1_000_000),
    "decision_days": range(1, MOST_DAYS + 1),
    "answer_days": range(1, MOST_DAYS + 1),
    "learner_year_cap_hundredths": range(LARGEST_HUNDREDTHS + 1),
    "open_exchanges_quota": range(MOST_OPEN + 1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What its parties agreed; days are working days, sums are in the source's hundredths.

    Attributes:
        agreement: its name; a later version replaces the one before under the same name.
        kinds: kinds of outcome it covers; empty for every kind.
        valid_from: first day, YYYY-MM-DD in Beijing.
        valid_until: last day.
        decision_days: how long a judgement may take.
        answer_days: how long the learner then has to answer.
        learner_year_cap_hundredths: most per learner and calendar year; 0 for no cap.
        open_exchanges_quota: most exchanges open in one direction at a time; 0 for no limit.
        requires_witnessed: whether a lot that came from elsewhere must be WITNESSED first.
    """

    agreement: str
    version: int
    parties: tuple[str, ...]
    modes: tuple[str, ...]
    kinds: tuple[str, ...]
    valid_from: str
    valid_until: str
    decision_days: int
    answer_days: int
    learner_year_cap_hundredths: int = 0
    open_exchanges_quota: int = 0
    requires_witnessed: bool = False

    @property
    def working_days(self) -> int:
        """Days from an offer to the end of the learner's time to answer."""
        return self.decision_days + self.answer_days

    @property
    def role(self) -> str:
        """The role that lists it: the region that all parties stand in, else ``cross``."""
        regions = {region_of(party) for party in self.parties}
        region = regions.pop()
        return CROSS if regions or not region else region

    @property
    def path(self) -> str:
        """Where the registry lists it."""
        return f"agreements/{self.role}/{self.agreement}.json"

    def covers(self, src: str, dst: str, mode: str, day: str) -> bool:
        """Tell whether an exchange of this mode may begin between two provinces on a day."""
        is_pair = src != dst and src in self.parties and dst in self.parties
        if is_pair and self.role == CROSS and region_of(src) and region_of(src) == region_of(dst):
            return False  # Within a region, the region's own agreements count.
        return is_pair and mode in self.modes and self.valid_from <= day <= self.valid_until


@dataclass(frozen=True, slots=True)
class Listing:
    """An agreement as the registry lists it.

    Attributes:
        role_expires_us: when the word of the role that lists it ends.
        is_resting: whether a key that signed it was revoked; it then begins nothing.
    """

    agreement: Agreement
    sha256: str
    role_expires_us: int
    is_resting: bool


def render_agreement(agreement: Agreement) -> bytes:
    """Return an agreement in its only spelling."""
    return render_document({one.name: _plain(getattr(agreement, one.name)) for one in _columns()})


def parse_agreement(content: bytes) -> Agreement:
    """Return the agreement that a document describes.

    Raises:
        Breach: AGREEMENT_FORM.
    """
    value = read_document(content, reason=REASON)
    check_fields(value, _FIELDS, reason=REASON)
    _require(_NAME.fullmatch(value["agreement"]) is not None, "agreement")
    for name, allowed in _NUMBERS.items():
        _require(value[name] in allowed, name)
    _check_set(value, "parties")
    _require(2 <= len(value["parties"]) <= MOST_PARTIES, "parties")
    _require(all(map(is_province, value["parties"])), "parties")
    _check_set(value, "modes")
    _require(bool(value["modes"]) and set(value["modes"]) <= set(MODES), "modes")
    _check_set(value, "kinds")
    _require(all(_KIND.fullmatch(kind) for kind in value["kinds"]), "kinds")
    for name in ("valid_from", "valid_until"):
        _require(_is_day(value[name]), name)
    _require(value["valid_from"] <= value["valid_until"], "valid_until")
    for name in ("parties", "modes", "kinds"):
        value[name] = tuple(value[name])
    return Agreement(**value)


def propose(agreement: Agreement) -> bytes:
    """Return an agreement as the file that travels from party to party for signature.

    Raises:
        Breach: AGREEMENT_FORM when it could never be listed.
    """
    parse_agreement(render_agreement(agreement))
    return render_signed(SignedDocument(AGREEMENT_TYPE, render_agreement(agreement), {}))


def sign_agreement(content: bytes, signer: Signer) -> bytes:
    """Return the file with one more party's signature.

    Raises:
        Breach: AGREEMENT_FORM when the file is no agreement.
    """
    document = parse_signed(content, AGREEMENT_TYPE, reason=REASON)
    parse_agreement(document.payload)
    return render_signed(document.sign(signer))


def read_agreement(content: bytes) -> tuple[Agreement, tuple[str, ...]]:
    """Return the agreement in a file and the keyids that signed; nothing is verified.

    Raises:
        Breach: AGREEMENT_FORM.
    """
    document = parse_signed(content, AGREEMENT_TYPE, reason=REASON)
    return parse_agreement(document.payload), tuple(document.signatures)


def verify_agreement(
    content: bytes, members: Mapping[str, Member]
) -> tuple[Agreement, tuple[MemberKey, ...]]:
    """Return an agreement that every party signed, each by a governance key, and the keys.

    Raises:
        Breach: AGREEMENT_FORM for a malformed one; AGREEMENT_UNSIGNED naming the party whose
            signature is absent, false, or not the only one.
    """
    document = parse_signed(content, AGREEMENT_TYPE, reason=REASON)
    agreement = parse_agreement(document.payload)
    signed: dict[str, MemberKey] = {}
    for keyid in document.signatures:
        province, key = _signer(keyid, agreement, members)
        if province in signed:
            raise Breach("AGREEMENT_UNSIGNED", detail=f"{province} twice")
        try:
            document.check(key.key)
        except Breach:
            raise Breach("AGREEMENT_UNSIGNED", detail=province) from None
        signed[province] = key
    for party in agreement.parties:
        if party not in signed:
            raise Breach("AGREEMENT_UNSIGNED", detail=party)
    return agreement, tuple(signed.values())


def write_withdrawal(agreement: Agreement, sha256: str, signer: Signer) -> bytes:
    """Return a party's word that it withdraws from an agreement as it is listed."""
    payload = render_document({"agreement": agreement.path, "sha256": sha256})
    return render_signed(SignedDocument(WITHDRAWAL_TYPE, payload, {}).sign(signer))


def verify_withdrawal(
    content: bytes, listings: Iterable[Listing], members: Mapping[str, Member]
) -> str:
    """Return the path of the listed agreement that one of its parties withdraws from.

    Raises:
        Breach: AGREEMENT_FORM; AGREEMENT_UNSIGNED when no party signed alone.
        Refusal: AGREEMENT_UNKNOWN when it is not, or no longer, listed so.
    """
    document = parse_signed(content, WITHDRAWAL_TYPE, reason=REASON)
    value = read_document(document.payload, reason=REASON)
    check_fields(value, {"agreement": str, "sha256": str}, reason=REASON)
    for one in listings:
        if (one.agreement.path, one.sha256) == (value["agreement"], value["sha256"]):
            for keyid in document.signatures:
                document.check(_signer(keyid, one.agreement, members)[1].key)
            if len(document.signatures) != 1:
                raise Breach("AGREEMENT_UNSIGNED", detail="not one signature")
            return one.agreement.path
    raise Refusal("AGREEMENT_UNKNOWN", detail=value["agreement"][:80])


def find(
    listings: Iterable[Listing], *, src: str, dst: str, mode: str, day: str, now_us: int
) -> Agreement | None:
    """Return the agreement under which an exchange may begin; the narrowest where several do.

    Args:
        day: on which its first message was signed, in Beijing.
        now_us: judges whether the role's word still holds; an expired region stops only itself.
    """
    able = [
        one.agreement
        for one in listings
        if not one.is_resting
        and now_us < one.role_expires_us
        and one.agreement.covers(src, dst, mode, day)
    ]
    return min(able, key=lambda one: (len(one.parties), one.agreement), default=None)


def differences(old: Agreement, new: Agreement) -> list[tuple[str, Any, Any]]:
    """Return the fields in which two versions differ, with both values."""
    pairs = [(one.name, getattr(old, one.name), getattr(new, one.name)) for one in _columns()]
    return [(name, before, after) for name, before, after in pairs if before != after]


def _signer(
    keyid: str, agreement: Agreement, members: Mapping[str, Member]
) -> tuple[str, MemberKey]:
    for party in agreement.parties:
        member = members.get(party)
        key = member.find_key(keyid, "governance") if member else None
        if key is not None:
            return party, key
    raise Breach("AGREEMENT_UNSIGNED", detail=f"{keyid[:16]} is no party's governance key")


def _check_set(value: dict[str, Any], name: str) -> None:
    items = value[name]
    _require(all(isinstance(item, str) for item in items), name)
    _require(items == sorted(set(items)), f"{name}: each once, in order")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _columns() -> Iterable[Any]:
    return fields(Agreement)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise Breach(REASON, detail=what)
