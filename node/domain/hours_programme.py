"""Programmes of hours: what a learner's hours of one form add up to, and as what.

A programme is published by two persons as a catalogue is. Written by people as TOML::

    name = "CN-31/volunteering"
    version = "1"
    form = "VOLUNTEERING"
    threshold_hours = 32
    award_credits = "1.00"
    most_awards = 4          # optional
    code = "VOL-1"
    catalogue = "2026.1"
    title = "志愿服务实践"
    issuer = "上海开放大学"
    level = 3                # optional
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from federation.base.amounts import parse_credits
from federation.base.errors import Breach
from node.domain.canonical import digest_of, spell
from node.domain.catalogue import is_name
from node.domain.learning_hours import HoursRule
from node.domain.outcome_forms import outcome_form
from node.domain.outcomes import UNGRADED, OutcomeFacts, is_code
from node.domain.toml_lines import line_in_error, read_toml

REASON = "HOURS_FORM"
_TEXTS = ("name", "version", "form", "award_credits", "code", "catalogue", "title", "issuer")
_NUMBERS = ("threshold_hours",)
_OPTIONAL = {"level": 0, "most_awards": None, "field": ""}
_ANY_DAY = "2000-01-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursProgramme:
    """A programme at one version.

    Attributes:
        rule: when hours make credit; its name is ``name@version``.
        code: of the outcome that the credit is deposited as.
        digest: SHA-256 of its canonical bytes, 64 hexadecimal digits.
    """

    name: str
    version: str
    rule: HoursRule
    code: str
    catalogue: str
    title: str
    issuer: str
    level: int
    field: str
    digest: str

    def outcome(self, *, earned: str, awards: int) -> OutcomeFacts:
        """Return what awards of this programme are deposited as."""
        return OutcomeFacts(
            code=self.code,
            catalogue=self.catalogue,
            title=self.title,
            grade="",
            scale=UNGRADED,
            level=self.level,
            field=self.field,
            hours=awards * self.rule.threshold_minutes // 60,
            earned=earned,
            expires="",
            kind=outcome_form(self.rule.form).kind,
            issuer=self.issuer,
            form=self.rule.form,
        )


def read_programme(document: bytes) -> HoursProgramme:
    """Return the programme that a person wrote as TOML.

    Raises:
        Breach: HOURS_FORM naming what is wrong.
    """
    try:
        _, content = read_toml(document)
    except (ValueError, RecursionError) as error:
        line = line_in_error(error) if isinstance(error, ValueError) else 1
        raise Breach(REASON, detail=f"line {line}: not TOML in UTF-8") from None
    values = _checked(content)
    name, version = values["name"], values["version"]
    try:
        rule = HoursRule(
            rule=f"{name}@{version}",
            form=values["form"],
            threshold_minutes=values["threshold_hours"] * 60,
            award_hundredths=parse_credits(values["award_credits"]),
            most_awards=values["most_awards"],
        )
        named = {key: values[key] for key in ("code", "catalogue", "title", "issuer", "field")}
        made = HoursProgramme(
            name=name, version=version, rule=rule, level=values["level"], digest="", **named
        )
        made.outcome(earned=_ANY_DAY, awards=1)
    except Breach as breach:
        raise Breach(REASON, detail=f"{breach.reason} {breach.detail}".rstrip()) from None
    content = asdict(made)
    del content["digest"]
    return HoursProgramme(
        name=name,
        version=version,
        rule=rule,
        level=made.level,
        digest=digest_of(spell(content)),
        **named,
    )


def _checked(content: dict[str, Any]) -> dict[str, Any]:
    wanted = {*_TEXTS, *_NUMBERS}
    odd = sorted((wanted - content.keys()) | (content.keys() - wanted - _OPTIONAL.keys()))
    if odd:
        raise Breach(REASON, detail=f"missing or unknown: {', '.join(odd[:5])[:200]}")
    values = _OPTIONAL | content
    wrong = [key for key in (*_TEXTS, "field") if not isinstance(values[key], str)]
    wrong += [key for key in (*_NUMBERS, "level") if type(values[key]) is not int]
    if values["most_awards"] is not None:
        is_count = type(values["most_awards"]) is int and values["most_awards"] > 0
        wrong += [] if is_count else ["most_awards"]
    if not wrong and not is_name(values["name"]):
        wrong = ["name"]
    if not wrong and not is_code(values["version"]):
        wrong = ["version"]
    if wrong:
        raise Breach(REASON, detail=f"wrong: {', '.join(wrong)}")
    return values
