"""What a province's own systems call: translation between protos and use cases, nothing more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from federation.base.errors import Breach
from federation.protocol.grouping import record_in
from federation.protocol.lots import WantedLot
from federation.protocol.messages import Mode
from federation.wire import codec
from node.domain.exchange import Exchange, Role
from node.domain.lot import Lot
from node.edges.local_door import LocalDoor, served
from node.usecases.accounts import Accounts, CodeWanted, NewLearner
from node.usecases.applications import Application, Applications, Opened
from node.usecases.deposits import CHUNK, Deposits, OutcomeRow
from node.usecases.operations import state_named
from node.usecases.ports import RejectedRow, Store
from node.v1 import account_service_pb2 as accounts_pb
from node.v1 import application_service_pb2 as applications_pb
from node.v1 import deposit_service_pb2 as deposits_pb
from node.v1.account_service_pb2_grpc import AccountServiceServicer
from node.v1.application_service_pb2_grpc import ApplicationServiceServicer
from node.v1.deposit_service_pb2_grpc import DepositServiceServicer

PAGE = 500
LARGEST_PAGE = 2000


class AccountServicer(AccountServiceServicer):
    """Learners' accounts."""

    def __init__(self, door: LocalDoor, accounts: Accounts) -> None:
        self.door = door
        self._accounts = accounts

    @served()
    def OpenAccounts(
        self, rows: Iterable[accounts_pb.OpenAccountsRequest], account: str
    ) -> accounts_pb.OpenAccountsResponse:
        """Open accounts in durable chunks."""
        answer = accounts_pb.OpenAccountsResponse()
        for chunk in _chunks(enumerate(rows, start=1)):
            learners = [
                NewLearner(
                    line=line,
                    reference=row.reference,
                    name=row.name,
                    document_type=row.document_type,
                    document_number=row.document_number,
                )
                for line, row in chunk
            ]
            for one in self._accounts.open(account, learners):
                if one.reason:
                    answer.rejected.add(
                        line=one.line, reference=one.reference[:64], reason=one.reason
                    )
                else:
                    answer.accounts.add(reference=one.reference, account=one.account)
        return answer

    @served()
    def GetArchive(
        self, request: accounts_pb.GetArchiveRequest, account: str
    ) -> accounts_pb.GetArchiveResponse:
        """Return an archive."""
        archive = self._accounts.archive(request.account)
        return accounts_pb.GetArchiveResponse(
            account=archive.learner.account,
            name=archive.learner.name,
            balance_hundredths=archive.balance_hundredths,
            lots=[_archived(lot) for lot in archive.lots],
            erased=archive.learner.is_erased,
        )

    @served()
    def IssueTransferCodes(
        self, request: accounts_pb.IssueTransferCodesRequest, account: str
    ) -> accounts_pb.IssueTransferCodesResponse:
        """Issue one-time codes."""
        wanted = [
            CodeWanted(account=one.account, peer=one.peer, reference=one.reference)
            for one in request.wanted
        ]
        return accounts_pb.IssueTransferCodesResponse(
            codes=[
                accounts_pb.IssuedTransferCode(
                    reference=one.reference,
                    code=one.code.hex(),
                    reason=one.reason,
                    expires_us=one.expires_us,
                )
                for one in self._accounts.issue_codes(wanted)
            ]
        )

    @served(operators_only=True)
    def EraseLearner(
        self, request: accounts_pb.EraseLearnerRequest, account: str
    ) -> accounts_pb.EraseLearnerResponse:
        """Erase a learner's values."""
        return accounts_pb.EraseLearnerResponse(values_erased=self._accounts.erase(request.account))


class DepositServicer(DepositServiceServicer):
    """Deposits of accredited outcomes."""

    def __init__(self, door: LocalDoor, deposits: Deposits) -> None:
        self.door = door
        self._deposits = deposits

    @served()
    def DepositOutcomes(
        self, rows: Iterable[deposits_pb.DepositOutcomesRequest], account: str
    ) -> deposits_pb.DepositOutcomesResponse:
        """Deposit rows in durable chunks; the source is the calling account."""
        answer = deposits_pb.DepositOutcomesResponse()
        for chunk in _chunks(rows):
            outcomes = [
                OutcomeRow(
                    line=row.line,
                    reference=row.reference,
                    learner=row.learner,
                    credits=row.credits,
                    facts=dict(row.facts),
                )
                for row in chunk
            ]
            source = chunk[0].source or account
            if any((row.source or account) != source for row in chunk):
                raise Breach("FIELDS", detail="two sources in one stream")
            done = self._deposits.deposit(source, outcomes)
            answer.deposited += done.deposited
            answer.repeated_rows += done.repeated
            answer.rejected.extend(_rejected(done.rejected))
        return answer

    @served()
    def GetDepositProgress(
        self, request: deposits_pb.GetDepositProgressRequest, account: str
    ) -> deposits_pb.GetDepositProgressResponse:
        """Tell how far a source has come."""
        progress = self._deposits.progress(request.source or account)
        return deposits_pb.GetDepositProgressResponse(
            line=progress.line,
            deposited=progress.deposited,
            rejected=_rejected(progress.rejected),
        )


