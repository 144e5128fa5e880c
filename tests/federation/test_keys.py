"""Public keys: published signatures hold, bent ones and odd keys are refused."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from federation.base.errors import Breach
from federation.signing.keys import ED25519, P256, SMALL_ORDER, PublicKey, public_key
from federation.signing.keystore import FileSigner

# RFC 8032 section 7.1: public key, message, signature.
RFC_8032 = (
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
)
SIGNERS = {
    ED25519: FileSigner(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))),
    P256: FileSigner(ec.derive_private_key(7, ec.SECP256R1())),
}
# Order of the Ed25519 group (RFC 8032 section 5.1).
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493


def pem_of(key) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def pem_of_raw(raw: bytes) -> str:
    return pem_of(ed25519.Ed25519PublicKey.from_public_bytes(raw))


def refuses(key: PublicKey, signature: bytes, signed: bytes) -> bool:
    with pytest.raises(Breach) as breach:
        key.verify(signature, signed)
    return breach.value.reason == "SIGNATURE_INVALID"


def key_refused(pem: str) -> bool:
    with pytest.raises(Breach) as breach:
        public_key(pem, "00")
    return breach.value.reason == "KEY_FORM"


@pytest.mark.parametrize(("raw", "message", "signature"), RFC_8032)
def test_published_signatures_hold(raw, message, signature):
    key = public_key(pem_of_raw(bytes.fromhex(raw)), "00")
    key.verify(bytes.fromhex(signature), bytes.fromhex(message))
    assert refuses(key, bytes.fromhex(signature), bytes.fromhex(message) + b"\x00")


@pytest.mark.parametrize("algorithm", SIGNERS)
def test_every_flipped_bit_of_a_signature_is_found(algorithm):
    signer = SIGNERS[algorithm]
    signature = signer.sign(b"message")
    assert signer.public.algorithm == algorithm
    signer.public.verify(signature, b"message")
    for at in range(len(signature) * 8):
        bent = bytearray(signature)
        bent[at // 8] ^= 1 << at % 8
        assert refuses(signer.public, bytes(bent), b"message")


@pytest.mark.parametrize("algorithm", SIGNERS)
def test_signatures_of_other_lengths_are_refused(algorithm):
    key = SIGNERS[algorithm].public
    signature = SIGNERS[algorithm].sign(b"message")
    for wrong in (b"", bytes(64), bytes(7), signature + b"\x00", signature[:-1], bytes(100)):
        assert refuses(key, wrong, b"message")


def test_a_signature_has_no_second_spelling():
    signer = SIGNERS[ED25519]
    signature = signer.sign(b"message")
    scalar = int.from_bytes(signature[32:], "little") + GROUP_ORDER
    assert refuses(signer.public, signature[:32] + scalar.to_bytes(32, "little"), b"message")


def test_points_of_small_order_are_no_keys():
    assert len(SMALL_ORDER) == 14
    for raw in SMALL_ORDER:
        assert key_refused(pem_of_raw(raw))


@pytest.mark.parametrize(
    "pem",
    [
        "",
        "no key",
        "\ud800",
        pem_of(rsa.generate_private_key(65537, 2048).public_key()),
        pem_of(x25519.X25519PrivateKey.generate().public_key()),
        pem_of(ec.derive_private_key(7, ec.SECP384R1()).public_key()),
        pem_of(ec.derive_private_key(7, ec.SECP256K1()).public_key()),
        pem_of_raw(bytes(range(32))) + "\n",
        "comment\n" + pem_of_raw(bytes(range(32))),
        pem_of_raw(bytes(range(32))).replace("\n", "\r\n"),
    ],
    ids=["empty", "text", "surrogate", "rsa", "x25519", "p384", "k1", "line", "comment", "crlf"],
)
def test_other_keys_and_other_spellings_are_refused(pem):
    assert key_refused(pem)


def test_a_key_of_an_unknown_algorithm_is_refused():
    # An Ed25519 key whose object identifier was changed to one that nobody has assigned.
    pem = pem_of_raw(bytes(range(32)))
    assert key_refused(pem.replace("MCowBQYDK2Vw", "MCowBQYDK2V7"))


def test_a_signature_by_another_key_is_refused():
    other = FileSigner(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)))
    assert refuses(SIGNERS[ED25519].public, other.sign(b"message"), b"message")
