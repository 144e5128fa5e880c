"""More evidence: asked for as often as needed, named by commitments, fetched while it matters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from federation.base.clock import MINUTE
from federation.base.errors import Breach, CreditBankError, Refusal, Unavailable
from federation.protocol.lots import WantedLot
from federation.protocol.messages import MessageType, Mode
from federation.trust.members import Member
from node.storage.evidence_shelf import EvidenceShelf
from node.usecases.deciding import Deciding
from node.usecases.evidence import Evidence
from tests.node.books import check_books
from tests.node.province import Fate
from tests.node.two_provinces import Person, TwoProvinces

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 1000


class Wired:
    """Files of the other province without a socket; ``breaks_after`` counts down chunks."""

    def __init__(self, other: Evidence, own: str) -> None:
        self.other = other
        self.own = own
        self.breaks_after = -1
        self.offsets: list[int] = []
        self.bent = b""

    def fetch(
        self, member: Member, *, exchange_id: bytes, digest: bytes, offset: int
    ) -> Iterator[bytes]:
        self.offsets.append(offset)
        sent = 0
        try:
            for chunk in self.other.open(self.own, exchange_id, digest, offset):
                if not self.breaks_after:
                    self.breaks_after = -1
                    raise Unavailable("UNREACHABLE")
                self.breaks_after -= 1
                sent += len(chunk)
                yield chunk + self.bent
        finally:
            self.other.log_reading((self.own, exchange_id), digest, offset, sent)


class World:
    """Two provinces, of which the destination lets a person judge."""

    def __init__(self, two: TwoProvinces, home: Path) -> None:
        self.two = two
        two.destination.office.reviews_by_person = True
        self.ours = Evidence(two.source.office, EvidenceShelf(home / "ours"), None)  # type: ignore[arg-type]
        self.wire = Wired(self.ours, two.destination.name)
        self.theirs = Evidence(two.destination.office, EvidenceShelf(home / "theirs"), self.wire)
        self.deciding = Deciding(two.destination.office)

    def key(self, exchange_id: bytes) -> tuple[str, bytes]:
        return self.two.source.name, exchange_id

    def apply(
        self, person: Person, *lots: WantedLot, shows: bool = True, mode: Mode = Mode.TRANSFER
    ) -> bytes:
        application = self.two.application(person, *lots, mode=mode)
        (opened,) = self.two.source.applications.open([replace(application, shows_evidence=shows)])
        assert not opened.reason
        self.two.run(2)
        return opened.exchange_id

    def ask(self, exchange_id: bytes, lot: WantedLot) -> None:
        self.deciding.ask(self.key(exchange_id), {lot.lot_id: ["EVIDENCE_MISSING"]})
        self.two.run(2)

    def supplement(self, exchange_id: bytes, lot: WantedLot, content: bytes = PDF) -> bytes:
        named = self.ours.attach(lot.lot_id, content)
        self.ours.supplement((self.two.destination.name, exchange_id), [(lot.lot_id, named.digest)])
        self.two.clock.advance(MINUTE)
        self.two.run(2)
        return named.digest

    def supplemented(self, content: bytes = PDF) -> tuple[bytes, bytes, WantedLot]:
        person = self.two.person()
        lot = self.two.lot(person)
        exchange_id = self.apply(person, lot)
        self.ask(exchange_id, lot)
        return exchange_id, self.supplement(exchange_id, lot, content), lot


@pytest.fixture
def world(two: TwoProvinces, tmp_path: Path) -> World:
    return World(two, tmp_path)


def test_a_person_asks_as_often_as_needed_and_then_lets_it_be_judged(world: World) -> None:
    two = world.two
    person = two.person()
    lot = two.lot(person)
    exchange_id = world.apply(person, lot)
    assert two.states(exchange_id) == ("LOCKED", "RECEIVED")
    case = world.deciding.show(world.key(exchange_id))
    assert case.facts[lot.lot_id]["title"] == "数据库原理"
    for turn in range(1, 4):
        world.ask(exchange_id, lot)
        with pytest.raises(Refusal, match="SUPPLEMENT_OPEN"):
            world.ask(exchange_id, lot)
        digest = world.supplement(exchange_id, lot, PDF + bytes([turn]))
        case = world.deciding.show(world.key(exchange_id))
        assert (case.asked, case.answered) == (turn, turn)
        (*_, fetched) = world.theirs.fetch(world.key(exchange_id), digest)
        assert Path(fetched.path).read_bytes() == PDF + bytes([turn])
    assert two.states(exchange_id) == ("LOCKED", "RECEIVED")
    world.deciding.decide(world.key(exchange_id))
    two.clock.advance(MINUTE)
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")
    vote = two.message(two.destination, exchange_id, MessageType.VOTE)
    last = two.destination.exchange(exchange_id).series[MessageType.SUPPLEMENT, 3]
    assert vote.header.cause == last
    assert [one.waiting() for one in two.both] == [0, 0]
    with pytest.raises(Refusal, match="NO_SUCH_STEP"):
        world.deciding.decide(world.key(exchange_id))
    check_books(two)


def test_a_question_that_is_never_answered_does_not_hinder_the_judgement(world: World) -> None:
    two = world.two
    person = two.person()
    lot = two.lot(person)
    exchange_id = world.apply(person, lot)
    two.wire.fate = lambda src, dst: Fate.LOSE
    world.deciding.ask(world.key(exchange_id), {lot.lot_id: ["SYLLABUS_WANTED"]})
    two.step()
    world.deciding.decide(world.key(exchange_id))
    two.wire.fate = lambda src, dst: Fate.CARRY
    two.clock.advance(MINUTE)
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")
    assert [one.waiting() for one in two.both] == [0, 0]


def test_a_supplement_that_crosses_the_judgement_is_answered_by_it(world: World) -> None:
    two = world.two
    person = two.person()
    lot = two.lot(person)
    exchange_id = world.apply(person, lot)
    world.ask(exchange_id, lot)
    two.wire.fate = lambda src, dst: Fate.LOSE
    world.supplement(exchange_id, lot)
    world.deciding.decide(world.key(exchange_id))
    assert two.states(exchange_id) == ("LOCKED", "ACCEPTED")
    two.wire.fate = lambda src, dst: Fate.CARRY
    two.clock.advance(2 * MINUTE)
    two.run()
    assert two.states(exchange_id) == ("CLOSED", "CREDITED")
    assert [one.waiting() for one in two.both] == [0, 0]
    check_books(two)


def test_names_and_digests_of_files_can_be_erased(world: World) -> None:
    two = world.two
    exchange_id, digest, _ = world.supplemented()
    message = two.message(two.destination, exchange_id, MessageType.SUPPLEMENT)
    assert digest not in repr(message).encode()
    two.source.consents.withdraw((two.destination.name, exchange_id))
    two.clock.advance(MINUTE)
    two.run()
    assert two.destination.rows("select * from exchange_evidence") == []
    with pytest.raises(Refusal, match="EVIDENCE"):
        world.theirs.fetch(world.key(exchange_id), digest)
    with pytest.raises(Refusal, match="CONSENT_WITHDRAWN"):
        next(world.ours.open(two.destination.name, exchange_id, digest, 0))


def test_a_broken_fetch_goes_on_where_it_stopped_and_every_reading_is_logged(
    world: World,
) -> None:
    exchange_id, digest, _ = world.supplemented()
    world.wire.breaks_after = 2
    (fetched,) = world.theirs.fetch(world.key(exchange_id))
    assert Path(fetched.path).read_bytes() == PDF
    assert world.wire.offsets == [0, 2 * 65536]
    readings = world.two.source.store.read(
        lambda reading: reading.evidence_readings((world.two.destination.name, exchange_id))
    )
    assert [(one, first, sent) for one, first, sent, _ in readings] == [
        (digest, 0, 2 * 65536),
        (digest, 2 * 65536, len(PDF) - 2 * 65536),
    ]


def test_another_file_than_the_one_named_never_appears(world: World) -> None:
    exchange_id, _, _ = world.supplemented()
    world.wire.bent = b"!"
    with pytest.raises(Breach, match="EVIDENCE_SIZE"):
        world.theirs.fetch(world.key(exchange_id))
    assert [one.path for one in world.theirs.files(world.key(exchange_id))] == [""]


def test_who_may_read_what(world: World) -> None:
    two = world.two
    exchange_id, digest, _ = world.supplemented()
    other, foreign, _ = world.supplemented(b"plain text")
    refused: list[tuple[str, bytes, bytes, int, str]] = [
        ("CN-44", exchange_id, digest, 0, "EVIDENCE"),
        (two.destination.name, b"n" * 16, digest, 0, "EVIDENCE"),
        (two.destination.name, exchange_id, foreign, 0, "EVIDENCE"),
        (two.destination.name, other, digest, 0, "EVIDENCE"),
        (two.destination.name, exchange_id, digest, len(PDF) + 1, "EVIDENCE_OFFSET"),
    ]
    for peer, name, file, offset, reason in refused:
        with pytest.raises(CreditBankError) as caught:
            world.ours.open(peer, name, file, offset)
        assert caught.value.reason == reason
    world.deciding.decide(world.key(exchange_id))
    two.clock.advance(MINUTE)
    two.run()
    with pytest.raises(Refusal, match="CASE_CLOSED"):
        world.ours.open(two.destination.name, exchange_id, digest, 0)


def test_evidence_needs_a_consent_that_covers_it(world: World) -> None:
    two = world.two
    person = two.person()
    lot = two.lot(person)
    exchange_id = world.apply(person, lot, shows=False)
    world.ask(exchange_id, lot)
    with pytest.raises(Refusal, match="LEGAL_BASIS"):
        world.supplement(exchange_id, lot)


@pytest.mark.parametrize("content", [b"", b"MZ\x90\x00", b"GIF89a\x01", b"\xff\xfe\x00", b"a\x00b"])
def test_a_file_is_judged_by_its_content(world: World, content: bytes) -> None:
    person = world.two.person()
    lot = world.two.lot(person)
    with pytest.raises(Breach, match=r"EVIDENCE_SIZE|EVIDENCE_TYPE"):
        world.ours.attach(lot.lot_id, content)
    with pytest.raises(Refusal, match="LOT"):
        world.ours.attach(b"n" * 16, b"text")


def test_a_withdrawn_consent_is_judged_as_none(world: World) -> None:
    two = world.two
    person = two.person()
    exchange_id = world.apply(person, two.lot(person), mode=Mode.RECOGNISE)
    two.source.consents.withdraw((two.destination.name, exchange_id))
    two.clock.advance(MINUTE)
    two.run(2)
    world.deciding.decide(world.key(exchange_id))
    two.run()
    vote = two.message(two.source, exchange_id, MessageType.VOTE)
    assert [lot.reasons for lot in vote.lots] == [("LEGAL_BASIS",)]
    assert [one.waiting() for one in two.both] == [0, 0]


def test_files_of_an_erased_learner_are_tidied_away(world: World) -> None:
    two = world.two
    person = two.person()
    lot = two.lot(person)
    named = world.ours.attach(lot.lot_id, PDF)
    two.source.accounts.erase(person.accounts[two.source.name])
    assert two.source.rows("select * from evidence_file") == []
    shelf = EvidenceShelf(Path(world.ours._shelf.path(named.digest)).parent.parent)
    assert shelf.has(named.digest)
    assert (
        shelf.tidy(two.source.store.read(lambda reading: reading.wanted_files()), before_us=2**62)
        == 1
    )
    assert not shelf.has(named.digest)
