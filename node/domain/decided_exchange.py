"""Does a decision record say what the signed messages of its exchange say?

Judging again shows that what followed does follow from what the record says was given. Here the
other half is shown: that it was given so by the PREPARE, and that the VOTE said so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from federation.base.errors import Breach
from federation.base.working_days import beijing_date
from federation.protocol.commitments import LOT_SECRET, Openings
from federation.protocol.messages import LotDecision, LotOffer, Prepare, Verdict, Vote
from node.domain.decision_record import ACCEPT, DecidedGroup, GivenLot, Record
from node.domain.decision_seals import open_document, parse_content
from node.domain.judgement import OpenJudge
from node.domain.lot import facts_of
from node.domain.recompute import FORM, Difference, Documents, Recomputation, difference, recompute
from node.domain.vote_statement import groups_stated, lots_stated
from node.domain.voting import lot_name

VOTE = "VOTE"
OFFER = "OFFER"


def recompute_exchange(
    document: bytes,
    documents: Documents,
    open_judge: OpenJudge,
    *,
    vote: Vote,
    prepare: Prepare | None = None,
    shown: Openings | None = None,
) -> Recomputation:
    """Judge again what a record states, and compare it with VOTE and PREPARE.

    Args:
        shown: what is shown of the offer; facts that are not shown are not compared.

    Raises:
        Breach: RECORD_FORM where the bytes are no document of a record at all.
    """
    said = recompute(document, documents, open_judge, named=vote.record_digest.hex())
    try:
        record = parse_content(open_document(document)[0])
    except Breach:
        return said
    found = [*said.differences, *against_vote(record, vote)]
    if prepare is not None:
        found += against_offer(record, prepare, shown or Openings())
    return Recomputation(tuple(found))


def against_vote(record: Record, vote: Vote) -> Iterator[Difference]:
    """Yield where a record says otherwise than its VOTE."""
    given, decided, said = record.given, record.decided, vote.record
    authority = given.authority
    yield from _each(
        VOTE,
        {
            "$.given.exchange": (given.exchange, vote.header.exchange_id.hex()),
            "$.given.source": (given.source, vote.header.dst),
            "$.given.destination": (given.destination, vote.header.src),
            "$.given.decided_on": (given.decided_on, said.decided_on),
            "$.given.authority.rule": (authority.rule, said.rule),
            "$.given.authority.rule_version": (authority.rule_version, said.rule_version),
            "$.given.authority.rule_digest": (authority.rule_digest, said.rule_digest.hex()),
            "$.given.valid_until_us": (given.valid_until_us, said.valid_until_us),
            "$.given.appeal_until_us": (given.appeal_until_us, said.appeal_until_us),
            "$.decided.granted_hundredths": (decided.granted_hundredths, said.granted_hundredths),
        },
    )
    if [one.lot for one in given.lots] != [one.lot for one in decided.lots]:
        yield difference("$.decided.lots", VOTE, len(given.lots), len(decided.lots))
    voted = {lot_name(given.source, one.lot_id): one for one in vote.lots}
    try:
        stated, expected = lots_stated(record), groups_stated(record)
    except ValueError:
        yield difference("$.decided.lots", FORM, "", "name of a lot")
        return
    for at, (name, one) in enumerate(stated.items()):
        yield from _lot(f"$.decided.lots[{at}]", name, one, voted.pop(name, None))
    for name, said_of in voted.items():
        # What was set aside before the judge is in no record, and never granted.
        if said_of.verdict is Verdict.ACCEPT:
            yield difference("$.decided.lots", VOTE, "", name)
    if expected != vote.groups:
        yield difference("$.decided.groups", VOTE, len(expected), len(vote.groups))
    for group in decided.groups:
        if group.verdict == ACCEPT:
            yield from _parts(group)


def _lot(
    path: str, name: str, stated: LotDecision, voted: LotDecision | None
) -> Iterator[Difference]:
    if voted is None:
        yield difference(f"{path}.lot", VOTE, name, "")
        return
    is_accepted = stated.verdict is Verdict.ACCEPT
    yield from _each(
        VOTE,
        {
            f"{path}.verdict": (is_accepted, voted.verdict is Verdict.ACCEPT),
            f"{path}.granted_hundredths": (stated.granted_hundredths, voted.granted_hundredths),
            f"{path}.reasons": (stated.reasons, voted.reasons),
            f"{path}.group": ((stated.entry, stated.target), (voted.entry, voted.target)),
        },
    )


def _parts(group: DecidedGroup) -> Iterator[Difference]:
    """Yield where what a group grants is not what its lots count as; an appeal may leave more."""
    if any(part.earlier_hundredths for part in group.parts):
        return
    granted = {one.target: one.hundredths for one in group.grants}
    counted = dict.fromkeys(granted, 0)
    for part in group.parts:
        counted[part.target] = counted.get(part.target, 0) + part.hundredths
    if counted != granted:
        yield difference("$.decided.groups", VOTE, granted, counted)


def against_offer(record: Record, prepare: Prepare, shown: Openings) -> Iterator[Difference]:
    """Yield where a record and the offer that was judged say different things.

    A promise taken up, and an appeal, are judged as of the day of the first offer, which is not
    shown here.
    """
    given, header = record.given, prepare.header
    offered = {lot_name(header.src, one.content.lot_id): one for one in prepare.lots}
    yield from _each(
        OFFER,
        {
            "$.given.source": (given.source, header.src),
            "$.given.destination": (given.destination, header.dst),
            "$.given.exchange": (given.exchange, header.exchange_id.hex()),
            "$.given.relates_to": (
                given.relates_to,
                prepare.relates_to.hex() if prepare.is_appeal else "",
            ),
            "$.given.wanted": (given.wanted, tuple(sorted(prepare.wanted_targets))),
        },
    )
    if given.cites and not prepare.cites:
        yield difference("$.given.cites", OFFER, given.cites, "")
    offered_on = beijing_date(header.signed_time_us).isoformat()
    if not (given.cites or given.relates_to) and given.offered_on != offered_on:
        yield difference("$.given.offered_on", OFFER, given.offered_on, offered_on)
    for at, lot in enumerate(given.lots):
        yield from _offered(f"$.given.lots[{at}]", lot, offered.pop(lot.lot, None), shown)
    for name, one in offered.items():
        if LOT_SECRET in shown.by_name(one.content.lot_id):
            yield difference("$.given.lots", OFFER, "", name)


def _offered(
    path: str, lot: GivenLot, offer: LotOffer | None, shown: Openings
) -> Iterator[Difference]:
    if offer is None:
        yield difference(f"{path}.lot", OFFER, lot.lot, "")
        return
    content = offer.content
    pairs: dict[str, tuple[Any, Any]] = {
        f"{path}.source": (lot.source, content.unit),
        f"{path}.amount_hundredths": (lot.amount_hundredths, content.amount_hundredths),
        f"{path}.is_converted": (lot.is_converted, bool(offer.deposit_origin)),
    }
    if shown.by_name(content.lot_id):
        try:
            facts = facts_of(shown, content.lot_id)
        except Breach as breach:
            yield difference(f"{path}.facts", OFFER, "", breach.reason)
            facts = None
        if facts is not None:
            stated, truly = lot.facts.as_fields(), facts.as_fields()
            names = sorted(stated.keys() | truly.keys())
            pairs |= {f"{path}.facts.{one}": (stated.get(one), truly.get(one)) for one in names}
            pairs[f"{path}.form"] = (lot.form, facts.form)
    yield from _each(OFFER, pairs)


def _each(cause: str, pairs: Mapping[str, tuple[Any, Any]]) -> Iterator[Difference]:
    for path, (stated, said) in pairs.items():
        if stated != said:
            yield difference(path, cause, stated, said)
