"""How a province's own systems, and its command line, speak to their node.

A client opens with the files of a node's directory alone. What fails comes back as the error the
node raised, under its stable reason; a node that is not there is NODE_DOWN.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import grpc

from federation.base.clock import Clock, SystemClock
from federation.base.errors import CreditBankError, Unavailable
from federation.transport.certificates import node_host
from federation.wire.status import error_of
from node.config import NodeConfig, load_config
from node.edges.local_accounts import OPERATOR, open_account
from node.v1.account_service_pb2_grpc import AccountServiceStub
from node.v1.accreditation_service_pb2_grpc import AccreditationServiceStub
from node.v1.application_service_pb2_grpc import ApplicationServiceStub
from node.v1.case_service_pb2_grpc import CaseServiceStub
from node.v1.decision_service_pb2_grpc import DecisionServiceStub
from node.v1.deposit_service_pb2_grpc import DepositServiceStub
from node.v1.lot_service_pb2_grpc import LotServiceStub
from node.v1.misconduct_service_pb2_grpc import MisconductServiceStub
from node.v1.open_data_service_pb2_grpc import OpenDataServiceStub
from node.v1.operation_service_pb2_grpc import OperationServiceStub
from node.v1.precedent_service_pb2_grpc import PrecedentServiceStub
from node.v1.programme_service_pb2_grpc import ProgrammeServiceStub
from node.v1.publication_service_pb2_grpc import PublicationServiceStub
from node.v1.recovery_service_pb2_grpc import RecoveryServiceStub
from node.v1.review_service_pb2_grpc import ReviewServiceStub
from node.v1.rule_service_pb2_grpc import RuleServiceStub
from node.v1.shanghai_service_pb2_grpc import ShanghaiServiceStub
from node.v1.statistics_service_pb2_grpc import StatisticsServiceStub
from node.v1.what_if_service_pb2_grpc import WhatIfServiceStub

DEADLINE_S = 30.0
_LARGEST_ANSWER = 64 * 1024 * 1024


class LocalService:
    """One service of a node; each of its methods raises the node's own errors.

    Unary calls end after ``DEADLINE_S``; streams go on as long as they take.
    """

    def __init__(self, stub: Any) -> None:
        self._stub = stub

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return a method of the service, as ``GetStatus``."""
        method = getattr(self._stub, name)
        if isinstance(method, grpc.UnaryStreamMultiCallable | grpc.StreamStreamMultiCallable):
            return _streaming(method)
        is_stream = isinstance(method, grpc.StreamUnaryMultiCallable)
        return _answering(method, None if is_stream else DEADLINE_S)


class LocalClient:
    """A connection to the local services of a node; close it after use.

    Attributes:
        config: the configuration of the node.
        accounts: ``AccountService``.
        deposits: ``DepositService``.
        applications: ``ApplicationService``.
        operations: ``OperationService``.
        recovery: ``RecoveryService``.
        misconduct: ``MisconductService``.
        statistics: ``StatisticsService``.
        cases: ``CaseService``.
        decisions: ``DecisionService``.
        lots: ``LotService``.
        programmes: ``ProgrammeService``.
        publications: ``PublicationService``.
        accreditation: ``AccreditationService``.
        reviews: ``ReviewService``.
        precedents: ``PrecedentService``.
        rules: ``RuleService``.
        what_if: ``WhatIfService``.
        open_data: ``OpenDataService``.
        shanghai: ``ShanghaiService``.
    """

    def __init__(self, config: NodeConfig, channel: grpc.Channel) -> None:
        self.config = config
        self._channel = channel
        self.accounts = LocalService(AccountServiceStub(channel))
        self.deposits = LocalService(DepositServiceStub(channel))
        self.applications = LocalService(ApplicationServiceStub(channel))
        self.operations = LocalService(OperationServiceStub(channel))
        self.recovery = LocalService(RecoveryServiceStub(channel))
        self.misconduct = LocalService(MisconductServiceStub(channel))
        self.statistics = LocalService(StatisticsServiceStub(channel))
        self.cases = LocalService(CaseServiceStub(channel))
        self.decisions = LocalService(DecisionServiceStub(channel))
        self.lots = LocalService(LotServiceStub(channel))
        self.rules = LocalService(RuleServiceStub(channel))
        self.precedents = LocalService(PrecedentServiceStub(channel))
        self.shanghai = LocalService(ShanghaiServiceStub(channel))
        self.reviews = LocalService(ReviewServiceStub(channel))
        self.accreditation = LocalService(AccreditationServiceStub(channel))
        self.programmes = LocalService(ProgrammeServiceStub(channel))
        self.publications = LocalService(PublicationServiceStub(channel))
        self.what_if = LocalService(WhatIfServiceStub(channel))
        self.open_data = LocalService(OpenDataServiceStub(channel))

    @classmethod
    def open(
        cls, directory: Path, account: str = OPERATOR, *, clock: Clock | None = None
    ) -> LocalClient:
        """Return a client for the node of a directory; nothing is sent yet.

        Raises:
            Refusal: NO_NODE, CONFIG, SERVICE_NAME, PASSPHRASE or KEY_FILE.
        """
        config = load_config(directory)
        identity = open_account(config, account, now_us=(clock or SystemClock()).now_us())
        credentials = grpc.ssl_channel_credentials(
            root_certificates=(config.keys / "tls-ca.pem").read_bytes(),
            private_key=identity.key_pem,
            certificate_chain=identity.certificate_pem.encode(),
        )
        channel = grpc.secure_channel(config.local_listen, credentials, _options(config.province))
        return cls(config, channel)

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()

    def __enter__(self) -> LocalClient:
        """Return the client."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the client."""
        self.close()


def _options(province: str) -> list[tuple[str, Any]]:
    return [
        ("grpc.ssl_target_name_override", node_host(province)),
        ("grpc.max_receive_message_length", _LARGEST_ANSWER),
        # A proxy named in the environment is for other traffic.
        ("grpc.enable_http_proxy", 0),
    ]


def _answering(method: Any, deadline_s: float | None) -> Callable[..., Any]:
    def call(request: Any, *, timeout: float | None = deadline_s) -> Any:
        try:
            return method(request, timeout=timeout)
        except grpc.RpcError as failure:
            raise _local_error(failure) from None

    return call


def _streaming(method: Any) -> Callable[..., Iterator[Any]]:
    def call(request: Any, *, timeout: float | None = None) -> Iterator[Any]:
        try:
            yield from method(request, timeout=timeout)
        except grpc.RpcError as failure:
            raise _local_error(failure) from None

    return call


def _local_error(failure: grpc.RpcError) -> CreditBankError:
    error = error_of(failure)
    # Between two provinces this may be the network; here it is the node itself.
    if error.reason == "UNREACHABLE":
        return Unavailable("NODE_DOWN", detail=error.detail)
    return error
