"""Backups at drawn points under traffic both ways: one side restored, the books are true again."""

from __future__ import annotations

import contextlib
import copy
import os
import random
from pathlib import Path

import pytest

from federation.base.clock import DAY, HOUR, MINUTE, SECOND
from federation.base.errors import CreditBankError
from federation.protocol.lifecycle import FINAL
from federation.protocol.lots import WantedLot
from federation.protocol.messages import Mode, State
from node.domain.exchange import Role
from node.domain.lot import Lot
from tests.node.books import check_books
from tests.node.province import Fate, Province
from tests.node.restoring import Backup, Watched, back_up, count_onward, restore
from tests.node.two_provinces import Person, TwoProvinces, rig

FATES = [Fate.CARRY] * 6 + [Fate.LOSE, Fate.LOSE_ANSWER, Fate.HOLD]
SEEDS = int(os.environ.get("CREDITBANK_RESTORES") or 12)
STEPS = 80


class Traffic:
    """Exchanges in both directions, drawn by a seed."""

    def __init__(self, two: TwoProvinces, drawn: random.Random) -> None:
        self.drawn = drawn
        self.watched = Watched(two)
        count_onward(two)
        back = copy.copy(two)
        back.source, back.destination = two.destination, two.source
        self.ways = (two, back)
        self.people = [two.person(f"学习者{at}") for at in range(2)]
        self.begun: list[tuple[TwoProvinces, bytes]] = []
        two.wire.fate = lambda src, dst: drawn.choice(FATES)

    def step(self) -> None:
        """Do one thing."""
        drawn, way = self.drawn, self.drawn.choice(self.ways)
        name = drawn.choice(["begin", "begin", "deliver", "deliver", "deliver", "answer", "follow"])
        getattr(self, name)(way)
        way.clock.advance(drawn.choice([SECOND, 6 * SECOND, MINUTE]))

    def begin(self, way: TwoProvinces) -> None:
        """Let someone apply, often with a lot that a transfer brought."""
        drawn, person = self.drawn, self.drawn.choice(self.people)
        brought = [
            lot
            for lot in way.source.accounts.archive(person.accounts[way.source.name]).lots
            if lot.origin and lot.state == "AVAILABLE"
        ]
        wanted = [self.new_lot(way, person)]
        if brought and drawn.random() < 0.7:
            wanted = [as_wanted(drawn.choice(brought))]
        exchange_id = way.apply(
            person,
            *wanted,
            role=drawn.choice(list(Role)),
            mode=drawn.choice([Mode.TRANSFER] * 5 + [Mode.RECOGNISE]),
            whole=drawn.random() < 0.6,
        )
        self.begun.append((way, exchange_id))

    def new_lot(self, way: TwoProvinces, person: Person) -> WantedLot:
        """Deposit an outcome."""
        return way.lot(person, self.drawn.randint(1, 900))

    def deliver(self, way: TwoProvinces) -> None:
        """Deliver what is due from one side, and at times what was held back."""
        way.source.delivery.deliver(way.destination.name)
        if way.wire.held and self.drawn.random() < 0.3:
            way.wire.let_go(self.drawn.randrange(len(way.wire.held)))

    def answer(self, _: TwoProvinces) -> None:
        """Let a learner answer."""
        if self.begun:
            way, exchange_id = self.drawn.choice(self.begun)
            way.answer(exchange_id, accepts=self.drawn.random() < 0.8)

    def follow(self, way: TwoProvinces) -> None:
        """Let the coordinator follow a log."""
        self.watched.mirror.follow(way.source)

    def recover(self, one: Province, backup: Backup) -> None:
        """Restore a province and let it recover; then let everything come to its end."""
        two, mirror = self.ways[0], self.watched.mirror
        # Another witness that followed to the last, and that answers only when it is needed.
        late = copy.deepcopy(mirror)
        late.follow(one)
        restore(one, backup)
        two.wire.fate = lambda src, dst: Fate.CARRY
        for _ in range(4):
            if one.recovery.advance():
                break
            kept = one.recovery.status().quarantine
            assert kept is not None
            if kept.blocked == "LOG_UNRECOVERABLE":
                mirror.notes, mirror.entries = late.notes, late.entries
                continue
            assert kept.blocked == "CONFIRMATION_NEEDED", kept
            one.recovery.confirm("operator")
            one.recovery.confirm("registrar")
        assert one.recovery.advance()
        # What the earlier life of the restored node had under way arrives only now.
        while two.wire.held:
            with contextlib.suppress(CreditBankError):
                two.wire.let_go()
        for _ in range(5):
            two.run(4)
            for way in self.ways:
                for exchange_id in ids(way):
                    way.answer(exchange_id, accepts=True)
            two.clock.advance(2 * HOUR)
            for side in two.both:
                side.asking.ask_silent()
        two.clock.advance(61 * DAY)
        for side in two.both:
            side.applications.release_lapsed()
            side.asking.ask_silent()
        two.run()


def ids(way: TwoProvinces) -> list[bytes]:
    """Return the exchanges that wait for a learner at the source."""
    found = way.source.rows(
        "select exchange_id from exchange where role = 'SOURCE' and state = ?", int(State.PREPARED)
    )
    return [name for (name,) in found]


def as_wanted(lot: Lot) -> WantedLot:
    """Return a lot as an application names it."""
    return WantedLot(lot_id=lot.lot_id, amount_hundredths=lot.amount_hundredths)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whichever_side_is_restored_from_whenever_the_books_are_true_again(
    tmp_path: Path, seed: int
) -> None:
    for two in rig(tmp_path, seed):
        drawn = random.Random(f"restore {seed}")
        traffic = Traffic(two, drawn)
        one = drawn.choice(two.both)
        for _ in range(drawn.randint(2, STEPS // 2)):
            traffic.step()
        backup = back_up(one)
        for _ in range(drawn.randint(1, STEPS // 2)):
            traffic.step()
        traffic.recover(one, backup)
        check_books(two)
        for side in two.both:
            (pair,) = side.reconciliation.reconcile()
            assert (pair.agrees, pair.in_flight_hundredths) == (True, 0), pair
            states = side.rows("select state from exchange")
            assert all(State(state) in FINAL for (state,) in states), states
            twice = side.rows(
                "select kind, peer, subject from entry group by kind, peer, subject"
                " having count(*) > 1"
            )
            assert not twice
            spent = [mark for (mark,) in side.rows("select nullifier from exchange_lot") if mark]
            assert len(spent) == len(set(spent))
            assert side.waiting() == 0
