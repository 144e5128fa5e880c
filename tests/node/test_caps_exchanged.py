"""Caps of real rules, held by real exchanges between two provinces, to the hundredth."""

from __future__ import annotations

import pytest

from tests.node.cap_documents import GUANGDONG, KOREA, NO_DOUBLE, OUC, cap
from tests.node.capped import Capped, target_of
from tests.node.two_provinces import TwoProvinces

ONLINE = [{**one} for one in GUANGDONG]
ONLINE[1] = ONLINE[1] | {"covers": ONLINE[1]["covers"] | {"types": ["INFORMAL"]}}
FLOOR = cap("kr-courses", {"at_least": 1800}, covers={"types": ["TRAINING"]})


@pytest.fixture
def capped(two: TwoProvinces) -> Capped:
    return Capped(two)


def test_ouc_grants_35_percent_of_the_compulsory_credits_and_not_a_hundredth_more(
    capped: Capped,
) -> None:
    capped.put_in_force(OUC)
    person, other = capped.two.person(), capped.two.person("钱二")
    capped.enrol(person, compulsory="76.10")
    exact = capped.lot(person, 1, 2663)
    first = capped.transferred(person, exact)
    assert capped.decided(person, capped.lot(person, 2, 1)) == [("CAP_CREDITS",)]
    (line,) = capped.record(first).decided.caps
    assert (line.limit, line.used_before, line.asked, line.allowed, line.left) == (
        *(2663, 0, 2663),
        *(2663, 0),
    )
    assert line.scope == (("programme", "BA-CS"),)
    assert capped.record(first).given.programme is not None
    assert capped.recomputed(first).agrees
    # A share of a programme says nothing of credit that is for no programme.
    assert capped.decided(other, capped.lot(other, 1, 5000)) == [()]


def test_guangdong_grants_half_and_inside_it_a_quarter_online(capped: Capped) -> None:
    capped.put_in_force(ONLINE)
    person = capped.two.person()
    capped.enrol(person, graduation="140")
    online = {"kind": "INFORMAL"}
    capped.transferred(person, capped.lot(person, 1, 3500, **online))
    more = capped.lot(person, 2, 1, **online)
    assert capped.decided(person, more) == [("CAP_CREDITS",)]
    capped.transferred(person, capped.lot(person, 3, 3500))
    assert capped.decided(person, capped.lot(person, 4, 1)) == [("CAP_CREDITS",)]


def test_korea_grants_42_a_year_and_24_a_semester(capped: Capped) -> None:
    capped.put_in_force(KOREA[:2])
    person = capped.two.person()
    capped.transferred(person, capped.lot(person, 1, 2400, earned="2024-03-01"))
    spring = capped.lot(person, 2, 1, earned="2024-08-31")
    assert capped.decided(person, spring) == [("CAP_CREDITS",)]
    capped.transferred(person, capped.lot(person, 3, 1800, earned="2024-09-01"))
    autumn = capped.lot(person, 4, 1, earned="2024-12-31")
    assert capped.decided(person, autumn) == [("CAP_CREDITS",)]
    # February belongs to the next year but still to the semester that began in September.
    capped.transferred(person, capped.lot(person, 5, 600, earned="2025-02-28"))
    winter = capped.lot(person, 6, 1, earned="2025-02-27")
    assert capped.decided(person, winter) == [("CAP_CREDITS",)]


@pytest.mark.parametrize(("award", "most"), [("BACHELOR", 10_500), ("ASSOCIATE", 6_000)])
def test_korea_grants_105_or_60_from_one_institution(capped: Capped, award: str, most: int) -> None:
    capped.put_in_force(KOREA[2:4])
    person = capped.two.person()
    capped.enrol(person, "P-1", award=award, graduation="140")
    capped.transferred(person, capped.lot(person, 1, most - 1), capped.lot(person, 2, 1))
    assert capped.decided(person, capped.lot(person, 3, 1)) == [("CAP_CREDITS",)]
    elsewhere = capped.lot(person, 4, 1, issuer="宁波开放大学")
    assert capped.decided(person, elsewhere) == [()]


