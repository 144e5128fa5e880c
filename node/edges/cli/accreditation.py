"""``creditbank outcome``: from submission by the learner to accreditation by the bank."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from federation.base.amounts import parse_credits, show_credits
from federation.base.errors import Breach
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain, group
from node.edges.cli.output import Output, as_data, show_time
from node.edges.cli.session import connect

app = group("学习成果：提交、初审、复审、认定。Outcomes: submit, review, review again, accredit.")

Name = Annotated[str, typer.Argument(metavar="OUTCOME", help="成果名称 / name of the outcome")]
Reasons = Annotated[
    list[str], typer.Option("--reason", help="原因代码，可重复 / stable reason, may be repeated")
]
_CHUNK = 256 * 1024
_MINUTES = 60


@app.command()
def appoint(
    reviewer: Annotated[str, typer.Argument(metavar="ACCOUNT", help="本地账户 / local account")],
    institution: Annotated[
        str, typer.Option("--institution", help="为哪所院校初审 / whose outcomes it reviews first")
    ] = "",
    is_bank: Annotated[bool, typer.Option("--bank", help="为学分银行复审 / the bank's")] = False,
    learner: Annotated[
        str, typer.Option("--learner", help="此人在本省的学习账户 / the person's own account here")
    ] = "",
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """指定审核人。Let an account review."""
    from node.v1.accreditation_service_pb2 import AppointRequest, StaffMember

    if is_bank == bool(institution):
        raise typer.BadParameter("--institution 或 --bank，二选一 / one of the two")
    role = "BANK" if is_bank else "INSTITUTION"
    staff = StaffMember(account=reviewer, role=role, institution=institution, person=learner)
    with connect(directory, account) as client:
        client.accreditation.Appoint(AppointRequest(staff=staff))
    Output(as_json, plain).record("appointed", _STAFF, as_data(staff))


@app.command("staff")
def list_staff(
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """列出审核人。List who reviews."""
    from node.v1.accreditation_service_pb2 import ListStaffRequest

    with connect(directory, account) as client:
        answer = client.accreditation.ListStaff(ListStaffRequest())
    Output(as_json, plain).table("staff", _STAFF, map(as_data, answer.staff))


@app.command()
def submit(
    name: Name,
    form: Annotated[
        str, typer.Option("--form", help="形式 / as DEGREE_COURSE, ONE_PLUS_X, VOLUNTEERING")
    ],
    learner: Annotated[str, typer.Option("--account", help="学习账户 / the learner's account")],
    institution: Annotated[str, typer.Option("--institution", help="初审院校 / who reviews first")],
    fact: Annotated[
        list[str],
        typer.Option(
            "--fact",
            help="名=值，可重复 / NAME=VALUE: code, catalogue, title, earned, kind, issuer; "
            "grade, scale, level, field, hours, expires",
        ),
    ],
    credits: Annotated[str, typer.Option("--credits", help="学分 / credits asked for")] = "",
    hours: Annotated[int, typer.Option("--hours", help="学时 / hours that shall add up")] = 0,
    programme: Annotated[
        str, typer.Option("--programme", help="学时方案 / as CN-31/volunteering@1")
    ] = "",
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """提交学习成果，等待初审。Submit an outcome for review."""
    from node.v1.accreditation_service_pb2 import SubmitOutcomeRequest

    request = SubmitOutcomeRequest(
        outcome=name,
        form=form,
        learner=learner,
        institution=institution,
        hundredths=parse_credits(credits) if credits else 0,
        minutes=hours * _MINUTES,
        programme=programme,
        facts=_facts(fact),
    )
    with connect(directory, account) as client:
        done = client.accreditation.SubmitOutcome(request).outcome
    _show(Output(as_json, plain), done)


@app.command("evidence")
def attach_evidence(
    name: Name,
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, readable=True, help="文件 / PDF, PNG, JPEG, text"
        ),
    ],
    kind: Annotated[
        str, typer.Option("--kind", help="材料种类 / as TRANSCRIPT, CERTIFICATE_COPY, SYLLABUS")
    ],
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """为成果附上证明材料。Attach evidence to an outcome."""
    with connect(directory, account) as client:
        answer = client.accreditation.AttachEvidence(_parts(name, kind, file))
    labels = {"digest": "摘要 SHA-256", "size_bytes": "字节 bytes", "media_type": "类型 type"}
    Output(as_json, plain).record("file", labels, as_data(answer))


@app.command()
def review(
    name: Name,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """审核通过：院校初审，学分银行复审。Pass it: the institution first, then the bank."""
    from node.v1.accreditation_service_pb2 import ListStaffRequest

    with connect(directory, account) as client:
        staff = client.accreditation.ListStaff(ListStaffRequest()).staff
    is_bank = any(one.account == account and one.role == "BANK" for one in staff)
    step = "REREVIEW" if is_bank else "REVIEW"
    take_step(name, step, (), directory, account, Output(as_json, plain))


@app.command()
def accredit(
    name: Name,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """认定并存入学分，一步完成。Accredit and deposit, at once."""
    take_step(name, "ACCREDIT", (), directory, account, Output(as_json, plain))


@app.command("return")
def return_outcome(
    name: Name,
    reason: Reasons,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """退回补充材料。Return it for more evidence."""
    take_step(name, "RETURN", reason, directory, account, Output(as_json, plain))


@app.command()
def resubmit(
    name: Name,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """补充后再次提交。Submit it again with what was added."""
    take_step(name, "RESUBMIT", (), directory, account, Output(as_json, plain))


@app.command()
def refuse(
    name: Name,
    reason: Reasons,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """不予认定，说明原因。Refuse it, with reasons."""
    take_step(name, "REFUSE", reason, directory, account, Output(as_json, plain))


@app.command()
def withdraw(
    name: Name,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """撤回尚未存入的成果。Take back what was not deposited yet."""
    take_step(name, "WITHDRAW", (), directory, account, Output(as_json, plain))


@app.command()
def strike(
    name: Name,
    reason: Reasons,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """撤销已计入的学时。Let hours that were accredited count no longer."""
    take_step(name, "REVOKE", reason, directory, account, Output(as_json, plain))


@app.command("list")
def list_outcomes(
    state: Annotated[str, typer.Option("--state", help="状态 / as SUBMITTED")] = "",
    learner: Annotated[str, typer.Option("--account", help="学习账户 / one learner's")] = "",
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """列出成果。List outcomes."""
    with connect(directory, account) as client:
        rows = [_row(one) for one in _pages(client, state, learner)]
    Output(as_json, plain).table("outcomes", _COLUMNS, rows, numbers=["credits", "hours"])


@app.command()
def show(
    name: Name,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """显示一项成果及还缺什么。Show an outcome, and what is missing."""
    from node.v1.accreditation_service_pb2 import GetOutcomeRequest

    with connect(directory, account) as client:
        found = client.accreditation.GetOutcome(GetOutcomeRequest(outcome=name)).outcome
    _show(Output(as_json, plain), found)


def take_step(
    name: str,
    step: str,
    reasons: list[str] | tuple[()],
    directory: Path,
    account: str,
    out: Output,
) -> None:
    """Take a step on an outcome and show what it is then."""
    from node.v1.accreditation_service_pb2 import TakeOutcomeStepRequest

    request = TakeOutcomeStepRequest(outcome=name, step=step, reasons=reasons)
    with connect(directory, account) as client:
        done = client.accreditation.TakeOutcomeStep(request).outcome
    _show(out, done)


def _pages(client: Any, state: str, learner: str) -> Iterator[Any]:
    from node.v1.accreditation_service_pb2 import ListOutcomesRequest

    after = ""
    while True:
        page = client.accreditation.ListOutcomes(
            ListOutcomesRequest(state=state, learner=learner, after=after)
        )
        yield from page.outcomes
        after = page.next_after
        if not after:
            return


def _facts(words: list[str]) -> dict[str, str]:
    from node.edges.cli.outcome import OPTIONAL

    facts = dict(OPTIONAL)
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise Breach("FIELDS", detail=f"--fact {name[:32]}: NAME=VALUE")
        facts[name] = value
    return facts


def _parts(name: str, kind: str, file: Path) -> Iterator[Any]:
    from node.v1.accreditation_service_pb2 import AttachEvidenceRequest

    with file.open("rb") as content:
        yield AttachEvidenceRequest(outcome=name, kind=kind, chunk=content.read(_CHUNK))
        while chunk := content.read(_CHUNK):
            yield AttachEvidenceRequest(chunk=chunk)


def _show(out: Output, found: Any) -> None:
    out.record("outcome", _LABELS, _row(found))


def _row(found: Any) -> dict[str, Any]:
    return as_data(found) | {
        "credits": show_credits(found.hundredths),
        "hours": found.minutes // _MINUTES,
        "title": found.facts.get("title", ""),
        "changed": show_time(found.changed_us),
    }


_STAFF = {
    "account": "账户 Account",
    "role": "职责 Role",
    "institution": "院校 Institution",
    "person": "本人 Person",
}
_COLUMNS = {
    "outcome": "成果 Outcome",
    "title": "名称 Title",
    "form": "形式 Form",
    "learner": "账户 Learner",
    "institution": "院校 Institution",
    "state": "状态 State",
    "credits": "学分 Credits",
    "hours": "学时 Hours",
    "missing": "缺少 Missing",
    "changed": "更新 Changed",
}
_LABELS = _COLUMNS | {
    "programme": "学时方案 Programme",
    "reasons": "原因 Reasons",
    "answer_until": "答复截止 Answer until",
    "submitted_by": "提交人 Submitted by",
    "reviewed_by": "初审人 Reviewed by",
    "rereviewed_by": "复审人 Reviewed again by",
    "lot": "批次 Lot",
}
