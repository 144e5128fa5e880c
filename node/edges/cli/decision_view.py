"""A decision as commands print it: what counts as what, what the caps left, until when."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from federation.base.amounts import show_credits
from federation.base.reasons import describe
from node.edges.cli.output import Output, as_data, show_time

if TYPE_CHECKING:
    from node.edges.local_client import LocalClient

_CREDITS = "CREDITS"
MAY_ASK_ZH = "学习者可要求由人作出认定，而不只由规则（个人信息保护法第二十四条）。"
MAY_ASK_EN = "The learner may ask for a person to decide instead of a rule (PIPL, article 24)."
_STATES = {
    "SHOWN": "有 here",
    "ERASED": "已删除 erased",
    "WITHHELD": "未出示 withheld",
    "NONE": "无 none",
}


def fetch_decision(client: LocalClient, found: Any) -> Any:
    """Return what was decided on an exchange that was found."""
    from node.v1.decision_service_pb2 import GetDecisionRequest

    wanted = GetDecisionRequest(peer=found.peer, exchange=found.exchange)
    return client.decisions.GetDecision(wanted)


def decision_values(decision: Any) -> dict[str, Any]:
    """Return a decision as plain values for programs, its record as the object that it is."""
    values = as_data(decision)
    values["record"] = json.loads(decision.record) if decision.record else None
    values["may_ask_person_zh"] = MAY_ASK_ZH if decision.may_ask_person else ""
    values["may_ask_person_en"] = MAY_ASK_EN if decision.may_ask_person else ""
    for lot in values["lots"]:
        lot["why"] = _why(lot["reasons"])
    for group in values["groups"]:
        group["why"] = _why(group["reasons"])
    return values


def show_decision(out: Output, decision: Any) -> None:
    """Print a decision for people; before one only what the learner wishes for."""
    if not decision.is_decided:
        if decision.wanted_targets:
            out.record("decision", {"wanted": _LABELS["wanted"]}, _heading(decision))
        return
    out.record("decision", _LABELS, _heading(decision))
    lots = [_lot_row(one) for one in decision.lots]
    out.table("lots", _LOT_COLUMNS, lots, numbers=["granted", "level"])
    if decision.groups:
        rows = [_group_row(one) for one in decision.groups]
        out.table("groups", _GROUP_COLUMNS, rows, numbers=["granted"])
    if decision.caps:
        rows = [_cap_row(one) for one in decision.caps]
        out.table("caps", _CAP_COLUMNS, rows, numbers=_CAP_NUMBERS)
    if decision.may_ask_person:
        out.note(f"{MAY_ASK_ZH}{MAY_ASK_EN}")


def reason_texts(reasons: Sequence[str]) -> list[str]:
    """Return reasons with their sentences, in Chinese and English."""
    return [
        f"{one} {text['zh']} {text['en']}" for one, text in zip(reasons, _why(reasons), strict=True)
    ]


def _why(reasons: Sequence[str]) -> list[dict[str, str]]:
    texts = [describe(one) for one in reasons]
    return [{"zh": text.zh, "en": text.en} for text in texts]


def _heading(decision: Any) -> dict[str, Any]:
    return {
        "wanted": list(decision.wanted_targets),
        "rule": f"{decision.rule}@{decision.rule_version}" if decision.rule else "",
        "rule_digest": decision.rule_digest,
        "track": decision.track,
        "decided_on": decision.decided_on,
        "valid_until": show_time(decision.valid_until_us),
        "appeal_until": show_time(decision.appeal_until_us),
        "record": f"{_STATES[decision.record_state]} {decision.record_digest}".strip(),
        "papers": [f"{one.kind} {one.name} {one.digest[:16]}…" for one in decision.papers],
    }


def _lot_row(lot: Any) -> dict[str, Any]:
    return {
        "lot": lot.lot,
        "verdict": lot.verdict,
        "granted": show_credits(lot.granted_hundredths),
        "entry": lot.entry,
        "grade": lot.grade,
        "level": lot.level or "",
        "reasons": reason_texts(lot.reasons),
    }


def _group_row(group: Any) -> dict[str, Any]:
    return {
        "entry": group.entry,
        "lots": [lot[:8] for lot in group.lots],
        "targets": [f"{one.target} {show_credits(one.granted_hundredths)}" for one in group.grants],
        "granted": show_credits(
            sum(one.granted_hundredths for one in group.grants) if group.is_granted else 0
        ),
        "reasons": reason_texts(group.reasons),
    }


def _cap_row(cap: Any) -> dict[str, Any]:
    def amount(value: int) -> str:
        return show_credits(value) if cap.measure == _CREDITS else str(value)

    values: Mapping[str, Any] = as_data(cap)
    return {
        "cap": cap.cap,
        "scope": list(cap.scope),
        "window": cap.window,
        **{name: amount(values[name]) for name in _CAP_NUMBERS},
    }


_LABELS = {
    "wanted": "希望对应 wanted targets",
    "rule": "规则 rule",
    "rule_digest": "规则摘要 rule digest",
    "track": "认定方式 decided by",
    "decided_on": "认定日期 decided on",
    "valid_until": "有效至 valid until",
    "appeal_until": "申诉截止 appeal until",
    "record": "认定记录 decision record",
    "papers": "依据 rests on",
}
_LOT_COLUMNS = {
    "lot": "批次 Lot",
    "verdict": "结论 Verdict",
    "granted": "认定 Granted",
    "entry": "条目 Entry",
    "grade": "所记成绩 Grade",
    "level": "等级 Level",
    "reasons": "原因 Reasons",
}
_GROUP_COLUMNS = {
    "entry": "条目 Entry",
    "lots": "合并的批次 Lots together",
    "targets": "对应 Count as",
    "granted": "认定 Granted",
    "reasons": "原因 Reasons",
}
_CAP_COLUMNS = {
    "cap": "上限 Cap",
    "scope": "范围 Scope",
    "window": "期间 Window",
    "limit": "限额 Limit",
    "used_before": "已用 Used",
    "asked": "本次提出 Asked",
    "allowed": "本次认定 This decision",
    "left": "剩余 Left",
}
_CAP_NUMBERS = ("limit", "used_before", "asked", "allowed", "left")
