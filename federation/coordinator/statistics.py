"""Statistics of the provinces: taken as they signed them, and summed by region and month."""

from __future__ import annotations

from dataclasses import dataclass, field

from federation.base.errors import Refusal
from federation.base.names import region_of
from federation.coordinator.office import Office
from federation.coordinator.publication import current_view
from federation.trust.statistics import (
    COUNTS,
    DIRECTIONS,
    Statistics,
    read_statistics,
    verify_statistics,
)


@dataclass(slots=True)
class Sum:
    """What the provinces of a region showed of a month.

    Attributes:
        provinces: those whose statistics are in it.
        shown: by direction and count, the sum of what was shown.
        withheld: by direction and count, how many numbers were withheld; nothing here tells them.
    """

    region: str
    month: str
    provinces: list[str] = field(default_factory=list)
    shown: dict[str, dict[str, int]] = field(default_factory=lambda: _zeros())
    withheld: dict[str, dict[str, int]] = field(default_factory=lambda: _zeros())


def accept_statistics(office: Office, content: bytes, *, now_us: int) -> Statistics:
    """Keep what a province signed.

    Raises:
        Refusal: NOT_PUBLISHED.
        Breach: as :func:`federation.trust.statistics.verify_statistics`.
    """
    with office.store.writing() as books:
        view = current_view(books)
        if view is None:
            raise Refusal("NOT_PUBLISHED")
        statistics = verify_statistics(content, view.members, now_us=now_us)
        books.put_statistics(statistics.province, statistics.month, statistics.made_us, content)
    return statistics


def sum_regions(office: Office, *, region: str = "") -> list[Sum]:
    """Return the sums by month and region; provinces in no region stand under an empty name."""
    with office.store.reading() as books:
        documents = [read_statistics(content) for content in books.statistics()]
    sums: dict[tuple[str, str], Sum] = {}
    for one in documents:
        name = region_of(one.province)
        if region and name != region:
            continue
        total = sums.setdefault((one.month, name), Sum(name, one.month))
        total.provinces.append(one.province)
        _add(total, one)
    return [sums[key] for key in sorted(sums)]


def _add(total: Sum, statistics: Statistics) -> None:
    for row in statistics.rows:
        for name in COUNTS:
            count = getattr(row, name)
            if count is None:
                total.withheld[row.direction][name] += 1
            else:
                total.shown[row.direction][name] += count


def _zeros() -> dict[str, dict[str, int]]:
    return {direction: dict.fromkeys(COUNTS, 0) for direction in DIRECTIONS}
