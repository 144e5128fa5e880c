"""Bytes that are no message, or not the only spelling of one (catalogue rows 1-14, 16-20, 85)."""

from __future__ import annotations

import random
import socket
from contextlib import suppress
from dataclasses import replace

import grpc
import pytest

from federation.protocol.admission import LARGEST_BATCH, LARGEST_PAYLOAD
from federation.protocol.messages import State
from federation.signing.dsse import pae
from federation.v1 import exchange_pb2
from federation.v1 import exchange_service_pb2 as service
from federation.wire import codec
from tests.e2e import raw_bytes
from tests.e2e.answers import Refused, results
from tests.e2e.federation_of_two import Federation, spared
from tests.e2e.raw_bytes import Bend
from tests.e2e.rogue import Offer, encode_batch

BATCH_TYPE = "application/vnd.creditbank.batch.v1+protobuf"
# Each level of the envelope is parsed by itself; each must refuse the same spellings.
LEVELS = ("envelope", "statement", "payload", "openings")
BENT = {
    "truncated": (raw_bytes.truncated, "MALFORMED"),
    "length_past_the_end": (raw_bytes.past_the_end, "MALFORMED"),
    "varint_of_eleven_bytes": (raw_bytes.endless_varint, "MALFORMED"),
    "padded_varint": (raw_bytes.padded_varint, "NON_CANONICAL"),
    "fields_swapped": (raw_bytes.swapped, "NON_CANONICAL"),
    "field_doubled": (raw_bytes.doubled, "NON_CANONICAL"),
    "unknown_field": (raw_bytes.unknown_field, "UNKNOWN_FIELD"),
    "group": (raw_bytes.group, "UNKNOWN_FIELD"),
    "group_left_open": (raw_bytes.open_group, "MALFORMED"),
    "groups_120_deep": (raw_bytes.deep, "MALFORMED"),
    "not_utf8": (raw_bytes.not_utf8, "MALFORMED"),
}


def offer_of(federation: Federation) -> Offer:
    """Return an offer that would be accepted if nothing about it were bent."""
    destination, learner = federation.destination.province, federation.learner
    return federation.rogue.offer(destination, federation.code, learner.number)


def bend_level(federation: Federation, level: str, bend: Bend) -> bytes:
    """Return the bytes of a call of which one level is bent and all others hold."""
    rogue, offer = federation.rogue, offer_of(federation)
    openings = codec.encode_openings(offer.openings)
    payload = None
    if level == "openings":
        # A list has no order or number of its own; its members have.
        first, rest = raw_bytes.first_field(openings)
        openings = raw_bytes.field(1, bend(first[2:])) + rest
    if level == "payload":
        payload = bend(codec.encode(offer.prepare)[1])
    said = rogue.say(offer.prepare, openings, payload=payload)
    batch = rogue.batch(federation.destination.province, said)
    if level == "statement":
        batch.statement = bend(batch.statement)
        batch.signatures[0].signature = rogue.signer.sign(pae(BATCH_TYPE, batch.statement))
    encoded = batch.SerializeToString(deterministic=True)
    if level == "envelope" and bend is raw_bytes.not_utf8:
        keyid = rogue.signer.public.keyid.encode()
        encoded = encoded.replace(keyid, b"\xff" + keyid[1:])
    elif level == "envelope":
        encoded = bend(encoded)
    return raw_bytes.field(1, encoded)


def refuse(federation: Federation, request: bytes, code: str, reason: str) -> None:
    """Check that a call is refused so and that nothing is left of it."""
    with federation.unchanged(federation.destination):
        answer = federation.rogue.call(federation.destination, request)
        assert isinstance(answer, Refused), answer
        assert (answer.code, answer.reason) == (code, reason)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", BENT)
def test_only_one_spelling_is_read(federation: Federation, level: str, name: str) -> None:
    bend, reason = BENT[name]
    refuse(federation, bend_level(federation, level, bend), "INVALID_ARGUMENT", reason)


def test_the_same_offer_unbent_is_taken(federation: Federation) -> None:
    node = federation.destination
    learner = node.enrol()
    offer = federation.rogue.offer(node.province, node.code(learner), learner.number)
    (answer,) = federation.rogue.answers(node, federation.rogue.say(offer.prepare, offer.openings))
    assert answer.message.header.exchange_id == offer.exchange_id
    assert answer.message.lots[0].granted_hundredths == 240


def test_an_empty_body_is_refused(federation: Federation) -> None:
    refuse(federation, b"", "INVALID_ARGUMENT", "EMPTY")


def test_an_empty_payload_is_refused(federation: Federation) -> None:
    rogue = federation.rogue
    said = rogue.say(offer_of(federation).prepare, payload=b"")
    request = rogue.encoded(federation.destination.province, said)
    refuse(federation, request, "INVALID_ARGUMENT", "EMPTY")


