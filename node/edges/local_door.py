"""The door of the local services: who calls, and how errors are told."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

import grpc

from federation.base.errors import Breach, CreditBankError, Unavailable
from federation.transport.certificates import Caller, is_issued_by, read_caller
from federation.wire.status import abort

_LOG = logging.getLogger("creditbank.local")
OPERATOR = "operator"
Answer = TypeVar("Answer")


class LocalDoor:
    """Admits certificates that the province's own authority issued to its accounts."""

    def __init__(self, province: str, authority_pem: str) -> None:
        self._province = province
        self._authority_pem = authority_pem

    def admit(self, context: grpc.ServicerContext, *, operators_only: bool) -> str:
        """Return the name of the calling account.

        Raises:
            Breach: NOT_LOCAL for everyone else.
        """
        certificates: Any = context.auth_context().get("x509_pem_cert")
        if not certificates:
            raise Breach("NOT_LOCAL")
        try:
            certificate = bytes(certificates[0])
            caller: Caller = read_caller(certificate)
        except CreditBankError:
            raise Breach("NOT_LOCAL") from None
        is_ours = caller.province == self._province and caller.service is not None
        if not is_ours or not is_issued_by(certificate, self._authority_pem):
            raise Breach("NOT_LOCAL")
        if operators_only and not is_operator(caller.service or ""):
            raise Breach("NOT_LOCAL", detail=f"{caller.service} is no operator")
        assert caller.service is not None
        return caller.service


def is_operator(account: str) -> bool:
    """Tell whether an account is an operator's: ``operator``, or ``operator-li`` for one of many.

    What two persons must do is done by two such accounts.
    """
    return account == OPERATOR or account.startswith(f"{OPERATOR}-")


class Guarded(Protocol):
    """A servicer behind the door."""

    door: LocalDoor


def served(*, operators_only: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator for unary answers: admit the caller, answer errors with their reasons."""

    def decorate(method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def call(self: Guarded, request: Any, context: grpc.ServicerContext) -> Any:
            try:
                account = self.door.admit(context, operators_only=operators_only)
                return method(self, request, account)
            except CreditBankError as error:
                _tell(context, method.__name__, error)
            except Exception as failure:
                _break(context, method.__name__, failure)
            raise AssertionError("abort ends the call")

        return call

    return decorate


def served_stream(
    *, operators_only: bool = False
) -> Callable[[Callable[..., Iterator[Any]]], Callable[..., Iterator[Any]]]:
    """Return the same for streamed answers."""

    def decorate(method: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
        @functools.wraps(method)
        def call(self: Guarded, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
            try:
                account = self.door.admit(context, operators_only=operators_only)
                yield from method(self, request, account)
            except CreditBankError as error:
                _tell(context, method.__name__, error)
            except Exception as failure:
                _break(context, method.__name__, failure)

        return call

    return decorate


def _tell(context: grpc.ServicerContext, method: str, error: CreditBankError) -> None:
    _LOG.info("%s: %s (%s)", method, error.reason, error.detail)
    abort(context, error)


def _break(context: grpc.ServicerContext, method: str, failure: Exception) -> None:
    if not context.is_active():
        raise failure  # The caller is gone; there is nobody to tell.
    _LOG.exception("%s failed", method)
    abort(context, Unavailable("INTERNAL"))
