"""From nothing to a listed member, by the commands that people type, against a real coordinator."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from federation.trust.registry import fingerprint
from node.config import load_config
from node.edges.cli.main import run
from tests.federation.test_coordinator_enrolment import free_port


class Office:
    """A coordinator's folder, its officers' keys and the commands on them."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self._folder = folder
        self._passphrase = folder / "passphrase"
        self._passphrase.write_text("only for tests\n")
        self._passphrase.chmod(0o600)
        self.keys = [str(folder / f"{number}.key") for number in range(5)]

    def tell(self, *words: str) -> str:
        """Run a command that succeeds and return what it printed."""
        folder = ["--folder", str(self._folder / "office")] if words[0] == "coordinator" else []
        secret = ["--passphrase-file", str(self._passphrase)] if words[1] in _SECRET else []
        self._capsys.readouterr()
        assert run([*words, *folder, *secret]) == 0, self._capsys.readouterr().err
        return self._capsys.readouterr().out

    def publish(self, drafts: list[str]) -> None:
        """Have three officers sign drafts, and publish them."""
        for draft in drafts:
            for key in self.keys[:3]:
                self.tell("officer", "sign", draft, "--key", key)
        self.tell("coordinator", "publish", *drafts)

    def open(self) -> None:
        """Make the coordinator and its first registry."""
        self.tell("coordinator", "init", "--address", f"127.0.0.1:{free_port()}", "--demo")
        for key in self.keys:
            self.tell("officer", "key", key)
        words = [word for key in self.keys for word in ("--root-officer", f"{key}.pub")]
        words += [word for key in self.keys[:3] for word in ("--targets-officer", f"{key}.pub")]
        self.publish(self.tell("coordinator", "ceremony", *words).split())

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Run the coordinator while the block runs."""
        folder = ["--folder", str(self._folder / "office")]
        words = ["coordinator", "run", *folder, "--passphrase-file", str(self._passphrase)]
        with subprocess.Popen(
            [sys.executable, "-m", "node", *words], stdout=subprocess.PIPE, env=os.environ
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline()
            try:
                yield
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(10)


_SECRET = ("init", "publish", "key", "sign")


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    opened = Office(tmp_path, capsys)
    opened.open()
    return opened


def test_a_province_waits_and_is_approved(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = ["--dir", str(tmp_path / "zj")]
    assert run(["init", "--province", "CN-ZJ", *directory]) == 0
    invitation = office.tell("coordinator", "invite", "CN-ZJ").strip()
    with office.serving():
        assert run(["join", invitation, *directory]) == 4
        office.publish(office.tell("coordinator", "approve", "CN-33").split())
        assert run(["join", invitation, *directory]) == 0
        assert run(["doctor", *directory]) == 0, capsys.readouterr().out
    root = load_config(tmp_path / "zj").root_path.read_bytes()
    assert fingerprint(root) in office.tell("coordinator", "list", "--json")


def test_a_coordinator_that_is_away_is_down_and_changes_nothing(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = ["--dir", str(tmp_path / "zj")]
    assert run(["init", "--province", "CN-ZJ", *directory]) == 0
    invitation = office.tell("coordinator", "invite", "CN-ZJ").strip()
    assert run(["join", invitation, *directory]) == 3
    assert "COORDINATOR_UNREACHABLE" in capsys.readouterr().err
    assert not load_config(tmp_path / "zj").root_path.exists()


def test_a_torn_invitation_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = ["--dir", str(tmp_path / "zj")]
    assert run(["init", "--province", "CN-ZJ", *directory]) == 0
    assert run(["join", "creditbank-invite-AAAA", *directory]) == 1
    assert "INVITATION_FORM" in capsys.readouterr().err
