"""Tables in files: CSV after RFC 4180, in UTF-8 with or without a byte order mark or in GB 18030.

The encoding is recognised, never guessed: where a file would be text in both, whoever hands it in
has to say which it is. Reading changes no cell, and what was read is written back to the same
cells.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from codecs import IncrementalDecoder, getincrementaldecoder
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from federation.base.names import is_clean_text
from node.domain.file_faults import FIRST_LINE, FileBreach, FileFault, fault_from

LARGEST_SHEET_BYTES = 32 * 1024 * 1024
MOST_ROWS = 100_000
LONGEST_CELL = 4000
_MARK = b"\xef\xbb\xbf"
_LARGEST_CREDITS_DIGITS = 5
_CREDITS = re.compile(rf"([0-9]{{1,{_LARGEST_CREDITS_DIGITS}}})(?:\.([0-9]{{1,2}}))?")
_WHOLE = re.compile(r"0|[1-9][0-9]{0,5}")


class Encoding(StrEnum):
    """How a file spells its characters."""

    UTF_8 = "utf-8"
    UTF_8_MARKED = "utf-8-sig"
    GB_18030 = "gb18030"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: the line on which it begins, from 1, and its cells under the header's names."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as read.

    Attributes:
        header: the names of the columns as the file has them.
        rows: every row with as many cells as the header, blank rows left out.
        rejects: what is wrong with the rows left out; empty when none was.
        encoding: what the file was written in.
    """

    header: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    rejects: tuple[FileFault, ...]
    encoding: Encoding


def read_sheet(document: bytes, *, reason: str, encoding: Encoding | None = None) -> Sheet:
    """Return the table in these bytes.

    Args:
        document: the file.
        reason: what a breach of the whole file is called.
        encoding: what the file is written in, where it is known.

    Raises:
        FileBreach: ``reason`` when the file is no table at all.
    """
    text, found = _decode(document, reason, encoding)
    lines = csv_rows(io.StringIO(text, newline=""), reason=reason)
    first = next(lines, None)
    if first is None:
        raise FileBreach(reason, (fault_from({}, "EMPTY_FILE"),))
    header = tuple(name.strip() for name in first[1])
    rows: list[SheetRow] = []
    rejects: list[FileFault] = []
    for line, cells in lines:
        fault = row_fault(line, header, cells)
        if fault:
            rejects.append(fault)
        else:
            rows.append(SheetRow(line, dict(zip(header, cells, strict=True))))
        if len(rows) + len(rejects) > MOST_ROWS:
            raise FileBreach(reason, (fault_from({}, "TOO_MANY_ROWS", line=line),))
    return Sheet(header, tuple(rows), tuple(rejects), found)


def write_sheet(
    header: Sequence[str], rows: Iterable[Sequence[str]], encoding: Encoding = Encoding.UTF_8_MARKED
) -> bytes:
    """Return a table as bytes; with the mark, common spreadsheets open UTF-8 as UTF-8."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return written.getvalue().encode(encoding)


def read_credits(text: str) -> int | None:
    """Return decimal text as hundredths of a credit, nought included, or None when it is none."""
    match = _CREDITS.fullmatch(text)
    if match is None:
        return None
    whole, part = match.groups()
    return int(whole) * 100 + int((part or "0").ljust(2, "0"))


def read_whole(text: str) -> int | None:
    """Return a whole number in its only spelling, or None when the text is none."""
    return int(text) if _WHOLE.fullmatch(text) else None


def recognise(
    pieces: Iterable[bytes], *, reason: str, encoding: Encoding | None = None
) -> Encoding:
    """Return what a file is written in; only a piece of it is in hand at a time.

    Args:
        pieces: the file, in order; the first holds its mark whole if there is one.
        reason: what a breach of the whole file is called.
        encoding: what it is written in, where it is known and only to be checked.

    Raises:
        FileBreach: ``reason`` when it is text in neither, or may be either.
    """
    read: dict[Encoding, IncrementalDecoder] = {}
    has_others = is_sure = False
    for at, piece in enumerate(itertools.chain(pieces, [b""])):
        if at == 0:
            read = {one: getincrementaldecoder(one)() for one in _choices(piece, encoding)}
        for choice, decoder in list(read.items()):
            text = _text(decoder, piece)
            if text is None:
                del read[choice]
            elif choice is Encoding.UTF_8 and not text.isascii():
                has_others = True
                is_sure = is_sure or any(map(is_surely_utf8, set(text)))
    if not read:
        raise FileBreach(reason, (fault_from({}, "NOT_TEXT"),))
    if len(read) > 1 and has_others and not is_sure:
        raise FileBreach(reason, (fault_from({}, "ENCODING_UNSURE"),))
    return next(iter(read))


def _decode(document: bytes, reason: str, encoding: Encoding | None) -> tuple[str, Encoding]:
    if len(document) > LARGEST_SHEET_BYTES:
        raise FileBreach(reason, (fault_from({}, "TOO_LARGE"),))
    found = recognise([document], reason=reason, encoding=encoding)
    return document.decode(found), found


def _choices(first: bytes, encoding: Encoding | None) -> tuple[Encoding, ...]:
    if first.startswith(_MARK):
        return (Encoding.UTF_8_MARKED,)
    return (encoding,) if encoding else (Encoding.UTF_8, Encoding.GB_18030)


def _text(decoder: IncrementalDecoder, piece: bytes) -> str | None:
    try:
        text = decoder.decode(piece, final=not piece)
    except UnicodeDecodeError:
        return None
    # Of bytes that are no text, GB 18030 makes characters too; a nought among them tells.
    return None if "\x00" in text else text


def is_surely_utf8(char: str) -> bool:
    """Tell whether a character that bytes are in UTF-8 shows that they are UTF-8.

    Chinese takes three bytes or more in UTF-8, and bytes of GB 18030 hardly ever fall into such
    groups by chance. Groups of two they do: 模 is ģ.
    """
    return char >= "\u0800"


def csv_rows(lines: Iterable[str], *, reason: str) -> Iterator[tuple[int, list[str]]]:
    """Yield every row of a table with the line on which it begins, blank rows left out.

    Args:
        lines: the text, line breaks as they stand.
        reason: what a breach of the whole file is called.

    Raises:
        FileBreach: ``reason`` where quotation marks do not pair.
    """
    reader = csv.reader(lines, strict=True)
    line = FIRST_LINE
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        raise FileBreach(reason, (fault_from({}, "QUOTES", line=line),)) from None


def row_fault(line: int, header: Sequence[str], cells: Sequence[str]) -> FileFault | None:
    """Return what is wrong with a row as such, or None."""
    if len(cells) != len(header):
        return fault_from({}, "CELL_COUNT", line=line)
    for column, cell in zip(header, cells, strict=True):
        # Printable text is clean; only the rest is looked at character by character.
        is_plain = cell.isprintable() and len(cell) <= LONGEST_CELL
        if cell and not is_plain and not is_clean_text(cell, longest=LONGEST_CELL):
            return fault_from({}, "CONTROL_CHARACTER", line=line, column=column)
    return None