def test_korea_asks_at_completion_for_18_credits_of_courses(capped: Capped) -> None:
    capped.put_in_force([FLOOR])
    person = capped.two.person()
    capped.enrol(person, graduation="140")
    account = person.accounts[capped.two.destination.name]
    course = {"kind": "TRAINING"}
    capped.transferred(person, capped.lot(person, 1, 1799, **course))
    capped.recognised(person, capped.lot(person, 2, 1, **course))
    (floor,) = capped.enrolments.standing(account).floors
    # What is only promised does not complete anything.
    assert (floor.required, floor.have, floor.missing) == (1800, 1799, 1)
    capped.transferred(person, capped.lot(person, 3, 1, **course))
    (floor,) = capped.enrolments.standing(account).floors
    assert (floor.have, floor.missing) == (1800, 0)


def test_nothing_is_converted_twice_and_the_highest_counts(capped: Capped) -> None:
    capped.put_in_force(NO_DOUBLE)
    person = capped.two.person()
    low = capped.lot(person, 1, 200, title="大学 英语(一)")
    high = capped.lot(person, 2, 300, title="大学英语Ⅰ")
    assert capped.decided(person, low, high) == [("DOUBLE_CONVERSION",), ()]
    again = capped.lot(person, 3, 900, title="大学英语1")
    assert capped.decided(person, again) == [("DOUBLE_CONVERSION",)]
    same_target = capped.lot(person, 2, 900, title="数据结构")
    assert capped.decided(person, same_target) == [("DOUBLE_CONVERSION",)]


def test_of_two_programmes_the_one_that_the_wanted_targets_belong_to_counts(
    capped: Capped,
) -> None:
    capped.put_in_force(
        [cap("half", {"share": "1/2", "of": "graduation", "rounding": "DOWN"}, per=["programme"])]
    )
    person = capped.two.person()
    first, second = target_of("C-01"), target_of("C-02")
    capped.enrol(person, "P-1", targets=[first], graduation="2")
    capped.enrol(person, "P-2", targets=[second], graduation="10")

    def programme(at: int, *targets: str) -> str:
        lot = capped.lot(person, at, 1)
        application = capped.two.application(person, lot, whole=False)
        values = {name: getattr(application, name) for name in application.__slots__}
        (opened,) = capped.two.source.applications.open(
            [type(application)(**values | {"targets": targets})]
        )
        capped.two.run(3)
        given = capped.record(opened.exchange_id).given.programme
        assert capped.recomputed(opened.exchange_id).agrees
        return given.code if given else ""

    assert programme(1, first) == "P-1"
    assert programme(2, second) == "P-2"
    assert programme(3, target_of("C-03")) == "P-2", "the newest where none has them all"
    assert programme(4) == "P-2", "and where nothing is wished for"
    capped.enrolments.leave(person.accounts["CN-33"], "CN-33/p-2")
    assert programme(5) == "P-1"
    capped.enrolments.leave(person.accounts["CN-33"], "CN-33/p-1")
    assert programme(6) == ""


def test_a_record_tells_totals_and_nothing_of_other_outcomes(capped: Capped) -> None:
    capped.put_in_force([*KOREA, *NO_DOUBLE])
    person = capped.two.person()
    capped.enrol(person, graduation="140")
    capped.transferred(person, capped.lot(person, 1, 700, title="隐私课程", issuer="无名学校"))
    exchange_id = capped.two.apply(person, capped.lot(person, 2, 300))
    capped.two.run()
    document = capped.record_document(exchange_id).decode()
    assert '"used_before":700' in document
    for told in ("隐私课程", "无名学校", target_of("C-01"), "C-01"):
        assert told not in document
    (used,) = (use for use in capped.book(person).uses if use.part.target == target_of("C-01"))
    assert used.part.lot.partition(":")[2] not in document
