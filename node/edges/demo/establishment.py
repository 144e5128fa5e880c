"""How a federation comes to be: ceremony, founding, enrolment, by the steps that people take.

Every step asks what is there before it does anything, so that it can be repeated after a kill.
The officers' keys are throw-away ones; they open nothing outside this folder.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic, sleep

from federation.base.clock import Clock
from federation.base.entropy import Entropy
from federation.base.errors import Refusal, Unavailable
from federation.coordinator.ceremony import (
    ROOT_OFFICERS,
    ROOT_THRESHOLD,
    TARGETS_OFFICERS,
    TARGETS_THRESHOLD,
    hold_ceremony,
)
from federation.coordinator.drafts import Draft, sign_draft
from federation.coordinator.enrolment import approve, invite
from federation.coordinator.office import Office, init_office, open_online_keys
from federation.coordinator.publication import current_view, pinned_root, publish
from federation.signing.keystore import FileSigner, create_key, load_key, replace_file, write_secret
from node.config import load_config, read_passphrase
from node.edges.demo.ports import is_taken
from node.edges.demo.processes import Processes
from node.edges.demo.site import COORDINATOR, Site
from node.edges.demo.treaties import draft_treaties
from node.founding import GOVERNANCE_KEY, found_node, join

_PASSPHRASE_SIZE = 32
_START_SECONDS = 60.0
DATABASE = "sqlite:///node.db"
Step = Callable[[str], None]


class Establishment:
    """Makes the members of a site, each step once."""

    def __init__(
        self,
        site: Site,
        provinces: Sequence[str],
        *,
        clock: Clock,
        entropy: Entropy,
        databases: Mapping[str, str],
    ) -> None:
        self._site = site
        self._provinces = provinces
        self._clock = clock
        self._entropy = entropy
        self._databases = databases

    def run(self, processes: Processes, step: Step) -> None:
        """Bring coordinator and members into being; the coordinator is left running."""
        self._passphrase = _passphrase(self._site.passphrase_file, self._entropy)
        step("ceremony")
        office = self._found_coordinator()
        try:
            self._publish_first(office)
            self._keep_root(office)
            self._start_coordinator(processes)
            step("founding")
            self._found_nodes()
            self._await_coordinator(processes)
            step("enrolment")
            self._enrol(office)
            step("agreements")
            self._agree(office)
        finally:
            office.store.close()

    def _found_coordinator(self) -> Office:
        return init_office(
            self._site.coordinator,
            address=self._site.address(COORDINATOR),
            passphrase=self._passphrase,
            is_demo=True,
            now_us=self._clock.now_us(),
        )

    def _publish_first(self, office: Office) -> None:
        with office.store.reading() as books:
            if current_view(books) is not None:
                return
        officers = self._officers()
        root, targets = hold_ceremony(
            office,
            root_officers=[officer.public for officer in officers],
            targets_officers=[officer.public for officer in officers[:TARGETS_OFFICERS]],
            now_us=self._clock.now_us(),
        )
        self._publish(office, [*_signed(root, officers), *_signed(targets, officers)])

    def _keep_root(self, office: Office) -> None:
        with office.store.reading() as books:
            content = pinned_root(books)
        if not self._site.root_path.exists():
            replace_file(self._site.root_path, content)

    def _publish(self, office: Office, drafts: list[Draft]) -> None:
        online = open_online_keys(office, self._passphrase)
        publish(office, online, drafts, now_us=self._clock.now_us())

    def _officers(self) -> list[FileSigner]:
        paths = [self._site.officers / f"officer-{at + 1}.key" for at in range(ROOT_OFFICERS)]
        for path in paths:
            if not path.exists():
                create_key(path, self._passphrase)
        return [load_key(path, self._passphrase) for path in paths]

    def _start_coordinator(self, processes: Processes) -> None:
        if is_taken(self._site.address(COORDINATOR)):
            raise Refusal("DEMO_PORT", detail=f"{COORDINATOR}: {self._site.address(COORDINATOR)}")
        folder = self._site.coordinator
        command = ("coordinator", "run", "--folder", str(folder))
        passphrase = ("--passphrase-file", str(self._site.passphrase_file))
        processes.start(COORDINATOR, (*command, *passphrase), folder / "coordinator.log")

    def _await_coordinator(self, processes: Processes) -> None:
        host, _, port = self._site.address(COORDINATOR).rpartition(":")
        until = monotonic() + _START_SECONDS
        while monotonic() < until:
            processes.check()
            try:
                socket.create_connection((host, int(port)), timeout=1).close()
            except OSError:
                sleep(0.05)
            else:
                return
        raise Unavailable("COORDINATOR_UNREACHABLE")

    def _found_nodes(self) -> None:
        for province in self._provinces:
            found_node(
                self._site.node(province),
                province,
                clock=self._clock,
                entropy=self._entropy,
                peer_listen=self._site.address(province, 0),
                local_listen=self._site.address(province, 1),
                database=self._databases.get(province, DATABASE),
            )

    def _enrol(self, office: Office) -> None:
        with office.store.reading() as books:
            view = current_view(books)
        listed = view.members if view else {}
        joining = [province for province in self._provinces if province not in listed]
        if not joining:
            return
        for province in joining:
            join(self._site.node(province), self._invitation(office, province), clock=self._clock)
        draft = approve(office, joining, now_us=self._clock.now_us())
        self._publish(office, _signed(draft, self._officers()))

    def _agree(self, office: Office) -> None:
        signers = {}
        for province in self._provinces:
            config = load_config(self._site.node(province))
            signers[province] = load_key(config.keys / GOVERNANCE_KEY, read_passphrase(config))
        now_us = self._clock.now_us()
        drafts = draft_treaties(office, self._provinces, signers, now_us=now_us)
        if drafts:
            self._publish(office, drafts)

    def _invitation(self, office: Office, province: str) -> str:
        # Kept before it is used: the node keeps the application made under it.
        path = self._site.directory / "invitations" / province
        if not path.exists():
            now_us = self._clock.now_us()
            invitation = invite(office, province, now_us=now_us, entropy=self._entropy)
            replace_file(path, invitation.text.encode() + b"\n")
        return path.read_text()


def _signed(draft: Draft, officers: Sequence[FileSigner]) -> list[Draft]:
    """Return copies of a draft, each signed by one officer of a quorum, as they come back."""
    quorum = ROOT_THRESHOLD if draft.role == "root" else TARGETS_THRESHOLD
    return [sign_draft(draft, officer) for officer in officers[:quorum]]


def _passphrase(path: Path, entropy: Entropy) -> bytes:
    if not path.exists():
        write_secret(path, entropy.token(_PASSPHRASE_SIZE).hex().encode() + b"\n")
    return path.read_bytes().strip()
