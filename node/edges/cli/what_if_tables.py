"""What provinces answered, for people: what would count, what is missing, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from federation.base.amounts import show_credits
from federation.base.names import province_name
from federation.base.reasons import describe
from node.edges.cli.output import Output

if TYPE_CHECKING:
    from federation.v1.what_if_service_pb2 import WhatIfMissing, WhatIfResponse, WhatIfTarget
    from node.v1.what_if_service_pb2 import AskProvincesResponse, ProvinceAnswer

ADVICE = (
    "以上仅供参考，未经签名，不是承诺，也不是认定决定；申请后由该省按当时有效的规则决定。",
    "This is advice: unsigned, no promise and no decision. Whoever applies is judged by the rule"
    " then in force.",
)
CAPS = (
    "上限只按本次询问计算，已认定的其他学分未计入。",
    "Caps are counted on this question alone; what counts there already is not counted here.",
)
DAYS = (
    "有的省的答复取决于取得成果的日期，加 --days 可告知日期。",
    "Some answers depend on the day on which an outcome was earned; --days tells it.",
)
_MEASURES = {
    "LOTS": ("{} 项", "{} of"),
    "CREDITS_HUNDREDTHS": ("{} 学分", "{} credits of"),
    "HOURS": ("{} 学时", "{} hours of"),
}
_TRACKS = {
    "RULE": "按规则 by rule",
    "REVIEWER": "审核员 a reviewer",
    "PANEL": "专家组 a panel",
}


def show(out: Output, answer: AskProvincesResponse, *, with_days: bool) -> None:
    """Print every answer, those that did not come with their reasons."""
    titles = [one.title for one in answer.outcomes]
    came = [one for one in answer.answers if one.HasField("answer")]
    out.table("provinces", _PROVINCES, map(_province, answer.answers), numbers=["credits"])
    counted = [row for one in came for row in _counted(one, titles)]
    if counted:
        out.note("可以认定 What would count")
        out.table("counted", _COUNTED, counted, numbers=["credits"])
    refused = [row for one in came for row in _refused(one, titles)]
    if refused:
        out.note("不能认定 What would not count")
        out.table("refused", _REFUSED, refused)
    missing = [row for one in came for row in _missing(one, titles)]
    if missing:
        out.note("还缺什么 What is missing")
        out.table("missing", _MISSING, missing)
    caps = [row for one in came for row in _caps(one)]
    if caps:
        out.note("上限 Caps")
        out.table("caps", _CAPS, caps, numbers=["limit", "asked", "allowed"])
        _say(out, CAPS)
    if not with_days and any(one.answer.depends_on_day for one in came):
        _say(out, DAYS)
    _say(out, ADVICE)


def _say(out: Output, sentences: Sequence[str]) -> None:
    for sentence in sentences:
        out.note(sentence)


def _province(one: ProvinceAnswer) -> dict[str, Any]:
    row: dict[str, Any] = {"province": _name(one.province)}
    if not one.HasField("answer"):
        text = describe(one.reason)
        return row | {"note": f"未答复 no answer: {one.reason} {text.zh} {text.en}"}
    answer = one.answer
    granted = sum(lot.granted_hundredths for lot in answer.outcomes)
    accepted = sum(lot.verdict == "ACCEPT" for lot in answer.outcomes)
    return row | {
        "credits": show_credits(granted),
        "outcomes": f"{accepted}/{len(answer.outcomes)}",
        "rule": f"{answer.rule.name} v{answer.rule.version} {answer.rule.digest[:12]}",
        "agreement": answer.agreement or "无 none",
        "note": _note(answer),
    }


def _note(answer: WhatIfResponse) -> str:
    notes = []
    if answer.is_by_person:
        notes.append("由人审核 people decide")
    if answer.is_cut:
        notes.append("列表已截短 lists are cut")
    return "；".join(notes)


def _counted(one: ProvinceAnswer, titles: Sequence[str]) -> Iterator[dict[str, Any]]:
    for group in one.answer.groups:
        if group.verdict == "ACCEPT":
            for grant in group.grants:
                yield {
                    "province": _name(one.province),
                    "outcomes": _listed(group.outcomes, titles),
                    "target": _target(grant.target),
                    "credits": show_credits(grant.granted_hundredths),
                    "grade": grant.grade,
                    "track": _TRACKS.get(group.track, group.track),
                    "entry": group.entry,
                }


def _refused(one: ProvinceAnswer, titles: Sequence[str]) -> Iterator[dict[str, Any]]:
    for at, lot in enumerate(one.answer.outcomes):
        if lot.verdict != "ACCEPT":
            texts = [describe(reason) for reason in lot.reasons]
            yield {
                "province": _name(one.province),
                "outcome": titles[at],
                "reasons": list(lot.reasons),
                "why": " ".join(f"{text.zh} {text.en}" for text in texts),
            }


def _missing(one: ProvinceAnswer, titles: Sequence[str]) -> Iterator[dict[str, Any]]:
    for short in one.answer.missing:
        for lack in short.missing:
            zh, en = _lack(lack)
            yield {
                "province": _name(one.province),
                "target": ", ".join(map(_target, short.targets)),
                "has": _listed(short.outcomes, titles),
                "missing": f"还缺 {zh} Missing: {en}",
                "reasons": list(lack.reasons),
            }


def _lack(lack: WhatIfMissing) -> tuple[str, str]:
    amount = lack.amount
    figure = show_credits(amount) if lack.measure == "CREDITS_HUNDREDTHS" else str(amount)
    zh, en = _MEASURES.get(lack.measure, ("{}", "{}"))
    named = ", ".join(f"{one.source} {one.code}" for one in lack.courses)
    more = lack.more_courses
    return (
        f"{zh.format(figure)}：{named}" + (f" 等另 {more} 门" if more else ""),
        f"{en.format(figure)} {named}" + (f" or {more} more" if more else ""),
    )


def _caps(one: ProvinceAnswer) -> Iterator[dict[str, Any]]:
    for cap in one.answer.caps:
        shown = show_credits if cap.measure == "CREDITS" else str
        yield {
            "province": _name(one.province),
            "cap": cap.cap,
            "limit": shown(cap.limit),
            "asked": shown(cap.asked),
            "allowed": shown(cap.allowed),
        }


def _name(province: str) -> str:
    names = province_name(province)
    return f"{province} {names.zh} {names.en}"


def _target(target: WhatIfTarget) -> str:
    return f"{target.title} ({target.code})" if target.title else target.code


def _listed(places: Sequence[int], titles: Sequence[str]) -> str:
    return " + ".join(titles[at] for at in places)


_PROVINCES = {
    "province": "省 Province",
    "credits": "可认定学分 Credits",
    "outcomes": "成果 Outcomes",
    "rule": "规则 Rule",
    "agreement": "协议 Agreement",
    "note": "说明 Note",
}
_COUNTED = {
    "province": "省 Province",
    "outcomes": "成果 Outcomes",
    "target": "对应 Counts as",
    "credits": "学分 Credits",
    "grade": "成绩 Grade",
    "track": "由谁决定 Decided by",
    "entry": "条目 Entry",
}
_REFUSED = {
    "province": "省 Province",
    "outcome": "成果 Outcome",
    "reasons": "原因 Reasons",
    "why": "说明 Why",
}
_MISSING = {
    "province": "省 Province",
    "target": "目标 Target",
    "has": "已有 Has",
    "missing": "还缺 Missing",
    "reasons": "原因 Reasons",
}
_CAPS = {
    "province": "省 Province",
    "cap": "上限 Cap",
    "limit": "限额 Limit",
    "asked": "申请 Asked",
    "allowed": "可用 Allowed",
}
