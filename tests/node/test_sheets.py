"""Tables in files: encodings recognised, lines counted, nothing changed on the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.base.names import is_clean_text
from node.domain.file_faults import FileBreach
from node.domain.sheets import Encoding, read_credits, read_sheet, read_whole, write_sheet

# Rare characters of real names stand among them: four bytes in both encodings.
cells = st.one_of(
    st.text(max_size=12).filter(lambda text: not text or is_clean_text(text)),
    st.sampled_from(["", "㛃䶮𬭚𠮷𰻝", '"', "a,b", "=1+1", "模", " x "]),
)


def causes(document: bytes, **known) -> list[tuple[int, str, str]]:
    with pytest.raises(FileBreach) as breach:
        read_sheet(document, reason="CATALOGUE_FORM", **known)
    assert breach.value.reason == "CATALOGUE_FORM"
    return [(one.line, one.column, one.cause) for one in breach.value.faults]


@given(
    st.lists(st.tuples(cells, cells).filter(lambda row: any(c.strip() for c in row)), max_size=8),
    st.sampled_from(Encoding),
)
def test_what_is_written_is_read_back(rows, encoding):
    document = write_sheet(("姓名", "备注"), rows, encoding)
    sheet = read_sheet(document, reason="CATALOGUE_FORM", encoding=encoding)
    assert sheet.header == ("姓名", "备注")
    assert [tuple(row.cells.values()) for row in sheet.rows] == rows
    assert sheet.encoding is encoding
    assert sheet.rejects == ()


@pytest.mark.parametrize("encoding", Encoding)
def test_a_chinese_table_tells_its_own_encoding(encoding):
    document = write_sheet(("姓名", "备注"), [("𬭚某", "模")], encoding)
    assert read_sheet(document, reason="CATALOGUE_FORM").encoding is encoding


def test_a_table_that_both_encodings_could_mean_is_not_guessed():
    document = write_sheet(("code", "title"), [("A", "模")], Encoding.GB_18030)
    assert document.decode("utf-8")
    assert causes(document) == [(1, "", "ENCODING_UNSURE")]
    known = read_sheet(document, reason="CATALOGUE_FORM", encoding=Encoding.GB_18030)
    assert known.rows[0].cells["title"] == "模"


@pytest.mark.parametrize(
    ("document", "cause"),
    [
        (b"", (1, "", "EMPTY_FILE")),
        (b"\r\n  ,\r\n", (1, "", "EMPTY_FILE")),
        (b"PK\x03\x04\x00\x00 workbook", (1, "", "NOT_TEXT")),
        ("姓名".encode("utf-16"), (1, "", "NOT_TEXT")),
        (b"a,b\r\n1,\xff\xff\r\n", (1, "", "NOT_TEXT")),
        (b'a,b\r\n1,"2\r\n3,4\r\n', (2, "", "QUOTES")),
        (b'a,b\r\n1,2\r\n3,"4"5\r\n', (3, "", "QUOTES")),
        (b"a\r\n" + b"1\r\n" * 100_001, (100_002, "", "TOO_MANY_ROWS")),
        (b"a\r\n" + b"x" * 32 * 1024 * 1024, (1, "", "TOO_LARGE")),
    ],
)
def test_what_is_no_table_is_refused_with_its_cause(document, cause):
    assert causes(document) == [cause]


def test_rows_that_do_not_fit_are_rejected_at_their_line():
    text = 'a,b\n1,2\n\n3\n"x\ny",5\n6,7\u202e\n8,9\n'
    sheet = read_sheet(text.encode(), reason="CATALOGUE_FORM")
    assert [(row.line, row.cells["a"]) for row in sheet.rows] == [(2, "1"), (8, "8")]
    rejects = [(one.line, one.column, one.cause) for one in sheet.rejects]
    assert rejects == [
        (4, "", "CELL_COUNT"),
        (5, "a", "CONTROL_CHARACTER"),
        (7, "b", "CONTROL_CHARACTER"),
    ]


@pytest.mark.parametrize(
    ("text", "hundredths"),
    [("0", 0), ("2", 200), ("2.5", 250), ("2.05", 205), ("99999.99", 9_999_999)],
)
def test_credits_are_exact(text, hundredths):
    assert read_credits(text) == hundredths


@pytest.mark.parametrize(
    "text", ["", "-1", "2.555", "2,5", "２", "1e2", ".5", "2.", "100000", " 2"]
)
def test_what_is_no_amount_is_none(text):
    assert read_credits(text) is None


@pytest.mark.parametrize("text", ["", "01", "+1", "1.0", "1 ", "１", "1000000"])
def test_whole_numbers_have_one_spelling(text):
    assert read_whole(text) is None
