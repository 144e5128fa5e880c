"""Drives an itinerary through the nodes' local services, from wherever the last run stopped.

Nothing here remembers how far it came: it asks the nodes, and every call may be repeated. What
they acknowledge goes into the journal before the next step.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep
from typing import Any, TypeVar

from federation.base.errors import Refusal
from node.edges.demo.announcer import Announcer
from node.edges.demo.itinerary import Deposit, Itinerary, Transfer
from node.edges.demo.journal import Journal
from node.edges.demo.province_desk import (
    BATCH,
    STREAM_ROWS,
    Mark,
    ProvinceDesk,
    application,
    batches,
)

_WORKERS = 8
_STUCK_SECONDS = 180.0
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0
ENDED, AWAITING_ANSWER = "CLOSED", "PREPARED"

Result = TypeVar("Result")
Check = Callable[[], None]


class Journey:
    """One run of an itinerary.

    Attributes:
        rejected: rows that nodes rejected, by province.
    """

    def __init__(
        self,
        itinerary: Itinerary,
        desks: Mapping[str, ProvinceDesk],
        journal: Journal,
        announcer: Announcer,
        check: Check,
    ) -> None:
        self._itinerary = itinerary
        self._desks = desks
        self._journal = journal
        self._announcer = announcer
        self._check = check
        self._accounts: dict[tuple[str, str], str] = {}
        self.rejected: dict[str, list[Any]] = {}

    def prepare(self) -> None:
        """Publish catalogues and rules, open accounts, deposit outcomes."""
        self._announcer.stage("rules", len(self._desks))
        self._everywhere(self._publish)
        everyone = sum(len(people) for people in self._itinerary.accounts.values())
        self._announcer.stage("accounts", everyone)
        self._everywhere(self._open_accounts)
        self._announcer.stage("deposits", self._itinerary.lots)
        self._everywhere(self._deposit)

    def travel(self) -> dict[str, Any]:
        """Apply for every transfer, answer grants, and return how each ended, by reference."""
        begun = self._begun()
        waiting = [one for one in self._itinerary.transfers if one.reference not in begun]
        self._announcer.stage("codes", len(waiting))
        codes = self._codes(waiting)
        self._announcer.stage("applications", len(waiting))
        begun |= self._apply([one for one in waiting if one.reference in codes], codes)
        self._announcer.stage("transfers", len(self._itinerary.transfers))
        return self._await_ends(begun)

    def _publish(self, desk: ProvinceDesk) -> None:
        catalogue = self._itinerary.catalogues.get(desk.province)
        if catalogue is not None:
            desk.publish_catalogue(catalogue)
        desk.publish(self._itinerary.rules[desk.province])
        self._announcer.advance()

    def _open_accounts(self, desk: ProvinceDesk) -> None:
        for people in batches(self._itinerary.accounts[desk.province], STREAM_ROWS):
            opened = desk.open_accounts(people)
            self._acknowledge(desk.province, "account", opened)
            for reference, account in opened.items():
                self._accounts[desk.province, reference] = account
            self._announcer.advance(len(people))

    def _deposit(self, desk: ProvinceDesk) -> None:
        source, rows = self._itinerary.source, self._itinerary.deposits[desk.province]
        last = desk.progress(source).line
        waiting = [row for row in rows if row.line > last]
        self._announcer.advance(len(rows) - len(waiting))
        for some in batches(waiting, STREAM_ROWS):
            desk.deposit(source, some)
            self._acknowledge_deposits(desk)
            self._announcer.advance(len(some))
        self.rejected[desk.province] = list(desk.progress(source).rejected)

    def _acknowledge_deposits(self, desk: ProvinceDesk) -> None:
        progress = desk.progress(self._itinerary.source)
        self._journal.add(
            [
                {
                    "what": "deposits",
                    "province": desk.province,
                    "source": self._itinerary.source,
                    "line": progress.line,
                    "deposited": progress.deposited,
                }
            ]
        )

    def _begun(self) -> dict[str, str]:
        """Return the exchanges that were begun before, by reference."""
        begun: dict[str, str] = {}

        def ask(desk: ProvinceDesk) -> None:
            found = {one.reference: one.exchange for one in desk.exchanges() if one.reference}
            begun.update(found)
            self._acknowledge(desk.province, "exchange", found)

        self._everywhere(ask)
        return begun

    def _codes(self, transfers: Iterable[Transfer]) -> dict[str, str]:
        """Fetch codes where the learner does not apply, for those who apply elsewhere."""
        wanted: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for one in transfers:
            start, other = _start(one), _other(one)
            wanted[other].append((one.reference, self._accounts[other, one.learner], start))
        codes: dict[str, str] = {}

        def fetch(desk: ProvinceDesk) -> None:
            for some in batches(wanted[desk.province], BATCH):
                codes.update(desk.issue_codes(some))
                self._announcer.advance(len(some))

        self._everywhere(fetch)
        return codes

    def _apply(self, transfers: Iterable[Transfer], codes: Mapping[str, str]) -> dict[str, str]:
        lots = self._find_lots(transfers := list(transfers))
        starting: dict[str, list[Transfer]] = defaultdict(list)
        for one in transfers:
            starting[_start(one)].append(one)
        begun: dict[str, str] = {}

        def apply(desk: ProvinceDesk) -> None:
            for some in batches(starting[desk.province], BATCH):
                applications = [
                    application(
                        one,
                        account=self._accounts[desk.province, one.learner],
                        lots=lots[one.reference],
                        code=codes[one.reference],
                    )
                    for one in some
                ]
                opened = desk.apply(applications)
                self._acknowledge(desk.province, "exchange", opened)
                begun.update(opened)
                self._announcer.advance(len(some))

        self._everywhere(apply)
        return begun

    def _find_lots(self, transfers: Iterable[Transfer]) -> dict[str, list[tuple[str, int]]]:
        """Find the lots of each transfer in its learner's archive at the source."""
        leaving: dict[str, list[Transfer]] = defaultdict(list)
        for one in transfers:
            leaving[one.source].append(one)
        found: dict[str, list[tuple[str, int]]] = {}

        def look(desk: ProvinceDesk) -> None:
            rows = {row.reference: row for row in self._itinerary.deposits[desk.province]}
            archives: dict[str, dict[Mark, str]] = {}
            for one in leaving[desk.province]:
                if one.learner not in archives:
                    account = self._accounts[desk.province, one.learner]
                    archives[one.learner] = desk.lots(account)
                found[one.reference] = [
                    _lot(archives[one.learner], rows[reference]) for reference in one.deposits
                ]

        self._everywhere(look)
        return found

    def _await_ends(self, begun: Mapping[str, str]) -> dict[str, Any]:
        """Answer grants until every transfer has ended at its source."""
        expected: dict[str, dict[str, Transfer]] = defaultdict(dict)
        for one in self._itinerary.transfers:
            exchange = begun.get(one.reference)
            if exchange is None:
                raise Refusal("DEMO_STUCK", detail=f"{one.reference} was never begun")
            expected[one.source][exchange] = one
        ends: dict[str, Any] = {}
        pause, moved = _SHORTEST_PAUSE, monotonic()

        def visit(desk: ProvinceDesk) -> None:
            if any(one.reference not in ends for one in expected[desk.province].values()):
                self._visit(desk, expected[desk.province], ends)

        while True:
            before = len(ends)
            self._everywhere(visit)
            if len(ends) == len(self._itinerary.transfers):
                return ends
            if len(ends) > before:
                pause, moved = _SHORTEST_PAUSE, monotonic()
            elif monotonic() - moved > _STUCK_SECONDS:
                everyone = (one.reference for one in self._itinerary.transfers)
                missing = [reference for reference in everyone if reference not in ends]
                raise Refusal("DEMO_STUCK", detail=", ".join(missing[:10]))
            sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def _visit(
        self, desk: ProvinceDesk, expected: Mapping[str, Transfer], ends: dict[str, Any]
    ) -> None:
        """Answer what waits at a source and note what has ended there."""
        answers = []
        ended = []
        for summary in desk.exchanges((AWAITING_ANSWER, ENDED)):
            transfer = expected.get(summary.exchange)
            if transfer is None or not summary.is_source or transfer.reference in ends:
                continue
            if summary.state == ENDED:
                ended.append((transfer, summary))
            else:
                answers.append((summary.peer, summary.exchange, transfer.accepts))
        desk.answer(answers)
        self._journal.add(_ended_fact(desk.province, summary) for _, summary in ended)
        ends.update((transfer.reference, summary) for transfer, summary in ended)
        self._announcer.advance(len(ended))

    def _acknowledge(self, province: str, what: str, made: Mapping[str, str]) -> None:
        self._journal.add(
            {"what": what, "province": province, "reference": reference, "is": name}
            for reference, name in made.items()
        )

    def _everywhere(self, act: Callable[[ProvinceDesk], Result]) -> dict[str, Result]:
        """Act in all provinces at once; the first failure is raised when all have ended."""
        self._check()
        return everywhere(self._desks, act)


