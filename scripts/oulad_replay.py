"""Replays OULAD, real anonymised records of an open university, through a federation of regions.

    scripts/oulad FOLDER [--moves N] [--seed S] [--dir DIR] [--db postgresql] [--json]

Results and learners are real; credits per module and days of award are derived; who moves where
is synthesised by seed. All three are said in what is printed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from federation.base.errors import CreditBankError, Refusal
from node.edges.cli.output import console
from node.edges.cli.refusals import report
from node.edges.demo.command import AsJson, Db, Dir, Engine, Seed, carry_out
from node.edges.demo.itinerary import Itinerary
from node.edges.demo.moves import plan_moves
from node.edges.demo.oulad import read_records

_USAGE = ("OULAD_MISSING", "OULAD_FORM", "OULAD_MOVES")


def replay(
    folder: Annotated[Path, typer.Argument(help="OULAD 数据目录。The folder of the data set.")],
    moves: Annotated[int, typer.Option(min=0, help="迁移的学习者人数。Learners who move.")] = 200,
    seed: Seed = 1,
    directory: Dir = None,
    db: Db = Engine.SQLITE,
    as_json: AsJson = False,
) -> None:
    """回放真实学习记录与合成的迁移。Replay real records with synthesised moves."""
    itinerary = _plan(folder, seed=seed, moves=moves)
    if not as_json:
        for province, region in dict(itinerary.notes)["regions"].items():  # type: ignore[attr-defined]
            console(to_stderr=True).print(f"{province}  {region}", markup=False)
    options = {"what": "oulad", "seed": seed, "moves": moves}
    code = carry_out(itinerary, options, directory=directory, ends=True, as_json=as_json, db=db)
    raise typer.Exit(code)


def _plan(folder: Path, *, seed: int, moves: int) -> Itinerary:
    return plan_moves(read_records(folder), seed=seed, moves=moves)


def main() -> None:
    """Run the command line; no error of ours ends in a trace."""
    app = typer.Typer(add_completion=False)
    app.command()(replay)
    try:
        app(prog_name="scripts/oulad", standalone_mode=True)
    except CreditBankError as error:
        code = report(error, as_json="--json" in sys.argv, plain=False)
        sys.exit(2 if isinstance(error, Refusal) and error.reason in _USAGE else code)


if __name__ == "__main__":
    main()
