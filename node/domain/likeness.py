"""Names of one content written differently, brought to one spelling for comparison.

Spacing, punctuation, width, case, numerals and particles do not tell two courses apart:
``大学 英语(一)``, ``大学英语Ⅰ`` and ``大学英语1`` are one name. Numbers stay, so
大学英语(二) is another.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9}
_ROMAN_WORD = re.compile(r"(?<![a-z])(?:viii|vii|vi|v|iv|ix|iii|ii|i)(?![a-z])")
_HAN_DIGITS = {char: at for at, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
# A Han numeral is a number of a part only where it ends the name or stands in brackets: 三国演义
# and 第一次世界大战 keep theirs.
_HAN_PART = re.compile(
    r"(?:第)?([〇零一二两三四五六七八九十]{1,3})(?:部分|册|部|期|级|段)?(?=\W*$)"
)
_HAN_BRACKET = re.compile(r"\(\s*([〇零一二两三四五六七八九十]{1,3})\s*\)")
_HALVES = (("(上)", "(1)"), ("(下)", "(2)"), ("上册", "1"), ("下册", "2"))
_PARTICLES_ZH = re.compile(r"[的与和及之]")
_PARTICLES_EN = re.compile(r"\b(?:a|an|the|of|and|in|to|for|on|with)\b")


@lru_cache(maxsize=4096)
def like_name(title: str) -> str:
    """Return the spelling that all ways of writing this name have in common.

    A name of which nothing would be left is returned as it is.
    """
    text = unicodedata.normalize("NFKC", title).casefold().replace("&", " and ")
    for written, number in _HALVES:
        text = text.replace(written, number)
    text = _HAN_BRACKET.sub(lambda found: f"({_han_number(found[1])})", text)
    text = _HAN_PART.sub(lambda found: str(_han_number(found[1])), text)
    text = _ROMAN_WORD.sub(lambda found: str(_ROMAN[found[0]]), text)
    text = _PARTICLES_ZH.sub("", _PARTICLES_EN.sub(" ", text))
    bare = "".join(char for char in text if unicodedata.category(char)[0] in "LN")
    return bare or title


def _han_number(text: str) -> int:
    tens, ten, ones = text.partition("十")
    if not ten:
        return int("".join(str(_HAN_DIGITS[char]) for char in text))
    # Digits are read one by one, so that any run of numerals has a value.
    high = int("".join(str(_HAN_DIGITS.get(char, 1)) for char in tens) or "1")
    low = int("".join(str(_HAN_DIGITS.get(char, 1)) for char in ones) or "0")
    return high * 10 + low