def everywhere(
    desks: Mapping[str, ProvinceDesk], act: Callable[[ProvinceDesk], Result]
) -> dict[str, Result]:
    """Act in all provinces at once and return the results in the order of the provinces."""
    with ThreadPoolExecutor(min(_WORKERS, len(desks))) as pool:
        return dict(zip(desks, pool.map(act, desks.values()), strict=True))


def _ended_fact(province: str, summary: Any) -> dict[str, Any]:
    return {
        "what": "ended",
        "province": province,
        "peer": summary.peer,
        "exchange": summary.exchange,
        "committed": summary.committed_hundredths,
        "granted": summary.granted_hundredths,
    }


def _start(transfer: Transfer) -> str:
    return transfer.source if transfer.starts_at_source else transfer.destination


def _other(transfer: Transfer) -> str:
    return transfer.destination if transfer.starts_at_source else transfer.source


def _lot(archive: Mapping[Mark, str], row: Deposit) -> tuple[str, int]:
    mark = (row.facts.code, row.facts.earned, row.facts.catalogue, row.hundredths)
    lot = archive.get(mark)
    if lot is None:
        raise Refusal("LOT", detail=f"{row.reference} of {row.learner} is in no archive")
    return lot, row.hundredths


def holds(journal: Journal, desks: Mapping[str, ProvinceDesk]) -> list[str]:
    """Return what was acknowledged and is not there any more; nothing, when all is well."""
    facts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for fact in journal.facts:
        facts[fact["province"]].append(fact)
    missing = everywhere(desks, lambda desk: list(_missing(desk, facts[desk.province])))
    return [line for lines in missing.values() for line in lines]


def _missing(desk: ProvinceDesk, facts: list[dict[str, Any]]) -> Iterable[str]:
    exchanges = {}
    if any(fact["what"] in ("exchange", "ended") for fact in facts):
        exchanges = {summary.exchange: summary for summary in desk.exchanges()}
    for fact in facts:
        if not _is_there(desk, fact, exchanges):
            yield f"{desk.province}: {fact}"


def _is_there(desk: ProvinceDesk, fact: dict[str, Any], exchanges: Mapping[str, Any]) -> bool:
    if fact["what"] == "account":
        return desk.has_account(fact["is"])
    if fact["what"] == "deposits":
        progress = desk.progress(fact["source"])
        return bool(progress.line >= fact["line"] and progress.deposited >= fact["deposited"])
    if fact["what"] == "exchange":
        summary = exchanges.get(fact["is"])
        return summary is not None and summary.reference == fact["reference"]
    summary = exchanges.get(fact["exchange"])
    return (
        summary is not None
        and (summary.state, summary.peer) == (ENDED, fact["peer"])
        and summary.committed_hundredths == fact["committed"]
        and summary.granted_hundredths == fact["granted"]
    )
