"""Surveys real training plans of a Chinese university for codes that carry several values.

    python -m scripts.hit_catalogue FOLDER [--json]

FOLDER holds ``courses_in_plans.csv.gz``, one row a course and a plan. One code with two credit
values is two versions of a course; this tells them apart and merges nothing.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from node.domain.catalogue_conflicts import Conflict, Record, survey
from node.domain.catalogue_form import read_entries
from node.domain.file_faults import FileFault
from node.domain.outcomes import DEGREE
from node.domain.sheets import read_sheet

TABLE = "courses_in_plans.csv.gz"
REASON = "CATALOGUE_FORM"
COLUMNS = {
    "course_code": "code",
    "course_name": "title",
    "credit": "credits_hundredths",
    "total_hours": "hours",
    "course_category": "category",
}
_PLAN = "plan"
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Plans:
    """The table as read.

    Attributes:
        records: by plan, what can be an entry, each placed at its line.
        faults: what is wrong with the other rows.
    """

    records: dict[str, list[Record]]
    faults: tuple[FileFault, ...]

    def all_records(self) -> list[Record]:
        """Return the records of all plans."""
        return [record for records in self.records.values() for record in records]


def read_plans(folder: Path) -> Plans:
    """Return the plans in a folder.

    Raises:
        FileBreach: CATALOGUE_FORM when the table is none.
        OSError: when it is not there.
    """
    sheet = read_sheet(gzip.decompress((folder / TABLE).read_bytes()), reason=REASON)
    plan_at = {row.line: row.cells[_PLAN] for row in sheet.rows}
    entries, faults = read_entries(sheet, COLUMNS, kind=DEGREE)
    records: dict[str, list[Record]] = {}
    for line, entry in entries:
        plan = plan_at[line]
        records.setdefault(plan, []).append(Record(f"{plan}:{line}", entry))
    return Plans(records, tuple(faults))


def report(plans: Plans) -> dict[str, object]:
    """Return what the plans say together, in counts, faults and every contradiction."""
    records = plans.all_records()
    found = survey(records)
    return {
        "plans": len(plans.records),
        "rows": len(records),
        "codes": len({record.entry.code for record in records}),
        "agreed": len(found.agreed),
        "codes_with_several_credits": len(found.codes_in_conflict("credits_hundredths")),
        "codes_with_several_titles": len(found.codes_in_conflict("title")),
        "conflicts": [_as_json(conflict) for conflict in found.conflicts],
        "faults": [str(fault) for fault in plans.faults],
    }


def _as_json(conflict: Conflict) -> dict[str, object]:
    variants = [{"value": one.value, "places": list(one.places)} for one in conflict.variants]
    return {"code": conflict.code, "field": conflict.field, "variants": variants}


def _lines(figures: dict[str, object]) -> Iterator[str]:
    for name, value in figures.items():
        if not isinstance(value, list):
            yield f"{name}: {value}"
            continue
        yield f"{name}: {len(value)}"
        for one in value[:_SHOWN]:
            yield f"  {one if isinstance(one, str) else _line(one)}"


def _line(conflict: dict[str, Any]) -> str:
    values = " / ".join(variant["value"] for variant in conflict["variants"])
    return f"{conflict['code']} {conflict['field']}: {values}"


def main(
    folder: Annotated[Path, typer.Argument(help="培养方案目录。The folder of the plans.")],
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON。Print JSON.")] = False,
) -> None:
    """同码不同学分的清单。Codes that carry several values, as a report."""
    figures = report(read_plans(folder))
    text = json.dumps(figures, ensure_ascii=False) if as_json else "\n".join(_lines(figures))
    typer.echo(text)


if __name__ == "__main__":
    typer.run(main)
