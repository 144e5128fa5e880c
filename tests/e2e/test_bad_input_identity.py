"""Callers and signers that are not who they should be (catalogue rows 21-40)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from google.rpc import status_pb2

from federation.base.clock import DAY, SystemClock
from federation.base.reasons import describe
from federation.signing.dsse import pae
from federation.signing.keystore import load_key
from federation.transport.certificates import TlsIdentity, open_authority, province_uri
from federation.v1 import envelope_pb2
from node.config import load_config, read_passphrase
from node.founding import MESSAGE_KEY
from tests.e2e.answers import Refused
from tests.e2e.federation_of_two import REVOKED_BELOW, Federation
from tests.e2e.rogue import Rogue, encode_batch
from tests.federation.registry_world import PASSPHRASE

BATCH_TYPE = "application/vnd.creditbank.batch.v1+protobuf"
ORDER = 2**252 + 27742317777372353535851937790883648493
Batch = envelope_pb2.SignedBatch


def ask(federation: Federation, **options: object) -> Batch:
    """Return a question to the destination that would be answered."""
    rogue = federation.rogue
    return rogue.batch("CN-44", rogue.say(rogue.status_query("CN-44")), **options)


def refuse(
    federation: Federation, request: Batch | bytes, code: str, reason: str, **options: TlsIdentity
) -> Refused:
    """Check that a call is refused so and that nothing is left of it."""
    encoded = request if isinstance(request, bytes) else encode_batch(request)
    with federation.unchanged(federation.destination):
        answer = federation.rogue.call(federation.destination, encoded, **options)
        assert isinstance(answer, Refused), answer
        assert (answer.code, answer.reason) == (code, reason)
    return answer


def own_identity(federation: Federation, province: str) -> TlsIdentity:
    """Return a certificate that a member's own authority issued to it."""
    node = federation.nodes[province]
    config, now_us = load_config(node.directory), SystemClock().now_us()
    authority = open_authority(config.keys, province, read_passphrase(config), now_us=now_us)
    return authority.issue(now_us=now_us)


def named(rogue: Rogue, province: str, **options: str) -> TlsIdentity:
    """Return a certificate by the rogue's authority that names whom the rogue likes."""
    forged = replace(rogue.authority, province=province)
    return forged.issue(now_us=SystemClock().now_us(), **options)


