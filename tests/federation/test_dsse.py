"""What is signed: the published example, and no two messages with one encoding."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from federation.log.merkle import leaf_hash
from federation.signing.dsse import message_hash, pae


def test_the_encoding_is_that_of_the_protocol():
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert pae("", b"") == b"DSSEv1 0  0 "


def test_lengths_count_bytes():
    assert pae("学分", b"") == b"DSSEv1 6 \xe5\xad\xa6\xe5\x88\x86 0 "


parts = st.tuples(st.text(" 0123a", max_size=6), st.binary(max_size=6))


@given(parts, parts)
def test_different_messages_have_different_encodings(one, other):
    assert (pae(*one) == pae(*other)) is (one == other)


def test_a_message_hash_is_a_leaf_of_the_log():
    encoded = pae("type", b"payload")
    assert message_hash("type", b"payload") == leaf_hash(encoded)
    assert message_hash("type", b"payload") == hashlib.sha256(b"\x00" + encoded).digest()
