"""A person instead of a rule, and other people instead of those who decided: how a learner asks."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from federation.base.errors import Refusal
from node.edges.cli.cases import case_name, show_state
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain, group
from node.edges.cli.output import Output, as_data
from node.edges.cli.session import connect, find_exchange

transfers = group("申诉。Appeals.")
requests = group("由人审核。Persons.")

Name = Annotated[
    str, typer.Argument(metavar="EXCHANGE", help="交换编号或引用 / exchange or its reference")
]


@transfers.command("appeal")
def appeal(
    name: Name,
    code: Annotated[
        str, typer.Option(help="目的省新发给学习者的转移码 / a new code of the other province")
    ],
    lot: Annotated[
        list[str] | None,
        typer.Option(help="申诉的批次，省略则全部 / lots appealed for; all when absent"),
    ] = None,
    has_consent: Annotated[
        bool, typer.Option("--consent", help="学习者已单独同意 / the learner gave separate consent")
    ] = False,
    shows_evidence: Annotated[
        bool, typer.Option("--evidence", help="同意也包括证明文件 / consent covers evidence files")
    ] = False,
    agrees_to_whole: Annotated[
        bool, typer.Option("--whole-grant", help="若全部认定则不再询问 / agrees to all of it")
    ] = False,
    reference: Annotated[str, typer.Option(help="引用，省略则随机 / random when absent")] = "",
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """对他省的决定提出申诉，由另外的人审核，只增不减。Appeal: others decide, never for less."""
    from federation.base.entropy import SystemEntropy
    from node.v1.application_service_pb2 import (
        Application,
        ApplicationLot,
        OpenApplicationsRequest,
    )

    with connect(directory, account) as client:
        found = find_exchange(client, name)
        if not found.is_source:
            raise Refusal("APPEAL_UNKNOWN", detail=found.exchange)
        application = Application(
            reference=reference or SystemEntropy().token(16).hex(),
            peer=found.peer,
            is_source=True,
            lots=[ApplicationLot(lot=one.lower()) for one in lot or ()],
            transfer_code=code.lower(),
            mode=found.mode,
            has_consent=has_consent,
            agrees_to_whole_grant=agrees_to_whole,
            shows_evidence=shows_evidence,
            appeals=found.exchange,
        )
        request = OpenApplicationsRequest(applications=[application])
        opened = client.applications.OpenApplications(request).applications[0]
    if opened.reason:
        raise Refusal(opened.reason, detail=opened.reference)
    labels = {"reference": "引用 reference", "exchange": "交换 exchange", "appeals": "申诉 appeals"}
    row: dict[str, Any] = as_data(opened) | {"appeals": found.exchange}
    Output(as_json, plain).record("appeal", labels, row)


@requests.command("person")
def person(
    name: Name,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """学习者要求由人而非规则审核。The learner wants people to decide, not a rule."""
    from node.v1.review_service_pb2 import WantPersonRequest

    with connect(directory, account) as client:
        found = find_exchange(client, name)
        answer = client.reviews.WantPerson(WantPersonRequest(name=case_name(found)))
    show_state(Output(as_json, plain), "person", found, answer)
