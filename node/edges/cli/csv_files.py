"""Tables that people hand in: CSV in UTF-8, with or without a mark, or in GB 18030 as Excel writes.

Rows are counted from one, below the heading, whatever line breaks stand inside quotes.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from federation.base.errors import Refusal

_PIECE = 1 << 20
_FIELD_MAX = 64 * 1024


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A table that was found readable.

    Attributes:
        path: where it lies.
        encoding: what its bytes are.
        rows: how many rows it has, the heading aside.
    """

    path: Path
    encoding: str
    rows: int

    def read(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield each row with its number; values stand as written but for spaces around them."""
        with self.path.open(encoding=self.encoding, newline="") as file:
            for number, row in enumerate(_reader(file), start=1):
                yield number, {name: (row[name] or "").strip() for name in row if name}


def open_csv(path: Path, required: Sequence[str], optional: Sequence[str] = ()) -> CsvFile:
    """Check encoding, heading and shape of a table, before any of it is sent.

    Raises:
        Refusal: CSV_FORM saying what is wrong and where.
    """
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        reader = _reader(file)
        _check_heading(list(reader.fieldnames or ()), required, optional)
        try:
            rows = sum(1 for row in reader if _is_whole(row, reader.line_num))
        except csv.Error as error:
            raise Refusal("CSV_FORM", detail=f"{path.name}:{reader.line_num}: {error}") from None
    return CsvFile(path, encoding, rows)


def _reader(file: TextIO) -> csv.DictReader[str]:
    csv.field_size_limit(_FIELD_MAX)
    reader = csv.DictReader(file, strict=True)
    reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
    return reader


def _encoding(path: Path) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise Refusal("CSV_FORM", detail=f"{path.name}: neither UTF-8 nor GB 18030")


def _check_heading(found: list[str], required: Sequence[str], optional: Sequence[str]) -> None:
    missing = [name for name in required if name not in found]
    unknown = [name for name in found if name not in (*required, *optional)]
    if missing:
        raise Refusal("CSV_FORM", detail=f"缺少列 missing columns: {', '.join(missing)}")
    if unknown:
        raise Refusal("CSV_FORM", detail=f"未知列 unknown columns: {', '.join(unknown)}")
    if len(set(found)) != len(found):
        raise Refusal("CSV_FORM", detail="列名重复 a column is named twice")


def _is_whole(row: dict[str, str], line: int) -> bool:
    # DictReader puts surplus fields under None and fills absent ones with None.
    if None in row or None in row.values():
        raise Refusal("CSV_FORM", detail=f"第 {line} 行列数不符 line {line}: number of columns")
    return True
