"""Rules against the cases decided here: what one would change, what is lacking, what a case adds.

Nothing is stored, and none of it leaves the node: learners are counted as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from federation.base.errors import Breach, Refusal
from federation.protocol.messages import Verdict
from node.domain.catalogue import CatalogueEntry
from node.domain.decision_seals import read_record
from node.domain.exchange import ExchangeKey
from node.domain.judgement import Judge, TableJudge
from node.domain.publication import PublicationState
from node.domain.rule_conditions import CaseLot
from node.domain.rule_judge import RulebookJudge
from node.domain.rule_revision import DecidedCase, DecidedGrant, Gap, Refused, gaps
from node.domain.rule_succession import CitedVersion, Draft, first_rule, next_version
from node.domain.rule_trial import CaseChange, DryRun, DryRunSums, PastCase
from node.usecases.decided_offers import DecidedOffer, decided_offer, decided_offers
from node.usecases.office import Office, beijing_day
from node.usecases.ports import Reading
from node.usecases.publication_ports import Listing
from node.usecases.publications import LARGEST_DOCUMENT, RULE

# Refused for these, a lot never came before a judge.
_UNJUDGED = frozenset({"FACTS_WITHHELD", "CREDIT_EXPIRED", "AGREEMENT_SCOPE", "LEGAL_BASIS"})
# Lots that counted together, and hundredths of a credit granted for each of their targets.
_Granted = tuple[tuple[bytes, ...], Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a dry run comes to.

    Attributes:
        unrecorded: cases left out, having no record: erased, or decided by people without one.
    """

    sums: DryRunSums
    unrecorded: int


