"""Private keys in encrypted PKCS #8 files, loaded into securesystemslib signers.

The passphrase comes from a file or a prompt, never from an argument. Other stores (PKCS #11,
Vault) plug in behind the same :class:`federation.signing.keys.Signer`.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from securesystemslib.signer import (
    CryptoSigner,  # type: ignore[attr-defined, unused-ignore]
    SSlibKey,  # type: ignore[attr-defined, unused-ignore]
)

from federation.base.errors import Breach, Refusal
from federation.signing.keys import ED25519, PublicKey, public_key

_PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey


class FileSigner:
    """A signer whose key was read from an encrypted file.

    Attributes:
        public: the public half.
        crypto_signer: the securesystemslib signer, as python-tuf wants it.
    """

    def __init__(self, private: _PrivateKey) -> None:
        self.crypto_signer = CryptoSigner(private)
        self.public: PublicKey = registered_key(self.crypto_signer.public_key)

    def sign(self, to_be_signed: bytes) -> bytes:
        """Return the signature over these bytes."""
        return bytes.fromhex(self.crypto_signer.sign(to_be_signed).signature)


def registered_key(key: object) -> PublicKey:
    """Return a TUF key as one of ours.

    Raises:
        Breach: KEY_FORM when it is of another kind.
    """
    if not isinstance(key, SSlibKey):
        raise Breach("KEY_FORM", detail="not a plain public key")
    try:
        pem = key.keyval["public"]
        if key.scheme == ED25519 and not pem.startswith("-----"):
            pem = _pem_of_raw(bytes.fromhex(pem))
    except (KeyError, ValueError):
        raise Breach("KEY_FORM") from None
    return public_key(pem, key.keyid)


def create_key(path: Path, passphrase: bytes, *, algorithm: str = ED25519) -> FileSigner:
    """Make a key, write it encrypted and durable with mode 0600, and return its signer.

    Raises:
        Refusal: KEY_EXISTS when the file is there: keys are never overwritten.
    """
    private: _PrivateKey
    if algorithm == ED25519:
        private = ed25519.Ed25519PrivateKey.generate()
    else:
        private = ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase)
    )
    write_secret(path, pem)
    return FileSigner(private)


def load_key(path: Path, passphrase: bytes) -> FileSigner:
    """Open an encrypted key file.

    Raises:
        Refusal: KEY_FILE when it is missing, damaged or the passphrase is wrong.
    """
    try:
        private = load_pem_private_key(path.read_bytes(), passphrase)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        raise Refusal("KEY_FILE", detail=path.name) from None
    if not isinstance(private, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
        raise Refusal("KEY_FILE", detail=path.name)
    return FileSigner(private)


def write_secret(path: Path, content: bytes) -> None:
    """Write a new file readable by its owner only, and make it durable.

    Raises:
        Refusal: KEY_EXISTS when the file is there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all: written aside, and linked to its name only when durable.
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        try:
            os.link(file.name, path)
        except FileExistsError:
            raise Refusal("KEY_EXISTS", detail=path.name) from None
    _sync_folder(path.parent)


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file, readable by its owner only, so that a reader finds the old or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _pem_of_raw(raw: bytes) -> str:
    key = ed25519.Ed25519PublicKey.from_public_bytes(raw)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
