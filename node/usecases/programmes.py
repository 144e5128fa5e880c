"""For which programme a learner's request counts, within a transaction, and the programmes read.

What was published never changes under its digest, so a process reads each programme once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from threading import Lock

from node.domain.programme_form import read_study_programme
from node.domain.study_programme import Enrolment, StudyProgramme, programme_for
from node.usecases.ports import Reading

MOST_KEPT = 1000


class ProgrammeShelf:
    """Programmes that were read, the last used of them kept by digest."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, StudyProgramme] = OrderedDict()
        self._lock = Lock()

    def all_of(self, reading: Reading, digests: Collection[str]) -> Mapping[str, StudyProgramme]:
        """Return the programmes of these digests; those not yet kept are read in one query."""
        with self._lock:
            found = {one: self._kept[one] for one in digests if one in self._kept}
        missing = set(digests) - found.keys()
        if missing:
            documents = reading.documents_by_digest(missing)
            read = {one: read_study_programme(text) for one, text in documents.items()}
            found |= read
            self._keep(read)
        return found

    def _keep(self, read: Mapping[str, StudyProgramme]) -> None:
        with self._lock:
            self._kept.update(read)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)


class Programmes:
    """The programmes of the learners of one transaction."""

    def __init__(self, shelf: ProgrammeShelf, reading: Reading) -> None:
        self._shelf = shelf
        self._reading = reading
        self._enrolled: dict[str, Sequence[Enrolment]] = {}

    def load(self, accounts: Iterable[str]) -> None:
        """Load the enrolments of accounts that are not yet in hand."""
        wanted = {account for account in accounts if account} - self._enrolled.keys()
        if wanted:
            found = self._reading.enrolments(wanted)
            self._enrolled |= {account: found.get(account, ()) for account in wanted}

    def enrolled(self, account: str) -> list[StudyProgramme]:
        """Return the programmes that an account is enrolled in, the newest enrolment first."""
        self.load([account])
        digests = [one.digest for one in self._enrolled.get(account, ())]
        if not digests:
            return []
        found = self._shelf.all_of(self._reading, digests)
        return [found[digest] for digest in digests]

    def programme(self, account: str, wanted: Collection[str]) -> StudyProgramme | None:
        """Return the programme that a request for these targets counts in, or None."""
        return programme_for(self.enrolled(account), wanted)
