"""A plug-in for pytest that puts one fault into the rule engine, named by ``SEEDED_FAULT``.

With it the tests named beside the fault must fail; that they do is itself a test.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from node.domain import cap_admission, rule_conditions, rule_grants

VARIABLE = "SEEDED_FAULT"


def _grade_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rule_conditions, "_grade", lambda *_: [])


def _rounding_off(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rule_grants, "rounded", lambda exact, rounding: round(exact))


def _cap_off_by_one(patch: pytest.MonkeyPatch) -> None:
    limit_of = cap_admission.limit_of

    def above(*of: object) -> int | None:
        limit = limit_of(*of)  # type: ignore[arg-type]
        return None if limit is None else limit + 1

    patch.setattr(cap_admission, "limit_of", above)


FAULTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "grade ignored": _grade_ignored,
    "rounding off": _rounding_off,
    "cap off by one": _cap_off_by_one,
}
# Tests that must see each fault.
SEEN_BY = {
    "grade ignored": (
        "tests/node/test_rule_conditions.py::test_a_grade_ignored_would_be_seen",
        "tests/node/test_assist.py::test_every_form_of_agreement_comes_out_right",
    ),
    "rounding off": (
        "tests/node/test_rule_judgement.py::test_a_grant_is_rounded_as_its_rule_names",
        "tests/node/test_rule_conditions.py::test_a_rounding_left_out_would_be_seen",
    ),
    "cap off by one": (
        "tests/node/test_caps.py::test_a_cap_admits_exactly_its_limit_and_not_a_hundredth_more",
        "tests/node/test_caps.py::test_a_count_admits_exactly_its_limit_and_not_one_more",
    ),
}


def pytest_configure() -> None:
    """Put the fault in for the whole run."""
    FAULTS[os.environ[VARIABLE]](pytest.MonkeyPatch())