class RuleTrials:
    """What registrars ask before they publish a rule."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def dry_run(self, document: bytes) -> Iterator[CaseChange | Trial]:
        """Judge the cases decided here again by a rule; yield those that differ, then the sums.

        Raises:
            Breach: TOO_LARGE, RULE_FORM.
        """
        if len(document) > LARGEST_DOCUMENT:
            raise Breach("TOO_LARGE")
        run, unrecorded = DryRun(self._office.rules.open(document)), 0
        for one in decided_offers(self._office.store):
            if not one.record:
                unrecorded += 1
                continue
            changed = run.judge_again(
                PastCase(
                    peer=one.exchange.peer,
                    exchange=one.exchange.exchange_id.hex(),
                    learner=one.exchange.account,
                    record=read_record(one.record),
                )
            )
            if changed is not None:
                yield changed
        yield Trial(sums=run.sums(), unrecorded=unrecorded)

    def gaps(self) -> tuple[Gap, ...]:
        """Rank what was refused here by the learners that it met."""
        return gaps(
            refused for one in decided_offers(self._office.store) for refused in _refused(one)
        )

    def draft(self, key: ExchangeKey) -> bytes:
        """Return the next version of the rule in force, with what people granted in a case.

        Raises:
            Refusal: EXCHANGE; NO_DECISION where people granted nothing, be it that the rule did;
                FACTS_WITHHELD where what was shown is erased; CATALOGUE_ENTRY where a target
                stands in no published catalogue; DRAFT_SHAPE.
        """
        return self._office.store.read(lambda reading: self._draft(reading, key))

    def _draft(self, reading: Reading, key: ExchangeKey) -> bytes:
        exchange = reading.exchanges([key]).get(key)
        if exchange is None:
            raise Refusal("EXCHANGE")
        offer = decided_offer(reading, exchange)
        granted = self._granted(reading, offer) if offer else []
        if offer is None or not granted:
            raise Refusal("NO_DECISION")
        targets = {target for _, by_target in granted for target in by_target}
        homes = {one[3].code: one for one in reading.listings(self._office.province, targets)}
        if targets - homes.keys():
            raise Refusal("CATALOGUE_ENTRY", detail=", ".join(sorted(targets - homes.keys())))
        listed = {code: one[3] for code, one in homes.items()}
        decided = [_decided_case(offer, one, listed) for one in granted]
        draft = Draft(
            case=offer.exchange.exchange_id.hex(),
            decided=decided,
            homes={code: self._home(one) for code, one in homes.items()},
            abroad=_abroad(reading, decided),
        )
        in_force = reading.rule()
        today = beijing_day(self._office.clock.now_us())
        content = (
            first_rule(self._office.province, today) if in_force is None else json.loads(in_force)
        )
        return next_version(content, draft, after=_highest(reading, content["rule"]))

    def _granted(self, reading: Reading, offer: DecidedOffer) -> list[_Granted]:
        """Return what people granted, which no entry of the rule of that day did."""
        digest = offer.vote.record.rule_digest.hex()
        document = reading.documents_by_digest([digest]).get(digest)
        of_rule = _entries(self._office.rules.open(document)) if document else frozenset()
        if offer.vote.groups:
            return [
                (group.lot_ids, {one.target: one.granted_hundredths for one in group.grants})
                for group in offer.vote.groups
                if group.entry not in of_rule
            ]
        return [
            ((lot.lot_id,), {lot.target: lot.granted_hundredths})
            for lot in offer.vote.lots
            if lot.verdict is Verdict.ACCEPT and lot.target and lot.entry not in of_rule
        ]

    def _home(self, listing: Listing) -> CitedVersion:
        name, version, digest, _ = listing
        return CitedVersion(
            source=self._office.province, issuer="", name=name, version=version, digest=digest
        )


def _refused(offer: DecidedOffer) -> Iterator[Refused]:
    """Yield the lots that a rule or people refused; what neither may overrule is no gap."""
    if not offer.exchange.account:
        return  # Nobody here was proven to be the learner, and nothing was judged.
    granted = {lot.target for lot in offer.vote.lots}
    granted |= {grant.target for group in offer.vote.groups for grant in group.grants}
    missed = [one for one in offer.prepare.wanted_targets if one not in granted] or [""]
    for lot in offer.vote.lots:
        facts = offer.facts.get(lot.lot_id)
        if lot.verdict is Verdict.ACCEPT or facts is None or _UNJUDGED.intersection(lot.reasons):
            continue
        for target in missed:
            yield Refused(
                source=offer.offers[lot.lot_id].content.unit,
                issuer=facts.issuer,
                code=facts.code,
                title=facts.title,
                target=target,
                reasons=lot.reasons,
                learner=offer.exchange.account,
            )


def _decided_case(
    offer: DecidedOffer, granted: _Granted, listed: Mapping[str, CatalogueEntry]
) -> DecidedCase:
    lot_ids, by_target = granted
    if not set(lot_ids) <= offer.facts.keys():
        raise Refusal("FACTS_WITHHELD")
    lots = tuple(
        CaseLot(
            lot_id=lot_id.hex(),
            source=offer.offers[lot_id].content.unit,
            facts=offer.facts[lot_id],
            amount_hundredths=offer.offers[lot_id].content.amount_hundredths,
            is_converted=bool(offer.offers[lot_id].deposit_origin),
        )
        for lot_id in lot_ids
    )
    return DecidedCase(
        lots,
        tuple(
            DecidedGrant(target, hundredths, listed[target].level, listed[target].category)
            for target, hundredths in by_target.items()
        ),
        f"{offer.exchange.peer} {offer.exchange.exchange_id.hex()} {offer.vote.record.decided_on}",
    )


def _abroad(
    reading: Reading, decided: list[DecidedCase]
) -> dict[tuple[str, str, str], CitedVersion]:
    """Return the catalogues of lots as they are cited; what is not kept here at any version."""
    lots = [lot for one in decided for lot in one.lots]
    found: dict[tuple[str, str, str], CitedVersion] = {}
    for source in sorted({lot.source for lot in lots}):
        codes = {lot.facts.code for lot in lots if lot.source == source}
        kept = {(one[1], one[3].code): one for one in reading.listings(source, codes)}
        for lot in lots:
            if lot.source != source:
                continue
            issuer, version = lot.facts.issuer, lot.facts.catalogue
            listed = kept.get((version, lot.facts.code))
            found[source, issuer, version] = CitedVersion(
                source=source,
                issuer=issuer,
                name=listed[0] if listed else issuer,
                version=version,
                digest=listed[2] if listed else "",
            )
    return found


def _entries(judge: Judge) -> frozenset[str]:
    if isinstance(judge, RulebookJudge):
        return frozenset(one.entry_id for one in judge.book.entries)
    if isinstance(judge, TableJudge):
        return frozenset(one.entry_id for one in judge.table.entries)
    return frozenset()


def _highest(reading: Reading, name: str) -> int:
    """Return the highest version of a rule that is more than a draft."""
    versions = reading.publications(RULE, name)
    return max(
        (int(one.version) for one in versions if one.state is not PublicationState.DRAFT), default=0
    )
