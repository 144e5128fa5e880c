"""``creditbank request``: learners' applications, from opening to their answer."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from federation.base.amounts import parse_credits
from federation.base.errors import Refusal
from node.domain.review_case import PERSON_OFFER_EN, PERSON_OFFER_ZH
from node.edges.cli import appeals, precedents
from node.edges.cli.cases import case_name, fetch_case, show_case, show_state
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain, group
from node.edges.cli.output import Output, as_data
from node.edges.cli.refusals import REFUSED
from node.edges.cli.session import (
    AMOUNTS,
    EXCHANGE_COLUMNS,
    connect,
    exchange_row,
    exchanges,
    find_exchange,
    province_argument,
)

app = group("学习者的申请：提出、查看、接受、放弃、撤回。Learners' applications.")
app.registered_commands.extend(precedents.app.registered_commands)
app.registered_commands.extend(appeals.requests.registered_commands)

Name = Annotated[
    str, typer.Argument(metavar="REQUEST", help="引用或交换编号 / reference or exchange")
]

HasConsent = Annotated[
    bool, typer.Option("--consent", help="学习者已单独同意 / the learner gave separate consent")
]
ShowsEvidence = Annotated[
    bool,
    typer.Option("--evidence", help="同意也包括证明文件 / the consent covers evidence files too"),
]
Returns = Annotated[
    str, typer.Option(help="退回这次交换转入的批次 / give back lots that this exchange brought")
]
Targets = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        help="希望对应的课程代码，可重复 / code that it shall count as there, repeatable",
    ),
]
ByPerson = Annotated[
    bool, typer.Option("--by-person", help="要求由人而非规则审核 / people shall decide, not a rule")
]
Cites = Annotated[
    str, typer.Option(help="按这次互认的承诺转移 / take up what this recognition promised")
]
Reference = Annotated[str, typer.Option(help="引用，省略则随机 / reference; random when absent")]


@app.command("open")
def open_request(
    learner: Annotated[str, typer.Option("--account", help="学习者在本省的账户 / account here")],
    peer: Annotated[str, typer.Option(help="另一省 / the other province")],
    lot: Annotated[
        list[str],
        typer.Option(
            help="批次，可重复；申请转入时写 批次:学分 / lot, or LOT:CREDITS with --incoming"
        ),
    ],
    code: Annotated[str, typer.Option(help="另一省发给学习者的转移码 / the other province's code")],
    has_consent: HasConsent = False,
    is_incoming: Annotated[
        bool,
        typer.Option("--incoming", help="学分在另一省，转入本省 / credits are there, count here"),
    ] = False,
    is_recognition: Annotated[
        bool, typer.Option("--recognise", help="只求互认，不转移 / only judge, move nothing")
    ] = False,
    agrees_to_whole: Annotated[
        bool,
        typer.Option(
            "--whole-grant", help="若全部认定则不再询问 / agrees to a grant of everything"
        ),
    ] = False,
    shows_evidence: ShowsEvidence = False,
    returns: Returns = "",
    target: Targets = None,
    by_person: ByPerson = False,
    cites: Cites = "",
    reference: Reference = "",
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """提出申请；同一引用再次提交得到同一交换。Apply, once per reference."""
    from node.v1.application_service_pb2 import Application, OpenApplicationsRequest

    application = Application(
        reference=reference or _fresh_reference(),
        account=learner,
        peer=province_argument(peer),
        is_source=not is_incoming,
        lots=[_lot(text) for text in lot],
        transfer_code=code.lower(),
        mode="RECOGNISE" if is_recognition else "TRANSFER",
        has_consent=has_consent,
        agrees_to_whole_grant=agrees_to_whole,
        shows_evidence=shows_evidence,
        returns=returns.lower(),
        wanted_targets=target,
        asks_person=by_person,
        cites=cites.lower(),
    )
    with connect(directory, account) as client:
        answer = client.applications.OpenApplications(
            OpenApplicationsRequest(applications=[application])
        )
    opened = answer.applications[0]
    if opened.reason:
        raise Refusal(opened.reason, detail=opened.reference)
    labels = {"reference": "引用 reference", "exchange": "交换 exchange", "notice": "告知 notice"}
    told = {} if by_person or returns else {"notice": f"{PERSON_OFFER_ZH} {PERSON_OFFER_EN}"}
    Output(as_json, plain).record("request", labels, as_data(opened) | told)


@app.command("list")
def list_requests(
    state: Annotated[list[str] | None, typer.Option(help="只列此状态 / only these states")] = None,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """列出在本省提出的申请；指定状态时也列他省送来的。List applications made here, or by state."""
    with connect(directory, account) as client:
        found = exchanges(client, states=state)
        rows = [exchange_row(one) for one in found if one.reference or state]
    Output(as_json, plain).table("requests", EXCHANGE_COLUMNS, rows, numbers=AMOUNTS)


@app.command()
def show(
    name: Name,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """显示一份申请的进展。Show how far an application has come."""
    with connect(directory, account) as client:
        found = find_exchange(client, name)
        case = fetch_case(client, found)
    show_case(Output(as_json, plain), exchange_row(found), case)


@app.command()
def accept(
    name: Name,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """学习者接受认定结果：转出已认定的学分。The learner takes the grant: its lots leave."""
    _answer(name, directory, account, Output(as_json, plain), accepts=True)


@app.command()
def decline(
    name: Name,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """学习者放弃认定结果：学分解锁。The learner declines the grant: lots are free again."""
    _answer(name, directory, account, Output(as_json, plain), accepts=False)


@app.command()
def withdraw(
    name: Name,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """学习者撤回同意：未转移的不再转移，已转移的保留。The learner takes the consent back."""
    from node.v1.case_service_pb2 import WithdrawConsentRequest

    with connect(directory, account) as client:
        found = find_exchange(client, name)
        answer = client.cases.WithdrawConsent(WithdrawConsentRequest(name=case_name(found)))
    show_state(Output(as_json, plain), "withdrawal", found, answer)


@app.command()
def ask(
    name: Name,
    kind: Annotated[
        list[str],
        typer.Option(
            help="所需材料，可重复 / what is wanted: EVIDENCE_MISSING, SYLLABUS_WANTED, "
            "GRADE_PROOF_WANTED, ORIGINAL_WANTED"
        ),
    ],
    lot: Annotated[
        list[str] | None, typer.Option(help="批次，省略则全部 / lots; all when absent")
    ] = None,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """请来源省补充材料。Ask the source for more evidence."""
    from node.v1.case_service_pb2 import AskSupplementRequest, Question

    with connect(directory, account) as client:
        found = find_exchange(client, name)
        lots = lot or [one.lot for one in fetch_case(client, found).lots]
        questions = [Question(lot=one.lower(), reasons=kind) for one in lots]
        answer = client.cases.AskSupplement(
            AskSupplementRequest(name=case_name(found), questions=questions)
        )
    show_state(Output(as_json, plain), "question", found, answer)


@app.command()
def decide(
    name: Name,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """按公布的规则审核所收到的申请。Judge an offer that is held here, by the published rule."""
    from node.v1.case_service_pb2 import DecideRequest

    with connect(directory, account) as client:
        found = find_exchange(client, name)
        answer = client.cases.Decide(DecideRequest(name=case_name(found)))
    show_state(Output(as_json, plain), "decision", found, answer)


def _answer(name: str, directory: Any, account: str, out: Output, *, accepts: bool) -> None:
    from node.v1.application_service_pb2 import AnswerGrantsRequest, GrantAnswer

    with connect(directory, account) as client:
        found = find_exchange(client, name)
        answer = GrantAnswer(peer=found.peer, exchange=found.exchange, accepts=accepts)
        booked = client.applications.AnswerGrants(AnswerGrantsRequest(answers=[answer])).answers[0]
    labels = {"exchange": "交换 exchange", "state": "状态 state", "reason": "原因 reason"}
    out.record("answer", labels, as_data(booked))
    if booked.reason:
        raise typer.Exit(REFUSED)


def _lot(text: str) -> Any:
    from node.v1.application_service_pb2 import ApplicationLot

    name, _, amount = text.partition(":")
    return ApplicationLot(
        lot=name.lower(), amount_hundredths=parse_credits(amount) if amount else 0
    )


def _fresh_reference() -> str:
    from federation.base.entropy import SystemEntropy

    return SystemEntropy().token(16).hex()
