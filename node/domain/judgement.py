"""What a judge says of a case, whoever judges: a table of equivalences, a rule, or a panel.

A judge is a function of documents. The same documents and the same case give the same judgement
for ever; so another party can judge again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from federation.base.errors import Breach
from node.domain.caps import Cap
from node.domain.finding import Finding
from node.domain.outcomes import OutcomeFacts
from node.domain.panel import Minute, Question
from node.domain.rule_form import parse_rule
from node.domain.rules import REJECT, LotJudgement, Rule, decide

# The track of what a rule decides by itself.
RULE_TRACK = "RULE"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLot:
    """A lot before its judge.

    Attributes:
        lot: province and identifier, ``CN-33:`` and 32 hexadecimal digits.
        source: province that holds it.
        form: form of the outcome within its kind, or empty.
        is_converted: whether the lot itself came of a conversion.
    """

    lot: str
    source: str
    amount_hundredths: int
    facts: OutcomeFacts
    form: str = ""
    is_converted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is to be judged.

    Attributes:
        on: day of judgement, YYYY-MM-DD.
        wanted: codes of the targets wished for; empty for any.
    """

    lots: tuple[CaseLot, ...]
    on: str
    wanted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a group counts as.

    Attributes:
        target: code of the target.
        catalogue: key of the catalogue that it stands in, or empty.
        level: level of the target, 0 when unknown.
        grade: grade written at home.
        category: category of the target course, or empty.
    """

    target: str
    catalogue: str
    hundredths: int
    level: int
    grade: str
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one lot gives towards one target; of a target's shares the sum is its grant."""

    lot: str
    target: str
    hundredths: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupJudgement:
    """Lots that together satisfy one entry.

    Attributes:
        group: its name in the judgement.
        entry: what spoke: an entry of the rule, or a panel's question.
        track: who decides on it: ``RULE`` at once; else it is a proposal for people.
    """

    group: str
    entry: str
    lots: tuple[str, ...]
    grants: tuple[Grant, ...]
    shares: tuple[Share, ...]
    track: str = "RULE"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueUsed:
    """A version of a catalogue that codes were read by."""

    source: str
    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What is said of every lot.

    Attributes:
        unused: reasons for each lot that stands in no group.
        held: reasons for each lot that waits for another, as of a second province.
        contents: name under which like contents meet, for lots that have one.
        catalogues: by which the codes of this case were read, each once.
    """

    groups: tuple[GroupJudgement, ...]
    unused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    held: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    contents: Mapping[str, str] = field(default_factory=dict)
    catalogues: tuple[CatalogueUsed, ...] = ()


class Judge(Protocol):
    """A judge made of documents."""

    @property
    def rule(self) -> tuple[str, int, str]:
        """Name, version and SHA-256 of the rule; empty, 0 and empty where there is none."""
        ...

    @property
    def caps(self) -> tuple[Cap, ...]:
        """Caps of the rule."""
        ...

    @property
    def asks_people(self) -> bool:
        """Whether some entries leave the decision to people."""
        ...

    def judge(self, case: Case) -> Judgement:
        """Return what is said of a case."""
        ...


class OpenJudge(Protocol):
    """How a judge is made of documents."""

    def __call__(self, rule: bytes, catalogues: Mapping[str, bytes]) -> Judge:
        """Return the judge that a rule document is, with catalogues by their SHA-256.

        Raises:
            Breach: where the document is no rule, or names a catalogue that is not given.
        """
        ...


@dataclass(frozen=True, slots=True)
class TableJudge:
    """Judges by a table of equivalences, every lot for itself."""

    table: Rule

    @property
    def rule(self) -> tuple[str, int, str]:
        """Name, version and digest of the table."""
        return self.table.name, self.table.version, self.table.digest

    @property
    def caps(self) -> tuple[Cap, ...]:
        """None; a table of equivalences has no caps."""
        return ()

    @property
    def asks_people(self) -> bool:
        """Never; a table decides at once."""
        return False

    def judge(self, case: Case) -> Judgement:
        """Return what the table says of each lot."""
        said = {lot: self._decide(lot, case.on) for lot in case.lots}
        groups = tuple(
            GroupJudgement(
                group=lot.lot,
                entry=one.entry_id,
                lots=(lot.lot,),
                grants=(
                    Grant(
                        target=one.target,
                        catalogue="",
                        hundredths=one.granted_hundredths,
                        level=lot.facts.level,
                        grade=lot.facts.grade,
                        category="",
                    ),
                ),
                shares=(Share(lot=lot.lot, target=one.target, hundredths=one.granted_hundredths),),
            )
            for lot, one in said.items()
            if not one.reasons
        )
        unused = {lot.lot: one.reasons for lot, one in said.items() if one.reasons}
        return Judgement(groups=groups, unused=unused)

    def _decide(self, lot: CaseLot, on: str) -> LotJudgement:
        try:
            return decide(
                self.table,
                source=lot.source,
                facts=lot.facts,
                amount_hundredths=lot.amount_hundredths,
                on=on,
            )
        except Breach as breach:
            # A grant that no lot can have; the other lots of the case are judged all the same.
            return LotJudgement(REJECT, 0, "", "", (breach.reason,))


def open_table(rule: bytes, catalogues: Mapping[str, bytes]) -> TableJudge:
    """Return the judge by a table of equivalences, which names no catalogue."""
    return TableJudge(parse_rule(rule))


@dataclass(frozen=True, slots=True)
class PanelJudge:
    """Judges as people did, a panel or reviewers; its caps are those of the rule beside them.

    Of a lot that nothing was asked about the rule beside them says what it says at once; where it
    leaves such a lot to people, they did not find it equivalent.

    Attributes:
        minute: the panel's minute, or the reviewers' finding.
        beside: the judge whose caps hold, or None.
    """

    minute: Minute | Finding
    beside: Judge | None = None

    @property
    def rule(self) -> tuple[str, int, str]:
        """The rule whose caps hold."""
        return self.beside.rule if self.beside else ("", 0, "")

    @property
    def caps(self) -> tuple[Cap, ...]:
        """Its caps."""
        return self.beside.caps if self.beside else ()

    @property
    def asks_people(self) -> bool:
        """No longer; they have spoken."""
        return False

    def judge(self, case: Case) -> Judgement:
        """Return what was resolved: the questions about the same lots make one group of targets."""
        lots = {lot.lot: lot for lot in case.lots}
        answers = {one.question: one for one in self.minute.results}
        put = [one for one in self.minute.questions if set(one.lots) <= set(lots)]
        resolved: dict[frozenset[str], list[Question]] = {}
        for question in put:
            if answers[question.question].granted_hundredths:
                resolved.setdefault(frozenset(question.lots), []).append(question)
        groups = tuple(
            _resolved([(one, answers[one.question].granted_hundredths) for one in together], lots)
            for together in resolved.values()
        )
        used = {lot for group in groups for lot in group.lots}
        against: dict[str, tuple[str, ...]] = {}
        for question in put:
            for lot in question.lots:
                said = answers[question.question].reasons
                against[lot] = tuple(dict.fromkeys((*against.get(lot, ()), *said)))
        by_rule = self._unasked(case)
        unused = {
            lot: against.get(lot) or by_rule.unused.get(lot) or ("NOT_EQUIVALENT",)
            for lot in lots
            if lot not in used and not any(lot in group.lots for group in by_rule.groups)
        }
        return Judgement(
            groups=(*groups, *by_rule.groups), unused=unused, contents=by_rule.contents
        )

    def _unasked(self, case: Case) -> Judgement:
        asked = {lot for question in self.minute.questions for lot in question.lots}
        rest = tuple(lot for lot in case.lots if lot.lot not in asked)
        if self.beside is None or not rest:
            return Judgement(groups=())
        said = self.beside.judge(replace(case, lots=rest))
        at_once = tuple(
            # No entry of a rule can be taken for a question.
            replace(group, group=f"rule {group.group}")
            for group in said.groups
            if group.track == RULE_TRACK
        )
        return replace(said, groups=at_once, held={})


def split(hundredths: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Return an amount split by weights into whole hundredths that sum to it exactly.

    What remains after rounding down goes to the largest remainders, of equal ones to the first
    name. While there is enough, nobody is left with nothing: a lot that is used was granted.
    """
    total = sum(weights.values())
    shares = {name: hundredths * weight // total for name, weight in weights.items()}
    short = hundredths - sum(shares.values())
    by_rest = sorted(weights, key=lambda name: (-(hundredths * weights[name] % total), name))
    shares = {name: share + (name in by_rest[:short]) for name, share in shares.items()}
    for name in sorted(name for name, share in shares.items() if share == 0):
        richest = min(shares, key=lambda other: (-shares[other], other))
        if shares[richest] > 1:
            shares |= {richest: shares[richest] - 1, name: 1}
    return shares


def _resolved(
    together: Sequence[tuple[Question, int]], lots: Mapping[str, CaseLot]
) -> GroupJudgement:
    """Return the group that lots make which count as one target or several.

    Args:
        together: questions about the same lots, each with the hundredths granted.
    """
    first = together[0][0]
    weights = {lot: lots[lot].amount_hundredths for lot in first.lots}
    as_is = lots[first.lots[0]].facts.grade if len(first.lots) == 1 else ""
    return GroupJudgement(
        group=first.question,
        entry=first.question,
        lots=first.lots,
        grants=tuple(
            Grant(
                target=question.target,
                catalogue=question.catalogue,
                hundredths=granted,
                level=question.level,
                grade=question.grade or as_is,
                category=question.category,
            )
            for question, granted in together
        ),
        shares=tuple(
            Share(lot=lot, target=question.target, hundredths=share)
            for question, granted in together
            for lot, share in split(granted, weights).items()
        ),
    )
