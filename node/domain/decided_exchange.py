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
from federation.protocol.lots import LotGroup
from federation.protocol.messages import LotDecision, LotOffer, Prepare, Verdict, Vote
from node.domain.decision_record import ACCEPT, DecidedGroup, DecidedLot, GivenLot, Record
from node.domain.decision_seals import open_document, parse_content
from node.domain.judgement import OpenJudge
from node.domain.lot import facts_of
from node.domain.recompute import Difference, Documents, Recomputation, difference, recompute
from node.domain.voting import MOST_REASONS, lot_group, lot_name

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
    found = [*said.differences, *_against_vote(record, vote)]
    if prepare is not None:
        found += _against_offer(record, prepare, shown or Openings())
    return Recomputation(tuple(found))


def _against_vote(record: Record, vote: Vote) -> Iterator[Difference]:
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
    voted = {lot_name(given.source, one.lot_id): one for one in vote.lots}
    groups = {one.group: one for one in decided.groups if one.verdict == ACCEPT}
    for at, lot in enumerate(decided.lots):
        one = voted.pop(lot.lot, None)
        yield from _lot(f"$.decided.lots[{at}]", lot, one, groups.get(lot.group))
    for name, one in voted.items():
        if one.verdict is Verdict.ACCEPT:
            yield difference("$.decided.lots", VOTE, "", name)
    yield from _groups(tuple(groups.values()), vote.groups)


def _lot(
    path: str, lot: DecidedLot, voted: LotDecision | None, group: DecidedGroup | None
) -> Iterator[Difference]:
    if voted is None:
        yield difference(f"{path}.lot", VOTE, lot.lot, "")
        return
    is_accepted = lot.verdict == ACCEPT
    reasons = () if is_accepted else lot.reasons[:MOST_REASONS] or ("NOT_EQUIVALENT",)
    targets = [one.target for one in group.grants] if is_accepted and group else []
    yield from _each(
        VOTE,
        {
            f"{path}.verdict": (is_accepted, voted.verdict is Verdict.ACCEPT),
            f"{path}.granted_hundredths": (lot.granted_hundredths, voted.granted_hundredths),
            f"{path}.reasons": (reasons, voted.reasons),
            f"{path}.group": (group.entry if is_accepted and group else "", voted.entry),
        },
    )
    if is_accepted and voted.target != (targets[0] if len(targets) == 1 else ""):
        yield difference(f"{path}.group", VOTE, targets, voted.target)


def _groups(
    accepted: tuple[DecidedGroup, ...], voted: tuple[LotGroup, ...]
) -> Iterator[Difference]:
    is_plain = all(len(one.lots) == len(one.grants) == 1 for one in accepted)
    expected = () if is_plain else tuple(lot_group(one) for one in accepted)
    if expected != voted:
        yield difference("$.decided.groups", VOTE, len(expected), len(voted))


def _against_offer(record: Record, prepare: Prepare, shown: Openings) -> Iterator[Difference]:
    given, header = record.given, prepare.header
    offered = {lot_name(header.src, one.content.lot_id): one for one in prepare.lots}
    yield from _each(
        OFFER,
        {
            "$.given.source": (given.source, header.src),
            "$.given.destination": (given.destination, header.dst),
            "$.given.exchange": (given.exchange, header.exchange_id.hex()),
            "$.given.wanted": (given.wanted, tuple(sorted(prepare.wanted_targets))),
            "$.given.offered_on": (
                given.offered_on,
                beijing_date(header.signed_time_us).isoformat(),
            ),
        },
    )
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
