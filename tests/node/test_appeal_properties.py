"""Any order of requests, cancellations, appeals and expiries: no grant is ever lowered."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from federation.base.clock import DAY
from federation.base.errors import Refusal
from federation.protocol.messages import Mode
from node.domain.exchange import Role
from node.domain.review_case import Track
from node.usecases.review_cases import Asked
from tests.node.books import check_books
from tests.node.province import DESTINATION, SOURCE
from tests.node.test_reviews import Room, ballot
from tests.node.two_provinces import TwoProvinces

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            # The first two are what makes anything happen: a grant taken, an appeal decided.
            [
                "credit",
                "raise",
                "request",
                "hear",
                "accept",
                "decline",
                "appeal",
                "withdraw",
                "wait",
            ]
        ),
        st.integers(0, 3),
        st.sampled_from([0, 1, 40, 100, 180]),
    ),
    min_size=4,
    max_size=14,
)


class Story:
    """One learner with two lots, and everything that was ever begun for them."""

    def __init__(self, two: TwoProvinces) -> None:
        self.room, self.two = Room(two), two
        self.person = two.person("吴六")
        self.lots = [two.lot(self.person, 300) for _ in range(2)]
        self.begun: list[bytes] = []
        self.counts: dict[str, int] = {}
        self.reviewers = 0

    def take(self, step: str, which: int, granted: int) -> None:
        """Take a step where it may be taken; wherever it may not, nothing follows."""
        if step == "credit":
            for one in ("request", "hear", "accept"):
                self.take(one, which if one == "request" else -1, granted)
        elif step == "raise":
            self.take("appeal", which, granted)
            self.take("hear", -1, granted)
        elif step == "request":
            lot = self.lots[which % 2]
            application = self.two.application(self.person, lot, whole=False)
            self._open(application)
        elif step == "wait":
            self.two.clock.advance((1, 20, 31, 61)[which] * DAY)
            self.two.source.applications.release_lapsed()
        elif self.begun:
            name = self.begun[which % len(self.begun)]
            with suppress(Refusal):
                self._act(step, name, granted)
        self.two.run()

    def _act(self, step: str, name: bytes, granted: int) -> None:
        if step == "hear":
            self._hear((SOURCE, name), granted)
        elif step == "appeal":
            base = self.two.application(self.person, *self.lots, role=Role.SOURCE)
            self._open(replace(base, lots=(), mode=Mode.TRANSFER, appeals=name))
        elif step == "withdraw":
            self.two.source.consents.withdraw((DESTINATION, name))
        else:
            self.two.answer(name, accepts=step == "accept")

    def _open(self, application: object) -> None:
        (opened,) = self.two.source.applications.open([application])  # type: ignore[list-item]
        if not opened.reason:
            self.begun.append(opened.exchange_id)
        self.two.run()

    def _hear(self, key: tuple[str, bytes], granted: int) -> None:
        lots = self.two.destination.exchange(key[1]).lots
        asked = [Asked(lots=(lot.lot_id,), version="2025.1", code="ZJ-1") for lot in lots]
        self.room.reviews.open(key, asked, track=Track.REVIEWER)
        for at in range(6):
            with suppress(Refusal):
                self.room.reviews.claim(key, by=f"expert-{at}")
                break
        answers = [replace(ballot(granted)[0], question=f"q{at + 1}") for at in range(len(lots))]
        self.room.reviews.propose(key, answers, by=f"expert-{at}")

    def check(self) -> None:
        """Check that nothing that counts counts for less than before, and that the books hold."""
        now: dict[str, int] = {}
        uses = self.two.destination.rows(
            "select lot, hundredths, earlier_hundredths from cap_use where state = 'CONSUMED'"
        )
        for lot, hundredths, earlier in uses:
            now[lot] = now.get(lot, 0) + hundredths - earlier
        for lot, counted in self.counts.items():
            assert now.get(lot, 0) >= counted
        self.counts = now
        account = self.person.accounts[DESTINATION]
        archive = self.two.destination.accounts.archive(account)
        assert archive.balance_hundredths == sum(now.values())
        check_books(self.two)


@settings(
    deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(steps=STEPS)
@example(steps=[("credit", 0, 100), ("raise", 0, 180), ("raise", 0, 1), ("wait", 1, 0)])
@example(steps=[("credit", 0, 0), ("raise", 0, 40), ("credit", 1, 40), ("raise", 2, 1)])
@example(steps=[("credit", 0, 100), ("appeal", 0, 0), ("wait", 3, 0), ("hear", 1, 180)])
def test_no_order_lowers_what_was_granted(
    steps: list[tuple[str, int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with closing(TwoProvinces(tmp_path_factory.mktemp("story"))) as two:
        story = Story(two)
        for step, which, granted in steps:
            story.take(step, which, granted)
            story.check()
        assert all(one.agrees for side in two.both for one in side.reconciliation.reconcile())
