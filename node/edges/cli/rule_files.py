"""Rule files as people hand them in, with every fault told at its line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from node.edges.cli import publishing
from node.edges.cli.output import Output

RuleFile = Annotated[
    Path,
    typer.Argument(
        exists=True, dir_okay=False, readable=True, help="规则文件 / rule as .json, .yaml or .toml"
    ),
]


def read_rule(file: Path, out: Output) -> bytes:
    """Return a rule in its one spelling; every fault is told with its line, and ends refused."""
    from node.domain.file_faults import FileFault
    from node.domain.rule_form import RuleFormBreach
    from node.domain.rule_writing import language_of
    from node.domain.rulebook_form import canonical_document

    try:
        return canonical_document(file.read_bytes(), language_of(file.name))
    except RuleFormBreach as breach:
        faults = [FileFault(one.line, one.path, one.cause, one.text) for one in breach.faults]
        publishing.refuse_faults(out, faults, file)
        raise
