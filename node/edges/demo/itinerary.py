"""What a run does, as plain values: who, which outcomes, which transfers, which rules.

An itinerary is a pure function of its options, never of time or of what processes do. Everything
in it has a reference, and every reference is unique where it is used, so that each step can be
repeated after a kill and comes to the same end.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from node.domain.cap_admission import LOT_ONCE
from node.domain.cap_book import CapBook
from node.domain.caps import ScopeKey
from node.domain.deciding import decide_case
from node.domain.decision_record import ACCEPT, Authority, Given, GivenLot
from node.domain.judgement import Judge
from node.domain.outcomes import OutcomeFacts

PLANNED_ON = "2026-01-01"


@dataclass(frozen=True, slots=True)
class Learner:
    """A person, invented or anonymised."""

    reference: str
    name: str
    document_type: str
    document_number: str


@dataclass(frozen=True, slots=True)
class Deposit:
    """An accredited outcome that becomes one lot.

    Attributes:
        line: position in the depositing system's list, rising.
        learner: reference of the learner.
        hundredths: hundredths of a credit.
    """

    line: int
    reference: str
    learner: str
    hundredths: int
    facts: OutcomeFacts


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer that a learner applies for.

    Attributes:
        deposits: references of the deposits whose lots are offered.
        starts_at_source: where the learner applies.
        agrees_to_whole: the learner agrees beforehand to a grant of everything.
        accepts: the learner's answer to any other grant.
    """

    reference: str
    learner: str
    source: str
    destination: str
    deposits: tuple[str, ...]
    starts_at_source: bool
    agrees_to_whole: bool
    accepts: bool


@dataclass(frozen=True, slots=True)
class Itinerary:
    """Everything that a run is to do.

    Attributes:
        source: name of the depositing system.
        accounts: learners to open accounts for, by province.
        deposits: outcomes to deposit, by province, lines rising.
        rules: the rule document of each province.
        catalogues: the catalogue that a province publishes before its rule.
        notes: facts for the report, among them what was synthesised.
    """

    provinces: tuple[str, ...]
    source: str
    accounts: Mapping[str, tuple[Learner, ...]]
    deposits: Mapping[str, tuple[Deposit, ...]]
    transfers: tuple[Transfer, ...]
    rules: Mapping[str, bytes]
    catalogues: Mapping[str, bytes] = field(default_factory=dict)
    notes: Mapping[str, object] = field(default_factory=dict)

    @property
    def lots(self) -> int:
        """Number of lots to be deposited."""
        return sum(len(rows) for rows in self.deposits.values())

    def digest(self) -> str:
        """Return a hash over all of it, by which a resumed run knows that it is the same."""
        value = asdict(self)
        for name, documents in (("rules", self.rules), ("catalogues", self.catalogues)):
            value[name] = {code: document.decode() for code, document in documents.items()}
        spelled = json.dumps(value, ensure_ascii=False, sort_keys=True, default=dict)
        return hashlib.sha256(spelled.encode()).hexdigest()


GRANTED, PARTLY, REFUSED = "granted", "partly_granted", "refused"


@dataclass(frozen=True, slots=True)
class Forecast:
    """How a rule will judge an offer of a learner of whom nothing counts there yet.

    Attributes:
        end: GRANTED, PARTLY or REFUSED.
        lots_granted: how many of the lots count.
        granted_hundredths: in all.
        asked: what it asks for in each scope of a cap.
        is_capped: whether a cap has no room for some of it.
    """

    end: str
    lots_granted: int
    granted_hundredths: int
    asked: Mapping[ScopeKey, int]
    is_capped: bool


def foresee(judge: Judge, source: str, deposits: tuple[Deposit, ...]) -> Forecast:
    """Return how a rule will judge an offer of these deposits, by the node's own judge."""
    name, version, digest = judge.rule
    given = Given(
        exchange="0" * 32,
        source=source,
        destination=name.partition("/")[0],
        decided_on=PLANNED_ON,
        track="RULE",
        authority=Authority(rule=name, rule_version=version, rule_digest=digest),
        catalogues=(),
        programme=None,
        wanted=(),
        lots=tuple(
            GivenLot(
                lot=f"{source}:{at:032x}",
                source=source,
                amount_hundredths=deposit.hundredths,
                facts=deposit.facts,
            )
            for at, deposit in enumerate(deposits)
        ),
        struck=(),
        valid_until_us=0,
        appeal_until_us=0,
    )
    decided = decide_case(given, judge, CapBook())[0].decided
    counted = sum(lot.verdict == ACCEPT for lot in decided.lots)
    is_whole = counted == len(deposits)
    end = PARTLY if counted else REFUSED
    if is_whole and decided.granted_hundredths == decided.offered_hundredths:
        end = GRANTED
    return Forecast(
        end=end,
        lots_granted=counted,
        granted_hundredths=decided.granted_hundredths,
        asked={line.key: line.asked for line in decided.caps if line.cap != LOT_ONCE},
        is_capped=any(group.blocks for group in decided.groups),
    )
