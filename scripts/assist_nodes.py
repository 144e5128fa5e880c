"""Decides the cases by real nodes: one for each university, one that holds all colleges' courses.

The federation is founded as any is: a ceremony, invitations, agreements, keys and TLS of its own,
every node a process over a store of its own. Each case is an application at the holding node, a
PREPARE with the targets wished for, and the university's signed VOTE with its decision record;
what was granted is read from the VOTE. Nothing is transferred.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from threading import Event
from time import monotonic, sleep
from typing import Any

from federation.base.errors import Refusal
from federation.protocol.messages import MessageType, Vote
from federation.wire import codec
from node.edges.demo.announcer import Announcer
from node.edges.demo.journey import everywhere
from node.edges.demo.province_desk import SERVICE, STREAM_ROWS, Lot, ProvinceDesk, batches
from node.edges.demo.run import Federation
from node.v1 import application_service_pb2 as applications_pb
from scripts.assist_cases import ExamCase
from scripts.assist_converter import code_of
from scripts.assist_judging import SENDING, Granted, Papers, summed
from scripts.assist_learners import Held, Served, outcomes, people, serve
from scripts.assist_recomputing import Recomputer, Stated

# Applications of one call, and how many such calls may wait for their VOTEs.
TOGETHER = 200
AHEAD = 3
_WORKERS = 8
_LOOK_S = 0.1
_STUCK_S = 180.0
# What came of some cases of one university.
Decided = list[tuple[ExamCase, Granted, Stated]]


class NodeJudge:
    """Decides by a running federation.

    Args:
        federation: running, with a node for each university and the sending one.
    """

    def __init__(
        self, federation: Federation, papers: Mapping[str, Papers], announcer: Announcer
    ) -> None:
        self._federation = federation
        self._papers = papers
        self._announcer = announcer
        self._source = federation.desks[SENDING]
        self._accounts: Mapping[str, Mapping[str, str]] = {}
        self._lots: dict[tuple[str, Held], Any] = {}
        self._figures: dict[str, Any] = {}
        self._is_over = Event()

    def load(self, papers: Mapping[str, Papers]) -> None:
        """Let every university publish its catalogue and its rule."""
        by_province = {one.province: one for one in papers.values()}
        desks = {name: self._federation.desks[name] for name in by_province}
        self._announcer.stage("rules", len(desks))

        def publish(desk: ProvinceDesk) -> None:
            desk.publish(by_province[desk.province].home, "CATALOGUE")
            desk.publish(by_province[desk.province].rule)
            self._announcer.advance()

        everywhere(desks, publish)

    def decide(self, cases: Sequence[ExamCase]) -> Iterator[tuple[ExamCase, Granted]]:
        """Yield every case with what its university's VOTE grants, as the VOTEs come."""
        served = serve(cases)
        self._open_accounts(served)
        self._deposit(served)
        by_university: dict[str, list[Served]] = defaultdict(list)
        for one in served:
            by_university[one.case.university].append(one)
        decided: Queue[Decided | BaseException | None] = Queue()
        self._announcer.stage("replay", len(served))
        began = monotonic()
        with (
            Recomputer(self._papers) as recomputer,
            ThreadPoolExecutor(max(1, len(by_university))) as pool,
        ):
            for name, some in by_university.items():
                pool.submit(self._replay, name, some, decided)
            try:
                for found in _until_all_ended(decided, len(by_university)):
                    recomputer.add([stated for _, _, stated in found])
                    self._announcer.advance(len(found))
                    yield from ((case, granted) for case, granted, _ in found)
            finally:
                self._is_over.set()
            seconds = monotonic() - began
            self._announcer.stage("recomputing")
            agreement = recomputer.finish()
        self._figures = {
            "decisions_per_second": round(len(served) / seconds, 1),
            "decisions_recomputed": agreement.agreed,
            "recomputed_differently": agreement.differing,
        }

    def figures(self) -> dict[str, Any]:
        """Return how fast the nodes decided, and how many records agree with their rules."""
        return self._figures

    def _open_accounts(self, served: Sequence[Served]) -> None:
        learners = people(served)
        desks = self._federation.desks
        self._announcer.stage("accounts", len(learners) * len(desks))

        def open_all(desk: ProvinceDesk) -> dict[str, str]:
            opened: dict[str, str] = {}
            for some in batches(learners, STREAM_ROWS):
                opened |= desk.open_accounts(some)
                self._announcer.advance(len(some))
            return opened

        self._accounts = everywhere(desks, open_all)

    def _deposit(self, served: Sequence[Served]) -> None:
        wanted = list(outcomes(served))
        self._announcer.stage("deposits", len(wanted))
        for some in batches(wanted, STREAM_ROWS):
            answer = self._source.deposit(SERVICE, [one.row for one in some])
            for row in answer.rejected:
                raise Refusal(row.reason, detail=f"{SENDING}, {row.reference}")
            self._announcer.advance(len(some))
        archives = self._archives(list(dict.fromkeys(one.learner for one in served)))
        for one in wanted:
            row = one.row
            mark = (row.learner, _spelled(row.facts.as_fields()), row.hundredths)
            self._lots[row.learner, one.held] = Lot(
                lot=archives[mark], amount_hundredths=row.hundredths
            )

    def _archives(self, learners: Sequence[str]) -> dict[tuple[str, str, int], str]:
        accounts = self._accounts[SENDING]
        with ThreadPoolExecutor(_WORKERS) as pool:
            kept = pool.map(lambda name: self._source.archived(accounts[name]), learners)
            return {
                (name, _spelled(lot.facts), lot.amount_hundredths): lot.lot
                for name, lots in zip(learners, kept, strict=True)
                for lot in lots
            }

    def _replay(self, university: str, served: Sequence[Served], decided: Queue[Any]) -> None:
        """Put what came of a university's cases into a queue, and at the end None or the fault."""
        try:
            desk = self._federation.desks[self._papers[university].province]
            waiting: list[dict[str, Served]] = []
            for at in range(0, len(served), TOGETHER):
                if self._is_over.is_set():
                    break
                chunk = enumerate(served[at : at + TOGETHER], start=at)
                some = {f"{desk.province}-{number}": one for number, one in chunk}
                self._apply(desk, some)
                waiting.append(some)
                if len(waiting) == AHEAD:
                    decided.put(self._votes(waiting.pop(0)))
            for rest in waiting:
                decided.put(self._votes(rest))
        except BaseException as fault:
            decided.put(fault)
        decided.put(None)

    def _apply(self, desk: ProvinceDesk, some: Mapping[str, Served]) -> None:
        """Apply for cases by their references; a code that is used up was used for the same."""
        accounts = self._accounts[desk.province]
        wanted = [(name, accounts[one.learner], SENDING) for name, one in some.items()]
        codes = desk.issue_codes(wanted)
        opened = self._source.begin(
            [
                applications_pb.Application(
                    reference=name,
                    account=self._accounts[SENDING][one.learner],
                    peer=desk.province,
                    is_source=True,
                    lots=[
                        self._lots[one.learner, (one.case.college, course)]
                        for course in one.case.courses
                    ],
                    transfer_code=codes[name],
                    mode="RECOGNISE",
                    has_consent=True,
                    wanted_targets=sorted(map(code_of, one.case.wanted)),
                )
                for name, one in some.items()
                if name in codes
            ]
        )
        for begun in opened:
            if not begun.exchange:
                raise Refusal(begun.reason, detail=f"{SENDING} {begun.reference}")

    def _votes(self, some: Mapping[str, Served]) -> Decided:
        """Wait for the VOTEs on applications and read them.

        Raises:
            Refusal: DEMO_STUCK when none comes for long.
        """
        found: Decided = []
        missing = dict(some)
        until = monotonic() + _STUCK_S
        while True:
            for one in self._source.votes(list(missing)):
                case = missing.pop(one.reference).case
                vote = codec.decode(MessageType.VOTE, one.vote)
                assert isinstance(vote, Vote)
                stated = (case.university, one.record, vote.record_digest.hex())
                found.append((case, granted_by(vote), stated))
                until = monotonic() + _STUCK_S
            if not missing:
                return found
            self._federation.processes.check()
            if monotonic() > until:
                raise Refusal("DEMO_STUCK", detail=", ".join(sorted(missing)[:10]))
            sleep(_LOOK_S)


def granted_by(vote: Vote) -> Granted:
    """Return what a VOTE grants for each target."""
    if vote.groups:
        return summed(
            (grant.target, grant.granted_hundredths)
            for group in vote.groups
            for grant in group.grants
        )
    return summed((lot.target, lot.granted_hundredths) for lot in vote.accepted)


def _until_all_ended(decided: Queue[Any], many: int) -> Iterator[Decided]:
    """Yield what is put into a queue until so many have ended.

    Raises:
        BaseException: what ended one of them.
    """
    while many:
        found = decided.get()
        if isinstance(found, BaseException):
            raise found
        if found is None:
            many -= 1
        else:
            yield found


def _spelled(facts: Mapping[str, str]) -> str:
    return "\n".join(f"{name}={facts[name]}" for name in sorted(facts))