def test_a_batch_without_messages_is_refused(federation: Federation) -> None:
    rogue = federation.rogue
    batch = rogue.batch("CN-44", rogue.say(rogue.status_query("CN-44")))
    del batch.items[:]
    refuse(federation, encode_batch(batch), "INVALID_ARGUMENT", "EMPTY")


def test_random_bytes_are_refused(federation: Federation) -> None:
    chance = random.Random(4)
    with federation.unchanged(federation.destination):
        for _ in range(100):
            body = chance.randbytes(chance.randrange(64, 2048))
            answer = federation.rogue.call(federation.destination, body)
            assert isinstance(answer, Refused)
            assert (answer.code, answer.reason) == ("INVALID_ARGUMENT", "MALFORMED")


def test_every_truncation_of_a_call_is_refused(federation: Federation) -> None:
    rogue = federation.rogue
    whole = rogue.encoded("CN-44", rogue.say(rogue.status_query("CN-44")))
    with federation.unchanged(federation.destination):
        for length in range(1, len(whole), 5):
            answer = rogue.call(federation.destination, whole[:length])
            assert isinstance(answer, Refused)
            assert (answer.code, answer.reason) == ("INVALID_ARGUMENT", "MALFORMED")


@pytest.mark.parametrize("mode", [0, 3, -1, 2**31 - 1])
def test_a_value_outside_its_enumeration_is_refused(federation: Federation, mode: int) -> None:
    offer = offer_of(federation)
    buffer = exchange_pb2.Prepare.FromString(codec.encode(offer.prepare)[1])
    buffer.mode = mode
    said = federation.rogue.say(
        offer.prepare, offer.openings, payload=buffer.SerializeToString(deterministic=True)
    )
    request = federation.rogue.encoded("CN-44", said)
    refuse(federation, request, "INVALID_ARGUMENT", "MALFORMED")


def test_a_message_without_a_header_is_refused(federation: Federation) -> None:
    offer = offer_of(federation)
    payload = raw_bytes.first_field(codec.encode(offer.prepare)[1])[1]
    said = federation.rogue.say(offer.prepare, payload=payload)
    request = federation.rogue.encoded("CN-44", said)
    refuse(federation, request, "INVALID_ARGUMENT", "FIELD_MISSING")


@pytest.mark.parametrize("kind", ["", "application/json", "x" * 5000, "\x00"])
def test_an_unknown_type_of_message_is_refused(federation: Federation, kind: str) -> None:
    rogue, offer = federation.rogue, offer_of(federation)
    said = rogue.say(offer.prepare, kind=kind or "none")
    said = replace(said, item=replace(said.item, type=kind))
    refuse(federation, rogue.encoded("CN-44", said), "INVALID_ARGUMENT", "TYPE_UNKNOWN")


@pytest.mark.parametrize("text", ["a\x00b", "a\u202eb", "a\u0301", "x" * 129, "a\nb"])
def test_an_identifier_with_forbidden_characters_is_refused(
    federation: Federation, text: str
) -> None:
    offer = offer_of(federation)
    named = replace(offer.prepare.learner[0], name=text)
    fields = tuple(sorted((*offer.prepare.consent.fields, text)))
    for bent in (
        replace(offer.prepare, learner=(named,)),
        replace(offer.prepare, consent=replace(offer.prepare.consent, fields=fields)),
    ):
        said = federation.rogue.say(bent)
        refuse(federation, federation.rogue.encoded("CN-44", said), "INVALID_ARGUMENT", "BAD_TEXT")


@pytest.mark.parametrize("part", ["payload", "openings"])
def test_a_message_over_its_limit_is_refused(federation: Federation, part: str) -> None:
    rogue, offer = federation.rogue, offer_of(federation)
    long = bytes(LARGEST_PAYLOAD + 1)
    said = (
        rogue.say(offer.prepare, payload=long)
        if part == "payload"
        else rogue.say(offer.prepare, long)
    )
    refuse(federation, rogue.encoded("CN-44", said), "RESOURCE_EXHAUSTED", "TOO_LARGE")


def test_a_batch_over_its_limit_is_refused(federation: Federation) -> None:
    rogue = federation.rogue
    said = rogue.say(offer_of(federation).prepare, bytes(LARGEST_BATCH))
    refuse(federation, rogue.encoded("CN-44", said), "RESOURCE_EXHAUSTED", "TOO_LARGE")


def test_a_call_over_the_frame_is_refused_before_it_is_read(federation: Federation) -> None:
    refuse(federation, bytes(8 * 1024 * 1024), "RESOURCE_EXHAUSTED", "")


