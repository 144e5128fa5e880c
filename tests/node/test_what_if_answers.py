"""Questions between two provinces: what leaves, what is kept, what is refused."""

from __future__ import annotations

import hashlib
import logging
import threading
from dataclasses import replace
from typing import Any

import pytest

from federation.base.errors import Breach, Refusal
from federation.protocol.messages import MessageType, Verdict
from node.domain.files import NamedFile
from node.domain.lot import Lot
from node.domain.what_if import Question
from node.edges.what_if_gateway import WhatIfGateway
from node.usecases.what_if import WhatIf
from tests.node.catalogue_desk import publish_catalogue
from tests.node.province import DESTINATION, SOURCE, Province
from tests.node.two_provinces import Person, TwoProvinces
from tests.node.what_if_desk import FORM_2, HOME, UNREACHABLE, Desk, publish
from tests.raw_sql import sql


@pytest.fixture
def desk(two: TwoProvinces) -> Desk:
    return Desk(two)


@pytest.mark.parametrize("form", [1, 2])
def test_the_advice_is_what_the_decision_then_says(desk: Desk, form: int) -> None:
    two, person = desk.two, desk.two.person()
    if form == 2:
        publish(two.destination, *FORM_2)
    lots = [two.lot(person, 300, code=f"CS-{at}") for at in (1, 2, 3)]
    lots.append(two.lot(person, 200, code="ART-1"))
    answer = desk.ask(person)
    exchange_id = two.apply(person, *lots)
    two.run()
    vote = two.message(two.destination, exchange_id, MessageType.VOTE)
    assert [(one.granted_hundredths, tuple(one.reasons)) for one in answer.outcomes] == [
        (one.granted_hundredths, one.reasons) for one in vote.lots
    ]
    assert [one.verdict for one in answer.outcomes] == [
        "ACCEPT" if one.verdict is Verdict.ACCEPT else "REJECT" for one in vote.lots
    ]
    assert answer.rule.digest == vote.record.rule_digest.hex()
    assert (answer.standing, answer.agreement) == ("ADVICE", "mutual")


def test_what_is_missing_comes_with_the_answer(desk: Desk) -> None:
    publish(desk.two.destination, *FORM_2)
    person = desk.two.person()
    desk.two.lot(person, 300, code="CS-1")
    answer = desk.ask(person, "T1")
    (short,) = answer.missing
    assert [one.code for one in short.missing[0].courses] == ["CS-2"]
    assert short.missing[0].courses[0].source == SOURCE


def test_targets_have_their_names_where_the_catalogue_is_published(desk: Desk) -> None:
    made = publish_catalogue(
        desk.two.destination, f"{DESTINATION}/courses", "1", code="T1", title="离散数学"
    )
    home = HOME | {"version": "1", "sha256": made.digest}
    publish(desk.two.destination, *FORM_2, home=home)
    person = desk.two.person()
    desk.two.lot(person, 300, code="CS-1")
    named = {one.code: one.title for one in desk.ask(person, "T1", "T2").missing[0].targets}
    assert named == {"T1": "离散数学"}
    desk.two.lot(person, 300, code="CS-2")
    (group,) = desk.ask(person, "T1").groups
    assert group.grants[0].target.title == "离散数学"


def test_nothing_of_the_asker_leaves(desk: Desk) -> None:
    two, person = desk.two, desk.two.person("欧阳询")
    for at in range(3):
        lot_id = two.lot(person, 300, code=f"CS-{at}").lot_id
        attach(two.source, lot_id, digest_of(at))
    account = person.accounts[SOURCE]
    held = two.source.accounts.archive(account).lots
    desk.ask(person, with_days=False)
    (sent,) = desk.line.sent
    for secret in secrets_of(two.source, person, held):
        for spelled in (secret, secret.hex().encode(), secret.hex().upper().encode()):
            assert spelled not in sent
    # The day on which each was earned stays too, unless the learner tells it.
    assert b"2025-06" in sent
    assert b"2025-06-30" not in sent
    desk.ask(person, with_days=True)
    assert b"2025-06-30" in desk.line.sent[-1]


def secrets_of(province: Province, person: Person, lots: list[Lot]) -> list[bytes]:
    """Return whatever names the learner, the account or a lot."""
    texts = [person.name, person.number, person.number[-8:], *person.accounts.values()]
    texts += [text for lot in lots for text in (lot.source, lot.reference) if text]
    values = [text.encode() for text in texts]
    for at, lot in enumerate(lots):
        values += [lot.lot_id, lot.secret, lot.commitment, digest_of(at)]
        values += [one.salt for one in lot.openings.openings]
    return values


def digest_of(at: int) -> bytes:
    """Return the digest of a file."""
    return hashlib.sha256(bytes([at])).digest()


def attach(province: Province, lot_id: bytes, digest: bytes) -> None:
    """Name a file of evidence beside a lot."""
    file = NamedFile(lot_id=lot_id, digest=digest, media_type="application/pdf", size_bytes=9)
    province.store.transact(lambda tx: tx.attach_file(file, province.clock.now_us()))


