"""How the coordinator's refusals leave it; their detail stays in the coordinator's own log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import grpc
from sqlalchemy.exc import DBAPIError

from federation.base.errors import CreditBankError, Unavailable
from federation.wire import status

_log = logging.getLogger(__name__)


@contextmanager
def answering(context: grpc.ServicerContext) -> Iterator[None]:
    """Turn our errors into answers; anything else is told as an internal error without words."""
    try:
        yield
    except CreditBankError as fault:
        _log.info("refused: %s", fault)
        status.abort(context, fault)
    except DBAPIError as failure:
        _log.error("the database failed: %s", type(failure).__name__)
        status.abort(context, Unavailable("STORAGE"))
    except Exception:
        if cast(Any, context).code() is not None:
            raise  # It was answered already.
        _log.exception("a call failed")
        status.abort(context, Unavailable("INTERNAL"))
