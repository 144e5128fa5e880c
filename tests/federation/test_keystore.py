"""Key files: encrypted, private, never overwritten, and read only with their passphrase."""

from __future__ import annotations

import stat

import pytest
from securesystemslib.signer import SSlibKey

from federation.base.errors import Breach, Refusal
from federation.signing.keys import ED25519, P256
from federation.signing.keystore import create_key, load_key, registered_key, write_secret


@pytest.mark.parametrize("algorithm", [ED25519, P256])
def test_a_key_made_is_the_key_read(tmp_path, algorithm):
    path = tmp_path / "keys" / "node.key"
    made = create_key(path, b"correct horse", algorithm=algorithm)
    read = load_key(path, b"correct horse")
    assert read.public == made.public
    assert read.public.algorithm == algorithm
    made.public.verify(read.sign(b"message"), b"message")


def test_a_key_file_is_encrypted_and_for_its_owner_only(tmp_path):
    path = tmp_path / "node.key"
    create_key(path, b"correct horse")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")


def test_a_key_is_never_overwritten(tmp_path):
    path = tmp_path / "node.key"
    create_key(path, b"correct horse")
    before = path.read_bytes()
    with pytest.raises(Refusal) as refusal:
        create_key(path, b"another")
    assert refusal.value.reason == "KEY_EXISTS"
    with pytest.raises(Refusal):
        write_secret(path, b"")
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [None, b"", b"no key", b"\xff\x00"])
def test_a_missing_or_damaged_file_is_refused_without_its_folder(tmp_path, content):
    path = tmp_path / "node.key"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Refusal) as refusal:
        load_key(path, b"correct horse")
    assert refusal.value.reason == "KEY_FILE"
    assert str(tmp_path) not in str(refusal.value)


@pytest.mark.parametrize("passphrase", [b"wrong", b""])
def test_a_wrong_passphrase_is_refused(tmp_path, passphrase):
    path = tmp_path / "node.key"
    create_key(path, b"correct horse")
    with pytest.raises(Refusal) as refusal:
        load_key(path, passphrase)
    assert refusal.value.reason == "KEY_FILE"


@pytest.mark.parametrize("algorithm", [ED25519, P256])
def test_the_key_that_tuf_lists_is_the_same_key(tmp_path, algorithm):
    signer = create_key(tmp_path / "node.key", b"correct horse", algorithm=algorithm)
    assert registered_key(signer.crypto_signer.public_key) == signer.public


@pytest.mark.parametrize(
    "key",
    [
        object(),
        SSlibKey("00", "ed25519", "ed25519", {"public": "zz"}),
        SSlibKey("00", "ed25519", "ed25519", {"public": "00" * 31}),
        SSlibKey("00", "ed25519", "ed25519", {"public": "00" * 32}),
    ],
    ids=["other kind", "no hexadecimal", "short", "small order"],
)
def test_keys_of_another_kind_are_refused(key):
    with pytest.raises(Breach) as breach:
        registered_key(key)
    assert breach.value.reason == "KEY_FORM"
