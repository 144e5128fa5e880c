"""Values that must be kept yet not be readable: sealed, and found again without being opened.

One master key per node lies in a file encrypted under the node's passphrase. Two keys are derived
from it, one that seals and one that indexes, so that neither use can weaken the other. A database
that is stolen without that file shows neither the numbers nor, because the index is keyed, which
of two guesses is right.
"""

from __future__ import annotations

import hmac
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from federation.base.entropy import Entropy
from federation.base.errors import Breach, Kind, Refusal
from federation.signing.keystore import write_secret

NONCE_SIZE = 12
INDEX_SIZE = 32
_KEY_SIZE = 32
_SALT_SIZE = 16
_MAGIC = b"creditbank vault 1\n"
# About fifty milliseconds. The passphrase that init makes is random, so that this only has to
# slow down guessing where a person chose one.
_SCRYPT_COST = 2**14


class Vault:
    """Seals values and makes their blind index."""

    def __init__(self, master: bytes) -> None:
        if len(master) != _KEY_SIZE:
            raise ValueError("a master key has 32 bytes")
        self._cipher = AESGCM(_derive(master, b"creditbank seal 1"))
        self._index_key = _derive(master, b"creditbank blind index 1")

    def seal(self, value: bytes, *, context: bytes, nonce: bytes) -> bytes:
        """Return the value encrypted, with its nonce in front.

        Args:
            value: what nobody shall read.
            context: where it belongs, as account and column; moved elsewhere it will not open.
            nonce: 12 bytes, never used before.
        """
        if len(nonce) != NONCE_SIZE:
            raise ValueError("a nonce has 12 bytes")
        return nonce + self._cipher.encrypt(nonce, value, context)

    def open(self, sealed: bytes, *, context: bytes) -> bytes:
        """Return a sealed value.

        Raises:
            Breach: SEALED_VALUE when it was changed, moved or sealed under another key.
        """
        nonce, encrypted = sealed[:NONCE_SIZE], sealed[NONCE_SIZE:]
        try:
            return self._cipher.decrypt(nonce, encrypted, context)
        except (InvalidTag, ValueError):
            raise Breach("SEALED_VALUE", kind=Kind.INTERNAL) from None

    def blind_index(self, kind: str, number: str) -> bytes:
        """Return the 32 bytes under which a document is found, the same for the same document."""
        parts = (kind.encode(), number.encode())
        named = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return hmac.digest(self._index_key, named, "sha256")


def create_vault(path: Path, passphrase: bytes, *, entropy: Entropy) -> Vault:
    """Make a master key, write it encrypted and durable with mode 0600, and open its vault.

    Raises:
        Refusal: KEY_EXISTS when the file is there: what it sealed would be lost.
    """
    master, salt = entropy.token(_KEY_SIZE), entropy.token(_SALT_SIZE)
    nonce = entropy.token(NONCE_SIZE)
    encrypted = AESGCM(_stretch(passphrase, salt)).encrypt(nonce, master, _MAGIC)
    write_secret(path, _MAGIC + salt + nonce + encrypted)
    return Vault(master)


def load_vault(path: Path, passphrase: bytes) -> Vault:
    """Open the vault of a master key file.

    Raises:
        Refusal: KEY_FILE when it is missing, damaged or the passphrase is wrong.
    """
    try:
        content = path.read_bytes()
    except OSError:
        raise Refusal("KEY_FILE", detail=path.name) from None
    start, end = len(_MAGIC) + _SALT_SIZE, len(_MAGIC) + _SALT_SIZE + NONCE_SIZE
    salt, nonce, encrypted = content[len(_MAGIC) : start], content[start:end], content[end:]
    try:
        return Vault(
            AESGCM(_stretch(passphrase, salt)).decrypt(nonce, encrypted, content[: len(_MAGIC)])
        )
    except (InvalidTag, ValueError):
        raise Refusal("KEY_FILE", detail=path.name) from None


def _derive(master: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=_KEY_SIZE, salt=None, info=use).derive(master)


def _stretch(passphrase: bytes, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=_KEY_SIZE, n=_SCRYPT_COST, r=8, p=1).derive(passphrase)
