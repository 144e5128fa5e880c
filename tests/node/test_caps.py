"""Caps: the real rules of credit banks hold to the hundredth, and every refusal shows its sum."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from federation.base.errors import Refusal
from node.domain.cap_admission import Admission, Block, CapLine
from node.domain.cap_book import CapBook, Claim, Use, UseState
from node.domain.caps import Occasion, Part, Programme, rounded
from tests.node.cap_documents import (
    ASSOCIATE,
    BACHELOR,
    CUHK,
    GUANGDONG,
    KOREA,
    LIFETIME,
    NO_DOUBLE,
    OUC,
    UIBE,
    cap,
    caps,
    part,
)

ON = "2026-11-23"


def claim(name: str, *parts: Part, programme: Programme | None = BACHELOR, **more: Any) -> Claim:
    groups = {one.target: (one,) for one in parts}
    return Claim(claim=name, groups=groups, on=more.pop("on", ON), programme=programme, **more)


def reserved(listed: Any, *claims: Claim) -> tuple[CapBook, list[Admission]]:
    book, said = CapBook(), []
    for one in claims:
        book, admission = book.reserve(listed, one)
        said.append(admission)
    return book, said


def reasons(admission: Admission, group: str) -> list[tuple[str, str]]:
    return [(block.cap, block.reason) for block in admission.refused[group]]


def test_a_cap_admits_exactly_its_limit_and_not_a_hundredth_more():
    listed = caps([cap("c", {"at_most": 4200})])
    _, (exact,) = reserved(listed, claim("a", part("x", 4200)))
    assert exact.admitted == ("T-x",)
    assert exact.lines[0].left == 0
    _, (above,) = reserved(listed, claim("a", part("x", 4201)))
    assert above.admitted == ()
    _, (_, last, over) = reserved(
        listed, claim("a", part("x", 4199)), claim("b", part("y", 1)), claim("c", part("z", 1))
    )
    assert last.admitted == ("T-y",)
    assert over.refused == {"T-z": (Block(cap="c", reason="CAP_CREDITS"),)}


def test_a_count_admits_exactly_its_limit_and_not_one_more():
    listed = caps(UIBE)
    eight = [part(f"x{at}", 300) for at in range(8)]
    book, (said,) = reserved(listed, claim("a", *eight))
    assert len(said.admitted) == 8
    _, ninth = book.reserve(listed, claim("b", part("x8", 300)))
    assert reasons(ninth, "T-x8") == [("uibe-courses", "CAP_COUNT")]


def test_the_arithmetic_states_totals_and_nothing_of_other_outcomes():
    listed = caps([cap("c", {"at_most": 1000}, per=["issuer"])])
    _, (_, said) = reserved(
        listed,
        claim("a", part("x", 600, issuer="甲校")),
        claim("b", part("y", 300, issuer="甲校"), part("z", 200, issuer="甲校")),
    )
    assert said.lines == (
        CapLine(
            cap="c",
            scope=(("issuer", "甲校"),),
            window="",
            measure="CREDITS",
            limit=1000,
            used_before=600,
            asked=500,
            allowed=300,
            left=100,
        ),
    )
    assert said.admitted == ("T-y",)


def test_ouc_grants_at_most_35_percent_of_the_compulsory_courses():
    listed = caps(OUC)
    # 35 % of 76.10 credits is 26.635, rounded down.
    compulsory = {"category": "COMPULSORY"}
    book, (said,) = reserved(listed, claim("a", part("x", 2663, **compulsory)))
    assert said.admitted == ("T-x",)
    _, more = book.reserve(listed, claim("b", part("y", 1, **compulsory), part("z", 9000)))
    assert more.admitted == ("T-z",)
    assert reasons(more, "T-y") == [("ouc-compulsory", "CAP_CREDITS")]


def test_guangdong_grants_half_and_inside_it_a_quarter_by_online_courses():
    listed = caps(GUANGDONG)
    online = {"kind": "INFORMAL", "form": "ONLINE_COURSE"}
    book, (first,) = reserved(listed, claim("a", part("x", 3500, **online)))
    assert first.admitted == ("T-x",)
    assert [(line.cap, line.left) for line in first.lines] == [("gd-all", 3500), ("gd-online", 0)]
    _, inside = book.reserve(listed, claim("b", part("y", 1, **online)))
    assert reasons(inside, "T-y") == [("gd-online", "CAP_CREDITS")]
    book, rest = book.reserve(listed, claim("c", part("z", 3500)))
    assert rest.admitted == ("T-z",)
    _, over = book.reserve(listed, claim("d", part("w", 1, **online), part("v", 1)))
    assert reasons(over, "T-w") == [("gd-all", "CAP_CREDITS"), ("gd-online", "CAP_CREDITS")]
    assert reasons(over, "T-v") == [("gd-all", "CAP_CREDITS")]


def test_korea_grants_42_a_year_and_24_a_semester():
    listed = caps(KOREA)
    spring, autumn, winter = "2026-03-01", "2026-09-01", "2027-02-28"
    book, (first,) = reserved(listed, claim("a", part("x", 2400, earned=spring)))
    assert first.admitted == ("T-x",)
    _, full = book.reserve(listed, claim("b", part("y", 1, earned="2026-08-31")))
    assert reasons(full, "T-y") == [("kr-semester", "CAP_CREDITS")]
    book, second = book.reserve(listed, claim("c", part("y", 1800, earned=autumn)))
    assert second.admitted == ("T-y",)
    _, year = book.reserve(listed, claim("d", part("z", 1, earned="2026-12-31")))
    assert reasons(year, "T-z") == [("kr-year", "CAP_CREDITS")]
    # February belongs to the next year but still to the semester that began in September.
    _, next_year = book.reserve(
        listed, claim("e", part("z", 600, earned=winter), part("w", 1, earned=winter))
    )
    assert next_year.admitted == ("T-z",)
    assert reasons(next_year, "T-w") == [("kr-semester", "CAP_CREDITS")]


@pytest.mark.parametrize(("programme", "most"), [(BACHELOR, 10_500), (ASSOCIATE, 6_000)])
def test_korea_grants_105_or_60_from_one_institution(programme, most):
    listed = caps(KOREA)
    many = [
        part(f"x{at}", 1500, earned=f"20{at // 2:02d}-{3 if at % 2 else 9:02d}-15")
        for at in range(10, 10 + most // 1500)
    ]
    book, (said,) = reserved(listed, claim("a", *many, programme=programme))
    assert len(said.admitted) == most // 1500
    _, over = book.reserve(listed, claim("b", part("y", 1), programme=programme))
    assert reasons(over, "T-y") == [
        (f"kr-institution-{programme.award.lower()}", "CAP_CREDITS"),
    ]
    _, other = book.reserve(
        listed, claim("c", part("y", 1, issuer="宁波开放大学"), programme=programme)
    )
    assert other.admitted == ("T-y",)


@pytest.mark.parametrize(("programme", "most"), [(BACHELOR, 3), (ASSOCIATE, 2)])
def test_korea_counts_three_or_two_certificates(programme, most):
    listed = caps(KOREA)
    many = [part(f"x{at}", 100 + at, kind="CERTIFICATE") for at in range(4)]
    _, (said,) = reserved(listed, claim("a", *many, programme=programme))
    # Those worth most are taken.
    assert said.admitted == tuple(f"T-x{at}" for at in range(4 - most, 4))
    assert all(block[0].reason == "CAP_COUNT" for block in said.refused.values())


def test_korea_asks_at_completion_for_18_credits_of_courses():
    listed = caps(KOREA)
    course = {"form": "PART_TIME_COURSE"}
    book, _ = reserved(
        listed, claim("a", part("x", 1799, **course)), claim("b", part("y", 1, **course))
    )
    book = book.consume("a", {part("x", 1).lot})
    (floor,) = book.floors(listed, BACHELOR, on=ON)
    assert (floor.required, floor.have, floor.missing) == (1800, 1799, 1)
    book = book.consume("b", {part("y", 1).lot})
    (floor,) = book.floors(listed, BACHELOR, on=ON)
    assert (floor.have, floor.missing) == (1800, 0)
    (other,) = book.floors(listed, ASSOCIATE, on=ON)
    assert (other.have, other.missing) == (0, 1800)
    at_home = Use(
        claim="home",
        group="g",
        part=part("z", 1000, **course),
        occasion=Occasion(on=ON, programme="AS-CS", award="ASSOCIATE"),
        state=UseState.CONSUMED,
    )
    (other,) = book.floors(listed, ASSOCIATE, on=ON, at_home=(at_home,))
    assert other.missing == 800


def test_cuhk_grants_at_most_half():
    listed = caps(CUHK)
    book, (said,) = reserved(listed, claim("a", part("x", 7000)))
    assert said.admitted == ("T-x",)
    _, over = book.reserve(listed, claim("b", part("y", 1)))
    assert reasons(over, "T-y") == [("cuhk-half", "CAP_CREDITS")]


def test_similar_certificates_count_once_and_the_highest_counts():
    listed = caps(NO_DOUBLE)
    same = {"kind": "CERTIFICATE", "content": "计算机等级二级"}
    _, (said,) = reserved(listed, claim("a", part("x", 200, **same), part("y", 300, **same)))
    assert said.admitted == ("T-y",)
    assert reasons(said, "T-x") == [("same-content", "DOUBLE_CONVERSION")]


def test_no_course_is_granted_twice_and_no_lot_counts_twice():
    listed = caps(NO_DOUBLE)
    book, _ = reserved(listed, claim("a", part("x", 200)))
    _, target = book.reserve(listed, claim("b", part("y", 900, target="T-x")))
    assert reasons(target, "T-x") == [("same-target", "DOUBLE_CONVERSION")]
    _, lot = book.reserve((), claim("c", part("x", 900, target="T-other")))
    assert reasons(lot, "T-other") == [("LOT_ONCE", "LOT_USED_BEFORE")]
    again = Claim(
        claim="d", groups={"g": (part("z", 100),), "h": (part("z", 200, target="T-2"),)}, on=ON
    )
    _, twice = CapBook().reserve((), again)
    assert twice.admitted == ("h",)


def test_a_group_is_granted_whole_or_not_at_all():
    listed = caps([cap("c", {"at_most": 500})])
    pair = Claim(claim="a", groups={"g": (part("x", 300), part("y", 201))}, on=ON)
    book, said = CapBook().reserve(listed, pair)
    assert (said.admitted, book.uses) == ((), ())


def test_of_competing_groups_those_that_together_grant_most_are_admitted():
    listed = caps([cap("c", {"at_most": 1000})])
    _, (said,) = reserved(
        listed, claim("a", part("x", 600), part("y", 500), part("z", 500), part("w", 300))
    )
    assert said.admitted == ("T-y", "T-z")
    _, (equal,) = reserved(listed, claim("a", part("b", 1000), part("a", 1000)))
    assert equal.admitted == ("T-a",)


def test_beyond_twelve_competing_groups_they_are_taken_by_size():
    listed = caps([cap("c", {"at_most": 1000})])
    _, (said,) = reserved(
        listed, claim("a", part("big", 600), *(part(f"x{at:02d}", 500) for at in range(13)))
    )
    assert said.admitted == ("T-big",)


def test_an_unknown_total_refuses_and_credit_for_no_programme_is_not_asked():
    listed = caps(OUC)
    bare = Programme(code="X")
    compulsory = part("x", 1, category="COMPULSORY")
    _, (said,) = reserved(listed, claim("a", compulsory, programme=bare))
    assert reasons(said, "T-x") == [("ouc-compulsory", "CAP_TOTAL_UNKNOWN")]
    assert said.lines == ()
    _, (free,) = reserved(listed, claim("a", compulsory, programme=None))
    assert free.admitted == ("T-x",)


def test_a_share_may_be_of_another_cap():
    listed = caps(
        [
            cap("outer", {"at_most": 1001}),
            cap(
                "inner",
                {"share": "1/2", "of_cap": "outer", "rounding": "UP"},
                covers={"types": ["INFORMAL"]},
                per=["programme"],
                within="outer",
            ),
        ]
    )
    _, (said,) = reserved(listed, claim("a", part("x", 501, kind="INFORMAL")))
    assert said.admitted == ("T-x",)
    _, (over,) = reserved(listed, claim("a", part("x", 502, kind="INFORMAL")))
    assert reasons(over, "T-x") == [("inner", "CAP_CREDITS")]


@pytest.mark.parametrize(
    ("rounding", "whole"), [("DOWN", 2), ("UP", 3), ("HALF_UP", 3), ("HALF_EVEN", 2)]
)
def test_each_rounding_does_what_its_name_says(rounding, whole):
    assert rounded(Fraction(5, 2), rounding) == whole
    assert rounded(Fraction(7, 2), "HALF_EVEN") == 4
    assert rounded(Fraction(2), rounding) == 2


def test_rolling_days_end_with_the_day_of_the_decision():
    listed = caps(
        [
            cap(
                "month",
                {"at_most": 500},
                window={"kind": "ROLLING_DAYS", "starts": [], "days": 30},
                dated_by="DECIDED",
            )
        ]
    )
    book, _ = reserved(listed, claim("a", part("x", 500), on="2026-11-01"))
    _, inside = book.reserve(listed, claim("b", part("y", 1), on="2026-11-30"))
    assert reasons(inside, "T-y") == [("month", "CAP_CREDITS")]
    _, outside = book.reserve(listed, claim("b", part("y", 500), on="2026-12-01"))
    assert outside.admitted == ("T-y",)
    _, earlier = book.reserve(listed, claim("b", part("y", 1), on="2026-10-31"))
    assert earlier.admitted == ()


def test_room_comes_back_on_release_expiry_and_return():
    listed = caps([cap("c", {"at_most": 500}, window=LIFETIME)])
    book, _ = reserved(listed, claim("a", part("x", 500), until_us=10))
    full = book.reserve(listed, claim("b", part("y", 500)))[1]
    assert full.admitted == ()
    assert book.expire(10) == book
    for free in (book.release("a"), book.expire(11)):
        assert free == CapBook()
    spent = book.consume("a", {part("x", 500).lot})
    assert spent.release("a") == spent.expire(11) == spent
    assert spent.give_back({part("x", 500).lot}) == CapBook()


def test_a_transfer_takes_over_what_a_recognition_promised():
    listed = caps([cap("c", {"at_most": 500})])
    book, _ = reserved(listed, claim("promise", part("x", 500), until_us=10))
    _, uncited = book.reserve(listed, claim("t", part("x", 500)))
    assert uncited.admitted == ()
    book, cited = book.reserve(listed, claim("t", part("x", 500), cites="promise"))
    assert cited.admitted == ("T-x",)
    assert [use.claim for use in book.uses] == ["t"]
    with pytest.raises(Refusal, match="CLAIM_STATE"):
        book.reserve(listed, claim("u", part("x", 500), cites="promise"))


def test_an_appeal_asks_the_caps_for_the_difference_only_and_never_lowers():
    listed = caps([cap("c", {"at_most": 500})], UIBE, NO_DOUBLE)
    book, _ = reserved(listed, claim("a", part("x", 300)))
    with pytest.raises(Refusal, match="CLAIM_STATE"):
        book.reserve(listed, claim("b", part("x", 400), appeals="a"))
    book = book.consume("a", {part("x", 1).lot})
    raised, said = book.reserve(listed, claim("b", part("x", 500), appeals="a"))
    assert said.admitted == ("T-x",)
    assert (said.lines[0].used_before, said.lines[0].asked, said.lines[0].left) == (300, 200, 0)
    with pytest.raises(Refusal, match="CLAIM_STATE"):
        raised.reserve(listed, claim("c", part("x", 450), appeals="a"))
    raised = raised.consume("b", {part("x", 1).lot})
    _, over = raised.reserve(listed, claim("c", part("x", 501), appeals="a"))
    assert reasons(over, "T-x") == [("c", "CAP_CREDITS")]
    lower, kept = raised.reserve(listed, claim("c", part("x", 100), appeals="a"))
    assert kept.admitted == ("T-x",)
    assert lower == raised
    assert raised.give_back({part("x", 1).lot}) == CapBook()


def test_steps_out_of_place_change_nothing():
    listed = caps([cap("c", {"at_most": 500})])
    book, _ = reserved(listed, claim("a", part("x", 300)))
    with pytest.raises(Refusal, match="CLAIM_STATE"):
        book.reserve(listed, claim("a", part("y", 1)))
    for lots in (set(), {part("y", 1).lot}):
        with pytest.raises(Refusal, match="CLAIM_STATE"):
            book.consume("a", lots)
    with pytest.raises(Refusal, match="CLAIM_STATE"):
        book.reserve(listed, claim("b", part("x", 400), appeals="none"))
    assert book.release("none") == book


def test_one_target_granted_by_two_decisions_counts_twice():
    listed = caps([cap("two", {"at_most": 2}, measure="TARGETS")])
    elective = [
        Claim(claim=name, groups={"g": (part(name, 100, target="ELECTIVE"),)}, on=ON)
        for name in "abc"
    ]
    _, said = reserved(listed, *elective)
    assert [bool(one.admitted) for one in said] == [True, True, False]
