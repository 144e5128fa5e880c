"""Where a value stands in a TOML document; its reader says only what it is."""

from __future__ import annotations

import re
import tomllib
from typing import Any

Step = str | int
_HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_.-]+)\s*\]\]?")
_KEY = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*=""")
_PLACE = re.compile(r"\(at line ([0-9]+),")


def read_toml(document: bytes) -> tuple[str, dict[str, Any]]:
    """Return a document's text and content.

    Raises:
        ValueError: when it is no TOML in UTF-8, with the line in its text where known.
    """
    text = document.decode().replace("\r\n", "\n")
    return text, tomllib.loads(text)


def line_in_error(error: ValueError) -> int:
    """Return the line that an error of :func:`read_toml` names, or 1."""
    found = _PLACE.search(str(error))
    return int(found[1]) if found else 1


def line_of(text: str, path: tuple[Step, ...]) -> int:
    """Return the line on which a value is given, or the table that should give it, from 1.

    Args:
        text: a well-formed document.
        path: a key; a table and a key of it; or an array of tables, a place in it, and a key.
    """
    table = str(path[0]) if len(path) > 1 else ""
    place = next((step for step in path if isinstance(step, int)), 0)
    key = next((step for step in reversed(path[1:] or path) if isinstance(step, str)), "")
    here, seen, found = "", -1, 1
    for line, words in enumerate(text.split("\n"), start=1):
        header = _HEADER.match(words)
        if header:
            here = header[1]
            seen += here == table
            found = line if (here, seen) == (table, place) else found
            continue
        given = _KEY.match(words)
        is_there = here == table and (not table or seen == place)
        if given and is_there and key in given.groups():
            return line
    return found


def spell_path(path: tuple[Step, ...]) -> str:
    """Return a path as ``levels[2].rank``, counted from 1 as people count."""
    spelled = ""
    for step in path:
        spelled += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if spelled else step
    return spelled
