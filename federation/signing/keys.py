"""Public keys and signers, on securesystemslib: the same key works for TUF, messages and log.

Ed25519 is the default; P-256 is for tokens that lack it. The algorithm is a property of the
registered key, never of the message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from federation.base.errors import Breach

ED25519 = "ed25519"
P256 = "ecdsa-sha2-nistp256"
_SIGNATURE_SIZE = {ED25519: range(64, 65), P256: range(8, 73)}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key with the name that signatures give it.

    Attributes:
        keyid: 64 hexadecimal digits, a hint only: it selects a key and proves nothing.
        algorithm: ``ed25519`` or ``ecdsa-sha2-nistp256``.
        pem: SubjectPublicKeyInfo in PEM, one canonical spelling per key.
    """

    keyid: str
    algorithm: str
    pem: str

    def verify(self, signature: bytes, signed: bytes) -> None:
        """Check a signature over the bytes as received.

        Raises:
            Breach: SIGNATURE_INVALID for any defect of key or signature.
        """
        if len(signature) not in _SIGNATURE_SIZE[self.algorithm] or not any(signature):
            raise Breach("SIGNATURE_INVALID")
        key = _load(self.pem)
        try:
            if isinstance(key, ed25519.Ed25519PublicKey):
                key.verify(signature, signed)
            else:
                key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            raise Breach("SIGNATURE_INVALID") from None


class Signer(Protocol):
    """Whatever can sign with one key: an encrypted file, a token, a key service."""

    @property
    def public(self) -> PublicKey:
        """The public half."""
        ...

    def sign(self, to_be_signed: bytes) -> bytes:
        """Return the signature over these bytes."""
        ...


def public_key(pem: str, keyid: str) -> PublicKey:
    """Return a public key read from PEM.

    Raises:
        Breach: KEY_FORM for unknown algorithms, small-order points and other spellings.
    """
    key = _load(pem)
    algorithm = ED25519 if isinstance(key, ed25519.Ed25519PublicKey) else P256
    spelled = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    if spelled != pem:
        raise Breach("KEY_FORM", detail="not the canonical PEM of this key")
    if algorithm == ED25519 and _raw(key) in SMALL_ORDER:
        raise Breach("KEY_FORM", detail="small-order point")
    return PublicKey(keyid, algorithm, pem)


_Key = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey
_loaded: dict[str, _Key] = {}


def _load(pem: str) -> _Key:
    known = _loaded.get(pem)
    if known is not None:
        return known
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise Breach("KEY_FORM", detail="not a public key in PEM") from None
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name != "secp256r1":
        raise Breach("KEY_FORM", detail="curve other than P-256")
    if not isinstance(key, ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey):
        raise Breach("KEY_FORM", detail="neither Ed25519 nor P-256")
    if len(_loaded) > 4096:
        _loaded.clear()
    _loaded[pem] = key
    return key


def _raw(key: _Key) -> bytes:
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return b""


# Encodings of the points of order 1, 2, 4 and 8, canonical and not, with either sign bit: under
# such a key one signature can hold for many messages.
_ORDER_8 = (
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
)
SMALL_ORDER = frozenset(
    (y | sign << 255).to_bytes(32, "little")
    for y in (
        *(0, 1, 2**255 - 20, 2**255 - 19, 2**255 - 18),
        *(int.from_bytes(bytes.fromhex(text), "little") for text in _ORDER_8),
    )
    for sign in (0, 1)
)
