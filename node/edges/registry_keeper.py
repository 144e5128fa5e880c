"""Keeps the verified registry: from the database at start, from the coordinator while it runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from federation.base.errors import CreditBankError, Unavailable
from federation.transport.registry_client import RegistryReader
from federation.trust.refresh import refresh
from federation.trust.registry import TIMESTAMP, RegistryView, check_advance, verify_view
from node.usecases.ports import Store

_LOG = logging.getLogger("creditbank.registry")
IMPATIENT_S = 2.0
# How soon a process follows another one over the same database.
LOOK_S = 2.0


class RegistryKeeper:
    """Holds the newest verified view; versions never fall.

    Args:
        pinned_root: the root this node was installed with.
        endpoint: the coordinator as first met; its record in the registry rules once there is one.
        certificate_pem: its certificate as first met.
    """

    def __init__(
        self,
        store: Store,
        *,
        province: str,
        pinned_root: bytes,
        endpoint: str,
        certificate_pem: str,
        period_s: float,
    ) -> None:
        self._store = store
        self._province = province
        self.pinned_root = pinned_root
        self._first_contact = (endpoint, certificate_pem)
        self._period_s = period_s
        self._view: RegistryView | None = None
        self._bell = threading.Event()
        self._is_closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="registry", daemon=True)

    def load(self) -> None:
        """Verify the stored view again, if there is one, trusting nothing but the pinned root."""
        files = self._store.read(lambda reading: reading.registry_files())
        if files is not None:
            self._view = verify_view(self.pinned_root, files)

    def start(self) -> None:
        """Refresh now and from time to time."""
        self._thread.start()

    def view(self) -> RegistryView:
        """Return the view verified last.

        Raises:
            Unavailable: REGISTRY_MISSING before the first.
        """
        if self._view is None:
            raise Unavailable("REGISTRY_MISSING", retry_after_ms=2000)
        return self._view

    def is_member(self) -> bool:
        """Tell whether the view verified last lists this province."""
        return self._view is not None and self._province in self._view.members

    def want_refresh(self) -> None:
        """Refresh soon."""
        self._bell.set()

    def close(self) -> None:
        """Stop refreshing."""
        self._is_closing = True
        self._bell.set()
        self._thread.join(timeout=10)

    def coordinator(self) -> tuple[str, str]:
        """Return the coordinator's address and certificate, by the registry once there is one."""
        if self._view is None:
            return self._first_contact
        return self._view.coordinator.endpoint, self._view.coordinator.tls_certificate_pem

    def refresh_once(self) -> bool:
        """Fetch, verify, store and adopt the newest view; tell whether there is one to serve by."""
        known = self._view
        endpoint, certificate = self.coordinator()
        try:
            with RegistryReader(endpoint, certificate) as reader:
                fresh = refresh(self.pinned_root, known, reader.read)
        except CreditBankError as error:
            _LOG.warning("registry not refreshed: %s (%s)", error.reason, error.detail)
            return known is not None
        if known is None or dict(fresh.files) != dict(known.files):
            if known is not None:
                check_advance(known, fresh)
            files = dict(fresh.files)
            self._store.transact(lambda tx: tx.keep_registry(fresh.version, files))
            self._adopt(fresh)
        return True

    def adopt_stored(self) -> bool:
        """Adopt a newer view that another process of this node stored; tell whether there was one.

        It is verified like any other: the database is trusted with nothing but keeping it.

        Raises:
            Unavailable: STORAGE when the database cannot be read.
            Breach: REGISTRY_INVALID, REGISTRY_ROLLBACK or MEMBER_HISTORY when what is stored may
                not follow what is known; the known view stays.
        """
        known = self._view
        mark = known.files[TIMESTAMP] if known is not None else None
        if self._store.read(lambda reading: reading.registry_mark()) in (None, mark):
            return False
        files = self._store.read(lambda reading: reading.registry_files())
        if files is None:
            return False
        stored = verify_view(self.pinned_root, files)
        if known is not None:
            if _age(stored) <= _age(known):
                return False
            check_advance(known, stored)
        self._adopt(stored)
        return True

    def _adopt(self, view: RegistryView) -> None:
        self._view = view
        _LOG.info("registry version %d, %d members", view.version, len(view.members))

    def _run(self) -> None:
        while not self._is_closing:
            self._bell.clear()
            is_served = False
            with self._told("registry not refreshed"):
                with self._told("registry not adopted"):
                    self.adopt_stored()
                is_served = self.refresh_once() and self._province in self.view().members
            self._wait(self._period_s if is_served else IMPATIENT_S)

    def _wait(self, seconds: float) -> None:
        """Wait for the next refresh, and look meanwhile at what other processes stored."""
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0 and not self._bell.wait(min(left, LOOK_S)):
            with self._told("registry not adopted"):
                self.adopt_stored()

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except CreditBankError as error:
            _LOG.warning("%s: %s (%s)", what, error.reason, error.detail)
        except Exception:
            _LOG.exception("%s", what)


def _age(view: RegistryView) -> tuple[int, int]:
    return view.version, view.timestamp_expires_us
