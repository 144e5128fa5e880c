"""Names of one content, written differently."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.likeness import like_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("大学 英语(一)", "大学英语Ⅰ"),
        ("大学英语(1)", "大学英语1"),
        ("大学英语(上)", "大学英语1"),
        ("马克思主义的基本原理", "马克思主义基本原理"),
        ("Ｃ语言程序设计", "c语言程序设计"),
        ("高等数学（二）", "高等数学 II"),
        ("高等数学 第二册", "高等数学2"),
        ("Principles of Accounting", "The Principles of Accounting"),
        ("Research & Development", "research and development"),
        ("微积分、线性代数", "微积分 线性代数"),
        ("综合英语(十二)", "综合英语12"),
    ],
)
def test_one_name_in_two_spellings(one, other):
    assert like_name(one) == like_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("大学英语(一)", "大学英语(二)"),
        ("三国演义", "国演义"),
        ("高等数学", "高等数学1"),
        ("Calculus I", "Calculus II"),
        ("数据库原理", "数据库应用"),
    ],
)
def test_two_names(one, other):
    assert like_name(one) != like_name(other)


@given(st.text(min_size=1, max_size=30))
def test_every_name_has_a_spelling_and_one_only(title):
    assert like_name(title)
    assert like_name(title) == like_name(title)
