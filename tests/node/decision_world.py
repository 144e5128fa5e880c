"""A decision by a capped table of equivalences, and one by a panel, to bend in tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from federation.base.errors import Breach
from node.domain.canonical import digest_of, read_canonical, spell
from node.domain.cap_form import caps_of
from node.domain.caps import Cap
from node.domain.decision_record import (
    Authority,
    Given,
    GivenLot,
    Record,
    Struck,
    compose,
)
from node.domain.decision_seals import record_document
from node.domain.finding import deciders
from node.domain.judgement import Case, CatalogueUsed, Judge, Judgement, PanelJudge, TableJudge
from node.domain.outcomes import PERCENT, OutcomeFacts
from node.domain.panel import Ballot, Minute, Question
from node.domain.recompute import Documents
from node.domain.rule_form import parse_rule
from tests.node.cap_documents import BACHELOR, GUANGDONG, NO_DOUBLE, OUC
from tests.node.panel_world import minute
from tests.node.rule_documents import DOCUMENT, ENTRY, spelled

SALT = bytes(range(16))
CATALOGUE = "code,title\nGD-1,数据库\n".encode()
USED = {"gd-all": 6_500, "gd-online": 100}


@dataclass(frozen=True)
class CappedTable:
    """A table of equivalences with caps beside it, in one document."""

    table: TableJudge
    caps: tuple[Cap, ...]
    digest: str

    @property
    def rule(self) -> tuple[str, int, str]:
        name, version, _ = self.table.rule
        return name, version, self.digest

    @property
    def asks_people(self) -> bool:
        return False

    def judge(self, case: Case) -> Judgement:
        said = self.table.judge(case)
        return replace(said, contents={lot.lot: lot.facts.title for lot in case.lots})


def open_capped(rule: bytes, catalogues: Mapping[str, bytes]) -> CappedTable:
    content = read_canonical(rule, reason="RULE_FORM")
    if set(content) != {"table", "caps"}:
        raise Breach("RULE_FORM")
    table = parse_rule(spell(content["table"]))
    return CappedTable(TableJudge(table), caps_of(content["caps"]), digest_of(rule))


ENTRIES = [
    ENTRY,
    ENTRY | {"id": "e2", "code": "CS-1*", "target": "GD-2", "ratio": "1/1", "minimum_grade": 70},
    ENTRY | {"id": "e3", "code": "ON-*", "target": "GD-3", "ratio": "1/2"},
]
RULE = spell(
    {
        "table": json.loads(spelled(DOCUMENT | {"equivalences": ENTRIES})),
        "caps": [*OUC, *GUANGDONG, *NO_DOUBLE],
    }
)

FACTS = OutcomeFacts(
    code="CS-101",
    catalogue="2026.1",
    title="数据库原理",
    grade="85",
    scale=PERCENT,
    level=6,
    field="520",
    hours=64,
    earned="2024-06-30",
    expires="2030-06-30",
    kind="DEGREE",
    issuer="浙江开放大学",
)


def given_lot(number: int, amount: int, facts: Mapping[str, Any], **change: Any) -> GivenLot:
    values: dict[str, Any] = {
        "lot": f"CN-33:{number:032x}",
        "source": "CN-33",
        "amount_hundredths": amount,
        "facts": replace(FACTS, **facts),
        "evidence": (f"{number:064x}",),
    }
    return GivenLot(**(values | change))


LOTS = (
    given_lot(1, 500, {}),
    given_lot(2, 300, {"code": "CS-102", "title": "操作系统", "grade": "60"}),
    given_lot(3, 300, {"code": "CS-103", "title": "编译原理"}),
    given_lot(
        4, 600, {"code": "ON-1", "title": "人工智能", "kind": "INFORMAL"}, form="ONLINE_COURSE"
    ),
    given_lot(5, 200, {"code": "CS-101", "title": "网络"}),
    given_lot(6, 200, {"code": "CS-104", "title": "密码"}, is_used=True),
    given_lot(7, 200, {"code": "XX-1", "title": "游泳"}),
)
GIVEN = Given(
    exchange="ab" * 16,
    source="CN-33",
    destination="CN-44",
    decided_on="2026-11-23",
    track="RULE",
    authority=Authority(rule="CN-44/general", rule_version=1, rule_digest=digest_of(RULE)),
    catalogues=(
        CatalogueUsed(source="CN-44", name="gd", version="2026.1", sha256=digest_of(CATALOGUE)),
    ),
    programme=BACHELOR,
    wanted=(),
    lots=LOTS,
    struck=(Struck(lot=LOTS[4].lot, reasons=("EVIDENCE_MISSING",)),),
    valid_until_us=1_800_000_000_000_000,
    appeal_until_us=1_790_000_000_000_000,
)
DOCUMENTS = Documents(rule=RULE, catalogues=(CATALOGUE,))


def decided(given: Given = GIVEN, judge: Judge | None = None, **used: int) -> Record:
    judge = judge or open_capped(RULE, {})
    totals = {
        (cap, (("programme", BACHELOR.code),), ""): amount for cap, amount in (USED | used).items()
    }
    return compose(given, judge.judge(given.case), judge.caps, used=totals)


def document(record: Record | None = None) -> bytes:
    return record_document(record or decided(), SALT)


PANEL_LOTS = (LOTS[0], LOTS[1], LOTS[6])
PANEL_QUESTIONS = (
    Question(
        question="q1",
        lots=(LOTS[0].lot, LOTS[1].lot),
        target="GD-7",
        catalogue="gd",
        offered_hundredths=800,
        most_hundredths=600,
        category="COMPULSORY",
        level=6,
        grade="免考",
    ),
    Question(
        question="q2",
        lots=(LOTS[6].lot,),
        target="GD-8",
        catalogue="gd",
        offered_hundredths=200,
        most_hundredths=200,
    ),
)
PANEL_BALLOTS = tuple(
    Ballot(expert=f"E-{at}", question="q1", granted_hundredths=amount)
    for at, amount in enumerate((600, 500, 400))
) + tuple(
    Ballot(expert=f"E-{at}", question="q2", granted_hundredths=0, reasons=("NOT_EQUIVALENT",))
    for at in range(3)
)


def panel_minute(case: str = GIVEN.exchange, relates_to: str = "") -> Minute:
    asked = {"questions": PANEL_QUESTIONS, "case": case, "relates_to": relates_to}
    return minute(1, 1, 1, cast=PANEL_BALLOTS, **asked)


def panel_given(case: str = GIVEN.exchange, relates_to: str = "") -> Given:
    resolved = panel_minute(case, relates_to)
    authority = replace(GIVEN.authority, minute=resolved.digest, reviewers=deciders(resolved))
    return replace(
        GIVEN,
        exchange=case,
        relates_to=relates_to,
        track="PANEL",
        authority=authority,
        lots=PANEL_LOTS,
        struck=(),
    )


def panel_decided() -> Record:
    return decided(panel_given(), PanelJudge(panel_minute(), open_capped(RULE, {})))


PANEL_DOCUMENTS = replace(DOCUMENTS, minute=panel_minute().document())
