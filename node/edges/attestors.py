"""One attestor for each witness with something to be told: a slow one keeps only its own busy."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from federation.base.errors import CreditBankError
from node.usecases.attestation import Attestation, Target

_LOG = logging.getLogger("creditbank.witness")
PERIOD_S = 1.0
LONGEST_PAUSE_S = 20.0


@dataclass(slots=True)
class _Attestor:
    bell: threading.Event = field(default_factory=threading.Event)
    target: Target | None = None
    thread: threading.Thread | None = None
    is_busy: bool = False
    failures: int = 0
    pause_ticks: int = 0


class Attestors:
    """Looks from time to time whether witnesses lack something, and lets each be told.

    Args:
        judge: a chore of every turn: what this node learns as a witness itself.
    """

    def __init__(
        self, attestation: Attestation, judge: Callable[[], None], *, period_s: float = PERIOD_S
    ) -> None:
        self._attestation = attestation
        self._judge = judge
        self._period_s = period_s
        self._attestors: dict[str, _Attestor] = {}
        self._closing = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="attestation", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._ticker.start()

    def heard_from(self, witness: str) -> None:
        """Take a sign of life as the end of a failure."""
        known = self._attestors.get(witness)
        if known is not None:
            known.pause_ticks = 0

    def close(self) -> None:
        """Let every attestor finish its call and stop."""
        self._closing.set()
        for one in list(self._attestors.values()):
            one.bell.set()
        if self._ticker.is_alive():
            self._ticker.join(timeout=5)
        for one in list(self._attestors.values()):
            if one.thread is not None:
                one.thread.join(timeout=5)

    def _tick(self) -> None:
        while not self._closing.wait(self._period_s):
            for chore in (self._ring, self._judge):
                try:
                    chore()
                except CreditBankError as error:
                    _LOG.warning("witnessing: %s (%s)", error.reason, error.detail)
                except Exception:
                    _LOG.exception("witnessing failed")

    def _ring(self) -> None:
        witnesses = self._attestation.witnesses()
        target = self._attestation.target() if witnesses else None
        if target is None:
            return
        for witness in witnesses:
            one = self._attestors.setdefault(witness, _Attestor())
            if not self._attestation.has_work(witness, target) or one.is_busy:
                continue
            if one.pause_ticks > 0:
                one.pause_ticks -= 1
                continue
            one.target = target
            if one.thread is None:
                one.thread = threading.Thread(
                    target=self._run, args=(witness, one), name=f"witness {witness}", daemon=True
                )
                one.thread.start()
            one.bell.set()

    def _run(self, witness: str, one: _Attestor) -> None:
        while not self._closing.is_set():
            one.bell.wait()
            one.bell.clear()
            target = one.target
            if self._closing.is_set() or target is None:
                continue
            one.is_busy = True
            try:
                self._attestation.push(witness, target)
                one.failures = 0
            except CreditBankError as error:
                self._failed(witness, one, error)
            except Exception:
                _LOG.exception("witness %s failed", witness)
                one.failures, one.pause_ticks = one.failures + 1, 10
            finally:
                one.is_busy = False

    def _failed(self, witness: str, one: _Attestor, error: CreditBankError) -> None:
        if not one.failures:
            _LOG.warning("witness %s: %s (%s)", witness, error.reason, error.detail)
        one.failures += 1
        pause_s = min(2.0 ** min(one.failures, 10), LONGEST_PAUSE_S)
        one.pause_ticks = int(pause_s / self._period_s)
