"""The decision record: everything that another party, or an auditor years later, needs to judge
again.

It states what was given (lots with their facts, evidence and programme), by what it was judged
(rule, catalogues or a panel's minute, each by digest), and what followed: grants by group and by
lot, the arithmetic of the caps, reasons, validity and the end of the time to appeal. What follows
is always computed from what was given, by :func:`compose`; so is what :mod:`recompute` compares.

It holds personal values, grades among them. So it travels beside the VOTE, which names it by
digest, and is erased like them; its salt keeps the digest from telling anything afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace

from node.domain.cap_admission import LOT_ONCE, Admission, Block, CapLine, admit, lot_scope
from node.domain.caps import Cap, Occasion, Part, Programme, ScopeKey
from node.domain.judgement import (
    Case,
    CaseLot,
    CatalogueUsed,
    Grant,
    GroupJudgement,
    Judgement,
)
from node.domain.outcomes import OutcomeFacts

RECORD_FORM = 1

POSITIVE = "POSITIVE"
PARTIAL = "PARTIAL"
NEGATIVE = "NEGATIVE"

ACCEPT = "ACCEPT"
REJECT = "REJECT"
HELD = "HELD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """By what it was judged.

    Attributes:
        rule: name of the rule, or empty where a panel judged and no rule has caps.
        rule_digest: SHA-256 of its document.
        minute: SHA-256 of the panel's minute, or empty.
        reviewers: experts who decided or confirmed, by their names on the list.
    """

    rule: str = ""
    rule_version: int = 0
    rule_digest: str = ""
    minute: str = ""
    reviewers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What a decision under appeal granted of a lot; a decision on appeal never lowers it."""

    target: str
    hundredths: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """A lot that a person took out, as for evidence that does not hold."""

    lot: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenLot:
    """A lot as it was before the judge.

    Attributes:
        evidence: SHA-256 of every file of evidence seen, in order.
        is_used: whether it counts here already by another decision.
        is_converted: whether the lot itself came of a conversion.
    """

    lot: str
    source: str
    amount_hundredths: int
    facts: OutcomeFacts
    form: str = ""
    evidence: tuple[str, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    is_used: bool = False
    is_converted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was given.

    Attributes:
        exchange: identifier, 32 hexadecimal digits.
        source: province that asks.
        destination: province that decides.
        track: RULE, REVIEWER or PANEL.
        catalogues: by which codes were read; the judge's own are added by :func:`compose`.
        valid_until_us: until when the decision is a promise.
        appeal_until_us: until when an appeal may come.
        relates_to: the exchange under appeal, or empty.
        cites: the recognition that this decision makes good, or empty. It is then judged by what
            was promised: on that day, by those documents, for that programme.
        offered_on: day of the offer, by which validity is judged however long the judgement
            takes; empty where that is the day of the decision.
    """

    exchange: str
    source: str
    destination: str
    decided_on: str
    track: str
    authority: Authority
    catalogues: tuple[CatalogueUsed, ...]
    programme: Programme | None
    wanted: tuple[str, ...]
    lots: tuple[GivenLot, ...]
    struck: tuple[Struck, ...]
    valid_until_us: int
    appeal_until_us: int
    relates_to: str = ""
    offered_on: str = ""
    cites: str = ""

    @property
    def case(self) -> Case:
        """What is before the judge: every lot that nobody struck out."""
        struck = {one.lot for one in self.struck}
        return Case(
            lots=tuple(
                CaseLot(
                    lot=lot.lot,
                    source=lot.source,
                    amount_hundredths=lot.amount_hundredths,
                    facts=self._as_offered(lot.facts),
                    form=lot.form,
                    is_converted=lot.is_converted,
                )
                for lot in self.lots
                if lot.lot not in struck
            ),
            on=self.decided_on,
            wanted=self.wanted,
        )

    def _as_offered(self, facts: OutcomeFacts) -> OutcomeFacts:
        is_valid = self.offered_on and self.offered_on <= facts.expires
        return replace(facts, expires="") if is_valid else facts


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedPart:
    """What one lot counts as one target.

    Attributes:
        hundredths: granted in all, what an appeal found before it included.
        earlier_hundredths: granted before.
    """

    lot: str
    target: str
    hundredths: int
    earlier_hundredths: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedGroup:
    """Lots that satisfied an entry together.

    Attributes:
        verdict: ACCEPT, or REJECT where a cap has no room for it.
        blocks: the caps without room.
    """

    group: str
    entry: str
    verdict: str
    lots: tuple[str, ...]
    grants: tuple[Grant, ...]
    parts: tuple[DecidedPart, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedLot:
    """The verdict on a lot.

    Attributes:
        verdict: ACCEPT, REJECT, or HELD until what it lacks is there.
        group: the group it counts in or would have, or empty.
        content: name under which like contents meet, or empty.
        original_grade: grade and scale as the source has them; ``grade`` is written here.
        level: level of what it counts as; ``original_level`` the source's.
    """

    lot: str
    verdict: str
    group: str
    original_hundredths: int
    granted_hundredths: int
    original_grade: str
    grade: str
    original_level: int
    level: int
    content: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What followed.

    Attributes:
        outcome: POSITIVE, PARTIAL or NEGATIVE.
        granted_hundredths: in all, in the destination's unit.
        caps: totals only, never other outcomes.
        may_ask_person: the learner may ask for a person (PIPL, article 24).
    """

    outcome: str
    offered_hundredths: int
    granted_hundredths: int
    lots: tuple[DecidedLot, ...]
    groups: tuple[DecidedGroup, ...]
    caps: tuple[CapLine, ...]
    may_ask_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A decision record: what was given and what followed."""

    form: int
    given: Given
    decided: Decided


def compose(
    given: Given,
    judgement: Judgement,
    caps: tuple[Cap, ...],
    *,
    used: Mapping[ScopeKey, int],
) -> Record:
    """Return the record of a judgement.

    Args:
        used: total used before in each scope that :func:`claimed` asks for.
    """
    groups = claimed(given, judgement)
    # What an appeal finds granted stays with its target; another target would be a second use.
    spent = {lot_scope(lot.lot): 1 for lot in given.lots if lot.is_used or lot.earlier}
    admission = admit(
        caps,
        groups,
        occasion=occasion_of(given),
        programme=given.programme,
        used={key: amount for key, amount in used.items() if key[0] != LOT_ONCE} | spent,
    )
    lots = tuple(_lot(given, lot, judgement, groups, admission) for lot in given.lots)
    accepted = sum(lot.verdict == ACCEPT for lot in lots)
    outcome = POSITIVE if accepted == len(lots) else PARTIAL if accepted else NEGATIVE
    decided = Decided(
        outcome=outcome,
        offered_hundredths=sum(lot.amount_hundredths for lot in given.lots),
        granted_hundredths=sum(lot.granted_hundredths for lot in lots),
        lots=lots,
        groups=tuple(_group(one, groups[one.group], admission) for one in judgement.groups),
        caps=admission.lines,
        may_ask_person=given.track == "RULE",
    )
    read = {astuple(one): one for one in (*given.catalogues, *judgement.catalogues)}
    named = replace(given, catalogues=tuple(read[key] for key in sorted(read)))
    return Record(form=RECORD_FORM, given=named, decided=decided)


def claimed(given: Given, judgement: Judgement) -> dict[str, tuple[Part, ...]]:
    """Return what a judgement would grant, as the caps are asked for it, by group."""
    lots = {lot.lot: lot for lot in given.lots}
    earlier = {
        (lot.lot, before.target): before.hundredths for lot in given.lots for before in lot.earlier
    }
    claims: dict[str, tuple[Part, ...]] = {}
    for group in judgement.groups:
        _check_shares(group)
        categories = {grant.target: grant.category for grant in group.grants}
        claims[group.group] = tuple(
            Part(
                lot=share.lot,
                target=share.target,
                hundredths=max(share.hundredths, earlier.get((share.lot, share.target), 0)),
                kind=lots[share.lot].facts.kind,
                form=lots[share.lot].form,
                issuer=lots[share.lot].facts.issuer,
                source=lots[share.lot].source,
                earned=lots[share.lot].facts.earned,
                category=categories[share.target],
                content=judgement.contents.get(share.lot, ""),
                earlier_hundredths=earlier.get((share.lot, share.target), 0),
            )
            for share in group.shares
        )
    return claims


def occasion_of(given: Given) -> Occasion:
    """Return where and when a decision's parts count."""
    programme = given.programme
    if programme is None:
        return Occasion(on=given.decided_on)
    return Occasion(on=given.decided_on, programme=programme.code, award=programme.award)


def _check_shares(group: GroupJudgement) -> None:
    """Make sure of our own judge: of every target the shares sum to the grant, lots are named."""
    for grant in group.grants:
        shares = [share for share in group.shares if share.target == grant.target]
        assert sum(share.hundredths for share in shares) == grant.hundredths, "shares do not sum"
    assert {share.lot for share in group.shares} <= set(group.lots), "a share of no lot"


def _lot(
    given: Given,
    lot: GivenLot,
    judgement: Judgement,
    groups: Mapping[str, tuple[Part, ...]],
    admission: Admission,
) -> DecidedLot:
    group = _group_of(lot.lot, judgement, admission)
    is_granted = group is not None and group.group in admission.admitted
    before = {one.target: one.hundredths for one in lot.earlier}
    if group is not None and is_granted:
        mine = {one.target: one.hundredths for one in groups[group.group] if one.lot == lot.lot}
        granted = sum((before | mine).values())
    else:
        granted = sum(before.values())
    grant = group.grants[0] if group is not None and is_granted else None
    return DecidedLot(
        lot=lot.lot,
        verdict=ACCEPT if granted or is_granted else HELD if lot.lot in judgement.held else REJECT,
        group="" if group is None else group.group,
        original_hundredths=lot.amount_hundredths,
        granted_hundredths=granted,
        original_grade=f"{lot.facts.scale}:{lot.facts.grade}",
        grade="" if grant is None else grant.grade,
        original_level=lot.facts.level,
        level=0 if grant is None else grant.level,
        content=judgement.contents.get(lot.lot, ""),
        reasons=() if is_granted else _reasons(given, lot.lot, group, judgement, admission),
    )


def _group_of(lot: str, judgement: Judgement, admission: Admission) -> GroupJudgement | None:
    """Return the group that a lot counts in, else the first it would have counted in."""
    mine = [group for group in judgement.groups if lot in group.lots]
    return next((one for one in mine if one.group in admission.admitted), mine[0] if mine else None)


def _reasons(
    given: Given,
    lot: str,
    group: GroupJudgement | None,
    judgement: Judgement,
    admission: Admission,
) -> tuple[str, ...]:
    struck = tuple(reason for one in given.struck if one.lot == lot for reason in one.reasons)
    if struck or group is None:
        return struck or judgement.unused.get(lot) or judgement.held.get(lot, ())
    return tuple(dict.fromkeys(block.reason for block in admission.refused[group.group]))


def _group(group: GroupJudgement, parts: tuple[Part, ...], admission: Admission) -> DecidedGroup:
    return DecidedGroup(
        group=group.group,
        entry=group.entry,
        verdict=ACCEPT if group.group in admission.admitted else REJECT,
        lots=group.lots,
        grants=group.grants,
        parts=tuple(
            DecidedPart(
                lot=part.lot,
                target=part.target,
                hundredths=part.hundredths,
                earlier_hundredths=part.earlier_hundredths,
            )
            for part in parts
        ),
        blocks=admission.refused.get(group.group, ()),
    )
