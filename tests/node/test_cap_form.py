"""The form of caps: every fault is found, placed and explained."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.base.errors import Breach
from node.domain.cap_faults import CAP_FAULTS
from node.domain.cap_form import MOST_CAPS, cap_faults, caps_of
from node.domain.rule_faults import FAULTS
from tests.node.cap_documents import CUHK, GUANGDONG, KOREA, NO_DOUBLE, OUC, UIBE, cap, share

SEMESTER = {"kind": "SEMESTER", "starts": ["03-01"], "days": 0}
ROLLING = {"kind": "ROLLING_DAYS", "starts": [], "days": 30}


def found(*caps: Any) -> list[tuple[tuple[Any, ...], str]]:
    return list(cap_faults(list(caps)))


def test_real_rules_have_no_fault():
    assert found(*OUC, *GUANGDONG, *KOREA, *CUHK, *UIBE, *NO_DOUBLE) == []


def test_a_cap_is_read_as_written():
    inner = caps_of(GUANGDONG)[1]
    assert inner.covers.types == frozenset({"ONLINE_COURSE"})
    assert inner.covers.issuers is None
    assert (inner.limit.share, inner.limit.of, inner.limit.rounding) == (
        Fraction(1, 4),
        "graduation",
        "DOWN",
    )
    assert (inner.within, inner.per, inner.measure) == ("gd-all", ("programme",), "CREDITS")
    assert caps_of(KOREA)[-1].limit.is_floor
    assert caps_of(KOREA)[1].window.starts == ("03-01", "09-01")
    floor = cap("f", share("1/3", "graduation", floor=True, rounding="UP"), per=["programme"])
    assert caps_of([floor])[0].limit.is_floor


@pytest.mark.parametrize(
    ("change", "path", "cause"),
    [
        ({"id": "a*"}, ("id",), "CAP_ID"),
        ({"id": 1}, ("id",), "CAP_ID"),
        ({"title_zh": ""}, ("title_zh",), "TITLE"),
        ({"per": ["issuer", "award"]}, ("per",), "CAP_PER"),
        ({"per": ["learner"]}, ("per",), "CAP_PER"),
        ({"per": ["issuer", "issuer"]}, ("per",), "CAP_PER"),
        ({"dated_by": "PAID"}, ("dated_by",), "CAP_DATED_BY"),
        ({"dated_by": []}, ("dated_by",), "CAP_DATED_BY"),
        ({"measure": "HOURS"}, ("measure",), "CAP_MEASURE"),
        ({"more": 1}, ("more",), "KEY_UNKNOWN"),
        ({"window": []}, ("window",), "NOT_AN_OBJECT"),
        ({"window": ROLLING | {"kind": "WEEK", "days": 0}}, ("window", "kind"), "CAP_WINDOW"),
        ({"window": SEMESTER | {"starts": []}}, ("window", "starts"), "CAP_STARTS"),
        ({"window": SEMESTER | {"starts": ["02-29"]}}, ("window", "starts"), "CAP_STARTS"),
        ({"window": SEMESTER | {"starts": ["9-1"]}}, ("window", "starts"), "CAP_STARTS"),
        (
            {"window": SEMESTER | {"starts": ["09-01", "03-01"]}},
            ("window", "starts"),
            "CAP_STARTS",
        ),
        ({"window": SEMESTER | {"days": 3}}, ("window", "days"), "CAP_DAYS"),
        ({"window": ROLLING, "dated_by": "EARNED"}, ("dated_by",), "CAP_DATED_BY"),
        (
            {"window": ROLLING | {"days": 0}, "dated_by": "DECIDED"},
            ("window", "days"),
            "CAP_DAYS",
        ),
        ({"limit": 4200}, ("limit",), "NOT_AN_OBJECT"),
        ({"limit": {}}, ("limit",), "CAP_LIMIT"),
        ({"limit": {"at_most": 1, "at_least": 1}}, ("limit",), "CAP_LIMIT"),
        ({"limit": {"at_most": -1}}, ("limit", "at_most"), "CAP_AMOUNT"),
        ({"limit": {"at_most": 42.0}}, ("limit", "at_most"), "CAP_AMOUNT"),
        ({"limit": share("3/2", "graduation")}, ("limit", "share"), "CAP_SHARE"),
        ({"limit": share("0/2", "graduation")}, ("limit", "share"), "CAP_SHARE"),
        ({"limit": share("35%", "graduation")}, ("limit", "share"), "CAP_SHARE"),
        ({"limit": share("1/2", "Graduation")}, ("limit", "of"), "CAP_SHARE_OF"),
        (
            {"limit": share("1/2", "graduation", rounding="NEAREST")},
            ("limit", "rounding"),
            "CAP_ROUNDING",
        ),
        ({"limit": share("1/2", "graduation", floor=False)}, ("limit", "floor"), "CAP_LIMIT"),
        ({"limit": share("1/2", "graduation")}, ("per",), "CAP_SHARE_PER"),
        (
            {"limit": share("1/2", "graduation"), "per": ["programme"], "measure": "LOTS"},
            ("measure",),
            "CAP_SHARE_MEASURE",
        ),
        ({"per": ["target"]}, ("measure",), "CAP_TARGET_MEASURE"),
        ({"covers": {"types": []}}, ("covers", "types"), "CAP_SET"),
        ({"covers": {"types": ["b", "a"]}}, ("covers", "types"), "CAP_SET"),
        ({"covers": {"types": [{}]}}, ("covers", "types"), "CAP_SET"),
        ({"covers": {"rooms": ["a"]}}, ("covers", "rooms"), "KEY_UNKNOWN"),
        ({"within": "later"}, ("within",), "CAP_WITHIN"),
        ({"within": 1}, ("within",), "CAP_WITHIN"),
    ],
)
def test_each_fault_has_its_place_and_cause(change, path, cause):
    written = cap(
        "c",
        change.get("limit", {"at_most": 1}),
        **{k: v for k, v in change.items() if k != "limit"},
    )
    assert found(written) == [(("caps", 0, *path), cause)]


def test_a_missing_key_is_named():
    for key in cap("c", {"at_most": 1}):
        written = cap("c", {"at_most": 1})
        del written[key]
        assert (("caps", 0, key), "KEY_MISSING") in found(written)


def test_caps_refer_to_caps_before_them():
    outer = cap("outer", {"at_most": 10}, covers={"types": ["CERTIFICATE", "TRAINING"]})
    inside = cap("in", {"at_most": 5}, covers={"types": ["TRAINING"]}, within="outer")
    assert found(outer, inside) == []
    assert found(inside, outer) == [(("caps", 0, "within"), "CAP_WITHIN")]
    assert found(outer, outer) == [(("caps", 1, "id"), "CAP_ID_REPEATED")]
    for change in ({"covers": {}}, {"covers": {"types": ["DEGREE"]}}, {"measure": "LOTS"}):
        odd = cap("in", {"at_most": 5}, within="outer", **({"covers": inside["covers"]} | change))
        assert found(outer, odd) == [(("caps", 1, "within"), "CAP_NOT_NESTED")]
    floor = cap("floor", {"at_least": 10})
    for base in ("floor", "none"):
        part = {"share": "1/2", "of_cap": base, "rounding": "DOWN"}
        assert found(floor, cap("p", part, per=["programme"])) == [
            (("caps", 1, "limit", "of_cap"), "CAP_SHARE_CAP")
        ]


def test_what_is_no_list_of_caps_is_refused():
    assert list(cap_faults({})) == [(("caps",), "NOT_A_LIST")]
    assert list(cap_faults([{}] * (MOST_CAPS + 1))) == [(("caps",), "CAP_COUNT_OF")]
    assert found(7) == [(("caps", 0), "NOT_AN_OBJECT")]
    with pytest.raises(Breach, match="RULE_FORM"):
        caps_of([7])


def test_every_fault_has_its_sentences():
    assert set(CAP_FAULTS) <= set(FAULTS)
    for text in CAP_FAULTS.values():
        assert all((text.cause_zh, text.remedy_zh, text.cause_en, text.remedy_en))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.sampled_from(list(cap("c", {"at_most": 1}))), json_values)
def test_nothing_written_in_a_cap_breaks_the_reader(key, value):
    written = cap("c", {"at_most": 1}) | {key: value}
    for _, cause in cap_faults([written]):
        assert cause in FAULTS
    if not list(cap_faults([written])):
        caps_of([written])
