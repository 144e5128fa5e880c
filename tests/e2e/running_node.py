"""A running node as tests see it: its local client, and its database from outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from node.edges.local_client import LocalClient
from node.edges.publication_calls import SECOND_OPERATOR, publish_by_two
from node.v1 import account_service_pb2 as accounts
from node.v1 import application_service_pb2 as applications
from node.v1 import deposit_service_pb2 as deposits
from node.v1 import operation_service_pb2 as operations
from tests.raw_sql import Run

ROGUE = "CN-33"
# Nobody answers for CN-33, which a node rightly calls a degradation.
ANSWERING = ("SERVING", "DEGRADED")
FACTS = {
    "code": "MATH101",
    "catalogue": "2024",
    "title": "高等数学",
    "grade": "85",
    "scale": "percent",
    "level": "5",
    "field": "110",
    "hours": "64",
    "earned": "2024-06-30",
    "expires": "",
    "kind": "DEGREE",
    "issuer": "开放大学",
}
# What never shrinks and grows with everything that a node takes in.
TABLES = (
    *("exchange", "exchange_lot", "lot", "entry", "posting", "inbox", "message"),
    *("contradiction", "log_leaf", "transfer_code", "learner", "import_rejected"),
)


@dataclass(frozen=True)
class Learner:
    """A learner with an account at a node."""

    account: str
    number: str
    document_type: str = "LOCAL"


@dataclass
class Node:
    """A running node, its local client, and a view of its database from outside."""

    province: str
    directory: Path
    pid: int
    client: LocalClient
    numbers: Iterator[int]
    run: Run | None = None

    @property
    def endpoint(self) -> str:
        """Where peers reach it."""
        return self.client.config.peer_listen

    def status(self) -> operations.GetStatusResponse:
        """Ask the node how it is."""
        return self.client.operations.GetStatus(operations.GetStatusRequest())

    def publish_rule(self, document: bytes) -> None:
        """Let two of its operators publish a rule."""
        with LocalClient.open(self.directory, SECOND_OPERATOR) as second:
            publish_by_two(self.client, second, "RULE", document)

    def picture(self) -> dict[str, int]:
        """Return how much is stored, told by the node and counted in its database."""
        status = self.status()
        assert status.verdict in ANSWERING, status
        told = {"log": status.log_size, "exchanges": sum(status.exchanges.values())}
        return told | {name: self.count(name) for name in TABLES} | {"held": self.held()}

    def count(self, table: str) -> int:
        """Count the rows of a table."""
        return self._ask(f"select count(*) from {table}")  # noqa: S608 - names of our own

    def held(self) -> int:
        """Sum the balances of all learners."""
        return self._ask("select coalesce(sum(hundredths), 0) from balance")

    def memory_kib(self, line: str = "VmRSS") -> int:
        """Return how much memory the process has in use, or had at most (``VmHWM``)."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(one.split()[1]) for one in status.splitlines() if one.startswith(line))

    def breakages(self) -> int:
        """Count the failures that nobody had foreseen, as the node's own log tells them."""
        return self.directory.with_suffix(".log").read_text().count("Traceback")

    def enrol(self) -> Learner:
        """Open an account for a new learner."""
        number = next(self.numbers)
        row = accounts.OpenAccountsRequest(
            reference=f"s{number}",
            name="张𠮷",
            document_type="LOCAL",
            document_number=f"{self.province}-{number}",
        )
        answer = self.client.accounts.OpenAccounts(iter([row]))
        return Learner(answer.accounts[0].account, f"{self.province}-{number}")

    def code(self, learner: Learner, peer: str = ROGUE) -> bytes:
        """Issue a transfer code for use at a peer."""
        wanted = accounts.TransferCodeWanted(
            account=learner.account, peer=peer, reference=f"c{next(self.numbers)}"
        )
        request = accounts.IssueTransferCodesRequest(wanted=[wanted])
        issued = self.client.accounts.IssueTransferCodes(request).codes[0]
        assert not issued.reason, issued
        return bytes.fromhex(issued.code)

    def deposit(self, learner: Learner, *credit_texts: str) -> list[bytes]:
        """Deposit outcomes for a learner and return their lots."""
        rows = [
            deposits.DepositOutcomesRequest(
                source="registry",
                line=(number := next(self.numbers)),
                reference=f"o{number}",
                learner=learner.account,
                credits=text,
                facts=FACTS,
            )
            for text in credit_texts
        ]
        answer = self.client.deposits.DepositOutcomes(iter(rows))
        assert answer.deposited == len(rows), answer
        lots = self.archive(learner).lots[-len(rows) :]
        return [bytes.fromhex(lot.lot) for lot in lots]

    def archive(self, learner: Learner) -> accounts.GetArchiveResponse:
        """Return a learner's archive."""
        return self.client.accounts.GetArchive(accounts.GetArchiveRequest(account=learner.account))

    def application(
        self, learner: Learner, lots: dict[bytes, int], peer: str, **changes: Any
    ) -> applications.Application:
        """Return an application at the source that is in order, apart from the changes."""
        options = {
            "reference": f"a{next(self.numbers)}",
            "account": learner.account,
            "peer": peer,
            "is_source": True,
            "transfer_code": "07" * 16,
            "mode": "TRANSFER",
            "has_consent": True,
        }
        wanted = [
            applications.ApplicationLot(lot=lot.hex(), amount_hundredths=amount)
            for lot, amount in lots.items()
        ]
        return applications.Application(**(options | {"lots": wanted} | changes))

    def open_applications(
        self, *wanted: applications.Application
    ) -> list[applications.OpenedApplication]:
        """Hand applications in and return what became of each."""
        request = applications.OpenApplicationsRequest(applications=wanted)
        return list(self.client.applications.OpenApplications(request).applications)

    def apply(
        self,
        learner: Learner,
        lots: list[bytes],
        peer: str,
        *,
        agrees: bool = False,
        code: bytes = b"\x07" * 16,
    ) -> bytes:
        """Begin an exchange at the source and return its identifier."""
        held = {bytes.fromhex(lot.lot): lot for lot in self.archive(learner).lots}
        application = self.application(
            learner,
            {lot: held[lot].amount_hundredths for lot in lots},
            peer,
            agrees_to_whole_grant=agrees,
            transfer_code=code.hex(),
        )
        (opened,) = self.open_applications(application)
        assert not opened.reason, opened
        return bytes.fromhex(opened.exchange)

    def state_of(self, exchange_id: bytes) -> str:
        """Return how far an exchange has come here."""
        answer = self.client.applications.ListExchanges(
            applications.ListExchangesRequest(limit=2000)
        )
        found = [one.state for one in answer.exchanges if one.exchange == exchange_id.hex()]
        return found[0] if found else ""

    def kept_messages(self, exchange_id: bytes) -> set[bytes]:
        """Return the payloads kept of an exchange, contradictions among them."""
        both = "select payload, exchange_id from message union all "
        both += "select payload, exchange_id from contradiction"
        question = f"select payload from ({both}) both_kept where exchange_id = ?"  # noqa: S608
        return {row[0] for row in self._run(question, [exchange_id])}

    def _ask(self, question: str) -> int:
        return int(self._run(question)[0][0])

    @property
    def _run(self) -> Run:
        assert self.run is not None, "nobody looks into this node's database"
        return self.run
