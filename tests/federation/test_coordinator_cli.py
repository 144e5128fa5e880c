"""The command line from an empty folder to a published member, killed where it hurts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from federation.trust.invitation import read_invitation
from node.edges.cli import coordinator, officer
from tests.federation.registry_world import present_us
from tests.federation.test_coordinator_enrolment import free_port

Run = Callable[..., str]
SERVE = "from node.edges.cli.coordinator import app; app()"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Where the commands find passphrase and folder."""
    (tmp_path / "passphrase").write_text("only for tests\n")
    return {
        "CREDITBANK_PASSPHRASE_FILE": str(tmp_path / "passphrase"),
        "CREDITBANK_COORDINATOR": str(tmp_path / "coordinator"),
    }


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Run one command and return what it printed."""

    def command(*words: str) -> str:
        app = {"coordinator": coordinator.app, "officer": officer.app}[words[0]]
        done = CliRunner().invoke(app, list(words[1:]), env=environment, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    return command


def found(run: Run, folder: Path, address: str) -> None:
    """Make a coordinator and publish its first registry."""
    run("coordinator", "init", "--address", address, "--demo")
    public = []
    for number in range(5):
        run("officer", "key", str(folder / f"{number}.key"))
        public.append(str(folder / f"{number}.key.pub"))
    words = [word for path in public for word in ("--root-officer", path)]
    words += [word for path in public[:3] for word in ("--targets-officer", path)]
    drafts = run("coordinator", "ceremony", *words).split()
    for draft in drafts:
        for number in range(3):
            run("officer", "sign", draft, "--key", str(folder / f"{number}.key"))
    run("coordinator", "publish", *drafts)


def test_ceremony_and_invitation(run: Run, tmp_path: Path) -> None:
    found(run, tmp_path, "127.0.0.1:7000")
    invitation = read_invitation(run("coordinator", "invite", "CN-ZJ"))
    assert (invitation.province, invitation.address) == ("CN-33", "127.0.0.1:7000")
    assert invitation.expires_us > present_us()
    listing = json.loads(run("coordinator", "list", "--json"))
    assert listing["registry_version"] == 1
    assert listing["root_sha256"] == invitation.root_sha256
    assert "CN-33" in run("coordinator", "list")
    renewal = run("coordinator", "renew").split()[0]
    assert "targets 2" in run("officer", "show", renewal)


def test_a_killed_coordinator_starts_again_and_stops_when_told(
    run: Run, tmp_path: Path, environment: dict[str, str]
) -> None:
    found(run, tmp_path, f"127.0.0.1:{free_port()}")
    for number in (signal.SIGKILL, signal.SIGTERM):
        with subprocess.Popen(
            [sys.executable, "-c", SERVE, "run"],
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            text=True,
        ) as serving:
            assert serving.stdout is not None
            assert "serving" in serving.stdout.readline()
            serving.send_signal(number)
            assert serving.wait(10) == (0 if number == signal.SIGTERM else -number)


@pytest.mark.parametrize("delay_ms", [150, 300, 450, 600])
def test_init_killed_at_any_moment_is_completed(
    delay_ms: int, run: Run, environment: dict[str, str]
) -> None:
    words = ["init", "--address", "127.0.0.1:7000"]
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, *words],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as beginning:
        time.sleep(delay_ms / 1000)
        beginning.kill()
    run("coordinator", *words)
    assert json.loads(run("coordinator", "list", "--json"))["registry_version"] == 0
