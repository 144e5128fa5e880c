"""Commands against a node's services in process, over the mutual TLS that a node has."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import pytest

from federation.base.clock import SystemClock
from federation.base.entropy import SystemEntropy
from federation.base.errors import Refusal, Unavailable
from federation.transport.certificates import open_authority, open_leaf
from federation.wire.status import abort
from node.config import NodeConfig, read_passphrase
from node.edges.cli.main import run
from node.edges.local_client import LocalClient
from node.founding import found_node
from node.v1 import account_service_pb2 as accounts
from node.v1 import application_service_pb2 as applications
from node.v1 import deposit_service_pb2 as deposits
from node.v1 import operation_service_pb2 as operations
from node.v1.account_service_pb2_grpc import (
    AccountServiceServicer,
    add_AccountServiceServicer_to_server,
)
from node.v1.application_service_pb2_grpc import (
    ApplicationServiceServicer,
    add_ApplicationServiceServicer_to_server,
)
from node.v1.deposit_service_pb2_grpc import (
    DepositServiceServicer,
    add_DepositServiceServicer_to_server,
)
from node.v1.operation_service_pb2_grpc import (
    OperationServiceServicer,
    add_OperationServiceServicer_to_server,
)

EXCHANGE = "ab" * 16
OUTCOME = {
    "reference": "r1",
    "learner": "a",
    "credits": "2.5",
    "code": "C1",
    "catalogue": "2026",
    "title": "学术英语",
    "earned": "2026-01-31",
    "kind": "DEGREE",
    "issuer": "上海开放大学",
}


class FakeNode(
    AccountServiceServicer,
    ApplicationServiceServicer,
    DepositServiceServicer,
    OperationServiceServicer,
):
    """A node that remembers what it was asked."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self.answers: list[Any] = []
        self.verdict = "SERVING"
        self.progress = 0
        self.callers: list[bytes] = []

    def OpenAccounts(self, request_iterator: Any, context: Any) -> Any:
        self.rows = list(request_iterator)
        self.callers = context.peer_identities()
        opened = [
            accounts.OpenedAccount(reference=row.reference, account="31") for row in self.rows
        ]
        return accounts.OpenAccountsResponse(accounts=opened)

    def GetArchive(self, request: Any, context: Any) -> Any:
        abort(context, Refusal("ACCOUNT"))

    def DepositOutcomes(self, request_iterator: Any, context: Any) -> Any:
        self.rows = list(request_iterator)
        bad = [
            accounts.RejectedRow(line=row.line, reference=row.reference, reason="AMOUNT")
            for row in self.rows
            if row.credits == "x"
        ]
        done = len(self.rows) - len(bad)
        return deposits.DepositOutcomesResponse(deposited=done, rejected=bad)

    def GetDepositProgress(self, request: Any, context: Any) -> Any:
        return deposits.GetDepositProgressResponse(line=self.progress)

    def OpenApplications(self, request: Any, context: Any) -> Any:
        self.rows = list(request.applications)
        opened = [
            applications.OpenedApplication(reference=one.reference, exchange=EXCHANGE)
            for one in request.applications
        ]
        return applications.OpenApplicationsResponse(applications=opened)

    def AnswerGrants(self, request: Any, context: Any) -> Any:
        self.answers = list(request.answers)
        booked = [applications.AnsweredGrant(exchange=EXCHANGE, state="COMMITTED")]
        return applications.AnswerGrantsResponse(answers=booked)

    def ListExchanges(self, request: Any, context: Any) -> Any:
        summary = applications.ExchangeSummary(
            reference="q1", peer="CN-33", exchange=EXCHANGE, is_source=True, state="PREPARED"
        )
        if list(request.references) not in ([], ["q1"]):
            return applications.ListExchangesResponse()
        if not request.after and not request.references:
            return applications.ListExchangesResponse(next_after=1)
        return applications.ListExchangesResponse(exchanges=[summary])

    def GetStatus(self, request: Any, context: Any) -> Any:
        answer = operations.GetStatusResponse(province="CN-31", verdict=self.verdict)
        answer.peers.add(peer="CN-33", waiting=3, failure="UNREACHABLE", reachability="NO")
        answer.findings.add(reason="STORAGE", severity="DEGRADED")
        answer.findings.add(
            reason="KEY_ENDING", severity="NOTICE", subject="MESSAGE_KEY 5e", at_us=9
        )
        answer.terms.add(kind="TLS_LEAF", ends_us=7, days_left=-3)
        answer.terms.add(kind="LOG_KEY", name="ab" * 32, state="ACTIVE")
        return answer

    def ExportTranscripts(self, request: Any, context: Any) -> Any:
        name = operations.ExchangeName(peer="CN-33", exchange=EXCHANGE)
        yield operations.ExportTranscriptsResponse(exchange=name, transcript=b"chain")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> NodeConfig:
    directory = tmp_path_factory.mktemp("node") / "sh"
    return found_node(
        directory, "CN-31", clock=SystemClock(), entropy=SystemEntropy(), local_listen="127.0.0.1:1"
    ).config


