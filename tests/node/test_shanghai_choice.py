"""Files gone through row by row give what they give when they are held whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.domain.file_faults import FileBreach
from node.domain.shanghai import CourseGrade
from node.domain.shanghai_choice import Choice
from node.domain.shanghai_form import Placed, kind_of, read_file, write_file
from node.domain.shanghai_selection import select_conversions, select_grades
from node.domain.sheets import Encoding, recognise
from node.edges.cli.shanghai_file import ExchangeFile
from tests.node.shanghai_rows import CITIZEN, GRADE, KINDS, TODAY

few = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def alike(kind: Any) -> st.SearchStrategy[list[Any]]:
    """Return rows of few persons, courses and scores, so that they stand in each other's way."""
    changes: dict[str, Any] = {
        "citizen_id": st.just(CITIZEN),
        "score": st.sampled_from(["50", "85", "85.0", "优秀", "免考", "B+"]),
        "acquired": st.sampled_from(["202401", "202406"]),
    }
    if kind is CourseGrade:
        changes["course"] = st.sampled_from(["甲", "乙"])
    else:
        changes["target_code"] = st.sampled_from(["T1", "T2"])
    return st.lists(
        KINDS[kind]().flatmap(
            lambda row: st.builds(lambda **new: type(row)(**_fields(row) | new), **changes)
        ),
        max_size=12,
    )


def _fields(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@few
@given(data=st.data())
def test_the_choice_is_that_of_the_whole_file(kind: Any, data: st.DataObject) -> None:
    placed = [Placed(line, row) for line, row in enumerate(data.draw(alike(kind)), start=2)]
    select: Any = select_grades if kind is CourseGrade else select_conversions
    selected, choice = select(placed), Choice()
    for one in placed:
        choice.see(one)
    faults = {one.line: choice.fault(one) for one in placed}
    assert {line for line, fault in faults.items() if fault is None} == {
        one.line for one in selected.kept
    }
    assert [fault for fault in faults.values() if fault] == list(selected.left_out)


@pytest.mark.parametrize("encoding", list(Encoding))
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@few
@given(data=st.data())
def test_a_file_read_in_batches_has_the_rows_of_the_file_read_whole(
    tmp_path: Path, kind: Any, encoding: Encoding, data: st.DataObject
) -> None:
    rows = data.draw(alike(kind))
    path = tmp_path / "rows.csv"
    path.write_bytes(write_file(rows, kind, today=TODAY, encoding=encoding).document)
    whole = read_file(path.read_bytes(), kind, today=TODAY)
    scanned = ExchangeFile.scan(path, kind, today=TODAY)
    assert (scanned.encoding, scanned.template) == (whole.encoding, whole.template)
    read = {line for some, _, _ in scanned.batches(3) for line, _ in some}
    select: Any = select_grades if kind is CourseGrade else select_conversions
    assert read == {one.line for one in select(whole.rows).kept}
    assert scanned.rows == len(whole.rows) == sum(seen for _, _, seen in scanned.batches(3))


@few
@given(st.text(max_size=40), st.sampled_from(list(Encoding)), st.integers(1, 7))
def test_an_encoding_is_recognised_whatever_the_pieces(
    text: str, encoding: Encoding, size: int
) -> None:
    document = (text.replace("\x00", "") + "结束").encode(encoding, "replace")
    pieces = [document[:4], *(document[at : at + size] for at in range(4, len(document), size))]
    found = [recognise(some, reason="SHANGHAI_FORM") for some in (pieces, [document])]
    assert found[0] is found[1]
    if not text.isascii() or encoding is Encoding.UTF_8_MARKED:
        return
    assert found[0] is encoding


def test_bytes_that_may_be_either_are_not_guessed() -> None:
    with pytest.raises(FileBreach, match="could be UTF-8 or GB 18030"):
        recognise([b"a,", "ģ".encode()], reason="SHANGHAI_FORM")
    assert recognise(["ģ".encode()], reason="SHANGHAI_FORM", encoding=Encoding.UTF_8)


def test_every_kind_is_known_by_its_columns() -> None:
    document = write_file([GRADE], CourseGrade, today=TODAY).document
    assert kind_of(document) is CourseGrade
