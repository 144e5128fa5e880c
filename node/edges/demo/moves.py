"""Learners who change region: synthesised from OULAD's records, since OULAD follows nobody.

Each chosen learner takes everything they hold in one region to another. Rules are invented too:
most modules count in full, two at a ratio, one only with distinction. Who moves, where to and who
declines is drawn by seed, so that every way to end has its share.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from random import Random

from federation.base.errors import Refusal
from node.domain.rule_form import canonical_rule
from node.domain.rule_judge import open_rule
from node.edges.demo.itinerary import (
    GRANTED,
    PARTLY,
    REFUSED,
    Deposit,
    Itinerary,
    Transfer,
    foresee,
)
from node.edges.demo.oulad import DERIVED_CREDITS, Records

MOST_LOTS = 100
# Per hundred moves, rounded up; declined ones are taken from granted and partly granted ones.
PARTLY_SHARE, REFUSED_SHARE, DECLINED_SHARE, PARTLY_FLOOR = 16, 8, 8, 11
_RATIOS = {"CCC": "4/5", "GGG": "2/3"}
_DISTINCTION_ONLY = "EEE"


def plan_moves(records: Records, *, seed: int, moves: int) -> Itinerary:
    """Return everything that the replay does.

    Raises:
        Refusal: OULAD_MOVES when there are fewer learners than moves, or too few of a kind.
    """
    return _Planner(records, seed).plan(moves)


def write_rule(province: str) -> bytes:
    """Return the invented rule of a region."""
    entries = [
        {
            "id": module,
            "source": "*",
            "code": module,
            "target": f"{province[3:]}-{module}",
            "ratio": _RATIOS.get(module, "1/1"),
            "minimum_grade": 80 if module == _DISTINCTION_ONLY else 60,
            "minimum_level": None,
            "kinds": None,
        }
        for module in sorted(DERIVED_CREDITS)
    ]
    return canonical_rule(
        json.dumps(
            {
                "rule": f"{province}/modules",
                "version": 1,
                "title_zh": "OULAD 回放转换规则（虚构）",
                "title_en": "Conversion rule of the OULAD replay (invented)",
                "valid_from": "2010-01-01",
                "valid_until": "",
                "equivalences": entries,
                "example": True,
            }
        ).encode()
    )


class _Planner:
    """Chooses who moves."""

    def __init__(self, records: Records, seed: int) -> None:
        self._records = records
        self._seed = seed
        self._chance = Random(f"{seed}/moves")
        self._documents = {code: write_rule(code) for code in records.regions}
        self._rules = {code: open_rule(text) for code, text in self._documents.items()}

    def plan(self, moves: int) -> Itinerary:
        """Choose movers and put everything together."""
        chosen = self._choose(moves)
        accounts = {code: dict(people) for code, people in self._records.accounts.items()}
        for transfer in chosen:
            learner = accounts[transfer.source][transfer.learner]
            accounts[transfer.destination].setdefault(transfer.learner, learner)
        records = self._records
        return Itinerary(
            provinces=tuple(records.regions),
            source="lms",
            accounts={code: tuple(people.values()) for code, people in accounts.items()},
            deposits={code: tuple(rows) for code, rows in records.deposits.items()},
            transfers=tuple(chosen),
            rules=self._documents,
            notes={
                "synthesised": True,
                "derived": ["credits", "earned"],
                "regions": dict(records.regions),
                "rejected_rows": [asdict(row) for row in records.rejected],
            },
        )

    def _choose(self, moves: int) -> list[Transfer]:
        pools: dict[str, list[Transfer]] = {GRANTED: [], PARTLY: [], REFUSED: []}
        for forecast, transfer in self._candidates():
            pools[forecast].append(transfer)
        partly, refused = _part(moves, PARTLY_SHARE), _part(moves, REFUSED_SHARE)
        wanted = {PARTLY: partly, REFUSED: refused, GRANTED: moves - partly - refused}
        for kind, count in wanted.items():
            if not 0 <= count <= len(pools[kind]):
                most = sum(len(pool) for pool in pools.values())
                detail = f"{moves} moves, {most} learners, {len(pools[kind])} {kind}"
                raise Refusal("OULAD_MOVES", detail=detail)
        chosen = {kind: pools[kind][:count] for kind, count in wanted.items()}
        taken = [*self._answered(chosen, moves), *chosen[REFUSED]]
        taken.sort(key=lambda transfer: transfer.reference)
        return taken

    def _answered(self, chosen: dict[str, list[Transfer]], moves: int) -> Iterator[Transfer]:
        declined = _part(moves, DECLINED_SHARE)
        of_partly = max(0, min(declined // 3, len(chosen[PARTLY]) - _part(moves, PARTLY_FLOOR)))
        counts = {PARTLY: of_partly, GRANTED: declined - of_partly}
        for kind, count in counts.items():
            for at, transfer in enumerate(chosen[kind]):
                yield _declining(transfer) if at < count else transfer

    def _candidates(self) -> Iterator[tuple[str, Transfer]]:
        """Yield one possible move per learner, in drawn order, and how it would be judged."""
        held = self._held()
        order = sorted(held)
        self._chance.shuffle(order)
        seen: set[str] = set()
        for student, source in order:
            lots = held[student, source]
            if student in seen or len(lots) > MOST_LOTS:
                continue
            seen.add(student)
            chance = Random(f"{self._seed}/move/{student}")
            elsewhere = [code for code in self._records.regions if code != source]
            destination = chance.choice(elsewhere)
            transfer = Transfer(
                reference=f"M{student}",
                learner=student,
                source=source,
                destination=destination,
                deposits=tuple(lot.reference for lot in lots),
                starts_at_source=chance.random() < 0.5,
                agrees_to_whole=chance.random() < 0.8,
                accepts=True,
            )
            yield foresee(self._rules[destination], source, tuple(lots)).end, transfer

    def _held(self) -> dict[tuple[str, str], list[Deposit]]:
        held: dict[tuple[str, str], list[Deposit]] = {}
        for province, rows in self._records.deposits.items():
            for row in rows:
                held.setdefault((row.learner, province), []).append(row)
        return held


def _declining(transfer: Transfer) -> Transfer:
    return Transfer(
        reference=transfer.reference,
        learner=transfer.learner,
        source=transfer.source,
        destination=transfer.destination,
        deposits=transfer.deposits,
        starts_at_source=transfer.starts_at_source,
        agrees_to_whole=False,
        accepts=False,
    )


def _part(count: int, share: int) -> int:
    return -(-count * share // 100)
