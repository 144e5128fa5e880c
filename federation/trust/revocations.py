"""Revocations: documents that take a key away and can never give one.

The role ``revocations`` lists them under the coordinator's online key, so that minutes suffice.
Each is signed by that key or by the recovery key of the province whose key it is. One that was
listed stays in force whatever the role says later; only officers can undo it, by listing its hash
among the targets.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from federation.base.errors import Breach
from federation.base.names import is_province
from federation.signing.keys import PublicKey, Signer
from federation.trust.canonical import check_fields, read_document, render_document
from federation.trust.members import LARGEST_NUMBER, Member, MemberKey
from federation.trust.signed_document import SignedDocument, parse_signed, render_signed

REVOCATION_TYPE = "application/vnd.creditbank.revocation.v1+json"
REVOCATIONS = "revocations"
REINSTATED = "reinstated/"
REASON = "REVOCATION_FORM"
_KEYID = re.compile(r"[0-9a-f]{64}")
_FIELDS = {"province": str, "keyid": str, "log_size": int, "revoked_at_us": int}


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """The end of a key.

    Attributes:
        log_size: what lies in the province's log below this size still counts.
    """

    province: str
    keyid: str
    log_size: int
    revoked_at_us: int

    @property
    def path(self) -> str:
        """Where the registry lists it: one for each key."""
        return f"{REVOCATIONS}/{self.keyid}.json"


def write_revocation(revocation: Revocation, signer: Signer) -> bytes:
    """Return a revocation signed by a recovery key, or by the coordinator's online key."""
    payload = render_document(
        {
            "province": revocation.province,
            "keyid": revocation.keyid,
            "log_size": revocation.log_size,
            "revoked_at_us": revocation.revoked_at_us,
        }
    )
    return render_signed(SignedDocument(REVOCATION_TYPE, payload, {}).sign(signer))


def verify_revocation(
    content: bytes, members: Mapping[str, Member], online: Collection[PublicKey]
) -> Revocation:
    """Return a revocation that one who may revoke signed.

    Args:
        online: the keys that the role is delegated to.

    Raises:
        Breach: REVOCATION_FORM, or SIGNATURE_INVALID when nobody who may revoke signed it.
    """
    document = parse_signed(content, REVOCATION_TYPE, reason=REASON)
    value = read_document(document.payload, reason=REASON)
    check_fields(value, _FIELDS, reason=REASON)
    numbers = (value["log_size"], value["revoked_at_us"])
    is_plain = is_province(value["province"]) and _KEYID.fullmatch(value["keyid"])
    if not is_plain or not all(0 <= number <= LARGEST_NUMBER for number in numbers):
        raise Breach(REASON)
    revocation = Revocation(**value)
    if len(document.signatures) != 1:
        raise Breach(REASON, detail="not one signature")
    member = members.get(revocation.province)
    if member is None or _find(member, revocation.keyid) is None:
        raise Breach(REASON, detail="no key of that province")
    able = [*online, *(one.key for one in member.keys if one.use == "recovery")]
    for key in able:
        if key.keyid in document.signatures:
            document.check(key)
            return revocation
    raise Breach("SIGNATURE_INVALID", detail="signed by nobody who may revoke")


def reinstatement(content: bytes) -> str:
    """Return the path under which officers list that a revocation is undone."""
    return f"{REINSTATED}{hashlib.sha256(content).hexdigest()}"


def apply_revocations(
    members: Mapping[str, Member], revocations: Collection[Revocation]
) -> Mapping[str, Member]:
    """Return the members with the revoked keys marked; a key revoked in its document stays so."""
    marked = dict(members)
    for one in revocations:
        member = marked[one.province]
        marked[one.province] = replace(member, keys=tuple(_marked(key, one) for key in member.keys))
    return MappingProxyType(marked)


def _marked(key: MemberKey, one: Revocation) -> MemberKey:
    if key.key.keyid != one.keyid or key.is_revoked:
        return key
    return replace(key, revoked_log_size=one.log_size, revoked_at_us=one.revoked_at_us)


def _find(member: Member, keyid: str) -> MemberKey | None:
    return next((key for key in member.keys if key.key.keyid == keyid), None)
