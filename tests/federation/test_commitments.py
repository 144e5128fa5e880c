"""Commitments bind to name, value and subject, hide behind their salt, and never collide."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.base.errors import Breach
from federation.protocol.commitments import (
    Opening,
    Openings,
    check_openings,
    commitment_to,
    content_digest,
    deposit_commitment,
    digest,
    hash_code,
    identity_commitment,
    nullifier,
)
from tests.federation.message_values import CONTENT, LOT, NAME, SECRET, TITLE

texts = st.text(max_size=6)
blobs = st.binary(max_size=6)
COMMITTED = {b"": [commitment_to(NAME)], LOT: [commitment_to(TITLE)]}


def test_a_value_withheld_is_no_mismatch() -> None:
    check_openings(Openings(), COMMITTED)
    check_openings(Openings((TITLE,)), COMMITTED)


@pytest.mark.parametrize(
    "bent",
    [
        replace(TITLE, value="低等数学".encode()),
        replace(TITLE, salt=b"u" * 32),
        replace(TITLE, salt=b"t" * 31),
        replace(TITLE, salt=b""),
        replace(TITLE, name="Title"),
        replace(TITLE, subject=b""),
    ],
    ids=["value", "salt", "short salt", "no salt", "name", "subject"],
)
def test_only_the_committed_value_opens(bent: Opening) -> None:
    with pytest.raises(Breach, match="COMMITMENT_MISMATCH"):
        check_openings(Openings((bent,)), COMMITTED)


def test_a_value_is_shown_once() -> None:
    with pytest.raises(Breach, match="COMMITMENT_MISMATCH"):
        check_openings(Openings((TITLE, TITLE)), COMMITTED)


@settings(deadline=None)
@given(texts, blobs, texts, blobs)
def test_no_two_pairs_of_name_and_value_share_a_commitment(
    name: str, value: bytes, other: str, other_value: bytes
) -> None:
    same = (name, value) == (other, other_value)
    salt = b"s" * 32
    assert (digest(name, salt, value) == digest(other, salt, other_value)) is same


@settings(deadline=None)
@given(texts, texts, texts, texts)
def test_no_two_documents_share_an_identity_commitment(
    kind: str, number: str, other: str, other_number: str
) -> None:
    code = b"one-time code 16"
    same = (kind, number) == (other, other_number)
    ours, theirs = (
        identity_commitment(code, kind, number),
        identity_commitment(code, other, other_number),
    )
    assert (ours == theirs) is same


def test_an_identity_commitment_says_nothing_without_its_code() -> None:
    known = identity_commitment(b"a" * 16, "RESIDENT_ID", "11010519491231002X")
    assert known != identity_commitment(b"b" * 16, "RESIDENT_ID", "11010519491231002X")


@pytest.mark.parametrize(
    "bent",
    [
        replace(CONTENT, lot_id=b"M" * 16),
        replace(CONTENT, unit="CN-33"),
        replace(CONTENT, amount_hundredths=301),
        replace(CONTENT, fields=()),
    ],
    ids=["lot", "unit", "amount", "fields"],
)
def test_a_deposit_binds_all_of_a_lot(bent: object) -> None:
    assert content_digest(bent) != content_digest(CONTENT)  # type: ignore[arg-type]
    known = deposit_commitment(CONTENT, SECRET)
    assert deposit_commitment(bent, SECRET) != known  # type: ignore[arg-type]
    assert deposit_commitment(CONTENT, b"r" * 32) != known


def test_a_nullifier_is_the_lot_secret_s_and_always_the_same() -> None:
    assert nullifier(SECRET) == nullifier(SECRET)
    assert nullifier(SECRET) != nullifier(b"r" * 32)
    assert len(nullifier(SECRET)) == 32


def test_marks_for_different_uses_never_meet() -> None:
    marks = [
        nullifier(SECRET),
        hash_code(SECRET),
        digest("spend", SECRET, b""),
        identity_commitment(SECRET, "", ""),
        deposit_commitment(CONTENT, SECRET),
    ]
    assert len(set(marks)) == len(marks)
