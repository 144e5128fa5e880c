"""Sealed values open only where they belong, and are found without being opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from federation.base.entropy import SystemEntropy
from federation.base.errors import Breach, Refusal
from federation.signing.vault import INDEX_SIZE, NONCE_SIZE, Vault, create_vault, load_vault

MASTER = bytes(range(32))
NONCE = bytes(NONCE_SIZE)
NUMBER = b"11010519491231002X"


@pytest.fixture
def vault() -> Vault:
    return Vault(MASTER)


def test_what_was_sealed_opens_in_its_context(vault: Vault) -> None:
    sealed = vault.seal(NUMBER, context=b"account 1", nonce=NONCE)
    assert vault.open(sealed, context=b"account 1") == NUMBER
    assert NUMBER not in sealed


def test_a_value_moved_to_another_account_does_not_open(vault: Vault) -> None:
    sealed = vault.seal(NUMBER, context=b"account 1", nonce=NONCE)
    with pytest.raises(Breach, match="SEALED_VALUE"):
        vault.open(sealed, context=b"account 2")


@pytest.mark.parametrize("place", [0, NONCE_SIZE, -1])
def test_one_flipped_bit_does_not_open(vault: Vault, place: int) -> None:
    sealed = bytearray(vault.seal(NUMBER, context=b"", nonce=NONCE))
    sealed[place] ^= 1
    with pytest.raises(Breach, match="SEALED_VALUE"):
        vault.open(bytes(sealed), context=b"")


@pytest.mark.parametrize("size", [0, 1, NONCE_SIZE, NONCE_SIZE + 15])
def test_a_truncated_value_does_not_open(vault: Vault, size: int) -> None:
    sealed = vault.seal(NUMBER, context=b"", nonce=NONCE)
    with pytest.raises(Breach, match="SEALED_VALUE"):
        vault.open(sealed[:size], context=b"")


def test_another_master_key_does_not_open(vault: Vault) -> None:
    sealed = vault.seal(NUMBER, context=b"", nonce=NONCE)
    with pytest.raises(Breach, match="SEALED_VALUE"):
        Vault(bytes(32)).open(sealed, context=b"")


def test_a_nonce_of_another_size_is_a_mistake_of_ours(vault: Vault) -> None:
    with pytest.raises(ValueError, match="12 bytes"):
        vault.seal(NUMBER, context=b"", nonce=b"short")


def test_the_index_is_the_same_for_the_same_document_only(vault: Vault) -> None:
    index = vault.blind_index("PASSPORT", "E1")
    assert index == vault.blind_index("PASSPORT", "E1")
    assert len(index) == INDEX_SIZE
    others = [("PASSPORT", "E2"), ("LOCAL", "E1"), ("PASSPORTE", "1")]
    assert index not in [vault.blind_index(kind, number) for kind, number in others]
    assert index != Vault(bytes(32)).blind_index("PASSPORT", "E1")


def test_a_created_vault_loads_again(tmp_path: Path) -> None:
    path = tmp_path / "identity.key"
    made = create_vault(path, b"open", entropy=SystemEntropy())
    sealed = made.seal(NUMBER, context=b"c", nonce=NONCE)
    assert load_vault(path, b"open").open(sealed, context=b"c") == NUMBER
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_vault_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "identity.key"
    create_vault(path, b"open", entropy=SystemEntropy())
    before = path.read_bytes()
    with pytest.raises(Refusal, match="KEY_EXISTS"):
        create_vault(path, b"open", entropy=SystemEntropy())
    assert path.read_bytes() == before


def test_a_wrong_passphrase_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "identity.key"
    create_vault(path, b"open", entropy=SystemEntropy())
    with pytest.raises(Refusal, match="KEY_FILE"):
        load_vault(path, b"Open")


@pytest.mark.parametrize("place", [0, 20, 40, -1])
def test_a_damaged_file_is_refused(tmp_path: Path, place: int) -> None:
    path = tmp_path / "identity.key"
    create_vault(path, b"open", entropy=SystemEntropy())
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(Refusal, match="KEY_FILE"):
        load_vault(path, b"open")


@pytest.mark.parametrize("content", [None, b"", b"creditbank vault 1\n"])
def test_a_missing_or_empty_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "identity.key"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Refusal, match="KEY_FILE"):
        load_vault(path, b"open")
