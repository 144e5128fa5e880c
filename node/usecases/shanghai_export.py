"""What the bank took in, written again as files of the Shanghai credit bank."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from federation.base.errors import Breach
from node.domain.outcome_life import OutcomeState
from node.domain.shanghai_codes import Template
from node.domain.shanghai_form import read_row, respell_row
from node.domain.shanghai_kept import KINDS, KeptRow
from node.usecases.office import Office, beijing_day
from node.usecases.shanghai_batch import row_context

PAGE = 500
_NO_CODE = "NO_CODE_IN_TEMPLATE"


@dataclass(frozen=True, slots=True)
class WithheldRow:
    """A row that is not written.

    Attributes:
        outcome: whose row it is.
        cause: the state of the outcome, or NO_CODE_IN_TEMPLATE.
    """

    outcome: str
    cause: str


@dataclass(frozen=True, slots=True)
class ExportedPage:
    """Some rows of a kind, in the order in which they came.

    Attributes:
        rows: cells in the official order of the columns.
        withheld: rows between these that are not written.
        after: where the next page begins; 0 after the last.
    """

    rows: tuple[tuple[str, ...], ...] = field(repr=False)
    withheld: tuple[WithheldRow, ...]
    after: int


class ShanghaiExport:
    """Reads rows back as they were given."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def template(self, kind: str, wanted: str) -> Template:
        """Return in whose codes rows of a kind are written: as wanted, or as they came.

        Raises:
            Breach: FIELDS for an unknown kind or template, or where rows came in both and none
                is wanted: a file keeps to one.
        """
        if kind not in KINDS:
            raise Breach("FIELDS", detail=f"kind: {', '.join(KINDS)}")
        given = self._office.store.read(lambda reading: reading.shanghai_templates(kind))
        choices = [wanted] if wanted else sorted(given) or [Template.FIRST.value]
        if len(choices) > 1 or choices[0] not in Template.__members__:
            raise Breach("FIELDS", detail=f"template: {', '.join(Template)}")
        return Template(choices[0])

    def page(self, kind: str, template: Template, after: int) -> ExportedPage:
        """Return the rows of a kind after a place.

        Only rows of outcomes that are deposited and in force are written: what was frozen,
        revoked or has expired since is not reported as credit.
        """
        kept = self._office.store.read(lambda reading: reading.shanghai_page(kind, after, PAGE))
        rows: list[tuple[str, ...]] = []
        withheld: list[WithheldRow] = []
        for one in kept:
            if one.state is not OutcomeState.DEPOSITED:
                withheld.append(WithheldRow(one.outcome, one.state.value))
                continue
            cells = self._cells(one, template)
            if cells is None:
                withheld.append(WithheldRow(one.outcome, _NO_CODE))
            else:
                rows.append(cells)
        return ExportedPage(
            tuple(rows), tuple(withheld), kept[-1].place if len(kept) == PAGE else 0
        )

    def _cells(self, kept: KeptRow, template: Template) -> tuple[str, ...] | None:
        opened = self._office.vault.open(kept.sealed, context=row_context(kept.mark))
        cells = tuple(json.loads(opened))
        if kept.template is template:
            return cells
        today = beijing_day(self._office.clock.now_us())
        kind: Any = KINDS[kept.kind]
        placed, _ = read_row(kind, kept.line, cells, template=kept.template, today=today)
        return None if placed is None else respell_row(placed.row, cells, template)
