"""Reviews by people, as local accounts take part in them: translation, nothing more."""

from __future__ import annotations

from federation.base.errors import Breach, Refusal
from node.domain.canonical import digest_of
from node.domain.exchange import ExchangeKey
from node.domain.experts import Expert
from node.domain.panel import MEMBER_WITHDREW, Ballot
from node.domain.review_case import ReviewState, Track
from node.edges.local_door import LocalDoor, is_operator, served
from node.edges.local_services import unhex
from node.usecases.review_cases import Asked, Shown
from node.usecases.reviews import Reviews
from node.v1 import case_service_pb2 as cases_pb
from node.v1 import review_service_pb2 as pb
from node.v1.review_service_pb2_grpc import ReviewServiceServicer


class ReviewServicer(ReviewServiceServicer):
    """From opening a case to its minute."""

    def __init__(self, door: LocalDoor, reviews: Reviews) -> None:
        self.door = door
        self._reviews = reviews

    @served(operators_only=True)
    def ImportExperts(
        self, request: pb.ImportExpertsRequest, account: str
    ) -> pb.ImportExpertsResponse:
        """Take in the list of experts."""
        listed = [(one.account, _expert(one)) for one in request.experts]
        self._reviews.keep_experts(listed)
        return pb.ImportExpertsResponse(experts=len(listed))

    @served(operators_only=True)
    def ListExperts(self, request: pb.ListExpertsRequest, account: str) -> pb.ListExpertsResponse:
        """List the experts."""
        return pb.ListExpertsResponse(
            experts=[
                pb.ListedExpert(
                    account=name,
                    expert=one.expert,
                    person=one.person,
                    institution=one.institution,
                    fields=one.fields,
                    is_industry=one.is_industry,
                    interests=sorted(one.interests),
                    active_from=one.active_from,
                    active_until=one.active_until,
                )
                for name, one in self._reviews.experts().items()
            ]
        )

    @served(operators_only=True)
    def OpenReview(self, request: pb.OpenReviewRequest, account: str) -> pb.OpenReviewResponse:
        """Open a case."""
        if request.track not in (Track.REVIEWER, Track.PANEL):
            raise Breach("FIELDS", detail="track")
        key = _key(request.name)
        self._reviews.open(
            key,
            [
                Asked(
                    lots=tuple(unhex(lot, "LOT") for lot in (one.lot, *one.with_lots)),
                    version=one.version,
                    code=one.code,
                )
                for one in request.targets
            ],
            track=Track[request.track],
            field=request.field,
            is_person_wanted=request.is_person_wanted,
        )
        return pb.OpenReviewResponse(review=self._shown(key))

    @served(operators_only=True)
    def DrawPanel(self, request: pb.DrawPanelRequest, account: str) -> pb.DrawPanelResponse:
        """Announce a draw or seat the panel."""
        key = _key(request.name)
        self._reviews.draw(key)
        return pb.DrawPanelResponse(review=self._shown(key))

    @served()
    def ClaimReview(self, request: pb.ClaimReviewRequest, account: str) -> pb.ClaimReviewResponse:
        """Claim a case or let go of it."""
        key = _key(request.name)
        if request.gives_up:
            self._reviews.give_up(key, by=account)
        else:
            self._reviews.claim(key, by=account)
        return pb.ClaimReviewResponse(review=self._shown(key))

    @served()
    def AskEvidence(self, request: pb.AskEvidenceRequest, account: str) -> pb.AskEvidenceResponse:
        """Ask for more evidence."""
        key = _key(request.name)
        questions = {unhex(one.lot, "LOT"): tuple(one.reasons) for one in request.questions}
        self._reviews.ask(key, questions, by=account)
        return pb.AskEvidenceResponse(review=self._shown(key))

    @served()
    def CastBallots(self, request: pb.CastBallotsRequest, account: str) -> pb.CastBallotsResponse:
        """Decide as the reviewer, or vote as a panel's member."""
        key = _key(request.name)
        ballots = [
            Ballot(
                expert="",
                question=one.question,
                granted_hundredths=one.granted_hundredths,
                reasons=tuple(one.reasons),
            )
            for one in request.ballots
        ]
        if self._reviews.show(key).review.case.state is ReviewState.VOTING:
            self._reviews.vote(key, ballots, declares=request.declares_no_interest, by=account)
        else:
            self._reviews.propose(key, ballots, by=account)
        return pb.CastBallotsResponse(review=self._shown(key))

    @served()
    def SecondReview(
        self, request: pb.SecondReviewRequest, account: str
    ) -> pb.SecondReviewResponse:
        """Agree or disagree as the second person."""
        key = _key(request.name)
        self._reviews.second(key, agrees=request.agrees, by=account)
        return pb.SecondReviewResponse(review=self._shown(key))

    @served()
    def ReplaceMember(
        self, request: pb.ReplaceMemberRequest, account: str
    ) -> pb.ReplaceMemberResponse:
        """Seat another expert."""
        key = _key(request.name)
        own = self._reviews.experts().get(account)
        if not request.expert or (own is not None and own.expert == request.expert):
            if request.reason not in ("", MEMBER_WITHDREW):
                raise Breach("REASON_FORM", detail=request.reason)
            self._reviews.leave(key, by=account)
        else:
            if not is_operator(account):
                raise Breach("NOT_LOCAL", detail=f"{account} is no operator")
            reason = request.reason or MEMBER_WITHDREW
            self._reviews.replace_member(key, request.expert, reason=reason)
        return pb.ReplaceMemberResponse(review=self._shown(key))

    @served()
    def WantPerson(self, request: pb.WantPersonRequest, account: str) -> pb.WantPersonResponse:
        """Note that the learner wants a person."""
        return pb.WantPersonResponse(state=self._reviews.want_person(_key(request.name)).name)

    @served(operators_only=True)
    def MakeMinute(self, request: pb.MakeMinuteRequest, account: str) -> pb.MakeMinuteResponse:
        """Make the minute."""
        key = _key(request.name)
        self._reviews.minute(key)
        return pb.MakeMinuteResponse(review=self._shown(key))

    @served()
    def GetReview(self, request: pb.GetReviewRequest, account: str) -> pb.GetReviewResponse:
        """Return a case."""
        return pb.GetReviewResponse(review=self._shown(_key(request.name)))

    @served()
    def ListReviews(self, request: pb.ListReviewsRequest, account: str) -> pb.ListReviewsResponse:
        """List cases."""
        return pb.ListReviewsResponse(reviews=[_review(one) for one in self._reviews.list()])

    def _shown(self, key: ExchangeKey) -> pb.Review:
        return _review(self._reviews.show(key))


