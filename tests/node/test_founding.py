"""A node is founded whole or not at all, once, and again only where it was not."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import node.founding
from federation.base.clock import DAY, SystemClock
from federation.base.entropy import SystemEntropy
from federation.base.errors import Refusal, Unavailable
from federation.signing.keystore import load_key
from federation.signing.vault import load_vault
from federation.transport.certificates import fingerprint, open_leaf, read_caller
from federation.transport.registry_client import FirstContact
from federation.trust.invitation import Invitation
from federation.trust.members import parse_member
from federation.trust.registry import fingerprint as file_fingerprint
from node.config import load_config, read_passphrase
from node.edges.local_accounts import account_paths, open_account
from node.founding import Founding, found_node, issue_service_account, join

ROOT = b"root 1"


class Killed(BaseException):
    """Stands for SIGKILL: nothing may catch it."""


class Later:
    """A clock that runs ahead."""

    def __init__(self, days: int) -> None:
        self._days = days

    def now_us(self) -> int:
        return SystemClock().now_us() + self._days * DAY


def found(directory: Path, province: str = "CN-31", **options: Any) -> Founding:
    """Found a node with the machine's clock and entropy."""
    return found_node(directory, province, clock=SystemClock(), entropy=SystemEntropy(), **options)


def assert_whole(directory: Path, province: str = "CN-31") -> None:
    """Open everything that a founded node has."""
    config = load_config(directory)
    passphrase = read_passphrase(config)
    authority = node.founding.open_authority(
        config.keys, province, passphrase, now_us=SystemClock().now_us()
    )
    leaf = open_leaf(config.keys / "tls.pem", authority, passphrase, now_us=SystemClock().now_us())
    assert read_caller(leaf.certificate_pem).province == config.province == province
    load_key(config.keys / "message.key", passphrase)
    load_key(config.keys / "log.key", passphrase)
    load_vault(config.keys / "identity.key", passphrase)
    operator = open_account(config, now_us=SystemClock().now_us())
    assert read_caller(operator.certificate_pem).service == "operator"


def contents(directory: Path) -> dict[str, bytes]:
    """Return every file of a directory."""
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


def kill_at(monkeypatch: pytest.MonkeyPatch, step: int) -> Callable[[], int]:
    """Die at one change of the disk; return a function that counts the changes so far."""
    count = 0

    def mortal(change: Callable[..., Any]) -> Callable[..., Any]:
        def changing(*arguments: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            if count == step:
                raise Killed
            return change(*arguments, **options)

        return changing

    for name in ("link", "replace", "rename", "mkdir", "rmdir", "fsync"):
        monkeypatch.setattr(os, name, mortal(getattr(os, name)))
    return lambda: count


def test_a_founded_node_has_everything(tmp_path: Path) -> None:
    founding = found(tmp_path / "sh", "CN-SH")
    assert founding.is_new
    assert_whole(tmp_path / "sh")
    assert [path.name for path in tmp_path.iterdir()] == ["sh"]


def test_secrets_are_for_their_owner_only(tmp_path: Path) -> None:
    found(tmp_path / "sh")
    modes = {path.stat().st_mode & 0o077 for path in (tmp_path / "sh").rglob("*") if path.is_file()}
    assert modes == {0}


def test_founding_again_changes_nothing(tmp_path: Path) -> None:
    found(tmp_path / "sh")
    before = contents(tmp_path / "sh")
    assert not found(tmp_path / "sh", peer_listen="127.0.0.1:9").is_new
    assert contents(tmp_path / "sh") == before


def test_another_provinces_node_is_never_touched(tmp_path: Path) -> None:
    found(tmp_path / "sh")
    before = contents(tmp_path / "sh")
    with pytest.raises(Refusal, match="NODE_EXISTS"):
        found(tmp_path / "sh", "CN-33")
    assert contents(tmp_path / "sh") == before


def test_a_directory_with_something_else_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("dear")
    with pytest.raises(Refusal, match="NOT_EMPTY"):
        found(tmp_path)
    assert contents(tmp_path) == {"letters": b"dear"}


def test_keys_whose_configuration_was_lost_are_never_made_anew(tmp_path: Path) -> None:
    found(tmp_path / "sh")
    (tmp_path / "sh/config.toml").unlink()
    before = contents(tmp_path / "sh")
    with pytest.raises(Refusal, match="NOT_EMPTY"):
        found(tmp_path / "sh")
    assert contents(tmp_path / "sh") == before


def test_bad_arguments_leave_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="CONFIG"):
        found(tmp_path / "sh", peer_listen="nowhere")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("is_there", [False, True])
def test_killed_at_any_step_it_is_absent_or_whole_and_the_next_completes_it(
    tmp_path: Path, is_there: bool
) -> None:
    step, is_done = 0, False
    while not is_done:
        step += 1
        directory = tmp_path / str(step) / "node"
        directory.parent.mkdir()
        if is_there:
            directory.mkdir()
        with pytest.MonkeyPatch.context() as patch:
            kill_at(patch, step)
            try:
                found(directory)
                is_done = True
            except Killed:
                pass
        if (directory / "config.toml").exists():
            assert_whole(directory)
        found(directory)
        assert_whole(directory)
    assert step > 20


