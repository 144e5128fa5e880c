"""``creditbank panel``: offers that people decide, by a reviewer or by a panel that is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from federation.base.amounts import parse_credits, show_credits
from federation.base.errors import Breach
from node.edges.cli.cases import case_name
from node.edges.cli.options import HERE, OPERATOR, Account, AsJson, Dir, Plain, group
from node.edges.cli.output import Output, as_data, show_time
from node.edges.cli.refusals import WAITING
from node.edges.cli.session import connect, find_exchange

app = group("由人审核的申请：立案、抽取、认领、投票、纪要。Offers that people decide.")

Name = Annotated[
    str, typer.Argument(metavar="EXCHANGE", help="引用或交换编号 / reference or exchange")
]


@app.command("open")
def open_review(
    name: Name,
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target",
            help="批次[+批次]=目录版本/代码，可重复；省略则按规则所提 / "
            "LOT[+LOT]=VERSION/CODE, may be repeated; what the rule proposes when absent",
        ),
    ] = None,
    is_panel: Annotated[
        bool, typer.Option("--panel", help="交专家组，否则交一名审核人 / a panel, not one reviewer")
    ] = False,
    field: Annotated[
        str, typer.Option("--field", help="评审须熟悉的学科 / field its judges must know")
    ] = "",
    is_person_wanted: Annotated[
        bool, typer.Option("--person-wanted", help="学习者要求由人审核 / the learner asked for it")
    ] = False,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """为待审的申请立案。Open the case of an offer that is held."""
    from node.v1.review_service_pb2 import OpenReviewRequest, ReviewTarget

    targets = []
    for word in target or ():
        lots, equals, cited = word.partition("=")
        version, slash, code = cited.partition("/")
        if not (equals and slash):
            raise Breach("FIELDS", detail="--target LOT[+LOT]=VERSION/CODE")
        first, *others = lots.lower().split("+")
        targets.append(ReviewTarget(lot=first, with_lots=others, version=version, code=code))
    with connect(directory, account) as client:
        request = OpenReviewRequest(
            name=case_name(find_exchange(client, name)),
            targets=targets,
            track="PANEL" if is_panel else "REVIEWER",
            field=field,
            is_person_wanted=is_person_wanted,
        )
        _show(Output(as_json, plain), client.reviews.OpenReview(request).review)


@app.command("draw")
def draw_panel(
    name: Name,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """先公告，下一时间戳出现后再执行即抽取。Announce; after the next timestamp, draw."""
    from node.v1.review_service_pb2 import DrawPanelRequest

    with connect(directory, account) as client:
        request = DrawPanelRequest(name=case_name(find_exchange(client, name)))
        done = client.reviews.DrawPanel(request).review
    _show(Output(as_json, plain), done)
    if done.waits_for:
        raise typer.Exit(WAITING)


@app.command()
def claim(
    name: Name,
    gives_up: Annotated[bool, typer.Option("--give-up", help="放弃认领 / let go of it")] = False,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """认领案件，逾期自动失效。Take a case in hand; a claim lapses by itself."""
    from node.v1.review_service_pb2 import ClaimReviewRequest

    with connect(directory, account) as client:
        found = case_name(find_exchange(client, name))
        request = ClaimReviewRequest(name=found, gives_up=gives_up)
        _show(Output(as_json, plain), client.reviews.ClaimReview(request).review)


@app.command("ask")
def ask_evidence(
    name: Name,
    lot: Annotated[str, typer.Option("--lot", help="批次 / lot")],
    reason: Annotated[
        list[str],
        typer.Option("--reason", help="所需材料，可重复 / as SYLLABUS_WANTED, may be repeated"),
    ],
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """要求补充材料，期限暂停。Ask for more evidence; the clock stands still."""
    from node.v1.case_service_pb2 import Question
    from node.v1.review_service_pb2 import AskEvidenceRequest

    with connect(directory, account) as client:
        found = case_name(find_exchange(client, name))
        question = Question(lot=lot.lower(), reasons=reason)
        request = AskEvidenceRequest(name=found, questions=[question])
        _show(Output(as_json, plain), client.reviews.AskEvidence(request).review)


@app.command()
def vote(
    name: Name,
    grant: Annotated[
        list[str] | None,
        typer.Option("--grant", help="问题=学分，可重复 / as q1=3.00, may be repeated"),
    ] = None,
    refuse: Annotated[
        list[str] | None,
        typer.Option("--refuse", help="问题=原因，可重复 / as q1=CONTENT_DIFFERS, may be repeated"),
    ] = None,
    declares: Annotated[
        bool, typer.Option("--no-interest", help="声明无利益关系 / declare to have no interest")
    ] = False,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """专家组成员投票；审核人则作出决定。Vote as a member, or decide as the reviewer."""
    from node.v1.review_service_pb2 import CastBallotsRequest, ReviewBallot

    ballots = [
        ReviewBallot(question=question, granted_hundredths=parse_credits(text))
        for question, text in map(_pair, grant or [])
    ]
    ballots += [
        ReviewBallot(question=question, reasons=[text])
        for question, text in map(_pair, refuse or [])
    ]
    with connect(directory, account) as client:
        request = CastBallotsRequest(
            name=case_name(find_exchange(client, name)),
            ballots=ballots,
            declares_no_interest=declares,
        )
        _show(Output(as_json, plain), client.reviews.CastBallots(request).review)


@app.command()
def second(
    name: Name,
    agrees: Annotated[
        bool, typer.Option("--agree/--disagree", help="同意，或交专家组 / agree, or to a panel")
    ],
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """第二人复核。Say as the second person whether the proposal stands."""
    from node.v1.review_service_pb2 import SecondReviewRequest

    with connect(directory, account) as client:
        found = case_name(find_exchange(client, name))
        request = SecondReviewRequest(name=found, agrees=agrees)
        _show(Output(as_json, plain), client.reviews.SecondReview(request).review)


@app.command()
def leave(
    name: Name,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """成员退出专家组，由抽签次序的下一位接替。Leave a panel; the next of the draw follows."""
    _replace(name, directory, account, Output(as_json, plain))


@app.command()
def replace(
    name: Name,
    expert: Annotated[str, typer.Argument(metavar="EXPERT", help="退出的成员 / who leaves")],
    reason: Annotated[
        str,
        typer.Option(help="MEMBER_WITHDREW、MEMBER_CONFLICT 或 MEMBER_SILENT / one of these"),
    ] = "MEMBER_WITHDREW",
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """更换成员：退出、发现须回避、逾期未投票。Seat the next of the draw for a member."""
    _replace(name, directory, account, Output(as_json, plain), expert=expert, reason=reason)


@app.command()
def minute(
    name: Name,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """汇总票数，形成纪要并发出决定。Add the ballots up and send what they decide."""
    from node.v1.review_service_pb2 import MakeMinuteRequest

    with connect(directory, account) as client:
        request = MakeMinuteRequest(name=case_name(find_exchange(client, name)))
        _show(Output(as_json, plain), client.reviews.MakeMinute(request).review)


@app.command()
def show(
    name: Name,
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """显示案件、问题与期限。Show a case with its questions and its deadline."""
    from node.v1.review_service_pb2 import GetReviewRequest

    with connect(directory, account) as client:
        request = GetReviewRequest(name=case_name(find_exchange(client, name)))
        _show(Output(as_json, plain), client.reviews.GetReview(request).review)


@app.command("list")
def list_reviews(
    directory: Dir = HERE,
    account: Account = OPERATOR,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """列出案件，先到期的在前。List cases, what is due first at the top."""
    from node.v1.review_service_pb2 import ListReviewsRequest

    with connect(directory, account) as client:
        answer = client.reviews.ListReviews(ListReviewsRequest())
    Output(as_json, plain).table("reviews", _COLUMNS, [_row(one) for one in answer.reviews])


def _replace(name: str, directory: Path, account: str, out: Output, **leaving: str) -> None:
    from node.v1.review_service_pb2 import ReplaceMemberRequest

    with connect(directory, account) as client:
        request = ReplaceMemberRequest(name=case_name(find_exchange(client, name)), **leaving)
        _show(out, client.reviews.ReplaceMember(request).review)


def _pair(word: str) -> tuple[str, str]:
    question, equals, text = word.partition("=")
    if not equals:
        raise Breach("FIELDS", detail="QUESTION=VALUE")
    return question, text


def _show(out: Output, review: Any) -> None:
    row = _row(review)
    if out.as_json:
        out.json("review", row)
        return
    out.record("review", _COLUMNS, row)
    out.table("questions", _QUESTION_COLUMNS, row["questions"], numbers=["offered", "most"])


def _row(review: Any) -> dict[str, Any]:
    questions = [
        as_data(one)
        | {
            "offered": show_credits(one.offered_hundredths),
            "most": show_credits(one.most_hundredths),
            "lots": "+".join((one.lot, *one.with_lots)),
        }
        for one in review.questions
    ]
    return as_data(review) | {
        "exchange": review.name.exchange,
        "peer": review.name.peer,
        "due": show_time(review.due_us),
        "questions": questions,
        "replaced": [f"{one.leaving}→{one.joining}" for one in review.substitutes],
        "document": review.document.decode(),
    }


_COLUMNS = {
    "exchange": "交换 Exchange",
    "peer": "对方 Peer",
    "track": "方式 Track",
    "state": "状态 State",
    "due": "期限 Due",
    "is_overdue": "逾期 Overdue",
    "holder": "认领人 Holder",
    "members": "专家组 Panel",
    "voted": "已投票 Voted",
    "waits_for": "等待时间戳 Waits for",
    "replaced": "更换 Replaced",
    "closed": "结案原因 Closed",
    "appeals": "申诉的交换 Appeals",
    "decision": "决定摘要 Decision",
}
_QUESTION_COLUMNS = {
    "question": "问题 Question",
    "lots": "批次 Lots",
    "target": "对应 Target",
    "catalogue": "目录 Catalogue",
    "offered": "提出 Offered",
    "most": "上限 Most",
}
