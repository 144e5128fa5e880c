"""A bank's desk in one process: a founded node's certificates, its real services, its commands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from federation.base.clock import SystemClock
from federation.base.entropy import SystemEntropy
from federation.transport.certificates import open_authority, open_leaf
from node.bootstrap.bank import serve_bank
from node.config import NodeConfig, read_passphrase
from node.edges.case_services import CaseServicer
from node.edges.cli.main import run
from node.edges.local_door import LocalDoor
from node.edges.local_services import ApplicationServicer
from node.founding import found_node
from node.usecases.applications import Applications
from node.usecases.consents import Consents
from node.usecases.deciding import Deciding
from node.usecases.evidence import Evidence
from node.usecases.office import Office
from node.usecases.reviews import DEFAULT_POLICY
from node.v1.application_service_pb2_grpc import add_ApplicationServiceServicer_to_server
from node.v1.case_service_pb2_grpc import add_CaseServiceServicer_to_server


class Desk:
    """Runs commands and returns what they say as JSON."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def run(self, *arguments: str, account: str = "operator") -> tuple[int, Any]:
        """Run a command as an account; return its exit code and its answer, or its error."""
        self._capsys.readouterr()
        code = run([*arguments, "--as", account, "--json"])
        said = self._capsys.readouterr()
        text = said.out.strip() or said.err.strip()
        return code, json.loads(text) if text else None

    def ok(self, *arguments: str, account: str = "operator") -> Any:
        """Run a command that must succeed."""
        code, said = self.run(*arguments, account=account)
        assert code == 0, said
        return said

    def run_local(self, *arguments: str) -> tuple[int, Any]:
        """Run a command that asks no node; return its exit code and its answer, or its error."""
        self._capsys.readouterr()
        code = run([*arguments, "--json"])
        said = self._capsys.readouterr()
        return code, json.loads(said.out.strip() or said.err.strip())

    def ok_local(self, *arguments: str) -> Any:
        """Run a command that asks no node, and must succeed."""
        code, said = self.run_local(*arguments)
        assert code == 0, said
        return said

    def reason(self, *arguments: str, account: str = "operator") -> str:
        """Run a command that must be refused and return why."""
        code, said = self.run(*arguments, account=account)
        assert code == 1, said
        return str(said["error"]["reason"])


def found(directory: Path, province: str) -> NodeConfig:
    """Found a node for its certificates."""
    return found_node(
        directory,
        province,
        clock=SystemClock(),
        entropy=SystemEntropy(),
        local_listen="127.0.0.1:1",
    ).config


@contextmanager
def served(
    config: NodeConfig, office: Office, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Serve an office behind the door of a node, and aim commands at it."""
    now_us, passphrase = SystemClock().now_us(), read_passphrase(config)
    authority = open_authority(config.keys, config.province, passphrase, now_us=now_us)
    leaf = open_leaf(config.keys / "tls.pem", authority, passphrase, now_us=now_us)
    credentials = grpc.ssl_server_credentials(
        [(leaf.key_pem, leaf.certificate_pem.encode())],
        root_certificates=authority.certificate_pem.encode(),
        require_client_auth=True,
    )
    door = LocalDoor(config.province, authority.certificate_pem)
    server = grpc.server(futures.ThreadPoolExecutor(4))
    applications = ApplicationServicer(door, Applications(office), office.store)
    add_ApplicationServiceServicer_to_server(applications, server)
    cases = CaseServicer(door, Deciding(office), Consents(office), evidence)
    add_CaseServiceServicer_to_server(cases, server)
    serve_bank(server, door, office, evidence, DEFAULT_POLICY)
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    monkeypatch.setenv("CREDITBANK_LOCAL_LISTEN", f"127.0.0.1:{port}")
    monkeypatch.setenv("CREDITBANK_DIR", str(config.directory))
    try:
        yield
    finally:
        server.stop(None).wait()