def test_a_killed_founding_does_not_bind_the_next_to_its_province(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        kill_at(patch, 20)
        with pytest.raises(Killed):
            found(tmp_path / "node", "CN-31")
    found(tmp_path / "node", "CN-33")
    assert_whole(tmp_path / "node", "CN-33")


def test_two_foundings_at_once_do_not_mix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = node.founding._build

    def meanwhile(*arguments: Any) -> None:
        with pytest.raises(Refusal, match="FOUNDING_BUSY"):
            found(tmp_path / "node")
        build(*arguments)

    monkeypatch.setattr(node.founding, "_build", meanwhile)
    assert found(tmp_path / "node").is_new
    assert_whole(tmp_path / "node")


def test_a_given_passphrase_file_stays_where_it_is(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text("open sesame\n")
    own.chmod(0o600)
    config = found(tmp_path / "sh", passphrase_file=own).config
    assert not (tmp_path / "sh/passphrase").exists()
    assert read_passphrase(config) == b"open sesame"
    assert_whole(tmp_path / "sh")


def test_a_service_account_is_issued_once_and_renewed_in_time(tmp_path: Path) -> None:
    found(tmp_path / "sh")
    issued = issue_service_account(tmp_path / "sh", "lms", clock=SystemClock())
    first = issued.certificate_path.read_text()
    assert read_caller(first).service == "lms"
    issue_service_account(tmp_path / "sh", "lms", clock=SystemClock())
    assert issued.certificate_path.read_text() == first
    issue_service_account(tmp_path / "sh", "lms", clock=Later(70))
    assert issued.certificate_path.read_text() != first


@pytest.mark.parametrize("name", ["", "LMS", "../lms", "a b", "x" * 41])
def test_a_malformed_service_name_is_refused(tmp_path: Path, name: str) -> None:
    found(tmp_path / "sh")
    before = contents(tmp_path / "sh")
    with pytest.raises(Refusal, match="SERVICE_NAME"):
        issue_service_account(tmp_path / "sh", name, clock=SystemClock())
    assert contents(tmp_path / "sh") == before


def test_a_key_and_a_certificate_that_do_not_match_are_replaced(tmp_path: Path) -> None:
    config = found(tmp_path / "sh").config
    issue_service_account(tmp_path / "sh", "lms", clock=SystemClock())
    key_path, certificate_path = account_paths(config, "operator")
    key_path.write_bytes(account_paths(config, "lms")[0].read_bytes())
    before = fingerprint(certificate_path.read_text())
    renewed = open_account(config, now_us=SystemClock().now_us())
    assert fingerprint(renewed.certificate_pem) != before


class Coordinator:
    """Stands for the coordinator as the registry client shows it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.documents: list[bytes] = []
        self.keyids: list[str] = []
        self.is_away = False
        self.state = "PENDING"
        monkeypatch.setattr(node.founding, "fetch_pinned_root", self.fetch)
        monkeypatch.setattr(node.founding, "submit_application", self.submit)

    def fetch(self, invitation: Invitation) -> FirstContact:
        if self.is_away:
            raise Unavailable("COORDINATOR_UNREACHABLE")
        return FirstContact(ROOT, "certificate")

    def submit(
        self, invitation: Invitation, contact: FirstContact, document: bytes, signers: Any
    ) -> str:
        self.documents.append(document)
        self.keyids = [signer.public.keyid for signer in signers]
        return self.state


@pytest.fixture
def coordinator(monkeypatch: pytest.MonkeyPatch) -> Coordinator:
    return Coordinator(monkeypatch)


def invitation(*, province: str = "CN-31", root: bytes = ROOT, token: bytes = bytes(16)) -> str:
    """Return the string that a coordinator hands out."""
    digest = file_fingerprint(root)
    return Invitation("127.0.0.1:1", digest, "0" * 64, province, token, 10**15).text


def test_joining_pins_the_root_and_applies_with_every_key(
    tmp_path: Path, coordinator: Coordinator
) -> None:
    config = found(tmp_path / "sh", peer_endpoint="sh.example:7401").config
    joining = join(tmp_path / "sh", invitation(), clock=SystemClock())
    assert joining.state == "PENDING"
    assert config.root_path.read_bytes() == ROOT
    member = parse_member(coordinator.documents[0])
    assert (member.province, member.endpoint) == ("CN-31", "sh.example:7401")
    assert sorted(coordinator.keyids) == sorted(key.key.keyid for key in member.keys)


def test_joining_again_sends_the_same_document(tmp_path: Path, coordinator: Coordinator) -> None:
    found(tmp_path / "sh")
    join(tmp_path / "sh", invitation(), clock=SystemClock())
    coordinator.state = "APPROVED"
    assert join(tmp_path / "sh", invitation(), clock=Later(1)).state == "APPROVED"
    assert coordinator.documents[0] == coordinator.documents[1]


def test_a_coordinator_that_is_away_changes_nothing(
    tmp_path: Path, coordinator: Coordinator
) -> None:
    found(tmp_path / "sh")
    before = contents(tmp_path / "sh")
    coordinator.is_away = True
    with pytest.raises(Unavailable, match="COORDINATOR_UNREACHABLE"):
        join(tmp_path / "sh", invitation(), clock=SystemClock())
    assert contents(tmp_path / "sh") == before


def test_another_provinces_invitation_is_refused(tmp_path: Path, coordinator: Coordinator) -> None:
    found(tmp_path / "sh")
    with pytest.raises(Refusal, match="INVITATION_PROVINCE"):
        join(tmp_path / "sh", invitation(province="CN-33"), clock=SystemClock())


def test_a_pinned_root_is_never_exchanged(tmp_path: Path, coordinator: Coordinator) -> None:
    config = found(tmp_path / "sh").config
    join(tmp_path / "sh", invitation(), clock=SystemClock())
    with pytest.raises(Refusal, match="ROOT_DIFFERS"):
        join(tmp_path / "sh", invitation(root=b"other"), clock=SystemClock())
    assert config.root_path.read_bytes() == ROOT
