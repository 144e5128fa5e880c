"""One learner between two provinces, doing anything in any order, over a wire that loses things.

What counts is added up here anew, from the exchanges' own rows and from what the outcomes are, and
never from the book of caps. Whoever teaches the provinces another step, as an appeal, adds a rule
to :class:`CapsInAnyOrder`; the invariants stay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from federation.base.clock import DAY, SECOND
from federation.base.errors import CreditBankError
from federation.protocol.lots import WantedLot
from federation.protocol.messages import Fact, MessageType, Mode, State, Verdict
from node.domain.exchange import Exchange, Role
from node.domain.likeness import like_name
from node.domain.notices import Statement
from tests.node.books import check_books
from tests.node.cap_documents import CALENDAR_YEAR, NO_DOUBLE, cap
from tests.node.capped import COURSES, Capped, target_of
from tests.node.province import DESTINATION, SOURCE, Fate
from tests.node.rulebook_documents import course, entry, grant
from tests.node.two_provinces import TwoProvinces

LEVEL = 6
LIFETIME_MOST, YEAR_MOST, CERTIFICATES_MOST, COURSES_MOST = 2000, 1000, 2, 4
CAPS = [
    cap("all", {"at_most": LIFETIME_MOST}),
    cap("year", {"at_most": YEAR_MOST}, window=CALENDAR_YEAR, within="all"),
    cap(
        "certificates",
        {"at_most": CERTIFICATES_MOST},
        covers={"types": ["CERTIFICATE"]},
        measure="LOTS",
    ),
    cap("courses", {"at_most": COURSES_MOST}, measure="TARGETS"),
    *NO_DOUBLE,
]
FATES = [Fate.CARRY, Fate.CARRY, Fate.CARRY, Fate.LOSE, Fate.LOSE_ANSWER, Fate.TWICE]
OUTCOMES = st.lists(
    st.tuples(
        st.integers(1, 6),
        st.integers(1, 700),
        st.sampled_from(["DEGREE", "CERTIFICATE"]),
        st.sampled_from(["2024-06-30", "2025-06-30"]),
        st.sampled_from(["5", "6", "7"]),
        st.sampled_from(["英语(一)", "英语 1", "计算机", ""]),
    ),
    min_size=1,
    max_size=3,
)


@dataclass(frozen=True)
class Outcome:
    """What the machine knows of a lot that it had deposited."""

    wanted: WantedLot
    code: str
    title: str
    kind: str
    earned: str
    level: int


@dataclass(frozen=True)
class Counted:
    """A grant that counts at this moment."""

    outcome: Outcome
    hundredths: int


def by_level() -> list[dict[str, object]]:
    """Every course at a level of its own; no outcome below it may count as the course."""
    return [
        entry(course(code), grant(target_of(code), level=LEVEL, course_category="COMPULSORY"))
        for code in COURSES[:6]
    ]


class CapsInAnyOrder(RuleBasedStateMachine):
    """Two provinces, one learner, and every step there is."""

    @initialize()
    def begin(self) -> None:
        self.home = TemporaryDirectory()
        self.two = TwoProvinces(Path(self.home.name))
        self.capped = Capped(self.two)
        self.capped.put_in_force(CAPS, entries=by_level(), courses=())
        self.person = self.two.person()
        self.outcomes: dict[bytes, Outcome] = {}
        self.begun: list[bytes] = []
        self.left: dict[bytes, int] = {}

    def teardown(self) -> None:
        if hasattr(self, "two"):
            self.two.close()
            self.home.cleanup()

    def deposit(self, what: tuple[int, int, str, str, str, str]) -> WantedLot:
        at, hundredths, kind, earned, level, title = what
        title = title or f"课程 {at} {len(self.outcomes)}"
        facts = {"kind": kind, "earned": earned, "level": level, "title": title}
        wanted = self.two.lot(self.person, hundredths, code=COURSES[at - 1], **facts)
        self.outcomes[wanted.lot_id] = Outcome(
            wanted, COURSES[at - 1], title, kind, earned, int(level)
        )
        return wanted

    @rule(
        listed=OUTCOMES,
        mode=st.sampled_from([Mode.TRANSFER, Mode.TRANSFER, Mode.RECOGNISE]),
        role=st.sampled_from(list(Role)),
        whole=st.booleans(),
    )
    def request(self, listed, mode, role, whole) -> None:
        lots = [self.deposit(one) for one in listed]
        self.apply(lots, mode=mode, role=role, whole=whole)

    @precondition(lambda self: self.outcomes)
    @rule(data=st.data(), mode=st.sampled_from([Mode.TRANSFER, Mode.RECOGNISE]))
    def ask_again(self, data, mode) -> None:
        name = data.draw(st.sampled_from(sorted(self.outcomes)))
        self.apply([self.outcomes[name].wanted], mode=mode, role=Role.SOURCE, whole=False)

    def apply(self, lots: list[WantedLot], **options: object) -> None:
        application = self.two.application(self.person, *lots, **options)
        here = self.two.source if application.role is Role.SOURCE else self.two.destination
        (opened,) = here.applications.open([application])
        if not opened.reason:
            self.begun.append(opened.exchange_id)

    @precondition(lambda self: self.begun)
    @rule(data=st.data())
    def take_up(self, data) -> None:
        exchange_id = data.draw(st.sampled_from(self.begun))
        for exchange in self.known(SOURCE, exchange_id):
            granted = [
                self.outcomes[lot.lot_id].wanted
                for lot in exchange.lots
                if lot.verdict is Verdict.ACCEPT
            ]
            if exchange.mode is Mode.RECOGNISE and granted:
                opened = self.capped.citing(self.person, exchange_id, *granted)
                if not opened.reason:
                    self.begun.append(opened.exchange_id)

    @precondition(lambda self: self.begun)
    @rule(data=st.data(), accepts=st.booleans())
    def answer(self, data, accepts) -> None:
        self.two.answer(data.draw(st.sampled_from(self.begun)), accepts=accepts)

    @rule(days=st.integers(0, 45))
    def time_passes(self, days) -> None:
        self.two.clock.advance(days * DAY + SECOND)
        self.two.source.applications.release_lapsed()

    @rule(fate=st.sampled_from(FATES), rounds=st.integers(1, 4))
    def deliver(self, fate, rounds) -> None:
        self.two.wire.fate = lambda src, dst: fate
        for _ in range(rounds):
            for one, other in (self.two.both, self.two.both[::-1]):
                one.delivery.deliver(other.name)
            self.two.clock.advance(10 * SECOND)
        self.two.wire.fate = lambda src, dst: Fate.CARRY

    @rule()
    def heal(self) -> None:
        self.two.run(4)

    @rule(at=st.integers(0, 1))
    def crash(self, at) -> None:
        self.two.both[at].crash()

    @precondition(lambda self: self.begun)
    @rule(data=st.data())
    def give_back(self, data) -> None:
        exchange_id = data.draw(st.sampled_from(self.begun))
        archive = self.two.destination.accounts.archive(self.person.accounts[DESTINATION])
        lots = [lot.lot_id for lot in archive.lots]
        for exchange in self.known(DESTINATION, exchange_id):
            brought = self.brought(exchange) if exchange.state is State.CREDITED else []
            if brought:
                at = lots.index(data.draw(st.sampled_from(brought)))
                # What is on its way already, or held, is not offered again.
                with suppress(AssertionError):
                    self.capped.give_back(self.person, exchange_id, at)

    @precondition(lambda self: self.outcomes)
    @rule(
        data=st.data(),
        fact=st.sampled_from([Fact.REVOKED, Fact.FROZEN, Fact.CORRECTED]),
        amount=st.integers(1, 500),
    )
    def state(self, data, fact, amount) -> None:
        name = data.draw(st.sampled_from(sorted(self.outcomes)))
        told = amount if fact is Fact.CORRECTED else 0
        statement = Statement(
            lot_id=name, fact=fact, amount_hundredths=told, reason="ISSUED_IN_ERROR"
        )
        with suppress(CreditBankError):
            self.two.source.lots.state(statement)

    def known(self, at: str, exchange_id: bytes) -> list[Exchange]:
        one = self.two.source if at == SOURCE else self.two.destination
        key = (DESTINATION if at == SOURCE else SOURCE, exchange_id)
        found = one.store.read(lambda reading: reading.exchanges([key]))
        return list(found.values())

    def counting(self) -> Iterator[Counted]:
        """Yield every grant of the destination that counts now, each lot once."""
        page = self.two.destination.store.read(
            lambda reading: reading.list_exchanges(references=(), states=(), after=0, limit=1000)
        )
        judged = [one for _, one in page if one.role is Role.DESTINATION and one.accept_until_us]
        home = {lot for (lot,) in self.two.destination.rows(_RETURNED)}
        gone = set(self.two.destination.rows(_REVOKED))
        latest: dict[bytes, tuple[Exchange, int]] = {}
        for exchange in judged:
            for lot in exchange.lots:
                if lot.verdict is Verdict.ACCEPT and not exchange.relates_to:
                    latest[lot.lot_id] = (exchange, lot.granted_hundredths)
        for lot_id, (exchange, hundredths) in latest.items():
            is_promise = exchange.state is State.RECOGNISED
            if is_promise and exchange.accept_until_us < self.two.clock.us:
                continue
            if exchange.state in (State.RELEASED, State.REJECTED):
                continue
            if exchange.state is State.CREDITED:
                lots = dict(zip(self.committed(exchange), self.brought(exchange), strict=False))
                brought = lots.get(lot_id)
                if brought is None or brought in home or (brought,) in gone:
                    continue
            yield Counted(self.outcomes[lot_id], hundredths)

    def committed(self, exchange: Exchange) -> list[bytes]:
        return [lot.lot_id for lot in exchange.lots if lot.is_committed]

    def brought(self, exchange: Exchange) -> list[bytes]:
        account = self.person.accounts[DESTINATION]
        return self.two.destination.store.read(
            lambda reading: reading.lots_brought(account, exchange.hashes[_COMMIT])
        )

    @invariant()
    def no_cap_is_passed(self) -> None:
        if not hasattr(self, "two"):
            return
        counted = list(self.counting())
        assert sum(one.hundredths for one in counted) <= LIFETIME_MOST
        years: Counter[str] = Counter()
        for one in counted:
            years[one.outcome.earned[:4]] += one.hundredths
        assert max(years.values(), default=0) <= YEAR_MOST
        kinds = Counter(one.outcome.kind for one in counted)
        assert kinds["CERTIFICATE"] <= CERTIFICATES_MOST
        assert len(counted) <= COURSES_MOST
        for count in (
            Counter(one.outcome.code for one in counted),
            Counter(like_name(one.outcome.title) for one in counted),
        ):
            assert max(count.values(), default=0) <= 1, "converted twice"

    @invariant()
    def nothing_of_a_lower_level_is_granted(self) -> None:
        if hasattr(self, "two"):
            assert all(one.outcome.level >= LEVEL for one in self.counting())

    @invariant()
    def no_lot_is_used_twice(self) -> None:
        if not hasattr(self, "two"):
            return
        committed = self.two.destination.rows(_COMMITTED)
        assert len({lot for lot, _ in committed}) == len({mark for _, mark in committed})
        assert len(committed) == len(set(committed))
        check_books(self.two)


_COMMIT = MessageType.COMMIT
_RETURNED = (
    "select l.lot_id from exchange_lot l join exchange e"
    " on e.peer = l.peer and e.exchange_id = l.exchange_id"
    " where e.role = 'SOURCE' and l.is_committed = 1"
)
_REVOKED = "select lot_id from lot where hold = 'REVOKED'"
_COMMITTED = (
    "select l.lot_id, l.nullifier from exchange_lot l join exchange e"
    " on e.peer = l.peer and e.exchange_id = l.exchange_id"
    " where e.role = 'DESTINATION' and l.is_committed = 1"
)
