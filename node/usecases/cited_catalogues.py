"""Deposits held against the catalogues of the own province, where any is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from federation.base.errors import Refusal
from node.domain.catalogue import CatalogueEntry
from node.domain.outcomes import OutcomeFacts
from node.usecases.office import Office
from node.usecases.ports import Reading


class CitedCatalogues:
    """The entries that some outcomes cite, read at once.

    Args:
        cited: catalogue version and code of each outcome.
    """

    def __init__(self, reading: Reading, office: Office, cited: Iterable[tuple[str, str]]) -> None:
        self._is_asked = office.checks_catalogues and reading.has_catalogue(office.province)
        self._entries: Mapping[tuple[str, str], list[CatalogueEntry]] = {}
        if self._is_asked:
            self._entries = _by_citation(reading, office.province, set(cited))

    def check(self, facts: OutcomeFacts, hundredths: int) -> None:
        """See that an outcome is what its catalogue says.

        Raises:
            Refusal: CATALOGUE_ENTRY where no published catalogue of that version has the code;
                CATALOGUE_DIFFERS where kind or credits are others, or it was not offered then.
        """
        if not self._is_asked:
            return
        entries = self._entries.get((facts.catalogue, facts.code), [])
        if not entries:
            raise Refusal("CATALOGUE_ENTRY")
        if not any(_agrees(one, facts, hundredths) for one in entries):
            raise Refusal("CATALOGUE_DIFFERS")


def _by_citation(
    reading: Reading, issuer: str, cited: set[tuple[str, str]]
) -> dict[tuple[str, str], list[CatalogueEntry]]:
    found: dict[tuple[str, str], list[CatalogueEntry]] = {}
    # A database refuses to be asked for what it can never hold.
    askable = {one for one in cited if "\0" not in one[0] + one[1]}
    for _, version, entry in reading.listed_outcomes(issuer, askable):
        found.setdefault((version, entry.code), []).append(entry)
    return found


def _agrees(entry: CatalogueEntry, facts: OutcomeFacts, hundredths: int) -> bool:
    is_same = (entry.kind, entry.credits_hundredths) == (facts.kind, hundredths)
    return is_same and entry.is_valid_on(facts.earned)
