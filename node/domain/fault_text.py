"""The sentences that tell a person what is wrong with a document."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FaultText:
    """What is wrong and what to do about it, in both languages."""

    cause_zh: str
    remedy_zh: str
    cause_en: str
    remedy_en: str
