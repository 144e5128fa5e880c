"""Verifying a proof of misconduct offline, and saying in both languages who did what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from federation.base.names import province_name
from federation.base.reasons import describe
from federation.evidence.misconduct import MisconductKind, convict, decode
from federation.evidence.parts import PartFailed, part
from federation.trust.exactness import check_exact
from federation.trust.registry import verify_view


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvictionReport:
    """What became of verifying a proof of misconduct.

    Attributes:
        valid: whether it proves what it says.
        failed_part: the first part that does not hold.
        reason: its stable reason.
        detail: more of it, for people.
        facts: figures of the deed, by name.
    """

    valid: bool
    failed_part: str = ""
    reason: str = ""
    detail: str = ""
    province: str = ""
    kind: str = ""
    digest: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        return asdict(self)


def verify_misconduct(encoded: bytes, *, pinned_root: bytes) -> ConvictionReport:
    """Check a proof by the registry that it carries, on the word of the pinned root alone."""
    try:
        with part("form"):
            document = decode(encoded)
        with part("registry"):
            view = verify_view(pinned_root, document.registry)
            check_exact(view)
        convicted = convict(document, view)
    except PartFailed as failure:
        return ConvictionReport(
            valid=False,
            failed_part=failure.part,
            reason=failure.breach.reason,
            detail=failure.breach.detail,
        )
    return ConvictionReport(
        valid=True,
        province=convicted.province,
        kind=convicted.kind.value,
        digest=convicted.digest.hex(),
        facts=dict(convicted.facts),
    )


def explain_conviction(report: ConvictionReport) -> str:
    """Return a report in Chinese and English, for people."""
    if not report.valid:
        text = describe(report.reason)
        more = f"（{report.detail}）" if report.detail else ""
        lines = [
            "违规证明不成立 · The proof of misconduct does not hold",
            f"首个不成立的部分 · First part that fails: {report.failed_part}",
            f"原因 · Cause: {report.reason}{more} {text.zh} {text.en}",
        ]
        return "\n".join(lines) + "\n"
    name = province_name(report.province)
    who = f"{name.zh} {name.en} {name.code}"
    zh, en = _STORIES[MisconductKind(report.kind)]
    lines = [
        "违规证明成立 · The proof of misconduct holds",
        f"违规者 · Who: {who}",
        f"种类 · What: {report.kind}",
        zh.format(**report.facts),
        en.format(**report.facts),
        "两份内容均由该省自己签名，除信任根外无需相信任何人。",
        "Both were signed by that province itself; nothing but the root need be trusted.",
    ]
    lines += [f"{key}: {value}" for key, value in report.facts.items()]
    return "\n".join(lines) + "\n"


_STORIES = {
    MisconductKind.DOUBLE_GRANT: (
        "它在日志第 {first_index} 条和第 {second_index} 条把同一学分批次转出了两次。",
        "It gave one credit lot away twice, by entries {first_index} and {second_index} of its "
        "log.",
    ),
    MisconductKind.EQUIVOCATION_LOG: (
        "它对自己的日志签署了两种历史：大小为 {size} 时的根不同。",
        "It signed two histories of its log: they differ at size {size}.",
    ),
    MisconductKind.EQUIVOCATION_MESSAGE: (
        "它在与 {peer} 的交换 {exchange} 的同一步骤 {type} 签署了两份不同的消息。",
        "It signed two different {type} messages of one step of exchange {exchange} with {peer}.",
    ),
}
