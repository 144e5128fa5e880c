"""One province's side of a run: every call to its node, each one safe to repeat."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from time import monotonic, sleep
from typing import Any, TypeVar

from federation.base.amounts import show_credits
from federation.base.errors import Refusal, Unavailable
from node.edges.demo.itinerary import Deposit, Learner, Transfer
from node.edges.demo.site import Site
from node.edges.local_client import LocalClient
from node.edges.publication_calls import SECOND_OPERATOR, publish_by_two
from node.v1 import account_service_pb2 as accounts_pb
from node.v1 import application_service_pb2 as applications_pb
from node.v1 import deposit_service_pb2 as deposits_pb
from node.v1 import operation_service_pb2 as operations_pb
from node.v1 import publication_service_pb2 as publications_pb

SERVICE = "lms"
# Rows after which a stream is ended and what it did is written down.
STREAM_ROWS = 1000
BATCH = 100
_PAGE = 500
_PATIENCE_SECONDS = 60.0
_LONG_SECONDS = 300.0

Item = TypeVar("Item")
Lot = applications_pb.ApplicationLot
Summary = applications_pb.ExchangeSummary
Pair = operations_pb.PairResult
# What an archive is searched by: code, day, catalogue and hundredths of a credit.
Mark = tuple[str, str, str, int]


class ProvinceDesk:
    """The province's systems: one speaks as its learning platform, two as its operators.

    Args:
        check: raises when a process has ended, so that nobody waits for it.
    """

    def __init__(self, site: Site, province: str, check: Callable[[], None]) -> None:
        self.province = province
        self.address = site.address(province, 1)
        self._check = check
        self._service = LocalClient.open(site.node(province), SERVICE)
        self._operator = LocalClient.open(site.node(province))
        self._second = LocalClient.open(site.node(province), SECOND_OPERATOR)

    def close(self) -> None:
        """Close the connections."""
        self._service.close()
        self._operator.close()
        self._second.close()

    def verdict(self) -> str:
        """Return what the node says of itself, or why it says nothing."""
        try:
            wanted = operations_pb.GetStatusRequest()
            status = self._operator.operations.GetStatus(wanted, timeout=5)
        except Unavailable as fault:
            return fault.reason
        return str(status.verdict)

    def status(self) -> Any:
        """Return the node's whole status."""
        return self._again(self._operator.operations.GetStatus, operations_pb.GetStatusRequest())

    def hurry(self) -> None:
        """Make everything due that waits for a peer; peers may have been down before."""
        for peer in self.status().peers:
            if peer.waiting:
                request = operations_pb.RetryPeerRequest(peer=peer.peer)
                self._again(self._operator.operations.RetryPeer, request)

    def publish(self, document: bytes, kind: str = "RULE") -> None:
        """Publish the province's rule, or another document, as two persons."""
        self._again(lambda of: publish_by_two(self._operator, self._second, kind, of), document)

    def publish_catalogue(self, document: bytes) -> None:
        """Publish the province's catalogue, as two persons."""
        self._again(
            lambda of: publish_by_two(self._operator, self._second, "CATALOGUE", of), document
        )

    def find(self, kind: str, digest: str) -> bytes:
        """Return what this province published under a digest, or nothing."""
        request = publications_pb.GetDocumentRequest(kind=kind, digest=digest)
        try:
            parts = self._again(
                lambda of: list(self._operator.publications.GetDocument(of)), request
            )
        except Refusal:
            return b""
        return b"".join(part.chunk for part in parts)

    def open_accounts(self, learners: Sequence[Learner]) -> dict[str, str]:
        """Open accounts and return them by the learner's reference."""
        rows = [_account_row(learner) for learner in learners]
        answer = self._again(lambda rows: self._service.accounts.OpenAccounts(iter(rows)), rows)
        if answer.rejected:
            raise self._rejected(answer.rejected[0])
        return {opened.reference: opened.account for opened in answer.accounts}

    def has_account(self, account: str) -> bool:
        """Tell whether the node has this account."""
        try:
            return bool(self._archive(account).account == account)
        except Refusal as fault:
            if fault.reason != "ACCOUNT":
                raise
            return False

    def progress(self, source: str) -> Any:
        """Return how far the deposits of a source have come."""
        wanted = deposits_pb.GetDepositProgressRequest(source=source)
        return self._again(self._service.deposits.GetDepositProgress, wanted)

    def deposit(self, source: str, rows: Sequence[Deposit]) -> Any:
        """Deposit rows in one stream."""
        sent = [_deposit_row(source, row) for row in rows]
        return self._again(lambda sent: self._service.deposits.DepositOutcomes(iter(sent)), sent)

    def archived(self, account: str) -> list[Any]:
        """Return the lots of an archive."""
        return list(self._archive(account).lots)

    def lots(self, account: str) -> dict[Mark, str]:
        """Return lots of an archive by what distinguishes them there."""
        found: dict[Mark, str] = {}
        for lot in self.archived(account):
            mark = (
                lot.facts.get("code", ""),
                lot.facts.get("earned", ""),
                lot.facts.get("catalogue", ""),
                lot.amount_hundredths,
            )
            found.setdefault(mark, lot.lot)
        return found

    def issue_codes(self, wanted: Sequence[tuple[str, str, str]]) -> dict[str, str]:
        """Issue transfer codes for (reference, account, peer); return those not used up."""
        request = accounts_pb.IssueTransferCodesRequest(
            wanted=[
                accounts_pb.TransferCodeWanted(reference=reference, account=account, peer=peer)
                for reference, account, peer in wanted
            ]
        )
        answer = self._again(self._service.accounts.IssueTransferCodes, request)
        for issued in answer.codes:
            if not issued.code and issued.reason not in ("", "TRANSFER_CODE"):
                raise Refusal(issued.reason, detail=f"{self.province} {issued.reference}")
        return {issued.reference: issued.code for issued in answer.codes if issued.code}

    def begin(self, applications: Sequence[Any]) -> list[Any]:
        """Open applications and return what became of each."""
        request = applications_pb.OpenApplicationsRequest(applications=applications)
        answer = self._again(self._service.applications.OpenApplications, request)
        return list(answer.applications)

    def votes(self, references: Sequence[str]) -> list[Any]:
        """Return the VOTEs that came on applications begun here."""
        request = applications_pb.ListVotesRequest(references=references)
        return list(self._again(self._service.applications.ListVotes, request).votes)

    def apply(self, applications: Sequence[Any]) -> dict[str, str]:
        """Open applications and return their exchanges by reference."""
        begun = self.begin(applications)
        for opened in begun:
            if not opened.exchange:
                raise Refusal(opened.reason, detail=f"{self.province} {opened.reference}")
        return {opened.reference: opened.exchange for opened in begun}

    def answer(self, answers: Sequence[tuple[str, str, bool]]) -> None:
        """Book learners' answers, each (peer, exchange, accepts); what is over stays as it is."""
        for some in batches(answers, BATCH):
            request = applications_pb.AnswerGrantsRequest(
                answers=[
                    applications_pb.GrantAnswer(peer=peer, exchange=exchange, accepts=accepts)
                    for peer, exchange, accepts in some
                ]
            )
            self._again(self._service.applications.AnswerGrants, request)

    def exchanges(self, states: Sequence[str] = ()) -> list[Any]:
        """List this node's exchanges."""
        found: list[Any] = []
        after = 0
        while True:
            request = applications_pb.ListExchangesRequest(states=states, after=after, limit=_PAGE)
            page = self._again(self._service.applications.ListExchanges, request)
            found.extend(page.exchanges)
            after = page.next_after
            if not after:
                return found

    def reconcile(self) -> list[Any]:
        """Compare this node's books, as source, with every peer's."""
        request = operations_pb.ReconcileRequest()
        return list(
            self._again(self._operator.operations.Reconcile, request, timeout=_LONG_SECONDS).pairs
        )

    def transcripts(self) -> Iterator[Any]:
        """Stream the transcripts of all exchanges of which this node is the source."""
        request = operations_pb.ExportTranscriptsRequest()
        yield from self._operator.operations.ExportTranscripts(request)

    def registry(self) -> tuple[dict[str, bytes], bytes]:
        """Return the registry's files as the node verified them, and the root it began with."""
        request = operations_pb.ExportRegistryRequest()
        answer = self._again(self._operator.operations.ExportRegistry, request)
        return {file.name: file.content for file in answer.files}, answer.pinned_root

    def log(self) -> tuple[list[bytes], bytes]:
        """Return every entry of the node's log and the checkpoint over them."""
        entries: list[bytes] = []
        checkpoint = b""
        request = operations_pb.ExportLogRequest()
        for part in self._operator.operations.ExportLog(request):
            entries.extend(part.entries)
            checkpoint = part.checkpoint
        return entries, checkpoint

    def _archive(self, account: str) -> Any:
        request = accounts_pb.GetArchiveRequest(account=account)
        return self._again(self._service.accounts.GetArchive, request)

    def _again(self, call: Callable[..., Any], request: Any, **more: float) -> Any:
        """Repeat a call while the node says to try again; every call here may be repeated."""
        until = monotonic() + _PATIENCE_SECONDS
        pause = 0.05
        while True:
            try:
                return call(request, **more)
            except Unavailable:
                self._check()
                if monotonic() > until:
                    raise
                sleep(pause)
                pause = min(pause * 2, 2.0)

    def _rejected(self, row: Any) -> Refusal:
        return Refusal(row.reason, detail=f"{self.province}, {row.reference}, row {row.line}")


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Cut items into lists of at most ``size``."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def application(
    transfer: Transfer, *, account: str, lots: Sequence[tuple[str, int]], code: str
) -> Any:
    """Return the application for a transfer, from the side where it starts."""
    return applications_pb.Application(
        reference=transfer.reference,
        account=account,
        peer=transfer.destination if transfer.starts_at_source else transfer.source,
        is_source=transfer.starts_at_source,
        lots=[Lot(lot=lot, amount_hundredths=hundredths) for lot, hundredths in lots],
        transfer_code=code,
        mode="TRANSFER",
        has_consent=True,
        agrees_to_whole_grant=transfer.agrees_to_whole,
    )


def _account_row(learner: Learner) -> Any:
    return accounts_pb.OpenAccountsRequest(
        reference=learner.reference,
        name=learner.name,
        document_type=learner.document_type,
        document_number=learner.document_number,
    )


def _deposit_row(source: str, row: Deposit) -> Any:
    return deposits_pb.DepositOutcomesRequest(
        source=source,
        line=row.line,
        reference=row.reference,
        learner=row.learner,
        credits=show_credits(row.hundredths),
        facts=row.facts.as_fields(),
    )
