"""Invented learners: Chinese names, rare characters among them, and possible identity numbers.

Nobody real is meant. The region part of a number names a whole province, which no issued number
does, so none of them can belong to anyone.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from node.domain.national_id import RESIDENT_ID, check_character
from node.edges.demo.itinerary import Learner

# In use in names, and outside what old character sets and careless columns can hold.
RARE = ("㛃", "䶮", "𬭚", "𠮷", "𰻝")
_MIDDLE_DOT_NAMES = ("阿迪力·买买提", "古丽娜尔·艾合买提江", "次仁·多吉卓玛")
_SURNAMES: tuple[str, ...] = (*"王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高罗", "欧阳", "司马", "诸葛")
_GIVEN: tuple[str, ...] = (
    *("建国", "秀英", "志强", "桂兰", "思远", "雨桐", "子涵", "晓燕", "海波", "丽华"),
    *("文博", "静怡", "俊杰", "梦琪", "一鸣", "若曦", "磊", "婷", "浩然", "春梅"),
)
_FIRST_BIRTH = date(1958, 1, 1)
_BIRTH_DAYS = 365 * 47


def invent_learners(seed: int, provinces: tuple[str, ...], count: int) -> dict[str, list[Learner]]:
    """Return learners by home province; every rare character is in some name."""
    homes: dict[str, list[Learner]] = {province: [] for province in provinces}
    numbers: set[str] = set()
    for at in range(count):
        chance = Random(f"{seed}/learner/{at}")
        home = provinces[at % len(provinces)]
        number = _number(chance, home)
        while number in numbers:
            number = _number(chance, home)
        numbers.add(number)
        name = _name(chance, at, count)
        homes[home].append(Learner(f"L{at + 1:05d}", name, RESIDENT_ID, number))
    return homes


def _name(chance: Random, at: int, count: int) -> str:
    rare = "".join(char for place, char in enumerate(RARE) if place % count == at)
    if rare:
        return chance.choice(_SURNAMES) + rare
    if at - len(RARE) in range(len(_MIDDLE_DOT_NAMES)):
        return _MIDDLE_DOT_NAMES[at - len(RARE)]
    return chance.choice(_SURNAMES) + chance.choice(_GIVEN)


def _number(chance: Random, home: str) -> str:
    born = _FIRST_BIRTH + timedelta(days=chance.randrange(_BIRTH_DAYS))
    first17 = f"{home[3:]}0000{born:%Y%m%d}{chance.randrange(1000):03d}"
    return first17 + check_character(first17)
