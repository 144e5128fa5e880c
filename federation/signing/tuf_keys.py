"""Public keys in the form that TUF metadata carries, and back from PEM."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.signer import SSlibKey

from federation.base.errors import Breach
from federation.signing.keys import PublicKey
from federation.signing.keystore import registered_key


def tuf_key(pem: str) -> SSlibKey:
    """Return the TUF key of a public key in PEM; its keyid follows from the key alone.

    Raises:
        Breach: KEY_FORM when it is neither Ed25519 nor P-256.
    """
    try:
        key = load_pem_public_key(pem.encode())
    except ValueError:
        raise Breach("KEY_FORM", detail="not a public key in PEM") from None
    if not isinstance(key, ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey):
        raise Breach("KEY_FORM", detail="neither Ed25519 nor P-256")
    return SSlibKey.from_crypto(key)


def public_key_of_pem(pem: str) -> PublicKey:
    """Return a public key named by its own keyid.

    Raises:
        Breach: KEY_FORM when the text is no canonical PEM of a key we use.
    """
    return registered_key(tuf_key(pem))
