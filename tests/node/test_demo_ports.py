"""Ports that are reserved across processes: nobody is given what somebody else was."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

from node.edges.demo.ports import BLOCK, LOOPBACK, PORTS, Reservation
from node.edges.demo.site import open_site

ROOT = Path(__file__).resolve().parent.parent.parent
HOLDER = """
import sys
from pathlib import Path
from node.edges.demo.ports import Reservation
print(*Reservation(Path(sys.argv[1])).take_many(3), flush=True)
sys.stdin.read()
"""


def blocks(ports: list[int]) -> set[int]:
    """Return the blocks that ports stand in."""
    return {port // BLOCK for port in ports}


def test_two_reservations_share_no_block(tmp_path: Path) -> None:
    with Reservation(tmp_path) as one, Reservation(tmp_path) as other:
        ours, theirs = one.take_many(BLOCK + 20), other.take_many(BLOCK + 20)
        assert len({*ours, *theirs}) == 2 * (BLOCK + 20)
        assert not blocks(ours) & blocks(theirs)
        assert all(port in PORTS for port in ours)


def test_a_port_that_somebody_listens_on_is_passed_over(tmp_path: Path) -> None:
    with Reservation(tmp_path) as one, socket.socket() as listener:
        first = one.take()
        listener.bind((LOOPBACK, first + 1))
        listener.listen()
        assert one.take() > first + 1


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-P", "-c", HOLDER, str(tmp_path)],
        env={"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    taken = [int(port) for port in holder.stdout.readline().split()]
    assert len(taken) == 3
    with Reservation(tmp_path) as one:
        every = len(PORTS) // BLOCK - len(blocks(taken))
        got = [one._next_block().start for _ in range(every)]
        assert not blocks(got) & blocks(taken)
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
        assert blocks([one._next_block().start]) == blocks(taken)


def test_demonstrations_begun_together_choose_apart_and_keep_what_they_chose(
    tmp_path: Path,
) -> None:
    provinces = ("CN-31", "CN-33")
    with (
        open_site(tmp_path / "one", {"seed": 1}, provinces) as one,
        open_site(tmp_path / "other", {"seed": 1}, provinces) as other,
    ):
        ours, theirs = ([p for ps in site.ports.values() for p in ps] for site in (one, other))
        assert len(ours) == len(theirs) == 5
        assert not blocks(ours) & blocks(theirs)
    with (
        open_site(tmp_path / "one", {"seed": 1}, provinces) as again,
        open_site(tmp_path / "third", {"seed": 1}, provinces) as third,
    ):
        assert dict(again.ports) == dict(one.ports)
        assert not blocks(ours) & blocks([p for ps in third.ports.values() for p in ps])
