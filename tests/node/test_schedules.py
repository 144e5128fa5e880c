"""Hundreds of schedules of loss, repetition, reordering and crashes: all heal, none loses credits.

Each schedule begins a few transfers and lets chance decide what the wire does, who delivers, what
the learner answers, and before or after which commit a process ends. The books must hold at every
point; once the wire is whole again, every exchange must reach its end and be one story.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from federation.base.clock import DAY, HOUR, MINUTE, SECOND
from federation.base.errors import CreditBankError
from federation.protocol.lifecycle import FINAL
from federation.protocol.messages import MessageType, Mode, State
from node.domain.exchange import Role
from tests.node.books import check_books, check_same_story
from tests.node.province import Crash, Fate, Province
from tests.node.two_provinces import Person, TwoProvinces, rig

FATES = [Fate.CARRY] * 5 + [Fate.LOSE, Fate.LOSE_ANSWER, Fate.TWICE, Fate.HOLD, Fate.HOLD]
PAUSES = [SECOND, 6 * SECOND, 6 * SECOND, MINUTE, 2 * HOUR, 40 * DAY]
SEEDS, STEPS = 10, 14
# A night may try more than a minute can.
SCHEDULES = int(os.environ.get("CREDITBANK_SCHEDULES") or 12)


class Schedule:
    """One schedule, drawn by its seed."""

    def __init__(self, two: TwoProvinces, drawn: random.Random) -> None:
        self.two = two
        self.drawn = drawn
        self.begun: list[bytes] = []
        two.wire.fate = lambda src, dst: drawn.choice(FATES)

    def begin(self, person: Person) -> None:
        """Let a learner apply on either side, for a whole or a partial grant."""
        two, drawn = self.two, self.drawn
        codes = drawn.choices(["CS-1", "XX-1"], weights=[3, 1], k=drawn.randint(1, 3))
        lots = [two.lot(person, drawn.randint(1, 900), code=code) for code in codes]
        application = two.application(
            person,
            *lots,
            role=drawn.choice(list(Role)),
            mode=drawn.choice([Mode.TRANSFER] * 4 + [Mode.RECOGNISE]),
            whole=drawn.random() < 0.5,
        )
        here = two.source if application.role is Role.SOURCE else two.destination
        # The system that asks repeats its call when it hears nothing.
        for _ in range(3):
            try:
                (opened,) = here.applications.open([application])
            except Crash:
                here.crash()
                continue
            assert not opened.reason, opened.reason
            self.begun.append(opened.exchange_id)
            return

    def step(self) -> None:
        """Do one thing that chance picks."""
        one = self.drawn.choice(self.two.both)
        act = self.drawn.choice(
            [self.deliver] * 6 + [self.let_go, self.repeat, self.answer, self.lapse, self.cut]
        )
        try:
            act(one)
        except Crash:
            self.restart()
        except CreditBankError:
            pass  # A batch that nobody waits for any more is refused to nobody.
        # A REQUEST must arrive within minutes of its signature, or be refused as stale.
        is_asking = self.two.destination.rows(
            "select 1 from outbox join message using (digest) where type = ?", MessageType.REQUEST
        )
        self.two.clock.advance(SECOND if is_asking else self.drawn.choice(PAUSES))

    def deliver(self, one: Province) -> None:
        """Deliver what is due."""
        one.delivery.deliver(self.other(one).name)

    def let_go(self, _: Province) -> None:
        """Let something held back arrive, the oldest or the newest first."""
        if self.two.wire.held:
            self.two.wire.let_go(self.drawn.randrange(len(self.two.wire.held)))

    def repeat(self, _: Province) -> None:
        """Let something of the past arrive again."""
        if self.two.wire.past:
            self.two.wire.repeat(self.drawn.randrange(len(self.two.wire.past)))

    def answer(self, _: Province) -> None:
        """Let a learner answer, whether there is a grant or not."""
        if self.begun:
            self.two.answer(self.drawn.choice(self.begun), accepts=self.drawn.random() < 0.7)

    def lapse(self, one: Province) -> None:
        """Let lapsed locks go."""
        one.applications.release_lapsed()

    def cut(self, one: Province) -> None:
        """End the process before or after one of its next commits."""
        one.store.cut = (self.drawn.randrange(3), self.drawn.random() < 0.5)

    def restart(self) -> None:
        """Open again whoever has ended."""
        for one in self.two.both:
            if one.store.cut is not None and one.store.cut[0] < 0:
                one.crash()

    def heal(self) -> None:
        """Make the wire whole, answer what waits for an answer, and deliver until quiet."""
        two = self.two
        for one in two.both:
            one.crash()
        two.wire.fate = lambda src, dst: Fate.CARRY
        for one in two.both:
            one.operations.retry(self.other(one).name)
        two.step()
        for _ in range(6):
            ends = {one.exchange(name).state for name in self.begun for one in two.both}
            if ends <= FINAL and not any(one.waiting() for one in two.both):
                return
            for exchange_id in self.begun:
                two.answer(exchange_id, accepts=True)
            two.clock.advance(2 * HOUR)
            two.run(4)
            two.source.applications.release_lapsed()
        two.clock.advance(61 * DAY)
        two.source.applications.release_lapsed()
        two.run()

    def other(self, one: Province) -> Province:
        """Return the other side."""
        return self.two.destination if one is self.two.source else self.two.source


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_schedule_ends_well_once_the_wire_is_whole(tmp_path: Path, seed: int) -> None:
    for two in rig(tmp_path, seed):
        people = [two.person(f"学习者{at}") for at in range(3)]
        for number in range(SCHEDULES):
            schedule = Schedule(two, random.Random(f"{seed} {number}"))
            for _ in range(schedule.drawn.randint(2, 4)):
                schedule.begin(schedule.drawn.choice(people))
            for _ in range(STEPS):
                schedule.step()
                check_books(two)
            schedule.heal()
            check_books(two)
            check_same_story(two)
            for exchange_id in schedule.begun:
                ends = [one.exchange(exchange_id).state for one in two.both]
                assert all(end in FINAL for end in ends), (number, ends)
                assert (ends[1] is State.CREDITED) == bool(
                    two.source.exchange(exchange_id).committed_hundredths
                )
            assert [one.waiting() for one in two.both] == [0, 0]
            two.wire.past.clear()
            two.wire.held.clear()
