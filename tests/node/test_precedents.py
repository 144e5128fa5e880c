"""Precedents: like cases and candidate targets, ranked with their reasons, in both languages."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.precedents import (
    Aspect,
    DecidedCase,
    Described,
    Target,
    Verdict,
    described_by,
    overlap_percent,
    reason_of_precedents,
    reasons_between,
    shared_words,
    terms,
)
from node.precedents.ranking import MOST_RANKED, Ranking
from tests.node.test_outcomes import FACTS

TARGETS = (
    Target("GD-DB", Described("数据库系统", level=6, field="520.4030", hours=54)),
    Target("GD-DM", Described("离散数学", level=6, field="110.8400", hours=72)),
    Target("GD-OS", Described("操作系统", level=6, field="520.4020", hours=54)),
    Target("GD-CALC-1", Described("Calculus 1", topic="Mathematics")),
    Target("GD-CALC-2", Described("Calculus 2", topic="Mathematics")),
    Target("GD-AH", Described("Survey of African Art", topic="Art History")),
)


def case(name: str, title: str, *targets: str, verdict=Verdict.ACCEPT, **more) -> DecidedCase:
    values = {"issuer": "甲校", "outcomes": (Described(title),)} | more
    return DecidedCase(case_id=name, targets=targets, verdict=verdict, **values)


CASES = (
    case("k1", "集合论与图论", "GD-DM"),
    case("k2", "集合论基础", "GD-DM", issuer="乙校"),
    case("k3", "图论选讲", "GD-DM", verdict=Verdict.REJECT, reasons=("LEVEL_BELOW_MINIMUM",)),
    case("k4", "数据库原理", "GD-DB"),
    case("k5", "数据库应用（Access）", "GD-DB", verdict=Verdict.REJECT, decided_on="2025-03-01"),
    case("k6", "Differential Calculus", "GD-CALC-1"),
)
RANKING = Ranking(CASES, TARGETS)


def ranked(*titles: str, ranking: Ranking = RANKING) -> list[str]:
    found = ranking.candidates([Described(title) for title in titles])
    codes = [one.target.code for one in found]
    assert tuple(codes) == ranking.codes([Described(title) for title in titles])
    return codes


def test_chinese_text_becomes_pairs_and_english_becomes_words():
    assert terms("数据库原理") == ["数据", "据库", "库原", "原理"]
    assert terms("法") == ["法"]
    assert terms("C语言程序设计II") == ["c", "语言", "言程", "程序", "序设", "设计", "2"]
    assert terms("Introduction to African-American Studies") == [
        "introduction",
        "african",
        "american",
        "study",
    ]
    assert terms("Calculus III") == terms("calculus 3") == ["calculu", "3"]


def test_a_target_without_a_common_word_is_found_by_a_precedent():
    assert ranked("集合论与图论初步")[0] == "GD-DM"
    assert ranked("集合论与图论初步", ranking=Ranking((), TARGETS)) == []


def test_a_target_is_found_by_its_own_name_where_there_is_no_precedent():
    assert ranked("操作系统原理")[0] == "GD-OS"
    assert ranked("Calculus II")[0] == "GD-CALC-2"


def test_refusals_count_against_a_target_and_are_shown():
    found = RANKING.candidates([Described("数据库应用（Access）")])[0]
    assert found.target.code == "GD-DB"
    assert found.refused == ("k5",)
    assert found.accepted == ("k4",)
    (why,) = [one for one in found.reasons if one.aspect is Aspect.PRECEDENT]
    assert why.zh == "相似案例中 1 件认可、1 件未认可"
    accepted_only = Ranking([one for one in CASES if one.case_id != "k5"], TARGETS)
    assert accepted_only.candidates([Described("数据库应用（Access）")])[0].score > found.score


def test_a_target_only_refused_before_is_not_proposed():
    only = Ranking([replace(CASES[0], verdict=Verdict.REJECT)], TARGETS)
    assert ranked("集合论与图论", ranking=only) == []
    assert [one.case.case_id for one in only.similar(Described("集合论与图论"))] == ["k1"]


def test_similar_cases_come_with_verdict_and_reasons_refusals_too():
    found = RANKING.similar(Described("图论", level=6))
    assert {one.case.case_id for one in found} == {"k1", "k3"}
    refused = next(one for one in found if one.case.verdict is Verdict.REJECT)
    assert refused.case.reasons == ("LEVEL_BELOW_MINIMUM",)
    assert refused.reasons[0].zh == "名称共有：图论"
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_outcomes_handed_in_together_are_ranked_together():
    assert set(ranked("数据库原理", "操作系统")[:2]) == {"GD-DB", "GD-OS"}


def test_a_case_of_two_outcomes_is_found_once():
    both = case("two", "", "GD-DB", outcomes=(Described("数据库上"), Described("数据库下")))
    found = Ranking([both], TARGETS).similar(Described("数据库"))
    assert [one.case.case_id for one in found] == ["two"]


def test_of_equal_cases_the_later_stands_first():
    pair = [case(f"c{year}", "数据库原理", decided_on=f"{year}-01-01") for year in (2023, 2025)]
    found = Ranking(pair, TARGETS).similar(Described("数据库原理"))
    assert [one.case.case_id for one in found] == ["c2025", "c2023"]


def test_level_field_and_hours_tell_equal_names_apart():
    low, high = (
        Target(code, Described("数据库", level=level, field=field, hours=hours))
        for code, level, field, hours in (("LOW", 5, "520.4030", 36), ("HIGH", 7, "630.10", 90))
    )
    ranking = Ranking((), [high, low])
    asked = Described("数据库", level=5, field="520.4030", hours=36)
    first, second = ranking.candidates([asked])
    assert (first.target.code, second.target.code) == ("LOW", "HIGH")
    assert all(reason.speaks_for for reason in first.reasons)
    against = {reason.aspect for reason in second.reasons if not reason.speaks_for}
    assert against == {Aspect.LEVEL, Aspect.FIELD, Aspect.HOURS}


def test_contents_that_overlap_raise_a_rank():
    same = "关系模型 规范化 事务 查询优化"
    one, other = (
        Target(code, Described("数据库", contents=contents))
        for code, contents in (("OTHER", "网络协议 路由 拥塞控制"), ("SAME", same))
    )
    found = Ranking((), [one, other]).candidates([Described("数据库", contents=same)])
    assert [ranked.target.code for ranked in found] == ["SAME", "OTHER"]
    (why,) = [reason for reason in found[0].reasons if reason.aspect is Aspect.OVERLAP]
    assert "100%" in why.zh
    assert why.speaks_for


def test_reasons_are_said_in_both_languages():
    asked = Described("Database Systems", level=5, field="520.4030", hours=48, contents="sql")
    found = Described("数据库 Database", level=6, field="520.20", hours=54, contents="sql")
    reasons = {one.aspect: one for one in reasons_between(asked, found)}
    assert reasons[Aspect.NAME].en == "names share: database"
    assert reasons[Aspect.LEVEL].zh == "等级低 1 级（5 对 6）"
    assert reasons[Aspect.LEVEL].en == "1 level(s) below (5 to 6)"
    assert reasons[Aspect.FIELD].zh == "同属学科 520"
    assert reasons[Aspect.HOURS].en == "48 hours to 54 (88 %)"
    assert not reasons[Aspect.HOURS].speaks_for
    assert reason_of_precedents(0, 0) is None


def test_what_is_unknown_is_no_reason():
    aspects = [one.aspect for one in reasons_between(Described("甲"), Described("乙"))]
    assert aspects == [Aspect.NAME]


def test_shared_words_are_the_longest_runs():
    assert shared_words("C语言程序设计", "Python语言程序设计基础") == ("语言程序设计",)
    assert shared_words("Linear Algebra", "algebra, linear") == ("algebra", "linear")


def test_overlap_is_of_the_shorter():
    assert overlap_percent("数据库", "数据库原理与应用") == 100
    assert overlap_percent("", "数据库") == 0


def test_facts_are_described_without_grade_or_issuer():
    described = described_by(FACTS)
    assert described == Described("数据库原理", 6, "520.2040", 64)


@pytest.mark.parametrize("title", ["", "!!!", "的", "zzz"])
def test_nothing_in_common_ranks_nothing(title):
    assert ranked(title) == []
    assert RANKING.similar(Described(title)) == ()


def test_an_empty_archive_answers():
    empty = Ranking((), ())
    assert empty.candidates([Described("数据库")]) == ()
    assert empty.similar(Described("数据库")) == ()


titles = st.text(st.sampled_from("数据库原理与应用 abc12"), max_size=8)


@given(
    st.lists(st.builds(Described, titles), max_size=4),
    st.lists(st.builds(Described, titles), min_size=1, max_size=12),
    st.integers(0, 60),
)
def test_ranks_are_ordered_limited_and_repeatable(asked, described, limit):
    targets = [Target(f"T{at}", one) for at, one in enumerate(described)]
    cases = [case(f"k{at}", one.title, f"T{at}") for at, one in enumerate(described)]
    found = Ranking(cases, targets).candidates(asked, limit=limit)
    assert len(found) <= min(limit, MOST_RANKED, len(targets))
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert len({one.target.code for one in found}) == len(found)
    assert Ranking(cases, targets).candidates(asked, limit=limit) == found


def test_a_node_that_nobody_asks_loads_nothing_of_it():
    code = (
        "import sys, node.bootstrap, node.precedents.ranking\n"
        "sys.exit(any(name in sys.modules for name in ('numpy', 'bm25s', 'scipy')))"
    )
    done = subprocess.run([sys.executable, "-c", code], env=os.environ, check=False)
    assert done.returncode == 0
