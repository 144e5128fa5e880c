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

from node.domain.outcomes import OutcomeFacts
from node.domain.rules import ACCEPT, Rule, decide

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
        notes: facts for the report, among them what was synthesised.
    """

    provinces: tuple[str, ...]
    source: str
    accounts: Mapping[str, tuple[Learner, ...]]
    deposits: Mapping[str, tuple[Deposit, ...]]
    transfers: tuple[Transfer, ...]
    rules: Mapping[str, bytes]
    notes: Mapping[str, object] = field(default_factory=dict)

    @property
    def lots(self) -> int:
        """Number of lots to be deposited."""
        return sum(len(rows) for rows in self.deposits.values())

    def digest(self) -> str:
        """Return a hash over all of it, by which a resumed run knows that it is the same."""
        value = asdict(self)
        value["rules"] = {name: rule.decode() for name, rule in self.rules.items()}
        spelled = json.dumps(value, ensure_ascii=False, sort_keys=True, default=dict)
        return hashlib.sha256(spelled.encode()).hexdigest()


GRANTED, PARTLY, REFUSED = "granted", "partly_granted", "refused"


def foresee(rule: Rule, source: str, deposits: tuple[Deposit, ...]) -> str:
    """Return how a rule will judge an offer of these deposits, by the node's own judge."""
    verdicts = [
        decide(
            rule,
            source=source,
            facts=deposit.facts,
            amount_hundredths=deposit.hundredths,
            on=PLANNED_ON,
        )
        for deposit in deposits
    ]
    accepted = [verdict for verdict in verdicts if verdict.verdict == ACCEPT]
    if not accepted:
        return REFUSED
    granted = sum(verdict.granted_hundredths for verdict in accepted)
    offered = sum(deposit.hundredths for deposit in deposits)
    return GRANTED if len(accepted) == len(deposits) and granted == offered else PARTLY
