"""The published rules as judges: each opened once by a process, and kept by digest."""

from __future__ import annotations

import gc
import hashlib
from collections import OrderedDict
from threading import Lock

from federation.base.errors import Unavailable
from node.domain.judgement import Judge
from node.domain.rule_judge import open_rule
from node.usecases.ports import Store
from node.usecases.publication_ports import PublicationReading

MOST_KEPT = 3
_RETRY_MS = 5000


class RuleShelf:
    """Rules that were opened, the last used of them kept.

    A rule of fifty thousand entries takes seconds to open; a decision must not wait for that. So
    only a digest is read to learn which rule is in force, whoever published it.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Judge] = OrderedDict()
        self._lock = Lock()

    def in_force(self, reading: PublicationReading) -> Judge:
        """Return the judge that is the rule published last and not retired.

        Raises:
            Unavailable: NO_RULE where there is none.
        """
        digest = reading.rule_in_force()
        kept = self._take(digest)
        if kept is not None:
            return kept
        document = reading.documents_by_digest([digest]).get(digest) if digest else None
        if document is None:
            raise Unavailable("NO_RULE", retry_after_ms=_RETRY_MS)
        return self.open(document)

    def prepare(self, store: Store) -> None:
        """Open the rule in force outside of any transaction, whoever published it.

        Raises:
            Unavailable: STORAGE.
        """
        digest = store.read(lambda reading: reading.rule_in_force())
        if digest and self._take(digest) is None:
            found = store.read(lambda reading: reading.documents_by_digest([digest]))
            for document in found.values():
                self.open(document)

    def open(self, document: bytes) -> Judge:
        """Return the judge that a document is.

        Raises:
            RuleFormBreach: RULE_FORM where it is no rule.
        """
        digest = hashlib.sha256(document).hexdigest()
        kept = self._take(digest)
        if kept is not None:
            return kept
        made = _opened(document)
        with self._lock:
            self._kept[digest] = made
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return made

    def _take(self, digest: str) -> Judge | None:
        with self._lock:
            kept = self._kept.get(digest)
            if kept is not None:
                self._kept.move_to_end(digest)
            return kept


def _opened(document: bytes) -> Judge:
    # A million new objects, none of them garbage: looking for some among them doubles the time.
    was_on = gc.isenabled()
    gc.disable()
    try:
        return open_rule(document)
    finally:
        if was_on:
            gc.enable()
