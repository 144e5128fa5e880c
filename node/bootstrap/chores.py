"""What a node does from time to time, whatever else it does."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from federation.base.errors import CreditBankError

_LOG = logging.getLogger("creditbank")
GRACE_S = 3.0


def every(
    seconds: float, chore: Callable[[], object], *, first_s: float = 0.0
) -> Callable[[], None]:
    """Run a chore from time to time on a thread of its own; return what ends it.

    Args:
        first_s: how long to wait before the first time, if not as long as ever.
    """
    done = threading.Event()

    def run() -> None:
        pause_s = first_s or seconds
        while not done.wait(pause_s):
            attempt(chore)
            pause_s = seconds

    thread = threading.Thread(target=run, name="chores", daemon=True)
    thread.start()

    def end() -> None:
        done.set()
        thread.join(timeout=GRACE_S)

    return end


def attempt(chore: Callable[[], object]) -> object:
    """Run a chore once and return what it returns, or None where it failed, which is logged."""
    try:
        return chore()
    except CreditBankError as error:
        _LOG.warning("chore: %s (%s)", error.reason, error.detail)
    except Exception:
        # One chore that fails as nobody foresaw must not end all others.
        _LOG.exception("a chore failed")
    return None
