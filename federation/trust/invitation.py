"""An invitation: one string by which a province finds the coordinator and knows it for the right
one.

It carries what must not be taken from the network on trust: the fingerprints of the first root
and of the coordinator's certificate. The token in it is a secret, used once.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass, field

from federation.base.clock import SECOND
from federation.base.errors import Breach, Refusal
from federation.base.names import is_province
from federation.signing.dsse import pae
from federation.trust.members import check_endpoint

PREFIX = "creditbank-invite-"
TOKEN_SIZE = 16
JOIN_TYPE = "application/vnd.creditbank.join.v1"
_FORM = struct.Struct(">B32s32s16sQ")
_VERSION = 1
_CHECK_SIZE = 4


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a province is told when it is invited.

    Attributes:
        address: ``host:port`` of the coordinator.
        root_sha256: SHA-256 of the first root file, in hexadecimal.
        tls_sha256: SHA-256 of the coordinator's certificate (DER), in hexadecimal.
        province: who is invited.
        token: the one-time secret.
        expires_us: when the invitation ends; whole seconds.
    """

    address: str
    root_sha256: str
    tls_sha256: str
    province: str
    token: bytes = field(repr=False)
    expires_us: int

    @property
    def text(self) -> str:
        """The string to hand over."""
        head = _FORM.pack(
            _VERSION,
            bytes.fromhex(self.root_sha256),
            bytes.fromhex(self.tls_sha256),
            self.token,
            self.expires_us // SECOND,
        )
        body = head + f"{self.province}|{self.address}".encode()
        return PREFIX + base64.urlsafe_b64encode(body + _check(body)).decode().rstrip("=")


def read_invitation(text: str) -> Invitation:
    """Return the invitation in a pasted string; spaces and line breaks do not matter.

    Raises:
        Refusal: INVITATION_FORM when the string is not whole.
    """
    packed = "".join(text.split()).removeprefix(PREFIX)
    try:
        content = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
        body, check = content[:-_CHECK_SIZE], content[-_CHECK_SIZE:]
        version, root, tls, token, expires_s = _FORM.unpack_from(body)
        province, _, address = body[_FORM.size :].decode().partition("|")
        check_endpoint(address)
    except (binascii.Error, struct.error, ValueError, Breach):
        raise Refusal("INVITATION_FORM") from None
    if check != _check(body) or version != _VERSION or not is_province(province):
        raise Refusal("INVITATION_FORM")
    return Invitation(address, root.hex(), tls.hex(), province, token, expires_s * SECOND)


def join_proof_message(token: bytes, document: bytes) -> bytes:
    """Return what every key in an application signs, to show that the applicant holds it."""
    return pae(JOIN_TYPE, token + document)


def _check(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()[:_CHECK_SIZE]
