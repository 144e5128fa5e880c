"""Payloads have one spelling: what is written is read back, and nothing else is read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.base.errors import Breach
from federation.protocol.commitments import Openings
from federation.protocol.inquiries import ALL_TYPES
from federation.protocol.messages import LotContent, MessageType
from federation.v1 import envelope_pb2, exchange_pb2
from federation.wire import codec
from tests.federation.message_values import (
    ABORT,
    COMMIT,
    PREPARE,
    RECEIPT,
    SHOWN,
    SOUND,
    VOTE,
    drawn,
    header,
)

every_type = pytest.mark.parametrize("message_class", list(ALL_TYPES), ids=lambda one: one.__name__)
quickly = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


def varint(value: int) -> bytes:
    spelled = bytearray()
    while value > 0x7F:
        spelled.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*spelled, value))


def split_fields(payload: bytes) -> list[tuple[int, bytes]]:
    """Cut a payload into its fields, each with its number."""
    fields, at = [], 0
    while at < len(payload):
        start = at
        tag, at = read_varint(payload, at)
        value, at = read_varint(payload, at)
        at += value if tag & 7 == 2 else 0
        fields.append((tag >> 3, payload[start:at]))
    return fields


def read_varint(payload: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = payload[at]
        value |= (byte & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if byte < 0x80:
            return value, at


def refusal(kind: str, payload: bytes) -> str:
    with pytest.raises(Breach) as refused:
        codec.decode(kind, payload)
    return refused.value.reason


@every_type
@quickly
@given(data=st.data())
def test_what_is_written_is_read_back(message_class: type, data: Any) -> None:
    message = data.draw(drawn(message_class))
    kind, payload = codec.encode(message)
    assert kind is ALL_TYPES[message_class]
    assert codec.decode(kind, payload) == message


@every_type
@quickly
@given(data=st.data())
def test_a_message_said_twice_in_one_payload_is_refused(message_class: type, data: Any) -> None:
    kind, payload = codec.encode(data.draw(drawn(message_class)))
    assert refusal(kind, payload + payload) == "NON_CANONICAL"


@every_type
@quickly
@given(data=st.data())
def test_fields_in_another_order_are_refused(message_class: type, data: Any) -> None:
    kind, payload = codec.encode(data.draw(drawn(message_class)))
    fields = split_fields(payload)
    assert b"".join(one for _, one in fields) == payload
    backwards = b"".join(one for _, one in reversed(fields))
    if len({number for number, _ in fields}) > 1:
        assert refusal(kind, backwards) == "NON_CANONICAL"


@every_type
@quickly
@given(data=st.data())
def test_an_unknown_field_is_refused_wherever_it_stands(message_class: type, data: Any) -> None:
    kind, payload = codec.encode(data.draw(drawn(message_class)))
    unknown = varint(99 << 3) + b"\x01"
    assert refusal(kind, payload + unknown) == "UNKNOWN_FIELD"
    (_, first), *rest = split_fields(payload)
    _, start = read_varint(first, 1)
    inner = first[start:] + unknown
    nested = first[:1] + varint(len(inner)) + inner
    bent = nested + b"".join(one for _, one in rest)
    assert refusal(kind, bent) == "UNKNOWN_FIELD"


@every_type
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_a_truncated_payload_never_passes_for_the_whole(message_class: type, data: Any) -> None:
    message = data.draw(drawn(message_class))
    kind, payload = codec.encode(message)
    for length in range(len(payload)):
        try:
            assert codec.decode(kind, payload[:length]) != message
        except Breach as refused:
            assert refused.reason in ("EMPTY", "MALFORMED", "FIELD_MISSING", "NON_CANONICAL")  # noqa: PT017


@pytest.mark.parametrize("message", SOUND, ids=lambda one: type(one).__name__)
def test_a_payload_cut_inside_a_field_is_refused(message: Any) -> None:
    kind, payload = codec.encode(message)
    ends, at = {0}, 0
    for _, one in split_fields(payload):
        at += len(one)
        ends.add(at)
    for length in set(range(len(payload))) - ends:
        assert refusal(kind, payload[:length]) == "MALFORMED"


@pytest.mark.parametrize(
    ("message", "field"),
    [(PREPARE, 2), (RECEIPT, 2)],
    ids=["mode", "ending"],
)
@pytest.mark.parametrize("value", [None, 9])
def test_an_enumeration_is_never_zero_nor_unknown(
    message: Any, field: int, value: int | None
) -> None:
    kind, payload = codec.encode(message)
    bent = b"" if value is None else varint(field << 3) + varint(value)
    fields = split_fields(payload)
    payload = b"".join(bent if number == field else one for number, one in fields)
    assert refusal(kind, payload) == "MALFORMED"


def test_a_verdict_of_zero_deep_inside_is_refused() -> None:
    kind, payload = codec.encode(VOTE)
    buffer = exchange_pb2.Vote.FromString(payload)
    buffer.lots[0].verdict = exchange_pb2.VERDICT_UNSPECIFIED
    assert refusal(kind, buffer.SerializeToString()) == "MALFORMED"


def test_a_default_value_spelled_out_is_refused() -> None:
    kind, payload = codec.encode(ABORT)
    zero_version = varint(7 << 3) + b"\x00"
    (_, first), *rest = split_fields(payload)
    inner = b"".join(one for number, one in split_fields(first[2:]) if number != 7) + zero_version
    bent = first[:1] + varint(len(inner)) + inner + b"".join(one for _, one in rest)
    assert refusal(kind, bent) == "NON_CANONICAL"


def test_a_number_in_more_bytes_than_it_needs_is_refused() -> None:
    kind, payload = codec.encode(RECEIPT)
    fields = split_fields(payload)
    long = [one[:1] + b"\x81\x00" if number == 2 else one for number, one in fields]
    assert refusal(kind, b"".join(long)) == "NON_CANONICAL"


@pytest.mark.parametrize("message", SOUND, ids=lambda one: type(one).__name__)
def test_a_message_without_its_header_is_refused(message: Any) -> None:
    kind, payload = codec.encode(message)
    rest = b"".join(one for number, one in split_fields(payload) if number != 1)
    # Some messages are nothing but their header.
    assert refusal(kind, rest) == ("FIELD_MISSING" if rest else "EMPTY")


def test_a_vote_without_its_record_is_refused() -> None:
    kind, payload = codec.encode(VOTE)
    rest = b"".join(one for number, one in split_fields(payload) if number != 3)
    assert refusal(kind, rest) == "FIELD_MISSING"


@pytest.mark.parametrize("kind", list(MessageType))
def test_an_empty_payload_is_refused(kind: MessageType) -> None:
    assert refusal(kind, b"") == "EMPTY"


@pytest.mark.parametrize("kind", ["", "text/plain", MessageType.COMMIT.upper()])
def test_a_type_that_is_none_of_ours_is_refused(kind: str) -> None:
    assert refusal(kind, codec.encode(COMMIT)[1]) == "TYPE_UNKNOWN"


def test_text_that_is_no_utf8_is_refused() -> None:
    kind, payload = codec.encode(COMMIT)
    assert refusal(kind, payload.replace(b"CN-31", b"CN-\xff1")) == "MALFORMED"


@quickly
@given(drawn(Openings).filter(lambda one: one.openings))
def test_openings_are_read_back(openings: Openings) -> None:
    assert codec.decode_openings(codec.encode_openings(openings)) == openings


def test_nothing_shown_is_no_bytes() -> None:
    assert codec.encode_openings(Openings()) == b""
    assert codec.decode_openings(b"") == Openings()


def test_openings_have_one_spelling_too() -> None:
    encoded = codec.encode_openings(SHOWN)
    unknown = envelope_pb2.Openings.FromString(encoded).SerializeToString() + varint(99 << 3) + b"1"
    with pytest.raises(Breach, match="UNKNOWN_FIELD"):
        codec.decode_openings(unknown)


@quickly
@given(drawn(LotContent))
def test_a_lot_s_content_is_read_back(content: LotContent) -> None:
    encoded = codec.encode_content(content)
    if encoded:
        assert codec.decode_content(encoded) == content


def test_a_header_s_times_may_not_be_read_modulo() -> None:
    with pytest.raises(ValueError, match="range"):
        codec.encode(type(COMMIT)(header=header(registry_version=2**64), lots=()))