class ApplicationServicer(ApplicationServiceServicer):
    """Learners' applications."""

    def __init__(self, door: LocalDoor, applications: Applications, store: Store) -> None:
        self.door = door
        self._applications = applications
        self._store = store

    @served()
    def OpenApplications(
        self, request: applications_pb.OpenApplicationsRequest, account: str
    ) -> applications_pb.OpenApplicationsResponse:
        """Begin exchanges, each application by itself."""
        read: dict[int, Application] = {}
        opened: dict[int, Opened] = {}
        for at, one in enumerate(request.applications):
            try:
                read[at] = _application(one)
            except Breach as breach:
                opened[at] = Opened(reference=one.reference, reason=breach.reason)
        opened |= zip(read, self._applications.open(list(read.values())), strict=True)
        return applications_pb.OpenApplicationsResponse(
            applications=[
                applications_pb.OpenedApplication(
                    reference=one.reference, exchange=one.exchange_id.hex(), reason=one.reason
                )
                for _, one in sorted(opened.items())
            ]
        )

    @served()
    def AnswerGrants(
        self, request: applications_pb.AnswerGrantsRequest, account: str
    ) -> applications_pb.AnswerGrantsResponse:
        """Book learners' answers."""
        answers = [((one.peer, unhex(one.exchange)), one.accepts) for one in request.answers]
        return applications_pb.AnswerGrantsResponse(
            answers=[
                applications_pb.AnsweredGrant(
                    exchange=one.exchange_id.hex(), state=one.state.name, reason=one.reason
                )
                for one in self._applications.answer(answers)
            ]
        )

    @served()
    def ListExchanges(
        self, request: applications_pb.ListExchangesRequest, account: str
    ) -> applications_pb.ListExchangesResponse:
        """Return a page of exchanges."""
        limit = min(request.limit or PAGE, LARGEST_PAGE)
        states = [int(state_named(name)) for name in request.states]
        page = self._store.read(
            lambda reading: reading.list_exchanges(
                references=list(request.references),
                states=states,
                after=request.after,
                limit=limit,
            )
        )
        return applications_pb.ListExchangesResponse(
            exchanges=[_summary(exchange) for _, exchange in page],
            next_after=page[-1][0] if len(page) == limit else 0,
        )

    @served()
    def ListVotes(
        self, request: applications_pb.ListVotesRequest, account: str
    ) -> applications_pb.ListVotesResponse:
        """Return the VOTEs on applications begun here."""
        if len(request.references) > PAGE:
            raise Breach("TOO_MANY_ITEMS")
        votes = self._store.read(lambda reading: reading.votes_received(set(request.references)))
        return applications_pb.ListVotesResponse(
            votes=[
                applications_pb.ReceivedVote(
                    reference=one.reference,
                    peer=one.peer,
                    exchange=one.exchange_id.hex(),
                    vote=one.payload,
                    record=record_in(codec.decode_openings(one.openings)),
                )
                for one in votes
            ]
        )


def unhex(text: str, reason: str = "EXCHANGE_ID") -> bytes:
    """Return the bytes of an identifier written in hexadecimal.

    Raises:
        Breach: with the reason, when they are none.
    """
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise Breach(reason) from None


def _chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    following = iter(rows)
    while chunk := list(islice(following, CHUNK)):
        yield chunk


def _application(one: applications_pb.Application) -> Application:
    if one.mode not in Mode.__members__:
        raise Breach("MODE")
    return Application(
        reference=one.reference,
        account=one.account,
        peer=one.peer,
        role=Role.SOURCE if one.is_source else Role.DESTINATION,
        lots=tuple(
            WantedLot(lot_id=unhex(lot.lot, "LOT"), amount_hundredths=lot.amount_hundredths)
            for lot in one.lots
        ),
        code=unhex(one.transfer_code, "TRANSFER_CODE"),
        mode=Mode[one.mode],
        has_consent=one.has_consent,
        agrees_to_whole_grant=one.agrees_to_whole_grant,
        shows_evidence=one.shows_evidence,
        returns=unhex(one.returns),
        targets=tuple(one.wanted_targets),
        appeals=unhex(one.appeals),
        asks_person=one.asks_person,
        cites=unhex(one.cites),
    )


def _archived(lot: Lot) -> accounts_pb.ArchivedLot:
    facts = lot.facts()
    return accounts_pb.ArchivedLot(
        lot=lot.lot_id.hex(),
        state=lot.state.value,
        amount_hundredths=lot.amount_hundredths,
        facts=facts.as_fields() if facts else {},
        exchange=lot.exchange_id.hex(),
        hold=lot.hold.value,
    )


def _rejected(rows: Sequence[RejectedRow]) -> list[accounts_pb.RejectedRow]:
    return [
        accounts_pb.RejectedRow(line=row.line, reference=row.reference, reason=row.reason)
        for row in rows
    ]


def _summary(exchange: Exchange) -> applications_pb.ExchangeSummary:
    reasons = exchange.reasons or tuple(
        dict.fromkeys(reason for lot in exchange.lots for reason in lot.reasons)
    )
    return applications_pb.ExchangeSummary(
        reference=exchange.reference,
        peer=exchange.peer,
        exchange=exchange.exchange_id.hex(),
        is_source=exchange.role is Role.SOURCE,
        state=exchange.state.name,
        mode=exchange.mode.name,
        offered_hundredths=exchange.offered_hundredths,
        granted_hundredths=exchange.granted_hundredths,
        committed_hundredths=exchange.committed_hundredths,
        reasons=reasons,
        begun_us=exchange.begun_us,
        changed_us=exchange.changed_us,
        witnessed_us=exchange.witnessed_us,
        lots_offered=len(exchange.lots),
        lots_granted=sum(1 for lot in exchange.lots if lot.granted_hundredths),
    )
