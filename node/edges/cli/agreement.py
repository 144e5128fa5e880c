"""``creditbank agreement``: what provinces agree on, from the proposal to the registry.

An agreement travels as one file from party to party; each signs it with its governance key. The
coordinator then drafts the role that lists it, provinces of the region sign that draft with the
same command, and the coordinator publishes it.
"""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.base.amounts import parse_credits
from federation.base.errors import Refusal
from federation.base.names import parse_province
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain, group
from node.edges.cli.output import Output

if TYPE_CHECKING:
    from federation.signing.keystore import FileSigner
    from federation.trust.agreements import Agreement
    from federation.trust.registry import RegistryView
    from node.config import NodeConfig

app = group("互认协议：起草、签署、查看、撤回。Agreements between provinces.")

Existing = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="文件 / the file")]
Named = Annotated[
    str, typer.Argument(help="文件或已登记的协议名 / a file, or the name of a listed one")
]
To = Annotated[
    Path | None,
    typer.Option(help="写入的文件，省略则按名称 / where to write; by its name when absent"),
]


@app.command()
def propose(
    name: Annotated[
        str, typer.Argument(help="协议名：小写字母、数字、连字符 / its name: a-z, 0-9, -")
    ],
    party: Annotated[list[str], typer.Option(help="缔约省，两个以上 / a party; two or more")],
    valid_from: Annotated[str, typer.Option("--from", help="生效日 / first day, YYYY-MM-DD")],
    valid_until: Annotated[str, typer.Option("--until", help="终止日 / last day, YYYY-MM-DD")],
    mode: Annotated[
        list[str] | None,
        typer.Option(help="方式，默认两者 / RECOGNISE, TRANSFER; both when absent"),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(help="成果类型，省略为全部 / kind of outcome; all when absent"),
    ] = None,
    decision_days: Annotated[int, typer.Option(help="审核工作日 / working days to decide")] = 20,
    answer_days: Annotated[int, typer.Option(help="答复工作日 / working days to answer")] = 10,
    cap: Annotated[
        str, typer.Option(help="每人每年学分上限，0 为不限 / credits a learner and year; 0: no cap")
    ] = "0",
    quota: Annotated[
        int, typer.Option(help="同时进行的交换上限，0 为不限 / open exchanges; 0: no limit")
    ] = 0,
    witnessed: Annotated[
        bool, typer.Option("--witnessed", help="须经见证 / lots from elsewhere must be witnessed")
    ] = False,
    version: Annotated[int, typer.Option(help="版本 / version; each replaces the last")] = 1,
    to: To = None,
    directory: Dir = HERE,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """起草协议并由本省先签。Write an agreement for the parties, signed by this province first."""
    from federation.trust.agreements import MODES, Agreement, sign_agreement
    from federation.trust.agreements import propose as write

    agreement = Agreement(
        agreement=name,
        version=version,
        parties=tuple(sorted({parse_province(text) for text in party})),
        modes=tuple(sorted(set(mode or MODES))),
        kinds=tuple(sorted(set(kind or ()))),
        valid_from=valid_from,
        valid_until=valid_until,
        decision_days=decision_days,
        answer_days=answer_days,
        learner_year_cap_hundredths=0 if cap == "0" else parse_credits(cap),
        open_exchanges_quota=quota,
        requires_witnessed=witnessed,
    )
    content, (config, signer) = write(agreement), _governance(directory)
    if config.province in agreement.parties:
        content = sign_agreement(content, signer)
    target = to or Path(f"{name}-v{version}.agreement")
    _write(target, content)
    _show(Output(as_json, plain), agreement, content, {"file": str(target)})


@app.command()
def sign(
    file: Existing, directory: Dir = HERE, as_json: AsJson = False, plain: Plain = False
) -> None:
    """以本省治理密钥签署协议或区域草案。Sign an agreement, or the draft of a region's role."""
    from federation.coordinator.drafts import parse_draft, render_draft, sign_draft
    from federation.trust.agreements import AGREEMENT_TYPE, read_agreement, sign_agreement
    from federation.trust.signed_document import kind_of

    content, (_, signer) = file.read_bytes(), _governance(directory)
    out = Output(as_json, plain)
    if kind_of(content) == AGREEMENT_TYPE:
        content = sign_agreement(content, signer)
        _write(file, content)
        _show(out, read_agreement(content)[0], content, {"file": str(file)})
        return
    draft = sign_draft(parse_draft(content), signer)
    if draft.role in ("root", "targets"):
        raise Refusal("DRAFT_FORM", detail=draft.role)
    _write(file, render_draft(draft))
    values = {
        "role": f"{draft.role} {draft.version}",
        "files": sorted(draft.files),
        "signed": len(draft.signers),
        "file": str(file),
    }
    out.record("draft", _DRAFT_LABELS, values)


@app.command("list")
def list_agreements(directory: Dir = HERE, as_json: AsJson = False, plain: Plain = False) -> None:
    """列出登记册中的协议，含剩余天数。List the agreements of the registry with the days left."""
    from federation.base.clock import DAY, SystemClock

    now_us = SystemClock().now_us()
    rows = [
        _values(one.agreement)
        | {
            "sha256": one.sha256,
            "is_resting": one.is_resting,
            "role_days_left": (one.role_expires_us - now_us) // DAY,
        }
        for one in _registry(directory).agreements
    ]
    columns = {key: _LABELS[key] for key in ("agreement", "version", "parties", "valid_until")}
    rest = {"role_days_left": "角色剩余天数 role days", "is_resting": "停用 resting"}
    Output(as_json, plain).table("agreements", columns | rest, rows, numbers=["version"])


@app.command()
def show(name: Named, directory: Dir = HERE, as_json: AsJson = False, plain: Plain = False) -> None:
    """显示协议各项、签署方与哈希。Show an agreement, who signed it, and its hash."""
    agreement, content = _find(name, directory)
    _show(Output(as_json, plain), agreement, content, {})


@app.command()
def diff(
    old: Named, new: Named, directory: Dir = HERE, as_json: AsJson = False, plain: Plain = False
) -> None:
    """逐项比较两个版本，并显示两者的哈希。Compare two versions field by field, with both hashes."""
    from federation.trust.agreements import differences

    (before, first), (after, second) = _find(old, directory), _find(new, directory)
    rows = [
        {"field": field, "old": was, "new": now} for field, was, now in differences(before, after)
    ]
    rows.append({"field": "sha256", "old": _hash(first), "new": _hash(second)})
    columns = {"field": "项目 Field", "old": "旧 Old", "new": "新 New"}
    Output(as_json, plain).table("differences", columns, rows)


@app.command()
def withdraw(
    name: Annotated[str, typer.Argument(help="已登记的协议名 / the name of a listed agreement")],
    to: To = None,
    directory: Dir = HERE,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """签署撤回书；已开始的交换照常完成。Sign a withdrawal; exchanges that began are completed."""
    from federation.trust.agreements import write_withdrawal

    listed = [one for one in _registry(directory).agreements if one.agreement.agreement == name]
    if not listed:
        raise Refusal("AGREEMENT_UNKNOWN", detail=name)
    _, signer = _governance(directory)
    target = to or Path(f"{name}.withdrawal")
    _write(target, write_withdrawal(listed[0].agreement, listed[0].sha256, signer))
    values = {"agreement": name, "sha256": listed[0].sha256, "file": str(target)}
    Output(as_json, plain).record("withdrawal", _LABELS, values)


@app.command()
def stats(
    month: Annotated[str, typer.Argument(help="月份 / YYYY-MM, in Beijing")],
    exact: Annotated[
        bool, typer.Option("--exact", help="不隐去，仅供本省 / leave nothing out; for the house")
    ] = False,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """按省与方向统计一个月的交换。Count a month's exchanges by peer and direction."""
    from node.edges.cli.session import connect
    from node.v1.statistics_service_pb2 import GetStatisticsRequest

    with connect(directory, account) as client:
        request = GetStatisticsRequest(month=month, is_exact=exact)
        answer = client.statistics.GetStatistics(request)
    rows = [
        {"peer": one.peer, "direction": one.direction}
        | {name: getattr(one, name) if one.HasField(name) else None for name in _COUNTS}
        for one in answer.rows
    ]
    Output(as_json, plain).table("statistics", _STATISTICS_LABELS, rows, numbers=_COUNTS)


def _governance(directory: Path) -> tuple[NodeConfig, FileSigner]:
    from federation.signing.keystore import load_key
    from node.config import load_config, read_passphrase
    from node.founding import GOVERNANCE_KEY

    config = load_config(directory)
    return config, load_key(config.keys / GOVERNANCE_KEY, read_passphrase(config))


def _registry(directory: Path) -> RegistryView:
    from node.config import load_config
    from node.edges.cli.session import fetch_registry

    return fetch_registry(load_config(directory))


def _find(name: str, directory: Path) -> tuple[Agreement, bytes]:
    from federation.trust.agreements import read_agreement

    if Path(name).is_file():
        content = Path(name).read_bytes()
        return read_agreement(content)[0], content
    view = _registry(directory)
    for one in view.agreements:
        if one.agreement.agreement == name:
            return one.agreement, view.files[one.agreement.path]
    raise Refusal("AGREEMENT_UNKNOWN", detail=name)


def _show(out: Output, agreement: Agreement, content: bytes, more: dict[str, Any]) -> None:
    from federation.trust.agreements import read_agreement

    signers = [keyid[:16] for keyid in read_agreement(content)[1]]
    values = _values(agreement) | {"sha256": _hash(content), "signers": signers} | more
    out.record("agreement", _LABELS, values)


def _values(agreement: Agreement) -> dict[str, Any]:
    return dataclasses.asdict(agreement) | {"role": agreement.role}


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> None:
    from federation.signing.keystore import replace_file

    replace_file(path, content)


_LABELS = {
    "agreement": "协议 agreement",
    "version": "版本 version",
    "role": "角色 role",
    "parties": "缔约省 parties",
    "modes": "方式 modes",
    "kinds": "成果类型 kinds",
    "valid_from": "生效 from",
    "valid_until": "终止 until",
    "decision_days": "审核工作日 decision days",
    "answer_days": "答复工作日 answer days",
    "learner_year_cap_hundredths": "每人每年上限（百分之一学分）cap, hundredths",
    "open_exchanges_quota": "同时交换上限 quota",
    "requires_witnessed": "须见证 witnessed",
    "signers": "签署密钥 signed by",
    "sha256": "哈希 sha256",
    "file": "文件 file",
}
_COUNTS = ("begun", "granted", "refused", "hundredths")
_STATISTICS_LABELS = {
    "peer": "省 Peer",
    "direction": "方向 Direction",
    "begun": "发起 Begun",
    "granted": "认可 Granted",
    "refused": "未认可 Refused",
    "hundredths": "转移（百分之一学分）Moved, hundredths",
}
_DRAFT_LABELS = {
    "role": "角色 role",
    "files": "内容 files",
    "signed": "已签署 signatures",
    "file": "文件 file",
}
