"""The catalogue of bad input is whole: no row without a test, no test that is not there."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

import pytest

from federation.base.reasons import describe
from tests.conftest import ROOT
from tests.e2e.catalogue import CATALOGUE
from tests.e2e.catalogue_row import Row


@functools.cache
def functions_of(file: str) -> dict[str, str]:
    """Return the tests of a file with their texts."""
    source = (ROOT / file).read_text()
    return {
        node.name: ast.get_source_segment(source, node) or ""
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def faults(row: Row) -> list[str]:
    """Return what is wrong with a row."""
    if not row.shown_by:
        return ["no test"]
    found = []
    for file, test in row.shown_by:
        if not (ROOT / file).exists():
            found.append(f"{file} is missing")
        elif test and test not in functions_of(file):
            found.append(f"{file} has no {test}")
        elif not test and row.reason not in (ROOT / file).read_text():
            found.append(f"{file} does not speak of {row.reason}")
    return found


def test_the_catalogue_has_every_row() -> None:
    assert list(CATALOGUE) == list(range(1, 86))


@pytest.mark.parametrize("number", CATALOGUE)
def test_every_row_has_its_test(number: int) -> None:
    row = CATALOGUE[number]
    assert faults(row) == []
    if row.reason:
        assert describe(row.reason).en


def test_a_row_that_points_nowhere_is_found() -> None:
    here = str(Path(__file__).relative_to(ROOT))
    assert faults(Row("", "EMPTY", ()))
    assert faults(Row("", "EMPTY", ((here, "test_that_is_not_there"),)))
    assert faults(Row("", "EMPTY", (("tests/e2e/no_such_file.py", "test_it"),)))
    assert not faults(Row("", "EMPTY", ((here, "test_the_catalogue_has_every_row"),)))
