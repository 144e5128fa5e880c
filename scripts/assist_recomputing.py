"""Judges every decision record again from the record and the documents it names, beside the replay.

A process of its own does it, which sees nothing of the nodes but these bytes.
"""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from queue import Empty
from types import TracebackType
from typing import Any

from federation.base.errors import Breach, Refusal
from node.domain.judgement import Judge as RuleJudge
from node.domain.recompute import Documents, recompute
from node.domain.rule_judge import open_rule
from scripts.assist_judging import Papers

MOST_WAITING = 256
MOST_SHOWN = 20
_LONGEST_S = 600.0
_LOOK_S = 1.0
# A university, the record, and the digest by which the VOTE names it.
Stated = tuple[str, bytes, str]


@dataclass
class Agreement:
    """What came of judging again.

    Attributes:
        agreed: records that agree.
        differing: those that do not, with the first difference of each; some of them.
    """

    agreed: int = 0
    differing: list[dict[str, Any]] = field(default_factory=list)


class Recomputer:
    """The second process; use it as a context."""

    def __init__(self, papers: Mapping[str, Papers]) -> None:
        # Not forked: what gRPC holds does not outlive a fork.
        context = multiprocessing.get_context("spawn")
        self._asked: Any = context.Queue(MOST_WAITING)
        self._told: Any = context.Queue()
        self._process = context.Process(
            target=_work, args=(dict(papers), self._asked, self._told), daemon=True
        )

    def __enter__(self) -> Recomputer:
        """Start it."""
        self._process.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it, whatever it was at."""
        self._process.kill()
        self._process.join()

    def add(self, stated: Sequence[Stated]) -> None:
        """Give it records to judge again."""
        self._asked.put(list(stated))

    def finish(self) -> Agreement:
        """Wait for the last record and return what came of all.

        Raises:
            Refusal: DEMO_PROCESS when the process ended before.
        """
        self._asked.put(None)
        for _ in range(int(_LONGEST_S / _LOOK_S)):
            try:
                found = self._told.get(timeout=_LOOK_S)
            except Empty:
                if not self._process.is_alive():
                    break
            else:
                assert isinstance(found, Agreement)
                return found
        raise Refusal("DEMO_PROCESS", detail=f"recomputing: {self._process.exitcode}")


def judge_again(
    stated: Stated, papers: Mapping[str, Documents], judges: Mapping[str, RuleJudge]
) -> dict[str, Any] | None:
    """Return the first difference between a record and what its documents say, or None."""
    university, record, named = stated
    if not record:
        return {"university": university, "path": "$", "cause": "RECORD_ABSENT"}
    try:
        said = recompute(
            record, papers[university], lambda rule, catalogues: judges[university], named=named
        )
    except Breach as breach:
        return {"university": university, "path": "$", "cause": breach.reason}
    for one in said.differences:
        return {"university": university, "path": one.path, "cause": one.cause}
    return None


def _work(papers: dict[str, Papers], asked: Any, told: Any) -> None:
    documents = {
        name: Documents(rule=one.rule, catalogues=(one.home, *one.cited))
        for name, one in papers.items()
    }
    # A million objects of rules, none of them garbage.
    gc.disable()
    judges = {name: open_rule(one.rule) for name, one in papers.items()}
    gc.freeze()
    gc.enable()
    result = Agreement()
    while (some := asked.get()) is not None:
        for stated in some:
            difference = judge_again(stated, documents, judges)
            if difference is None:
                result.agreed += 1
            elif len(result.differing) < MOST_SHOWN:
                result.differing.append(difference)
    told.put(result)