@pytest.fixture
def fake(config: NodeConfig, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeNode]:
    """Serve a fake node with the certificates of a real one, and aim commands at it."""
    now_us, passphrase = SystemClock().now_us(), read_passphrase(config)
    authority = open_authority(config.keys, "CN-31", passphrase, now_us=now_us)
    leaf = open_leaf(config.keys / "tls.pem", authority, passphrase, now_us=now_us)
    credentials = grpc.ssl_server_credentials(
        [(leaf.key_pem, leaf.certificate_pem.encode())],
        root_certificates=authority.certificate_pem.encode(),
        require_client_auth=True,
    )
    server, servicer = grpc.server(futures.ThreadPoolExecutor(4)), FakeNode()
    add_AccountServiceServicer_to_server(servicer, server)
    add_ApplicationServiceServicer_to_server(servicer, server)
    add_DepositServiceServicer_to_server(servicer, server)
    add_OperationServiceServicer_to_server(servicer, server)
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    monkeypatch.setenv("CREDITBANK_LOCAL_LISTEN", f"127.0.0.1:{port}")
    monkeypatch.setenv("CREDITBANK_DIR", str(config.directory))
    yield servicer
    server.stop(None).wait()


def table(path: Path, rows: list[dict[str, str]], encoding: str = "utf-8-sig") -> str:
    """Write a CSV file and return its name."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def test_a_node_that_is_not_there_is_down(config: NodeConfig) -> None:
    with LocalClient.open(config.directory) as client, pytest.raises(Unavailable) as caught:
        client.operations.GetStatus(operations.GetStatusRequest())
    assert caught.value.reason == "NODE_DOWN"


def test_the_nodes_reason_arrives(fake: FakeNode, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["learner", "show", "31"]) == 1
    assert "ACCOUNT" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_accounts_are_opened_from_a_table(
    fake: FakeNode, tmp_path: Path, encoding: str, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"reference": "a", "name": "王𠮷", "document_type": "LOCAL", "document_number": "1"}
    file = table(tmp_path / "learners.csv", [row], encoding)
    assert run(["learner", "open", file, "--json"]) == 0
    assert fake.rows[0].name == "王𠮷"
    assert json.loads(capsys.readouterr().out)["accounts"]["accounts"][0]["account"] == "31"


def test_commands_call_as_the_named_account(fake: FakeNode, tmp_path: Path) -> None:
    row = {"reference": "a", "name": "b", "document_type": "LOCAL", "document_number": "1"}
    file = table(tmp_path / "learners.csv", [row])
    assert run(["learner", "open", file, "--as", "lms", "--plain"]) == 0
    assert b"spiffe://creditbank/province/CN-31/service/lms" in fake.callers


@pytest.mark.parametrize(
    "content",
    ["reference,name\na,b\n", "reference,name,document_type,document_number,sex\na,b,c,d,e\n"],
)
def test_a_table_with_other_columns_is_refused_before_it_is_sent(
    fake: FakeNode, tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "learners.csv").write_text(content)
    assert run(["learner", "open", str(tmp_path / "learners.csv")]) == 1
    assert "CSV_FORM" in capsys.readouterr().err
    assert fake.rows == []


def test_outcomes_are_deposited_and_rejected_rows_shown(
    fake: FakeNode, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [OUTCOME, OUTCOME | {"reference": "r2", "credits": "x"}]
    assert run(["outcome", "deposit", table(tmp_path / "o.csv", rows), "--source", "lms"]) == 1
    assert [row.line for row in fake.rows] == [1, 2]
    assert dict(fake.rows[0].facts)["level"] == "0"
    assert len(fake.rows[0].facts) == 12
    out = capsys.readouterr().out
    assert "r2" in out
    assert "AMOUNT" in out


def test_a_broken_deposit_goes_on_where_it_stopped(fake: FakeNode, tmp_path: Path) -> None:
    fake.progress = 2
    rows = [OUTCOME | {"reference": f"r{number}"} for number in range(4)]
    file = table(tmp_path / "o.csv", rows)
    assert run(["outcome", "deposit", file, "--source", "lms", "--resume"]) == 0
    assert [(row.line, row.reference) for row in fake.rows] == [(3, "r2"), (4, "r3")]


@pytest.mark.parametrize(
    ("verdict", "code"),
    [("SERVING", 0), ("DEGRADED", 1), ("NOT_JOINED", 1), ("WAITING", 4), ("DOWN", 3)],
)
def test_status_says_the_verdict_first_and_by_exit_code(
    fake: FakeNode, verdict: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.verdict = verdict
    assert run(["status"]) == code
    out = capsys.readouterr().out
    assert out.startswith("上海 Shanghai CN-31：")
    assert "UNREACHABLE" in out


def test_status_tells_findings_before_figures_and_json_has_them_all(
    fake: FakeNode, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.verdict = "DEGRADED"
    run(["status", "--plain"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("STORAGE：")
    assert lines[2] == "处理 next：creditbank doctor"
    assert lines[3].startswith("提醒 notice  KEY_ENDING（MESSAGE_KEY 5e）：")
    assert any(line.split("\t")[:4] == ["TLS 证书 certificate", "", "", "-3"] for line in lines)
    assert any(line.split("\t")[1:4] == ["ab" * 8, "ACTIVE", ""] for line in lines)
    run(["status", "--json"])
    told = json.loads(capsys.readouterr().out)["status"]
    assert [one["reason"] for one in told["findings"]] == ["STORAGE", "KEY_ENDING"]
    assert told["terms"][0]["days_left"] == -3
    assert told["peers"][0]["reachability"] == "NO"


def test_one_peer_is_shown_and_a_stranger_is_none(
    fake: FakeNode, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["peer", "show", "CN-33", "--json"]) == 0
    peer = json.loads(capsys.readouterr().out)["peer"]
    assert (peer["peer"], peer["waiting"], peer["failure"]) == ("CN-33", 3, "UNREACHABLE")
    assert run(["peer", "show", "CN-44"]) == 1
    assert "NOT_MEMBER" in capsys.readouterr().err


def test_status_of_a_node_that_is_down_is_three(
    config: NodeConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["status", "--dir", str(config.directory), "--json"]) == 3
    assert json.loads(capsys.readouterr().err)["error"]["reason"] == "NODE_DOWN"


def test_an_application_is_opened(fake: FakeNode) -> None:
    words = ["request", "open", "--account", "31", "--peer", "CN-ZJ", "--lot", f"{EXCHANGE}:2.5"]
    assert run([*words, "--code", "AB" * 16, "--consent", "--incoming"]) == 0
    application = fake.rows[0]
    assert (application.peer, application.mode) == ("CN-33", "TRANSFER")
    assert application.lots[0].amount_hundredths == 250
    assert application.has_consent
    assert not application.is_source
    assert len(application.reference) == 32


@pytest.mark.parametrize(("verb", "accepts"), [("accept", True), ("decline", False)])
@pytest.mark.parametrize("name", ["q1", EXCHANGE])
def test_a_grant_is_answered_by_reference_or_exchange(
    fake: FakeNode, verb: str, accepts: bool, name: str
) -> None:
    assert run(["request", verb, name]) == 0
    answer = fake.answers[0]
    assert (answer.peer, answer.exchange, answer.accepts) == ("CN-33", EXCHANGE, accepts)


def test_an_unknown_exchange_is_refused(fake: FakeNode, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["transfer", "show", "q2"]) == 1
    assert "EXCHANGE" in capsys.readouterr().err


def test_transfers_are_listed_page_by_page(
    fake: FakeNode, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["transfer", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["transfers"]
    assert [row["exchange"] for row in listed] == [EXCHANGE]


def test_transcripts_are_written_one_a_file(fake: FakeNode, tmp_path: Path) -> None:
    assert run(["transfer", "export", "--to", str(tmp_path / "out"), "--plain"]) == 0
    assert (tmp_path / f"out/CN-33-{EXCHANGE}.transcript").read_bytes() == b"chain"


def test_a_province_that_does_not_exist_is_a_matter_of_usage(fake: FakeNode) -> None:
    assert run(["peer", "retry", "CN-99"]) == 2


def test_init_says_what_comes_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["init", "--province", "CN-ZJ", "--dir", str(tmp_path / "zj"), "--json"]
    assert run(words) == 0
    made = json.loads(capsys.readouterr().out)["node"]
    assert (made["province"], made["is_new"]) == ("CN-33", True)
    assert made["next"].startswith("creditbank join")
    assert run(["config", "check", "--dir", str(tmp_path / "zj")]) == 0
    assert run(["keys", "list", "--dir", str(tmp_path / "zj"), "--plain"]) == 0
    assert "identity" not in capsys.readouterr().err


def test_doctor_finds_that_a_new_node_has_not_joined(
    config: NodeConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["doctor", "--dir", str(config.directory), "--json"]) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [row["subject"] for row in findings if not row["is_sound"]] == ["协调节点 coordinator"]
