"""``creditbank learner enrol|leave|standing``: what a learner studies for, and what is left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from federation.base.amounts import show_credits
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain
from node.edges.cli.output import Output, as_data, show_time
from node.edges.cli.session import connect

CREDITS = "CREDITS"
AccountNumber = Annotated[
    str, typer.Argument(metavar="ACCOUNT", help="学习账户号 / account number")
]


def enrol(
    number: AccountNumber,
    programme: Annotated[
        str,
        typer.Option(help="专业方案，省略则列出 / its name; lists when absent"),
    ] = "",
    version: Annotated[
        str, typer.Option(help="版本，省略则为最新发布的 / the one published last when absent")
    ] = "",
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """登记学习者就读的专业方案，或列出登记。Enrol in a programme, or list enrolments."""
    from node.v1.programme_service_pb2 import EnrolRequest, ListEnrolmentsRequest

    out = Output(as_json, plain)
    with connect(directory, account) as client:
        if programme:
            request = EnrolRequest(account=number, programme=programme, version=version)
            made = client.programmes.Enrol(request).enrolment
            out.record("enrolment", _ENROLMENT, _row(made))
            return
        found = client.programmes.ListEnrolments(ListEnrolmentsRequest(account=number))
    out.table("enrolments", _ENROLMENT, map(_row, found.enrolments))


def leave(
    number: AccountNumber,
    programme: Annotated[str, typer.Option(help="专业方案 / programme")],
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """结束就读登记；已作的决定不变。End an enrolment; decisions made under it stay."""
    from node.v1.programme_service_pb2 import LeaveRequest

    with connect(directory, account) as client:
        request = LeaveRequest(account=number, programme=programme)
        ended = client.programmes.Leave(request).enrolment
    Output(as_json, plain).record("enrolment", _ENROLMENT, _row(ended))


def standing(
    number: AccountNumber,
    programme: Annotated[
        str, typer.Option(help="专业方案，省略则为最近登记的 / the newest when absent")
    ] = "",
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """各项上限的已用、已承诺与剩余，及尚缺的下限。What is used, promised, left and missing."""
    from node.v1.programme_service_pb2 import GetStandingRequest

    with connect(directory, account) as client:
        request = GetStandingRequest(account=number, programme=programme)
        found = client.programmes.GetStanding(request)
    out = Output(as_json, plain)
    if as_json:
        out.json("standing", as_data(found))
        return
    out.record("standing", _STANDING, as_data(found))
    if found.caps:
        out.table("caps", _CAPS, map(_cap, found.caps), numbers=_AMOUNTS)
    if found.floors:
        out.table("floors", _FLOORS, map(_floor, found.floors), numbers=_AMOUNTS)
        short = sum(1 for one in found.floors if not one.has_limit or one.missing)
        out.note(
            f"未满足的下限：{short} 项。Floors not met yet: {short}."
            if short
            else "各项下限均已满足。All floors are met."
        )


def add_to(app: typer.Typer) -> None:
    """Add these commands to ``creditbank learner``."""
    for command in (enrol, leave, standing):
        app.command()(command)


def _row(one: Any) -> dict[str, Any]:
    return as_data(one) | {"enrolled": show_time(one.enrolled_us), "left": show_time(one.left_us)}


def _cap(one: Any) -> dict[str, Any]:
    shown = {name: _amount(one, name) for name in ("limit", "used", "reserved", "left")}
    return _titled(one) | shown


def _floor(one: Any) -> dict[str, Any]:
    shown = {name: _amount(one, name) for name in ("required", "have", "missing")}
    return _titled(one) | shown


def _amount(one: Any, name: str) -> str:
    if name in ("limit", "left", "required", "missing") and not one.has_limit:
        return "未知 unknown"
    value = getattr(one, name)
    return show_credits(value) if one.measure == CREDITS else str(value)


def _titled(one: Any) -> dict[str, Any]:
    return as_data(one) | {"title": f"{one.title_zh} {one.title_en}"}


_ENROLMENT: Mapping[str, str] = {
    "account": "账户 account",
    "programme": "专业方案 programme",
    "version": "版本 version",
    "enrolled_by": "登记人 enrolled by",
    "enrolled": "登记于 enrolled",
    "left": "结束于 left",
}
_STANDING = {
    "account": "账户 account",
    "programme": "专业方案 programme",
    "version": "版本 version",
    "rule": "规则 rule",
    "rule_version": "规则版本 rule version",
}
_CAPS = {
    "cap": "上限 Cap",
    "title": "名称 Title",
    "scope": "范围 Scope",
    "limit": "限额 Limit",
    "used": "已用 Used",
    "reserved": "已承诺 Reserved",
    "left": "剩余 Left",
}
_FLOORS = {
    "cap": "下限 Floor",
    "title": "名称 Title",
    "required": "要求 Required",
    "have": "已有 Have",
    "missing": "尚缺 Missing",
}
_AMOUNTS = ("limit", "used", "reserved", "left", "required", "have", "missing")
