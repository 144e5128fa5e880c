"""A destination whose first offer people decided, so that its decision can be appealed against."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from federation.protocol.grouping import minute_in, record_in
from federation.protocol.messages import MessageType, Mode
from federation.wire import codec
from node.domain.exchange import Role
from node.domain.recompute import Documents, recompute
from node.domain.review_case import Track
from node.domain.rule_judge import open_rule
from node.usecases.applications import Application
from node.usecases.review_cases import Asked
from tests.node.province import DESTINATION, SOURCE
from tests.node.test_reviews import Room, ballot
from tests.node.two_provinces import Person, TwoProvinces


class Court(Room):
    """A room whose first offer was decided, so that it can be appealed against."""

    def decided(self, granted: int) -> None:
        """Let one reviewer decide, and the exchange end."""
        self.open(Track.REVIEWER)
        self.reviews.claim(self.key, by="expert-0")
        self.reviews.propose(self.key, ballot(granted), by="expert-0")
        self.two.run()

    def appeal(
        self, person: Person, *, reference: str = "appeal", **change: Any
    ) -> tuple[str, bytes]:
        asked = Application(
            reference=reference,
            account=person.accounts[SOURCE],
            peer=DESTINATION,
            role=Role.SOURCE,
            lots=(),
            code=self.two.transfer_code(person),
            mode=Mode.TRANSFER,
            has_consent=True,
            agrees_to_whole_grant=True,
            appeals=self.exchange,
        )
        (opened,) = self.two.source.applications.open([replace(asked, **change)])
        self.two.run(3)
        return opened.reason, opened.exchange_id

    def hear(self, name: bytes, granted: int, *, by: str = "expert-1") -> None:
        """Let another reviewer decide an appeal."""
        key = (SOURCE, name)
        asked = [Asked(lots=(self.lot,), version="2025.1", code="ZJ-1")]
        self.reviews.open(key, asked, track=Track.REVIEWER, field="520.20")
        self.reviews.claim(key, by=by)
        self.reviews.propose(key, ballot(granted), by=by)
        self.two.run()

    def balance(self) -> int:
        account = people(self.two).accounts[DESTINATION]
        return self.two.destination.accounts.archive(account).balance_hundredths


def people(two: TwoProvinces) -> Person:
    """The learner of the room's first offer."""
    there, here = (one.rows("select account from learner")[0][0] for one in two.both)
    return Person("钱二", "", {SOURCE: there, DESTINATION: here})


def beside_vote(two: TwoProvinces, exchange: bytes) -> tuple[bytes, bytes]:
    """Return record and minute as the source received them."""
    digest = two.source.exchange(exchange).hashes[MessageType.VOTE]
    (row,) = two.source.rows("select openings from message where digest = ?", digest)
    shown = codec.decode_openings(row[0])
    return record_in(shown), minute_in(shown)


def check_recomputes(two: TwoProvinces, exchange: bytes) -> None:
    """Check that the source agrees with a decision from what came with it and the rule."""
    record, minute = beside_vote(two, exchange)
    rule = two.destination.store.read(lambda reading: reading.rule())
    vote = two.message(two.source, exchange, MessageType.VOTE)
    said = recompute(
        record,
        Documents(rule=rule, minute=minute),
        lambda document, catalogues: open_rule(document),
        named=vote.record_digest.hex(),
    )
    assert said.agrees, [one.sentences for one in said.differences]
