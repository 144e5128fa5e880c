"""What verifying a transcript found, as a value, as JSON, and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from federation.base.amounts import show_credits
from federation.base.names import province_name
from federation.base.reasons import describe
from federation.evidence.chain import Chain
from federation.evidence.disclosure import ERASED, SHOWN, WITHHELD, FieldLine, field_lines
from federation.evidence.examiner import Proven
from federation.evidence.outcome import outcome_of
from federation.evidence.parts import PartFailed
from federation.evidence.record_papers import RULE, PaperLine, named_papers, paper_lines
from federation.protocol.commitments import DECISION_RECORD

_STATES = {SHOWN: "已出示 shown", WITHHELD: "未出示 withheld", ERASED: "已删除 erased"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """One message that is proven by itself."""

    type: str
    signer: str
    keyid: str
    signed_time_us: int
    registry_version: int
    log_index: int
    log_size: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of a verification.

    Attributes:
        valid: whether everything holds.
        failed_part: the first part that does not, as ``VOTE: signature``.
        reason: its stable reason.
        detail: more of it, for people.
        outcome: how the exchange ended.
        source_state: where the source stands once it has what is shown.
        destination_state: the same for the destination.
        offered_hundredths: in source hundredths, as are committed and inbound.
        granted_hundredths: as voted, in destination hundredths.
        in_flight_hundredths: committed and not yet receipted.
        is_witnessed: whether a quorum of witnesses is shown to have cosigned the COMMIT's log.
        witnesses: who they are.
        is_rule_shown: whether the rule's document is embedded and is the one named.
        record_digest: SHA-256 by which the VOTE names its decision record, or empty.
        record_state: ``shown``, ``withheld`` or ``erased``; empty where the VOTE names none.
        papers: rule, catalogues and minute that the decision rests on, shown or not; of a record
            that is not shown only the rule is known.
        messages: what is proven message by message, also where the whole is not.
        fields: every committed value, shown or not.
    """

    valid: bool
    failed_part: str = ""
    reason: str = ""
    detail: str = ""
    exchange: str = ""
    source: str = ""
    destination: str = ""
    mode: str = ""
    outcome: str = ""
    source_state: str = ""
    destination_state: str = ""
    offered_hundredths: int = 0
    granted_hundredths: int = 0
    committed_hundredths: int = 0
    inbound_hundredths: int = 0
    in_flight_hundredths: int = 0
    lock_until_us: int = 0
    accept_until_us: int = 0
    reasons: tuple[str, ...] = ()
    rule: str = ""
    rule_version: int = 0
    is_rule_shown: bool = False
    record_digest: str = ""
    record_state: str = ""
    papers: tuple[PaperLine, ...] = ()
    is_witnessed: bool = False
    witnesses: tuple[str, ...] = ()
    messages: tuple[MessageLine, ...] = ()
    fields: tuple[FieldLine, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        return asdict(self)


def failure_report(failure: PartFailed, proven: Sequence[Proven]) -> Report:
    """Return the report of a transcript that does not hold."""
    return Report(
        valid=False,
        failed_part=failure.part,
        reason=failure.breach.reason,
        detail=failure.breach.detail,
        messages=_message_lines(proven),
        fields=_field_lines(proven),
    )


def success_report(chain: Chain) -> Report:
    """Return the report of a transcript that holds."""
    vote, receipt = chain.vote, chain.receipt
    fields = _field_lines(chain.messages)
    return Report(
        valid=True,
        exchange=chain.exchange_id.hex(),
        source=chain.source,
        destination=chain.destination,
        mode=chain.mode.name,
        outcome=outcome_of(chain).value,
        source_state=chain.source_state.name,
        destination_state=chain.destination_state.name,
        offered_hundredths=chain.offered_hundredths,
        granted_hundredths=chain.voted_hundredths,
        committed_hundredths=chain.committed_hundredths,
        inbound_hundredths=receipt.inbound_hundredths if receipt else 0,
        in_flight_hundredths=0 if receipt else chain.committed_hundredths,
        lock_until_us=chain.prepare.lock_until_us if chain.prepare else 0,
        accept_until_us=vote.accept_until_us if vote else 0,
        reasons=chain.abort.reasons if chain.abort else (),
        rule=vote.record.rule if vote else "",
        rule_version=vote.record.rule_version if vote else 0,
        is_rule_shown=bool(chain.rule_document),
        record_digest=vote.record_digest.hex() if vote else "",
        record_state=next((one.state for one in fields if one.name == DECISION_RECORD), ""),
        papers=_papers(chain),
        is_witnessed=bool(chain.witnesses),
        witnesses=chain.witnesses,
        messages=_message_lines(chain.messages),
        fields=fields,
    )


def explain(report: Report) -> str:
    """Return a report in Chinese and English, for people."""
    return "\n".join(_story(report) if report.valid else _failure(report)) + "\n"


def _failure(report: Report) -> list[str]:
    text = describe(report.reason)
    more = f"（{report.detail}）" if report.detail else ""
    return [
        "证据链不成立 · The transcript does not hold",
        f"首个不成立的部分 · First part that fails: {report.failed_part}",
        f"原因 · Cause: {report.reason}{more} {text.zh} {text.en}",
        f"影响 · Effect: {text.effect_zh} {text.effect_en}",
        f"下一步 · Next: {text.next_command}",
    ]


def _story(report: Report) -> list[str]:
    source, destination = province_name(report.source), province_name(report.destination)
    fields = Counter(line.state for line in report.fields)
    lines = [
        "证据链成立 · The transcript holds",
        f"交换 · Exchange: {report.exchange} ({report.mode}, {report.outcome})",
        f"来源 · Source: {source.code} {source.zh} {source.en} ({report.source_state})",
        f"去向 · Destination: {destination.code} {destination.zh} {destination.en} "
        f"({report.destination_state})",
        f"学分 · Credits: 申请 offered {show_credits(report.offered_hundredths)}, "
        f"认定 granted {show_credits(report.granted_hundredths)}, "
        f"转出 out {show_credits(report.committed_hundredths)}, "
        f"转入 in {show_credits(report.inbound_hundredths)}, "
        f"在途 in flight {show_credits(report.in_flight_hundredths)}",
    ]
    lines += [
        f"{one.type}: {one.signer}, 密钥 key {one.keyid[:16]}, "
        f"日志 log {one.log_index} / {one.log_size}"
        for one in report.messages
    ]
    if report.committed_hundredths:
        lines.append(
            f"见证 · Witnessed: 法定数的见证方已签 WITNESSED by {', '.join(report.witnesses)}"
            if report.is_witnessed
            else "见证 · Witnessed: 未附见证，仅为已入账 not shown, CREDITED only"
        )
    lines += _decision(report)
    lines.append(
        f"字段 · Fields: 已出示 shown {fields[SHOWN]}, 未出示 withheld {fields[WITHHELD]}, "
        f"已删除 erased {fields[ERASED]}"
    )
    return lines


def _decision(report: Report) -> list[str]:
    if not report.record_digest:
        return []
    state = _STATES[report.record_state]
    line = f"认定记录 · Decision record: {state} {report.record_digest}"
    papers = [
        f"依据 · Rests on: {one.kind} {one.name} {_STATES[one.state]} {one.sha256}"
        for one in report.papers
    ]
    return [line, *papers]


def _papers(chain: Chain) -> tuple[PaperLine, ...]:
    if chain.vote is None:
        return ()
    record = chain.vote.record
    state = SHOWN if chain.rule_document else WITHHELD
    name = f"{record.rule}@{record.rule_version}"
    rule = PaperLine(RULE, name, record.rule_digest.hex(), state)
    return (rule, *paper_lines(named_papers(chain.record), chain.documents))


def _message_lines(proven: Sequence[Proven]) -> tuple[MessageLine, ...]:
    return tuple(
        MessageLine(
            type=one.kind.name,
            signer=one.message.header.src,
            keyid=one.keyid,
            signed_time_us=one.message.header.signed_time_us,
            registry_version=one.message.header.registry_version,
            log_index=one.evidence.item.log_index,
            log_size=one.checkpoint.size,
            hash=one.digest.hex(),
        )
        for one in proven
    )


def _field_lines(proven: Sequence[Proven]) -> tuple[FieldLine, ...]:
    return tuple(
        line
        for one in proven
        for line in field_lines(one.message, one.kind.name, one.openings, is_erased=one.is_erased)
    )