def test_nothing_is_stored_or_logged_but_the_count(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    two, person = desk.two, desk.two.person("欧阳询")
    two.lot(person, 300, code="CS-1", title="秘密课程")
    before = [one.dump() for one in two.both]
    with caplog.at_level(logging.DEBUG):
        desk.ask(person)
        with pytest.raises(Breach):
            desk.line.service.answer(SOURCE, b"\xff")
    assert [one.dump() for one in two.both] == before
    assert (desk.what_if.answered, desk.what_if.refused) == (1, 1)
    told = caplog.text
    assert not any(word in told for word in ("欧阳询", "秘密课程", person.accounts[SOURCE], "CS-1"))


def test_no_credits_are_reserved_by_asking(desk: Desk) -> None:
    person = desk.two.person()
    desk.two.lot(person, 300)
    assert [desk.ask(person).outcomes[0].granted_hundredths for _ in range(3)] == [240] * 3


def test_lots_in_use_and_lots_of_others_are_not_asked_about(desk: Desk) -> None:
    two, person, other = desk.two, desk.two.person(), desk.two.person("钱二")
    free, moved = two.lot(person, 300), two.lot(person, 300)
    theirs = two.lot(other, 300)
    two.apply(person, moved)
    account = person.accounts[SOURCE]
    ask = desk.enquiries.outcomes_of
    assert len(ask(account, (), with_days=True)) == 1
    assert len(ask(account, [free.lot_id], with_days=True)) == 1
    for wrong in (moved.lot_id, theirs.lot_id, b"n" * 16):
        with pytest.raises(Refusal) as caught:
            ask(account, [wrong], with_days=True)
        assert caught.value.reason == "LOT"
    with pytest.raises(Refusal) as caught:
        ask("CN31-000000000000", (), with_days=True)
    assert caught.value.reason == "ACCOUNT"
    two.source.accounts.erase(other.accounts[SOURCE])
    with pytest.raises(Refusal) as caught:
        ask(other.accounts[SOURCE], (), with_days=True)
    assert caught.value.reason == "ACCOUNT_ERASED"


def test_an_old_registry_and_a_recovery_make_the_answer_wait(desk: Desk) -> None:
    two, person = desk.two, desk.two.person()
    two.lot(person, 300)
    office = two.destination.office
    office.hold.is_held = True
    assert desk.reason(person) == "RECOVERING"
    office.hold.is_held = False
    registry = two.destination.registry
    registry.known = replace(registry.known, snapshot_expires_us=two.clock.us)
    assert desk.reason(person) == "SNAPSHOT_EXPIRED"
    registry.known = replace(registry.known, snapshot_expires_us=two.clock.us + 1)
    assert desk.ask(person).outcomes[0].granted_hundredths == 240


def test_a_province_without_a_rule_says_so(desk: Desk) -> None:
    person = desk.two.person()
    desk.two.lot(person, 300)
    with sql(desk.two.destination.database) as run:
        run("delete from publication where kind = ?", ["RULE"])
    assert desk.reason(person) == "NO_RULE"


def test_a_silent_province_holds_up_no_other(desk: Desk) -> None:
    person = desk.two.person()
    desk.two.lot(person, 300)
    outcomes = desk.enquiries.outcomes_of(person.accounts[SOURCE], (), with_days=True)
    answers = desk.gateway.ask(Question(outcomes=outcomes), [UNREACHABLE, DESTINATION, SOURCE])
    assert [(one.province, one.reason) for one in answers] == [
        (UNREACHABLE, "NOT_MEMBER"),
        (DESTINATION, ""),
        (SOURCE, ""),
    ]
    assert answers[1].answer is not None
    # At home nothing of it leaves the house.
    assert len(desk.line.sent) == 1
    assert answers[2].answer is not None
    assert answers[2].answer.rule.name == f"{SOURCE}/general"


def test_provinces_are_asked_at_once_each_with_a_deadline(desk: Desk) -> None:
    person = desk.two.person()
    desk.two.lot(person, 300)
    outcomes = desk.enquiries.outcomes_of(person.accounts[SOURCE], (), with_days=True)
    was_answered, deadlines = threading.Event(), []
    right = desk.line.call

    def slow(request: bytes, *, timeout: float) -> bytes:
        # Answers only once the province named after it has.
        deadlines.append(timeout)
        assert was_answered.wait(timeout=60)
        return right(request)

    class Told(WhatIf):
        def answer(self, *words: Any) -> Any:
            answered = super().answer(*words)
            was_answered.set()
            return answered

    desk.line.call = slow  # type: ignore[method-assign]
    source = desk.two.source
    own = Told(source.office)
    gateway = WhatIfGateway(SOURCE, source.registry, desk.line.channel, own, deadline_s=2.5)
    answers = gateway.ask(Question(outcomes=outcomes), [DESTINATION, SOURCE])
    assert [one.reason for one in answers] == ["", ""]
    assert deadlines == [2.5]


def test_a_failure_of_our_own_is_logged_without_its_text(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    person = desk.two.person()
    desk.two.lot(person, 300)

    def broken(request: bytes, **_: object) -> bytes:
        raise ValueError("高等数学")

    desk.line.call = broken  # type: ignore[method-assign]
    assert desk.reason(person) == "INTERNAL"
    assert "ValueError" in caplog.text
    assert "高等数学" not in caplog.text.replace('raise ValueError("高等数学")', "")


def test_all_active_members_are_asked_where_none_is_named(desk: Desk) -> None:
    assert desk.enquiries.provinces(()) == [SOURCE, DESTINATION]
    assert desk.enquiries.provinces(["CN-44", "CN-44"]) == ["CN-44"]
    with pytest.raises(Breach, match="PROVINCE_UNKNOWN"):
        desk.enquiries.provinces(["CN-00"])
    with pytest.raises(Breach, match="TOO_MANY_ITEMS"):
        desk.enquiries.provinces([f"CN-T{at:02d}" for at in range(65)])