def written_by(rogue: Rogue, named_so: x509.ExtensionType | None) -> TlsIdentity:
    """Return a certificate by the rogue's authority with one extension of its choice."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CN-33")])
    issuer = x509.load_pem_x509_certificate(rogue.authority.certificate_pem.encode()).subject
    builder = (
        x509.CertificateBuilder(issuer, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
    )
    if named_so is not None:
        builder = builder.add_extension(named_so, critical=False)
    certificate = builder.sign(rogue.authority._key, hashes.SHA256())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return TlsIdentity(certificate.public_bytes(Encoding.PEM).decode(), pem)


def test_the_unbent_question_is_answered(federation: Federation) -> None:
    with federation.unchanged(federation.destination):
        assert not isinstance(
            federation.rogue.call(federation.destination, encode_batch(ask(federation))), Refused
        )


# Row 21.


@pytest.mark.parametrize("version", [2, 0, 2**32 - 1])
def test_another_wire_version_is_refused(federation: Federation, version: int) -> None:
    bent = ask(federation, version=version)
    refuse(federation, bent, "FAILED_PRECONDITION", "VERSION_UNSUPPORTED")


# Rows 22 and 23: no handshake, so there is nobody to tell a reason.


def test_a_caller_without_a_certificate_never_gets_through(federation: Federation) -> None:
    rogue, node = federation.rogue, federation.destination
    with federation.unchanged(node):
        stub = rogue.channel(node, None)
        assert rogue.through(stub, encode_batch(ask(federation))) == Refused("UNAVAILABLE", "", b"")


def test_an_expired_certificate_never_gets_through(federation: Federation) -> None:
    expired = federation.rogue.authority.issue(now_us=SystemClock().now_us() - 91 * DAY)
    refuse(federation, ask(federation), "UNAVAILABLE", "", identity=expired)


def test_a_certificate_of_an_unknown_authority_never_gets_through(
    federation: Federation, tmp_path: object
) -> None:
    now_us = SystemClock().now_us()
    stranger = open_authority(tmp_path, "CN-33", PASSPHRASE, now_us=now_us)
    identity = stranger.issue(now_us=now_us)
    refuse(federation, ask(federation), "UNAVAILABLE", "", identity=identity)


# Row 24.


def test_a_signer_other_than_the_caller_is_refused(federation: Federation) -> None:
    identity = own_identity(federation, "CN-31")
    refuse(federation, ask(federation), "PERMISSION_DENIED", "IDENTITY_MISMATCH", identity=identity)


def test_the_signature_of_another_member_is_refused(federation: Federation) -> None:
    config = load_config(federation.source.directory)
    theirs = load_key(config.keys / MESSAGE_KEY, read_passphrase(config))
    bent = ask(federation, signer=theirs)
    refuse(federation, bent, "PERMISSION_DENIED", "IDENTITY_MISMATCH")


def test_an_envelope_in_the_name_of_another_member_is_refused(federation: Federation) -> None:
    bent = ask(federation, src="CN-31")
    refuse(federation, bent, "PERMISSION_DENIED", "IDENTITY_MISMATCH")


def test_a_message_in_the_name_of_another_member_is_refused(federation: Federation) -> None:
    rogue = federation.rogue
    said = rogue.say(rogue.status_query("CN-44", header={"src": "CN-31"}))
    bent = rogue.encoded("CN-44", said)
    refuse(federation, bent, "PERMISSION_DENIED", "IDENTITY_MISMATCH")


# Rows 25 and 26.


def test_strangers_are_all_told_the_same(federation: Federation) -> None:
    rogue = federation.rogue
    certificates = {
        "a province that is no member": named(rogue, "CN-50"),
        "a member, by another's authority": named(rogue, "CN-44"),
        "the node itself": named(rogue, "CN-31"),
        "the coordinator": named(rogue, "CN-00"),
        "an account within a member": named(rogue, "CN-33", service="operator"),
    }
    told = {
        refuse(federation, body, "PERMISSION_DENIED", "NOT_MEMBER", identity=certificate).told
        for certificate in certificates.values()
        for body in (encode_batch(ask(federation)), b"", b"\xff")
    }
    assert len(told) == 1
    text = describe("NOT_MEMBER")
    assert status_pb2.Status.FromString(told.pop()).message == f"NOT_MEMBER: {text.zh} {text.en}"


def test_a_certificate_that_names_nobody_clearly_names_no_member(federation: Federation) -> None:
    rogue = federation.rogue
    own = x509.UniformResourceIdentifier(province_uri("CN-33"))
    other = x509.UniformResourceIdentifier(province_uri("CN-44"))
    for named_so in (
        None,
        x509.SubjectAlternativeName([x509.DNSName("cn-33.node.creditbank")]),
        x509.SubjectAlternativeName([own, other]),
        x509.SubjectAlternativeName([x509.UniformResourceIdentifier("spiffe://elsewhere/CN-33")]),
        x509.SubjectAlternativeName([x509.UniformResourceIdentifier(own.value + "/")]),
    ):
        identity = written_by(rogue, named_so)
        request = ask(federation)
        refuse(federation, request, "PERMISSION_DENIED", "NOT_MEMBER", identity=identity)


def test_a_name_that_cannot_be_read_reaches_nobody(federation: Federation) -> None:
    rogue, node = federation.rogue, federation.destination
    # A SubjectAlternativeName that holds an x400Address, which no library of ours reads.
    unread = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.17"), b"\x30\x02\xa3\x00")
    with federation.unchanged(node):
        answer = rogue.call(node, encode_batch(ask(federation)), identity=written_by(rogue, unread))
        assert isinstance(answer, Refused)
        assert (answer.code, answer.reason) in {
            ("PERMISSION_DENIED", "NOT_MEMBER"),
            ("UNAVAILABLE", ""),
        }


def test_a_suspended_member_is_refused(federation: Federation) -> None:
    rogue = federation.suspended
    request = rogue.encoded("CN-44", rogue.say(rogue.status_query("CN-44")))
    refuse(federation, request, "PERMISSION_DENIED", "SUSPENDED", identity=rogue.identity)


# Rows 27 to 33.


def test_a_missing_signature_is_refused(federation: Federation) -> None:
    none, empty = ask(federation), ask(federation)
    del none.signatures[:]
    empty.signatures[0].signature = b""
    for bent in (none, empty):
        refuse(federation, bent, "UNAUTHENTICATED", "SIGNATURE_MISSING")


@pytest.mark.parametrize("part", ["statement", "signature", "payload"])
def test_a_flipped_bit_is_answered_as_an_invalid_signature(
    federation: Federation, part: str
) -> None:
    rogue, node, whole = federation.rogue, federation.destination, ask(federation)
    signed = {
        "statement": whole.statement,
        "signature": whole.signatures[0].signature,
        "payload": whole.items[0].payload,
    }[part]
    with federation.unchanged(node):
        for bit in range(0, len(signed) * 8, 7):
            flipped = bytearray(signed)
            flipped[bit // 8] ^= 1 << bit % 8
            bent = Batch.FromString(whole.SerializeToString())
            if part == "statement":
                bent.statement = bytes(flipped)
            elif part == "signature":
                bent.signatures[0].signature = bytes(flipped)
            else:
                bent.items[0].payload = bytes(flipped)
            answer = rogue.call(node, encode_batch(bent))
            assert isinstance(answer, Refused), bit
            assert (answer.code, answer.reason) == ("UNAUTHENTICATED", "SIGNATURE_INVALID")


def _malleable(signature: bytes) -> bytes:
    scalar = int.from_bytes(signature[32:], "little") + ORDER
    return signature[:32] + scalar.to_bytes(32, "little")


@pytest.mark.parametrize(
    "bend",
    [
        _malleable,
        lambda signature: signature[:63],
        lambda signature: signature + b"\0",
        lambda signature: bytes(64),
        lambda signature: b"\1" + bytes(63),
        lambda signature: signature[:32] + bytes(32),
        lambda signature: signature * 2000,
    ],
    ids=["s_plus_order", "63_bytes", "65_bytes", "zeros", "identity_point", "zero_s", "128_kB"],
)
def test_a_bent_signature_is_refused(
    federation: Federation, bend: Callable[[bytes], bytes]
) -> None:
    bent = ask(federation)
    bent.signatures[0].signature = bend(bent.signatures[0].signature)
    refuse(federation, bent, "UNAUTHENTICATED", "SIGNATURE_INVALID")


def test_a_statement_signed_as_another_type_is_refused(federation: Federation) -> None:
    bent = ask(federation)
    for kind in ("application/vnd.creditbank.vote.v1+protobuf", "", BATCH_TYPE + " "):
        bent.signatures[0].signature = federation.rogue.signer.sign(pae(kind, bent.statement))
        refuse(federation, bent, "UNAUTHENTICATED", "SIGNATURE_INVALID")


def test_a_payload_delivered_as_another_type_is_refused(federation: Federation) -> None:
    bent = ask(federation)
    bent.items[0].type = "application/vnd.creditbank.commit.v1+protobuf"
    refuse(federation, bent, "UNAUTHENTICATED", "SIGNATURE_INVALID")


def test_messages_other_than_those_signed_are_refused(federation: Federation) -> None:
    more = ask(federation)
    more.items.append(more.items[0])
    refuse(federation, more, "UNAUTHENTICATED", "SIGNATURE_INVALID")


@pytest.mark.parametrize("keyid", ["", "0" * 64, "CN-33", "\x00", "a" * 5000])
def test_an_unknown_key_is_refused(federation: Federation, keyid: str) -> None:
    bent = ask(federation)
    bent.signatures[0].keyid = keyid
    refuse(federation, bent, "UNAUTHENTICATED", "KEY_UNKNOWN")


def test_the_key_of_the_log_signs_no_messages(federation: Federation) -> None:
    bent = ask(federation, signer=federation.rogue.log_signer)
    refuse(federation, bent, "UNAUTHENTICATED", "KEY_UNKNOWN")


# Rows 34 and 35.


def test_a_revoked_key_signs_nothing_more(federation: Federation) -> None:
    rogue = federation.rogue
    while len(rogue.entries) < REVOKED_BELOW:
        rogue.log(b"filler")
    offer = rogue.offer("CN-44", federation.code, federation.learner.number)
    said = rogue.say(offer.prepare, offer.openings)
    logged = rogue.batch("CN-44", said, signer=rogue.revoked)
    refuse(federation, logged, "UNAUTHENTICATED", "KEY_REVOKED")


def test_a_revoked_key_asks_nothing_either(federation: Federation) -> None:
    rogue = federation.rogue
    bent = ask(federation, signer=rogue.revoked)
    assert bent.items[0].log_index == 0, "a place that would be below the revocation"
    refuse(federation, bent, "UNAUTHENTICATED", "KEY_REVOKED")


def test_a_key_signs_nothing_before_its_time(federation: Federation) -> None:
    bent = ask(federation, signer=federation.rogue.future)
    refuse(federation, bent, "UNAUTHENTICATED", "KEY_NOT_VALID")


# Rows 36 and 38 to 40.


@pytest.mark.parametrize("algorithm", ["", "ecdsa-sha2-nistp256", "none", "ED25519", "sm2"])
def test_an_algorithm_other_than_the_registered_is_refused(
    federation: Federation, algorithm: str
) -> None:
    bent = ask(federation)
    bent.signatures[0].algorithm = algorithm
    refuse(federation, bent, "UNAUTHENTICATED", "ALGORITHM_MISMATCH")


def test_two_signatures_are_refused(federation: Federation) -> None:
    bent = ask(federation)
    bent.signatures.append(bent.signatures[0])
    refuse(federation, bent, "UNAUTHENTICATED", "DUPLICATE_SIGNER")


def test_a_batch_for_another_node_is_refused(federation: Federation) -> None:
    rogue = federation.rogue
    request = rogue.encoded("CN-31", rogue.say(rogue.status_query("CN-31")))
    refuse(federation, request, "PERMISSION_DENIED", "WRONG_DESTINATION")


def test_a_message_for_another_node_is_refused(federation: Federation) -> None:
    rogue = federation.rogue
    request = rogue.encoded("CN-44", rogue.say(rogue.status_query("CN-31")))
    refuse(federation, request, "PERMISSION_DENIED", "WRONG_DESTINATION")


def test_a_batch_to_oneself_is_refused(federation: Federation) -> None:
    rogue = federation.rogue
    request = rogue.encoded("CN-33", rogue.say(rogue.status_query("CN-33")))
    refuse(federation, request, "INVALID_ARGUMENT", "SELF_TRANSFER")


def test_a_message_to_oneself_is_refused(federation: Federation) -> None:
    rogue = federation.rogue
    request = rogue.encoded("CN-44", rogue.say(rogue.status_query("CN-33")))
    refuse(federation, request, "INVALID_ARGUMENT", "SELF_TRANSFER")


# The local door.


def test_a_peer_has_no_way_to_the_local_services(federation: Federation) -> None:
    rogue, node = federation.rogue, federation.destination
    method = "/node.v1.OperationService/GetStatus"
    with federation.unchanged(node):
        answer = rogue.call(node, b"", method=method)
        assert isinstance(answer, Refused)
        assert (answer.code, answer.reason) == ("UNIMPLEMENTED", "METHOD")
        local = rogue.channel(node, rogue.identity, endpoint=node.client.config.local_listen)
        assert rogue.through(local, b"", method=method) == Refused("UNAVAILABLE", "", b"")
