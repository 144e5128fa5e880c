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

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from federation.base.amounts import parse_credits
from federation.base.errors import Breach
from federation.base.names import is_clean_text
from node.domain.canonical import digest_of, spell
from node.domain.catalogue import is_name
from node.domain.file_faults import FileBreach, FileFault, fault_from
from node.domain.hours_faults import HOURS_FAULTS
from node.domain.learning_hours import HoursRule
from node.domain.outcome_forms import OUTCOME_FORMS, outcome_form
from node.domain.outcomes import HIGHEST_LEVEL, MOST_HOURS, UNGRADED, OutcomeFacts, is_code
from node.domain.toml_lines import line_in_error, line_of, read_toml, spell_path

REASON = "HOURS_FORM"
LARGEST_FORM_BYTES = 1024 * 1024
MOST_AWARDS = 1_000_000


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
        FileBreach: HOURS_FORM with every fault and its line.
    """
    if len(document) > LARGEST_FORM_BYTES:
        raise FileBreach(REASON, (_fault("FORM_TOO_LARGE"),))
    try:
        text, content = read_toml(document)
    except (ValueError, RecursionError) as error:
        line = line_in_error(error) if isinstance(error, ValueError) else 1
        raise FileBreach(REASON, (_fault("NOT_TOML", line=line),)) from None
    faults = tuple(
        _fault(cause, line=line_of(text, (key,)), column=spell_path((key,)))
        for key, cause in _faults(content)
    )
    if faults:
        raise FileBreach(REASON, faults)
    values = _OPTIONAL | content
    named = {key: values[key] for key in ("code", "catalogue", "title", "issuer", "field")}
    made = HoursProgramme(
        name=values["name"],
        version=values["version"],
        rule=HoursRule(
            rule=f"{values['name']}@{values['version']}",
            form=values["form"],
            threshold_minutes=values["threshold_hours"] * 60,
            award_hundredths=parse_credits(values["award_credits"]),
            most_awards=values["most_awards"],
        ),
        level=values["level"],
        digest="",
        **named,
    )
    stated = asdict(made)
    del stated["digest"]
    return replace(made, digest=digest_of(spell(stated)))


def _fault(cause: str, *, line: int = 1, column: str = "") -> FileFault:
    return fault_from(HOURS_FAULTS, cause, line=line, column=column)


def _faults(content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key in content:
        if key not in _FORM:
            yield key, "KEY_UNKNOWN"
    for key, (holds, cause) in _FORM.items():
        if key in content:
            if not holds(content[key]):
                yield key, cause
        elif key not in _OPTIONAL:
            yield key, "KEY_MISSING"


def _is_hours_form(value: str) -> bool:
    return value in OUTCOME_FORMS and OUTCOME_FORMS[value].counts_hours


def _is_award(value: Any) -> bool:
    try:
        return isinstance(value, str) and parse_credits(value) > 0
    except Breach:
        return False


def _is_count(value: Any, most: int) -> bool:
    return type(value) is int and 0 < value <= most


def _text_with(check: Callable[[str], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and check(value)


_CODE = (_text_with(is_code), "CODE")
_TITLE = (_text_with(is_clean_text), "TITLE")
_OPTIONAL: dict[str, Any] = {"level": 0, "most_awards": None, "field": ""}
_FORM: dict[str, tuple[Callable[[Any], bool], str]] = {
    "name": (_text_with(is_name), "PROGRAMME_NAME"),
    "version": _CODE,
    "form": (_text_with(_is_hours_form), "OUTCOME_FORM"),
    "threshold_hours": (lambda value: _is_count(value, MOST_HOURS), "NOT_A_COUNT"),
    "award_credits": (_is_award, "AWARD_CREDITS"),
    "most_awards": (lambda value: _is_count(value, MOST_AWARDS), "NOT_A_COUNT"),
    "code": _CODE,
    "catalogue": _CODE,
    "title": _TITLE,
    "issuer": _TITLE,
    "level": (lambda value: type(value) is int and 0 <= value <= HIGHEST_LEVEL, "OUTCOME"),
    "field": (_text_with(lambda text: text == "" or is_code(text)), "OUTCOME"),
}
