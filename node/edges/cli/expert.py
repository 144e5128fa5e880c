"""``creditbank expert``: the list of those who may judge what no rule judges."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from node.edges.cli import publishing
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain, group
from node.edges.cli.output import Output, as_data
from node.edges.cli.session import connect

app = group("专家名单：导入、查看。The list of experts.")

REQUIRED = ("expert", "account", "institution", "fields", "active_from")
OPTIONAL = ("person", "industry", "interests", "active_until")


@app.command("import")
def import_experts(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            readable=True,
            help=f"CSV，必需 needed: {', '.join(REQUIRED)}；可选 optional: {', '.join(OPTIONAL)}；"
            "多个值以分号隔开 several values between semicolons",
        ),
    ],
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """导入整份名单，取代原有名单；有误则逐行列出。Take the whole list in, or tell every fault."""
    from node.domain.experts_form import read_experts
    from node.domain.file_faults import FileBreach
    from node.v1.review_service_pb2 import ImportExpertsRequest, ListedExpert

    out = Output(as_json, plain)
    try:
        read = read_experts(file.read_bytes())
    except FileBreach as breach:
        publishing.refuse_faults(out, breach.faults, file)
        raise
    listed = [
        ListedExpert(
            expert=one.expert.expert,
            account=one.account,
            person=one.expert.person,
            institution=one.expert.institution,
            fields=one.expert.fields,
            is_industry=one.expert.is_industry,
            interests=sorted(one.expert.interests),
            active_from=one.expert.active_from,
            active_until=one.expert.active_until,
        )
        for one in read
    ]
    with connect(directory, account) as client:
        answer = client.reviews.ImportExperts(ImportExpertsRequest(experts=listed))
    out.record("list", {"experts": "专家 experts"}, as_data(answer))


@app.command("list")
def list_experts(
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """列出专家。List the experts."""
    from node.v1.review_service_pb2 import ListExpertsRequest

    with connect(directory, account) as client:
        answer = client.reviews.ListExperts(ListExpertsRequest())
    Output(as_json, plain).table("experts", _COLUMNS, map(as_data, answer.experts))


_COLUMNS = {
    "expert": "专家 Expert",
    "account": "账户 Account",
    "institution": "院校 Institution",
    "fields": "学科 Fields",
    "is_industry": "行业 Industry",
    "active_from": "自 From",
    "active_until": "至 Until",
}
