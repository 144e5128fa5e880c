"""How the coordinator's refusals leave it; their detail stays in the coordinator's own log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from federation.base.errors import CreditBankError
from federation.wire import status

_log = logging.getLogger(__name__)


@contextmanager
def answering(context: grpc.ServicerContext) -> Iterator[None]:
    """Turn our errors into answers; anything else stays an internal error without words."""
    try:
        yield
    except CreditBankError as fault:
        _log.info("refused: %s", fault)
        status.abort(context, fault)
