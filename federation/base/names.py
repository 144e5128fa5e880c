"""Province codes after GB/T 2260, their names, and the spellings accepted as input.

The canonical code is ``CN-`` and the two digits of GB/T 2260 (``CN-33``). ISO 3166-2:CN letter
codes (``CN-ZJ``) are accepted as input and never stored. Test provinces ``CN-T01``…``CN-T99``
exist only where the trust root declares itself a demonstration.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from federation.base.errors import Breach

TEST_PROVINCE = re.compile(r"CN-T(0[1-9]|[1-9][0-9])")
COORDINATOR = "CN-00"


@dataclass(frozen=True, slots=True)
class ProvinceName:
    """A province as people call it."""

    code: str
    iso: str
    zh: str
    en: str


_ROWS = (
    ("11", "BJ", "北京", "Beijing"),
    ("12", "TJ", "天津", "Tianjin"),
    ("13", "HE", "河北", "Hebei"),
    ("14", "SX", "山西", "Shanxi"),
    ("15", "NM", "内蒙古", "Inner Mongolia"),
    ("21", "LN", "辽宁", "Liaoning"),
    ("22", "JL", "吉林", "Jilin"),
    ("23", "HL", "黑龙江", "Heilongjiang"),
    ("31", "SH", "上海", "Shanghai"),
    ("32", "JS", "江苏", "Jiangsu"),
    ("33", "ZJ", "浙江", "Zhejiang"),
    ("34", "AH", "安徽", "Anhui"),
    ("35", "FJ", "福建", "Fujian"),
    ("36", "JX", "江西", "Jiangxi"),
    ("37", "SD", "山东", "Shandong"),
    ("41", "HA", "河南", "Henan"),
    ("42", "HB", "湖北", "Hubei"),
    ("43", "HN", "湖南", "Hunan"),
    ("44", "GD", "广东", "Guangdong"),
    ("45", "GX", "广西", "Guangxi"),
    ("46", "HI", "海南", "Hainan"),
    ("50", "CQ", "重庆", "Chongqing"),
    ("51", "SC", "四川", "Sichuan"),
    ("52", "GZ", "贵州", "Guizhou"),
    ("53", "YN", "云南", "Yunnan"),
    ("54", "XZ", "西藏", "Xizang"),
    ("61", "SN", "陕西", "Shaanxi"),
    ("62", "GS", "甘肃", "Gansu"),
    ("63", "QH", "青海", "Qinghai"),
    ("64", "NX", "宁夏", "Ningxia"),
    ("65", "XJ", "新疆", "Xinjiang"),
    ("71", "TW", "台湾", "Taiwan"),
    ("81", "HK", "香港", "Hong Kong"),
    ("82", "MO", "澳门", "Macao"),
)

PROVINCES = {
    f"CN-{digits}": ProvinceName(f"CN-{digits}", f"CN-{iso}", zh, en)
    for digits, iso, zh, en in _ROWS
}
_BY_ISO = {name.iso: name.code for name in PROVINCES.values()}

REGIONS = {
    "beijing-tianjin-hebei": ("CN-11", "CN-12", "CN-13"),
    "northeast": ("CN-21", "CN-22", "CN-23"),
    "yangtze-river-delta": ("CN-31", "CN-32", "CN-33", "CN-34"),
    "greater-bay-area": ("CN-44", "CN-81", "CN-82"),
    "chengdu-chongqing": ("CN-50", "CN-51"),
}
# Provinces of a demonstration stand in regions of five: CN-T01…CN-T05 in test-1, and so on.
_TEST_REGION_SIZE = 5
_TEST_REGION = re.compile(r"test-([1-9]|1[0-9]|20)")


def parse_province(text: str) -> str:
    """Return the canonical code of a province written by a person or a configuration.

    Raises:
        Breach: PROVINCE_UNKNOWN when no such province exists.
    """
    code = text.strip().upper() if text.isascii() else ""
    code = _BY_ISO.get(code, code)
    if not is_province(code):
        raise Breach("PROVINCE_UNKNOWN", detail=text[:32])
    return code


def is_province(code: str) -> bool:
    """Tell whether this is a canonical code, real or of a test federation."""
    return code in PROVINCES or TEST_PROVINCE.fullmatch(code) is not None


def is_test_province(code: str) -> bool:
    """Tell whether the code is reserved for federations under a demonstration root."""
    return TEST_PROVINCE.fullmatch(code) is not None


def region_of(code: str) -> str:
    """Return the region of a province; empty for one that stands in none."""
    if is_test_province(code):
        return f"test-{(int(code[4:]) - 1) // _TEST_REGION_SIZE + 1}"
    return next((name for name, members in REGIONS.items() if code in members), "")


def is_region(name: str) -> bool:
    """Tell whether this is the name of a region, real or of a test federation."""
    return name in REGIONS or _TEST_REGION.fullmatch(name) is not None


def province_name(code: str) -> ProvinceName:
    """Return the names of a province; a test province is named after its code."""
    return PROVINCES.get(code) or ProvinceName(code, code, f"测试{code[4:]}", f"Test {code[4:]}")


def is_clean_identifier(text: str, *, longest: int = 128) -> bool:
    """Tell whether an identifier is NFC, printable and of a sane length in code points."""
    if text.isascii():
        return 0 < len(text) <= longest and text.isprintable()
    return (
        0 < len(text) <= longest
        and unicodedata.is_normalized("NFC", text)
        and not any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in text)
    )


def is_clean_text(text: str, *, longest: int = 400) -> bool:
    """Tell whether free text keeps out control and bidirectional override characters.

    Personal names keep their code points as received, so NFC is not asked of them.
    """
    if text.isascii():
        return 0 < len(text) <= longest and text.isprintable()
    return 0 < len(text) <= longest and not any(
        unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char in _BIDI for char in text
    )


_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
