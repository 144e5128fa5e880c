"""Values inside documents: every place in one, and each bent to something else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Steps = tuple[str | int, ...]


def leaves(value: Any, path: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Yield every place of a document that holds a value, and the value."""
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    if not value or not inner:
        yield path, value
    for step, one in inner:
        yield from leaves(one, (*path, step))


def spelt(path: Steps) -> str:
    """Return a place as a JSON path."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def bend(value: Any) -> Any:
    """Return another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return {"0": "1"}.get(value[-1:], "0").join((value[:-1], "")) if value else "x"
    return "x" if value is None else ["x"]


def put(content: Any, path: Steps) -> None:
    """Bend a document at one place."""
    at = content
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = bend(at[path[-1]])
