"""What holds for every rule and every case, held against a search of all possibilities."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from node.domain.rule_conditions import CASE_REASONS, unmet
from node.domain.rule_grants import is_worth, rounded, split
from node.domain.rule_judgement import HELD, CaseJudgement, judge
from node.domain.rule_view import Case
from node.domain.rule_ways import HOURS, LOTS
from node.domain.rulebook import AtLeast, Course, Node, Pool, Rulebook
from node.domain.rules import ACCEPT, REJECT
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


# The search of all choices, written without regard for cost.


def most_targets(rule: Rulebook, held: list[Any], wanted: frozenset[str]) -> int:
    uses = []
    for line in rule.entries:
        counted = {target for target in line.targets if not wanted or target in wanted}
        if not counted:
            continue
        for size in range(1, len(held) + 1):
            for some in combinations(held, size):
                if is_worth(line, some) and _is_covered(rule, line, some):
                    uses.append((line, frozenset(one.lot_id for one in some), counted))
    return _best(rule, held, uses, frozenset(), frozenset())


def _best(
    rule: Rulebook, held: list[Any], uses: list[Any], used: frozenset[str], met: frozenset[str]
) -> int:
    best = 0
    for line, some, counted in uses:
        if used & some or met & set(line.targets) or _clashes(rule, held, used, some):
            continue
        now = met if line.repeats else met | set(line.targets)
        best = max(best, len(counted) + _best(rule, held, uses, used | some, now))
    return best


def _clashes(rule: Rulebook, held: list[Any], used: frozenset[str], some: frozenset[str]) -> bool:
    by_id = {one.lot_id: one for one in held}
    return any(_is_like(rule, by_id[a], by_id[b]) for a in used for b in some)


def _is_like(rule: Rulebook, a: Any, b: Any, *, by_name: bool = True) -> bool:
    kind = rule.exclusions.duplicates
    if kind == "NONE":
        return False
    if (a.source, a.facts.issuer, a.facts.code) == (b.source, b.facts.issuer, b.facts.code):
        return True
    names = a.facts.title.replace(" ", ""), b.facts.title.replace(" ", "")
    return by_name and kind == "NAME" and names[0] == names[1]


def _is_covered(rule: Rulebook, line: Any, some: tuple[Any, ...]) -> bool:
    return any(_covers(rule, line, line.requires, list(order)) for order in permutations(some))


def _covers(rule: Rulebook, line: Any, node: Node, order: list[Any]) -> bool:
    """Whether the lots, each in its place, meet the courses of some reading of a requirement."""
    return any(
        len(reading) == len(order)
        and all(
            _fits(rule, line, named, one) for (named, _), one in zip(reading, order, strict=True)
        )
        and _in_time(reading, order)
        and _apart(rule, reading, order)
        for reading in _readings(node, order, ())
    )


def _apart(rule: Rulebook, reading: Any, order: list[Any]) -> bool:
    for at, one in enumerate(order):
        for before in range(at):
            # A name met before through a pattern shuts out what is like it.
            is_loose = reading[before][0].is_pattern or _is_pooled(reading[before][1])
            if _is_like(rule, order[before], one, by_name=is_loose):
                return False
    return True


def _is_pooled(where: tuple[Any, ...]) -> bool:
    return any(step == "pool" for step in where)


def _fits(rule: Rulebook, line: Any, named: Course, one: Any) -> bool:
    cited = named.catalogue
    code = one.facts.code
    is_named = code == named.code or (named.is_pattern and code.startswith(named.code[:-1]))
    return is_named and cited.source in ("*", one.source) and not unmet(rule, line, named, one, ON)


def _readings(node: Node, order: list[Any], where: tuple[Any, ...]) -> Iterator[list[Any]]:
    if isinstance(node, Course):
        yield [(node, where)]
    elif isinstance(node, Pool):
        yield from _pool_readings(node, order, where)
    else:
        is_ordered = not isinstance(node, AtLeast)
        count = node.count if isinstance(node, AtLeast) else len(node.parts)
        for chosen in combinations(enumerate(node.parts), count):
            steps = [
                ((*where, (id(node), at)) if is_ordered else where, part) for at, part in chosen
            ]
            yield from _product(steps, order)


def _product(steps: list[Any], order: list[Any]) -> Iterator[list[Any]]:
    if not steps:
        yield []
        return
    (where, part), *rest = steps
    for first in _readings(part, order, where):
        for more in _product(rest, order):
            yield first + more


def _pool_readings(pool: Pool, order: list[Any], where: tuple[Any, ...]) -> Iterator[list[Any]]:
    for size in range(1, len(order) + 1):
        for some in combinations(order, size):
            measured = [_measure(pool.measure, one) for one in some]
            if all(measured) and sum(measured) >= pool.least > sum(measured) - min(measured):
                for parts in _assigned(pool.parts, size):
                    yield [(part, (*where, "pool")) for part in parts]


def _assigned(parts: tuple[Course, ...], size: int) -> Iterator[tuple[Course, ...]]:
    if size == 0:
        yield ()
        return
    for part in parts:
        for rest in _assigned(parts, size - 1):
            yield (part, *rest)


def _measure(measure: str, one: Any) -> int:
    if measure == LOTS:
        return 1
    return one.facts.hours if measure == HOURS else one.amount_hundredths


def _in_time(reading: list[Any], order: list[Any]) -> bool:
    return not any(
        one.facts.earned > other.facts.earned and _is_before(here, there)
        for (_, here), one in zip(reading, order, strict=True)
        for (_, there), other in zip(reading, order, strict=True)
    )


def _is_before(here: tuple[Any, ...], there: tuple[Any, ...]) -> bool:
    """Whether two courses stand in parts of one sequence, the first before the second."""
    return any(
        a != "pool" and b != "pool" and a[0] == b[0] and a[1] < b[1] for a in here for b in there
    )


def _courses(node: Node) -> Iterator[Course]:
    if isinstance(node, Course):
        yield node
    else:
        for part in node.parts:
            yield from _courses(part)
