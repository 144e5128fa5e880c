"""The demonstration's itinerary, a pure function of seed, provinces, learners and transfers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import combinations, permutations
from random import Random

from federation.base.errors import Refusal
from federation.base.names import PROVINCES, REGIONS
from node.domain.caps import ScopeKey
from node.domain.outcomes import OutcomeFacts
from node.domain.rule_judge import open_rule
from node.edges.demo.courses import (
    CATALOGUE,
    COURSES,
    FOR_A_PANEL,
    Course,
    draw_grade,
    issuer,
)
from node.edges.demo.itinerary import (
    GRANTED,
    PARTLY,
    REFUSED,
    Deposit,
    Forecast,
    Itinerary,
    Learner,
    Transfer,
    foresee,
)
from node.edges.demo.people import invent_learners
from node.edges.demo.rules import CAPPED, TOGETHER, write_catalogue, write_rule

NINE = ("CN-11", "CN-21", "CN-31", "CN-32", "CN-33", "CN-34", "CN-35", "CN-44", "CN-50")
SEVEN_MORE = ("CN-12", "CN-13", "CN-22", "CN-23", "CN-51", "CN-81", "CN-82")
DECLINED = "declined"
# In hundredths of all transfers.
SHARES = {GRANTED: 55, PARTLY: 20, REFUSED: 12, DECLINED: 13}
_FIRST_DAY = date(2019, 1, 1)
_DAYS = 6 * 365
_MOST_LOTS = 3
# How often a learner has work experience in the archive, and an offer what counts only together.
_EXPERIENCED, _TOGETHER = 0.3, 0.25

Pair = tuple[str, str]


def choose_provinces(count: int) -> tuple[str, ...]:
    """Return the first provinces of the demonstration: nine, sixteen, then all others.

    Raises:
        Refusal: DEMO_OPTIONS when there are not so many, or fewer than two are wanted.
    """
    order = list(dict.fromkeys((*NINE, *SEVEN_MORE, *PROVINCES)))
    if not 2 <= count <= len(order):
        raise Refusal("DEMO_OPTIONS", detail=f"provinces: 2 to {len(order)}")
    return tuple(sorted(order[:count]))


def plan_demo(*, seed: int, provinces: int, learners: int, transfers: int) -> Itinerary:
    """Return everything that the demonstration does.

    Raises:
        Refusal: DEMO_OPTIONS for numbers that make no demonstration.
    """
    if learners < 1 or transfers < 1:
        raise Refusal("DEMO_OPTIONS", detail="learners and transfers: 1 and more")
    return _Planner(seed, choose_provinces(provinces), learners).plan(transfers)


def choose_pairs(seed: int, provinces: tuple[str, ...], count: int) -> list[Pair]:
    """Return ordered pairs: inside regions first, then between regions, then all, then by lot."""
    chance = Random(f"{seed}/pairs")
    everything = list(permutations(provinces, 2))
    chance.shuffle(everything)
    chosen = list(dict.fromkeys([*_regional_pairs(chance, provinces), *everything]))[:count]
    chosen += [chance.choice(everything) for _ in range(count - len(chosen))]
    chance.shuffle(chosen)
    return chosen


def _regional_pairs(chance: Random, provinces: tuple[str, ...]) -> list[Pair]:
    members = [[code for code in codes if code in provinces] for codes in REGIONS.values()]
    inside = [tuple(chance.sample(codes, 2)) for codes in members if len(codes) > 1]
    between = [
        (chance.choice(one), chance.choice(other))
        for one, other in combinations([codes for codes in members if codes], 2)
    ]
    turned = [pair if chance.random() < 0.5 else pair[::-1] for pair in between]
    return [(pair[0], pair[1]) for pair in [*inside, *turned]]


def choose_intents(seed: int, count: int) -> list[str]:
    """Return how each transfer is meant to end, in the shares wanted, at least one of each."""
    kinds = list(SHARES)
    least = int(count >= len(kinds))
    counts = {kind: max(count * share // 100, least) for kind, share in SHARES.items()}
    counts[GRANTED] += count - sum(counts.values())
    intents = [kind for kind in kinds for _ in range(counts[kind])]
    Random(f"{seed}/intents").shuffle(intents)
    return intents


class _Planner:
    """Collects accounts and deposits while transfers are drawn one by one."""

    def __init__(self, seed: int, provinces: tuple[str, ...], learners: int) -> None:
        self._seed = seed
        self._provinces = provinces
        self._homes = invent_learners(seed, provinces, learners)
        self._everyone = [learner for home in self._homes.values() for learner in home]
        self._accounts: dict[str, dict[str, Learner]] = {code: {} for code in provinces}
        self._deposits: dict[str, list[Deposit]] = {code: [] for code in provinces}
        self._documents = {code: write_rule(code, provinces) for code in provinces}
        self._judges = {code: open_rule(document) for code, document in self._documents.items()}
        # What each learner's offers ask for in each scope of a destination's caps.
        self._asked: dict[tuple[str, str], dict[ScopeKey, int]] = {}
        self._turns = dict.fromkeys(provinces, 0)
        self._used: set[tuple[str, str, str, str]] = set()

    def plan(self, count: int) -> Itinerary:
        """Draw everything."""
        for home, learners in self._homes.items():
            for learner in learners:
                self._keep_something(home, learner)
        pairs = choose_pairs(self._seed, self._provinces, count)
        intents = choose_intents(self._seed, count)
        transfers = [
            self._transfer(at, pair, intent)
            for at, (pair, intent) in enumerate(zip(pairs, intents, strict=True), start=1)
        ]
        return Itinerary(
            provinces=self._provinces,
            source="lms",
            accounts={code: tuple(people.values()) for code, people in self._accounts.items()},
            deposits={code: tuple(rows) for code, rows in self._deposits.items()},
            transfers=tuple(transfers),
            rules=self._documents,
            catalogues={code: write_catalogue(code) for code in self._provinces},
        )

    def _keep_something(self, home: str, learner: Learner) -> None:
        # An archive holds more than what its learner takes elsewhere.
        chance = Random(f"{self._seed}/kept/{learner.reference}")
        self._accounts[home][learner.reference] = learner
        self._deposits[home].append(self._draw(chance, home, learner, COURSES))
        if chance.random() < _EXPERIENCED:
            self._deposits[home].append(self._draw(chance, home, learner, (FOR_A_PANEL,)))

    def _transfer(self, at: int, pair: Pair, intent: str) -> Transfer:
        source, destination = pair
        chance = Random(f"{self._seed}/transfer/{at}")
        learner = self._whose_turn(source)
        for province in pair:
            self._accounts[province][learner.reference] = learner
        deposits = self._draw_offer(chance, pair, learner, intent)
        self._deposits[source].extend(deposits)
        return Transfer(
            reference=f"X{at:05d}",
            learner=learner.reference,
            source=source,
            destination=destination,
            deposits=tuple(deposit.reference for deposit in deposits),
            starts_at_source=chance.random() < 0.5,
            agrees_to_whole=intent != DECLINED and chance.random() < 0.7,
            accepts=intent != DECLINED,
        )

    def _whose_turn(self, source: str) -> Learner:
        people = self._homes[source] or self._everyone
        self._turns[source] += 1
        return people[self._turns[source] % len(people)]

    def _draw_offer(
        self, chance: Random, pair: Pair, learner: Learner, intent: str
    ) -> list[Deposit]:
        wanted = intent
        if intent == DECLINED:
            wanted = chance.choice((GRANTED, PARTLY))
        while True:
            lots = chance.randint(1, _MOST_LOTS)
            used = set(self._used)
            offer: list[Deposit] = []
            for course in self._courses(chance, lots):
                offer.append(self._draw(chance, pair[0], learner, (course,), len(offer)))
            forecast = foresee(self._judges[pair[1]], pair[0], tuple(offer))
            if forecast.end == wanted and self._has_room(learner, pair[1], forecast):
                return offer
            self._used = used

    def _courses(self, chance: Random, lots: int) -> list[Course]:
        """Draw what an offer holds; now and then what counts only together, or meets a cap."""
        drawn = [chance.choice(COURSES) for _ in range(lots)]
        if lots < _MOST_LOTS or chance.random() >= _TOGETHER:
            return drawn
        third = chance.choice((drawn[0], next(one for one in COURSES if one.code == CAPPED)))
        return [*(course for course in COURSES if course.code in TOGETHER), third]

    def _has_room(self, learner: Learner, destination: str, forecast: Forecast) -> bool:
        """See that caps judge an offer alike in whatever order a learner's offers arrive.

        So an offer beyond a cap has the cap for itself, and all others stay below it together.
        """
        asked = self._asked.setdefault((learner.reference, destination), {})
        limits = {cap.cap_id: cap.limit.amount for cap in self._judges[destination].caps}
        wanted = {key: amount for key, amount in forecast.asked.items() if amount}
        after = {key: asked.get(key, 0) + amount for key, amount in wanted.items()}
        is_alone = not any(asked.get(key) for key in wanted)
        is_below = all(total <= limits[key[0]] for key, total in after.items())
        if not is_below and not is_alone:
            return False
        asked |= after
        return True

    def _draw(
        self,
        chance: Random,
        province: str,
        learner: Learner,
        courses: Sequence[Course],
        ahead: int = 0,
    ) -> Deposit:
        """Draw an outcome; code and day together are unique in an archive, so it can be found."""
        course = chance.choice(courses)
        key = ("", "", "", "")
        while not key[0] or key in self._used:
            earned = (_FIRST_DAY + timedelta(days=chance.randrange(_DAYS))).isoformat()
            key = (province, learner.reference, course.code, earned)
        self._used.add(key)
        line = len(self._deposits[province]) + ahead + 1
        facts = OutcomeFacts(
            code=course.code,
            catalogue=CATALOGUE,
            title=course.title,
            grade=draw_grade(chance, course.scale),
            scale=course.scale,
            level=course.level,
            field=course.field,
            hours=course.hours,
            earned=earned,
            expires="",
            kind=course.kind,
            issuer=issuer(province),
        )
        return Deposit(line, f"D{line:05d}", learner.reference, course.hundredths, facts)
