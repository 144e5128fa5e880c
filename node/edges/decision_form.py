"""A decision as local callers and commands are told it, from a node's store or from a file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from federation.evidence.record_papers import MINUTE, RULE, named_papers
from federation.protocol.messages import LotDecision, Verdict, Vote
from node.domain.canonical import digest_of
from node.domain.cap_admission import CapLine
from node.domain.decision_record import ACCEPT, DecidedGroup, DecidedLot, Record
from node.edges.decision_files import read_content
from node.v1 import decision_service_pb2 as pb


def decision_message(
    *,
    vote: Vote | None,
    record: bytes,
    state: str,
    wanted: Iterable[str],
    documents: Collection[bytes],
) -> pb.GetDecisionResponse:
    """Return a decision as it is told.

    Args:
        vote: None before a decision, and in the file of a record alone.
        record: the record's document, or empty.
        state: SHOWN, WITHHELD, ERASED or NONE.
        documents: papers that are at hand.
    """
    known = read_content(record)
    made = pb.GetDecisionResponse(
        is_decided=vote is not None or bool(record),
        wanted_targets=wanted,
        record=record,
        record_state=state,
        papers=_papers(vote, known, record, documents),
    )
    if vote is not None:
        made.MergeFrom(_of_vote(vote, known))
    elif known is not None:
        made.MergeFrom(_of_record(known, record))
    if known is not None:
        made.track = known.given.track
        made.may_ask_person = known.decided.may_ask_person
        made.groups.extend(_group(one) for one in known.decided.groups)
        made.caps.extend(_cap(line) for line in known.decided.caps)
        if not wanted:
            made.wanted_targets.extend(known.given.wanted)
    elif vote is not None:
        made.groups.extend(_voted_groups(vote))
    return made


def _of_vote(vote: Vote, known: Record | None) -> pb.GetDecisionResponse:
    said, by_lot = vote.record, _by_lot(known)
    return pb.GetDecisionResponse(
        rule=said.rule,
        rule_version=said.rule_version,
        rule_digest=said.rule_digest.hex(),
        decided_on=said.decided_on,
        valid_until_us=said.valid_until_us,
        appeal_until_us=said.appeal_until_us,
        record_digest=vote.record_digest.hex(),
        lots=[_voted(one, by_lot.get(one.lot_id.hex())) for one in vote.lots],
    )


def _of_record(known: Record, document: bytes) -> pb.GetDecisionResponse:
    given = known.given
    entries = {one.group: one.entry for one in known.decided.groups}
    return pb.GetDecisionResponse(
        rule=given.authority.rule,
        rule_version=given.authority.rule_version,
        rule_digest=given.authority.rule_digest,
        decided_on=given.decided_on,
        valid_until_us=given.valid_until_us,
        appeal_until_us=given.appeal_until_us,
        record_digest=digest_of(document),
        lots=[
            pb.LotDecision(
                lot=name,
                verdict=one.verdict,
                granted_hundredths=one.granted_hundredths,
                reasons=one.reasons,
                entry=entries.get(one.group, ""),
                grade=one.grade,
                level=one.level,
            )
            for name, one in _by_lot(known).items()
        ],
    )


def _by_lot(known: Record | None) -> dict[str, DecidedLot]:
    lots = known.decided.lots if known else ()
    return {_id(one.lot): one for one in lots}


def _id(lot: str) -> str:
    return lot.partition(":")[2]


def _voted(one: LotDecision, known: DecidedLot | None) -> pb.LotDecision:
    verdict = ACCEPT if one.verdict is Verdict.ACCEPT else "REJECT"
    return pb.LotDecision(
        lot=one.lot_id.hex(),
        verdict=known.verdict if known else verdict,
        granted_hundredths=one.granted_hundredths,
        reasons=one.reasons,
        entry=one.entry,
        grade=known.grade if known else "",
        level=known.level if known else 0,
    )


def _group(one: DecidedGroup) -> pb.DecidedGroup:
    return pb.DecidedGroup(
        entry=one.entry,
        is_granted=one.verdict == ACCEPT,
        lots=[_id(lot) for lot in one.lots],
        grants=[
            pb.DecidedGrant(target=grant.target, granted_hundredths=grant.hundredths)
            for grant in one.grants
        ],
        reasons=dict.fromkeys(block.reason for block in one.blocks),
    )


def _voted_groups(vote: Vote) -> Iterator[pb.DecidedGroup]:
    """Yield what counts together as the VOTE alone has it, its record not being here."""
    for group in vote.groups:
        yield pb.DecidedGroup(
            entry=group.entry,
            is_granted=True,
            lots=[lot.hex() for lot in group.lot_ids],
            grants=[
                pb.DecidedGrant(target=one.target, granted_hundredths=one.granted_hundredths)
                for one in group.grants
            ],
        )
    for one in () if vote.groups else vote.accepted:
        grant = pb.DecidedGrant(target=one.target, granted_hundredths=one.granted_hundredths)
        yield pb.DecidedGroup(
            entry=one.entry, is_granted=True, lots=[one.lot_id.hex()], grants=[grant]
        )


def _cap(line: CapLine) -> pb.CapArithmetic:
    return pb.CapArithmetic(
        cap=line.cap,
        scope=[f"{dimension}={value}" for dimension, value in line.scope],
        window=line.window,
        measure=line.measure,
        limit=line.limit,
        used_before=line.used_before,
        asked=line.asked,
        allowed=line.allowed,
        left=line.left,
    )


def _papers(
    vote: Vote | None, known: Record | None, record: bytes, documents: Collection[bytes]
) -> Iterator[pb.DecisionPaper]:
    here = {digest_of(one): one for one in documents if one}
    authority = known.given.authority if known else None
    if vote is not None:
        said = vote.record
        rule = (f"{said.rule}@{said.rule_version}", said.rule_digest.hex())
    elif authority is not None and authority.rule_digest:
        rule = (f"{authority.rule}@{authority.rule_version}", authority.rule_digest)
    else:
        rule = ("", "")
    if rule[1]:
        yield pb.DecisionPaper(kind=RULE, name=rule[0], digest=rule[1], is_here=rule[1] in here)
    for one in named_papers(record):
        minute = here.get(one.sha256, b"") if one.kind == MINUTE else b""
        yield pb.DecisionPaper(
            kind=one.kind,
            name=one.name,
            digest=one.sha256,
            is_here=one.sha256 in here,
            minute=minute,
        )
