"""What holds for every rule and every case, held against a search of all possibilities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from node.domain.rule_conditions import CASE_REASONS
from node.domain.rule_grants import rounded, split
from node.domain.rule_judgement import HELD, CaseJudgement, judge
from node.domain.rule_view import Case
from node.domain.rule_ways import HOURS, LOTS
from node.domain.rulebook import AtLeast, Course, Node, Pool, Rulebook
from node.domain.rules import ACCEPT, REJECT
from tests.node.rule_search import most_targets
from tests.node.rulebook_documents import ON, book, course, entry, grant, lot

CODES = "ABCDE"
TARGETS = ("T1", "T2", "T3")

leaves = st.builds(
    course,
    st.sampled_from([*CODES, "A*", "*"]),
    st.sampled_from(["zj", "js", "all"]),
    minimum_grade=st.sampled_from([None, 60, 80]),
    level=st.sampled_from([None, "ANY", {"at_least": 5}]),
)
pools = st.builds(
    lambda parts, measure, least: {
        "pool": {"of": [part["course"] for part in parts], measure: least}
    },
    st.lists(leaves, min_size=1, max_size=3),
    st.sampled_from([LOTS, "credits_hundredths", HOURS]),
    st.sampled_from([1, 2, 60, 300]),
)


def combined(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    parts = st.lists(children, min_size=1, max_size=3)
    several = st.tuples(st.sampled_from(["all", "any", "sequence"]), parts).map(
        lambda pair: {pair[0]: pair[1]}
    )
    some = st.tuples(parts, st.integers(1, 3)).map(
        lambda pair: {"at_least": min(pair[1], len(pair[0])), "of": pair[0]}
    )
    return several | some


requirements = st.recursive(leaves | pools, combined, max_leaves=4)
grants = st.lists(
    st.builds(
        grant,
        st.sampled_from(TARGETS),
        ratio=st.sampled_from(["1/1", "2/3", "1/700"]),
        level=st.integers(0, 8),
        rounding=st.sampled_from(["DOWN", "HALF_UP", "HALF_EVEN"]),
    ),
    min_size=1,
    max_size=2,
    unique_by=lambda one: one["target"],
)
entries = st.builds(
    lambda requires, granted, repeats: entry(requires, *granted, repeats=repeats),
    requirements,
    grants,
    st.booleans(),
)
rules = st.builds(
    lambda lines, duplicates: book(*lines, exclusions={"duplicates": duplicates}),
    st.lists(entries, min_size=1, max_size=3),
    st.sampled_from(["CODE", "NAME", "NONE"]),
)
lots = st.lists(
    st.builds(
        lambda code, **change: lot(code, **change),
        st.sampled_from(CODES),
        source=st.sampled_from(["CN-33", "CN-32"]),
        grade=st.sampled_from(["50", "70", "90"]),
        level=st.integers(4, 7),
        hours=st.sampled_from([0, 30, 64]),
        earned=st.sampled_from(["2020-01-01", "2022-01-01", "2024-01-01"]),
        title=st.sampled_from(["数据库", "数据 库", "网络"]),
        amount_hundredths=st.sampled_from([50, 200, 300]),
    ),
    max_size=4,
).map(lambda found: [_renamed(one, f"l{at}") for at, one in enumerate(found)])
wants = st.frozensets(st.sampled_from(TARGETS), max_size=2)


def _renamed(one: Any, name: str) -> Any:
    return type(one)(name, one.source, one.facts, one.amount_hundredths)


def of(rule: Rulebook, held: list[Any], wanted: frozenset[str]) -> CaseJudgement:
    return judge(rule, Case(tuple(held), ON, wanted))


def score(rule: Rulebook, judgement: CaseJudgement, wanted: frozenset[str]) -> int:
    return sum(
        1
        for group in judgement.groups
        for one in group.grants
        if not wanted or one.target in wanted
    )


@settings(max_examples=100, deadline=None)
@given(rules, lots, wants)
def test_no_lot_is_used_twice_and_every_lot_has_a_verdict(rule, held, wanted):
    judgement = of(rule, held, wanted)
    used = [name for group in judgement.groups for name in group.lot_ids]
    assert len(used) == len(set(used))
    assert sorted(one.lot_id for one in judgement.lots) == sorted(one.lot_id for one in held)
    for one in judgement.lots:
        assert (one.verdict == ACCEPT) is (one.lot_id in used)
        assert (one.reasons == ()) is (one.verdict == ACCEPT)
        assert (one.granted_hundredths > 0) is (one.verdict == ACCEPT)
        assert set(one.reasons) <= set(CASE_REASONS)
        assert one.verdict in (ACCEPT, REJECT, HELD)


@settings(max_examples=100, deadline=None)
@given(rules, lots, wants)
def test_shares_sum_to_what_is_granted_and_rounding_is_as_named(rule, held, wanted):
    judgement = of(rule, held, wanted)
    for group in judgement.groups:
        assert any(not wanted or one.target in wanted for one in group.grants)
        for one in group.grants:
            assert sum(share.hundredths for share in one.shares) == one.hundredths
            assert [share.lot_id for share in one.shares] == list(group.lot_ids)
            assert all(share.hundredths >= 0 for share in one.shares)
            if one.rounding == "DOWN":
                assert one.hundredths <= one.exact < one.hundredths + 1
            else:
                assert abs(one.hundredths - one.exact) * 2 <= 1
    by_lot = sum(one.granted_hundredths for one in judgement.lots)
    assert by_lot == sum(one.hundredths for group in judgement.groups for one in group.grants)


@settings(max_examples=60, deadline=None)
@given(rules, lots, wants, st.randoms(use_true_random=False))
def test_the_order_of_lots_does_not_matter(rule, held, wanted, random):
    mixed = list(held)
    random.shuffle(mixed)
    assert of(rule, mixed, wanted) == of(rule, held, wanted)


@settings(max_examples=100, deadline=None)
@given(rules, lots, wants)
def test_no_level_is_lowered_where_the_rule_says_not_lower(rule, held, wanted):
    levels = {one.lot_id: one.facts.level for one in held}
    by_id = {one.entry_id: one for one in rule.entries}
    for group in of(rule, held, wanted).groups:
        for one in group.lot_ids:
            for named in _courses(by_id[group.entry_id].requires):
                if named.conditions.level != "NOT_LOWER":
                    break
            else:
                assert all(levels[one] >= given.level for given in group.grants)


@settings(max_examples=100, deadline=None)
@given(rules, lots, wants)
def test_as_many_targets_are_granted_as_a_search_of_all_choices_finds(rule, held, wanted):
    assert score(rule, of(rule, held, wanted), wanted) == most_targets(rule, held, wanted)


@settings(max_examples=100, deadline=None)
@given(rules, lots, wants)
def test_a_further_lot_never_loses_what_was_granted(rule, held, wanted):
    if not held:
        return
    fewer, more = of(rule, held[:-1], wanted), of(rule, held, wanted)
    assert score(rule, fewer, wanted) <= score(rule, more, wanted)
    if len(wanted) == 1:
        (target,) = wanted
        assert (fewer.granted(target) > 0) <= (more.granted(target) > 0)


@settings(max_examples=60, deadline=None)
@given(requirements, lots)
def test_what_is_told_to_be_missing_is_enough(requires, held):
    rule = book(entry(requires, grant(credits_hundredths=10**6)), exclusions={"duplicates": "NONE"})
    judgement = of(rule, held, frozenset({"T1"}))
    if judgement.groups:
        assert judgement.missing == ()
        return
    (short,) = judgement.missing
    brought = []
    for at, lack in enumerate(short.missing):
        named = lack.courses[0]
        for more in range(lack.amount if lack.measure == LOTS else 1):
            brought.append(_bringing(named, lack, f"new{at}.{more}"))
    if not any("OUT_OF_SEQUENCE" in lack.reasons for lack in short.missing) and not _is_ordered(
        rule.entries[0].requires
    ):
        assert of(rule, held + brought, frozenset({"T1"})).granted("T1")


def _bringing(named: Course, lack: Any, name: str) -> Any:
    source = named.catalogue.source
    return _renamed(
        lot(
            named.code.replace("*", "Z"),
            source="CN-33" if source == "*" else source,
            grade="100",
            level=10,
            hours=max(1, lack.amount if lack.measure == HOURS else 1),
            amount_hundredths=max(1, lack.amount),
        ),
        name,
    )


def _is_ordered(node: Node) -> bool:
    if isinstance(node, Course | Pool):
        return False
    return not isinstance(node, AtLeast) or any(map(_is_ordered, node.parts))


@settings(max_examples=60, deadline=None)
@given(st.lists(leaves, min_size=1, max_size=3), lots)
def test_all_any_and_at_least_say_the_same_where_they_should(parts, held):
    def granted(requires: dict[str, Any]) -> list[Any]:
        rule = book(entry(requires, grant(credits_hundredths=500)))
        return [(group.lot_ids, group.grants) for group in of(rule, held, frozenset()).groups]

    count = len(parts)
    assert granted({"all": parts}) == granted({"at_least": count, "of": parts})
    assert granted({"any": parts}) == granted({"at_least": 1, "of": parts})
    assert granted({"all": parts[:1]}) == granted(parts[0]) == granted({"any": parts[:1]})
    assert granted({"sequence": parts[:1]}) == granted(parts[0])


@given(st.integers(0, 10**9), st.lists(st.integers(1, 10**6), min_size=1, max_size=20))
def test_shares_lie_within_one_hundredth_of_proportion(total, sizes):
    parts = split(total, sizes)
    assert sum(parts) == total
    assert all(
        abs(part * sum(sizes) - total * size) < sum(sizes)
        for part, size in zip(parts, sizes, strict=True)
    )


@given(st.fractions(min_value=0, max_value=1000))
def test_each_rounding_is_the_one_that_is_named(exact):
    assert 0 <= exact - rounded(exact, "DOWN") < 1
    assert rounded(exact, "HALF_UP") == int(exact + (1 if exact % 1 >= 0.5 else 0))
    assert rounded(exact, "HALF_EVEN") == round(exact)


def _courses(node: Node) -> Iterator[Course]:
    if isinstance(node, Course):
        yield node
    else:
        for part in node.parts:
            yield from _courses(part)