def test_a_compressed_bomb_is_refused_and_costs_no_memory(federation: Federation) -> None:
    node, rogue = federation.destination, federation.rogue
    with federation.unchanged(node), spared(node):
        for _ in range(3):
            answer = rogue.call(node, bytes(50 * 1024 * 1024), compression=grpc.Compression.Gzip)
            assert isinstance(answer, Refused)
            assert answer.code == "RESOURCE_EXHAUSTED"


def test_more_messages_than_a_batch_may_hold_are_refused(federation: Federation) -> None:
    rogue = federation.rogue
    said = rogue.say(rogue.status_query("CN-44"))
    request = rogue.encoded("CN-44", *[said] * 257)
    refuse(federation, request, "INVALID_ARGUMENT", "TOO_MANY_ITEMS")


@pytest.mark.parametrize("name", ["items", "signatures"])
def test_a_flood_of_empty_parts_is_refused_and_costs_no_memory(
    federation: Federation, name: str
) -> None:
    node, rogue = federation.destination, federation.rogue
    batch = rogue.batch("CN-44", rogue.say(rogue.status_query("CN-44")))
    flood = raw_bytes.field({"signatures": 2, "items": 3}[name], b"") * 1_900_000
    statement = raw_bytes.field(1, batch.statement)
    signature = raw_bytes.field(2, batch.signatures[0].SerializeToString(deterministic=True))
    item = raw_bytes.field(3, batch.items[0].SerializeToString(deterministic=True))
    parts = (
        [statement, signature, flood, item]
        if name == "signatures"
        else [*(statement, signature, item, flood)]
    )
    request = raw_bytes.field(1, b"".join(parts))
    hidden = raw_bytes.tag(raw_bytes.FREE_FIELD, 5) + bytes(4) + request
    with spared(node):
        refuse(federation, request, "INVALID_ARGUMENT", "TOO_MANY_ITEMS")
        refuse(federation, hidden, "INVALID_ARGUMENT", "TOO_MANY_ITEMS")


def test_more_lots_than_a_message_may_hold_are_refused(federation: Federation) -> None:
    offer = offer_of(federation)
    lots = offer.prepare.lots * 101
    said = federation.rogue.say(replace(offer.prepare, lots=lots))
    request = federation.rogue.encoded("CN-44", said)
    refuse(federation, request, "INVALID_ARGUMENT", "TOO_MANY_LOTS")


def test_a_message_without_lots_is_refused(federation: Federation) -> None:
    said = federation.rogue.say(replace(offer_of(federation).prepare, lots=()))
    request = federation.rogue.encoded("CN-44", said)
    refuse(federation, request, "INVALID_ARGUMENT", "NO_LOTS")


def test_an_unknown_method_is_refused(federation: Federation) -> None:
    method = "/federation.v1.ExchangeService/Take"
    with federation.unchanged(federation.destination):
        answer = federation.rogue.call(federation.destination, b"", method=method)
        assert isinstance(answer, Refused)
        assert (answer.code, answer.reason) == ("UNIMPLEMENTED", "METHOD")


@pytest.mark.parametrize("line", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff", bytes(4096)])
def test_a_caller_that_speaks_something_else_is_hung_up_on(
    federation: Federation, line: bytes
) -> None:
    host, port = federation.destination.endpoint.split(":")
    with (
        federation.unchanged(federation.destination),
        socket.create_connection((host, int(port)), timeout=30) as wire,
    ):
        wire.sendall(line)
        wire.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            while wire.recv(4096):
                pass


def test_one_bad_message_leaves_the_others_of_its_batch_alone(federation: Federation) -> None:
    node, rogue = federation.destination, federation.rogue
    learner = node.enrol()
    good = rogue.offer(node.province, node.code(learner), learner.number)
    late = rogue.offer(node.province, federation.code, learner.number)
    said = [
        rogue.say(late.prepare, payload=b"\xff"),
        rogue.say(good.prepare, good.openings),
        rogue.say(late.prepare, kind="none"),
        rogue.say(replace(late.prepare, consent=None)),
        rogue.say(rogue.status_query(node.province)),
        rogue.say(late.prepare, bytes(LARGEST_PAYLOAD + 1)),
    ]
    response = rogue.call(node, rogue.encoded(node.province, *said))
    assert results(response) == [
        ("REFUSED", "MALFORMED"),
        ("ANSWERED", ""),
        ("REFUSED", "TYPE_UNKNOWN"),
        ("REFUSED", "LEGAL_BASIS"),
        ("ANSWERED", ""),
        ("REFUSED", "TOO_LARGE"),
    ]
    assert isinstance(response, service.DeliverResponse)
    vote, status = rogue.open_answers(node, response)
    assert vote.message.header.exchange_id == good.exchange_id
    assert status.message.state is State.UNKNOWN
