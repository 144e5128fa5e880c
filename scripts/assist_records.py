"""Reads ASSIST articulation records as they were collected, and judges nothing.

A file holds one JSON object a line, ``{"receiving", "subject", "record"}``, plain or gzipped. A
record is one target of the receiving university and every college's articulation with it. What
has another shape is passed on as it is: whoever uses it says why it cannot.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Articulation:
    """One college's articulation with one target, with the words of the record.

    Attributes:
        place: file, line and number in the record, for people.
        university: the receiving university.
        record: the target's record, its articulations included.
        college: the sending college.
        sending: what the college's learner must have, as recorded.
        fault: why nothing could be read of a line, or empty.
    """

    place: str
    university: str
    record: Any
    college: Any
    sending: Any
    fault: str = ""


def read_articulations(paths: list[Path]) -> Iterator[Articulation]:
    """Yield every articulation of the files, in their order; of a line that is no JSON, its fault.

    Raises:
        OSError: when a file cannot be read.
        EOFError, zlib.error: when a packed file is cut off or broken.
    """
    for path in paths:
        packed = path.read_bytes()
        text = gzip.decompress(packed) if path.suffix == ".gz" else packed
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                yield from _line(f"{path.name}:{number}", line)


def _line(place: str, line: bytes) -> Iterator[Articulation]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        yield Articulation(place, "", None, None, None, fault=f"{type(error).__name__}: {error}")
        return
    yield from _articulations(place, row)


def _articulations(place: str, row: Any) -> Iterator[Articulation]:
    record = row.get("record") if isinstance(row, dict) else None
    listed = record.get("articulations", []) if isinstance(record, dict) else [None]
    for at, one in enumerate(listed if isinstance(listed, list) else [None]):
        known = one if isinstance(one, dict) else {}
        yield Articulation(
            place=f"{place}:{at}",
            university=str(row.get("receiving", "")) if isinstance(row, dict) else "",
            record=record,
            college=known.get("sending_name"),
            sending=known.get("sending_articulation"),
        )