def _key(name: cases_pb.CaseName) -> ExchangeKey:
    return name.peer, unhex(name.exchange)


def _expert(one: pb.ListedExpert) -> Expert:
    try:
        return Expert(
            expert=one.expert,
            person=one.person or one.account,
            institution=one.institution,
            fields=tuple(one.fields),
            is_industry=one.is_industry,
            interests=frozenset(one.interests),
            active_from=one.active_from,
            active_until=one.active_until,
        )
    except ValueError:
        raise Refusal("EXPERT", detail="name, person and institution") from None


def _review(one: Shown) -> pb.Review:
    case = one.review.case
    document = one.review.decision
    return pb.Review(
        name=cases_pb.CaseName(peer=one.key[0], exchange=one.key[1].hex()),
        state=case.state.value,
        track=case.track.value,
        due_us=case.due_us,
        days_left=case.days_left,
        limit_us=case.limit_us,
        is_overdue=one.is_overdue,
        holder=case.holder,
        holder_until_us=case.holder_until_us,
        proposed_by=case.proposed_by,
        members=case.members,
        voted=one.voted,
        draw_round=one.draw_round,
        waits_for=one.waits_for,
        questions=[
            pb.ReviewQuestion(
                question=of.question,
                lot=_lot(of.lots[0]),
                with_lots=[_lot(lot) for lot in of.lots[1:]],
                target=of.target,
                catalogue=of.catalogue,
                offered_hundredths=of.offered_hundredths,
                most_hundredths=of.most_hundredths,
            )
            for of in one.review.questions
        ],
        decision=digest_of(document) if document else "",
        document=document,
        log_index=one.log_index if one.log_index >= 0 else None,
        substitutes=[
            pb.ReviewSubstitute(leaving=of.leaving, reason=of.reason, joining=of.joining)
            for of in case.substitutes
        ],
        closed=case.closed,
        is_person_wanted=case.is_person_wanted,
        appeals=one.appeals,
    )


def _lot(name: str) -> str:
    return name.partition(":")[2]
