"""The services by which a province's people run their bank: what is published, who judges what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import grpc

from node.config import NodeConfig
from node.domain.precedents import DecidedCase, Target
from node.domain.review_case import ReviewPolicy
from node.edges.accreditation_service import AccreditationServicer
from node.edges.decision_service import DecisionServicer
from node.edges.local_door import LocalDoor
from node.edges.precedent_service import PrecedentServicer
from node.edges.programme_service import ProgrammeServicer
from node.edges.publication_service import PublicationServicer
from node.edges.review_service import ReviewServicer
from node.edges.rule_service import RuleServicer
from node.edges.shanghai_service import ShanghaiServicer
from node.usecases.accreditation import Accreditation
from node.usecases.deciding import Deciding
from node.usecases.decisions import Decisions
from node.usecases.enrolments import Enrolments
from node.usecases.evidence import Evidence
from node.usecases.office import Office
from node.usecases.precedents import Precedents, Ranker
from node.usecases.publications import Publications
from node.usecases.reviews import Reviews
from node.usecases.rule_trials import RuleTrials
from node.usecases.shanghai_export import ShanghaiExport
from node.usecases.shanghai_import import ShanghaiImport
from node.v1.accreditation_service_pb2_grpc import add_AccreditationServiceServicer_to_server
from node.v1.decision_service_pb2_grpc import add_DecisionServiceServicer_to_server
from node.v1.precedent_service_pb2_grpc import add_PrecedentServiceServicer_to_server
from node.v1.programme_service_pb2_grpc import add_ProgrammeServiceServicer_to_server
from node.v1.publication_service_pb2_grpc import add_PublicationServiceServicer_to_server
from node.v1.review_service_pb2_grpc import add_ReviewServiceServicer_to_server
from node.v1.rule_service_pb2_grpc import add_RuleServiceServicer_to_server
from node.v1.shanghai_service_pb2_grpc import add_ShanghaiServiceServicer_to_server


def review_policy(config: NodeConfig) -> ReviewPolicy:
    """Return how this province reviews."""
    above = config.second_person_above_credits
    return ReviewPolicy(
        decision_days=config.decision_days,
        claim_hours=config.claim_hours,
        second_above_hundredths=above * 100 if above else None,
    )


def serve_bank(
    server: grpc.Server, door: LocalDoor, office: Office, evidence: Evidence, policy: ReviewPolicy
) -> None:
    """Add the bank's services to a server."""
    publications = PublicationServicer(door, Publications(office))
    add_PublicationServiceServicer_to_server(publications, server)
    add_RuleServiceServicer_to_server(RuleServicer(door, RuleTrials(office)), server)
    programmes = ProgrammeServicer(door, Enrolments(office))
    add_ProgrammeServiceServicer_to_server(programmes, server)
    accreditation = AccreditationServicer(
        door, Accreditation(office, evidence), largest=evidence.largest
    )
    add_AccreditationServiceServicer_to_server(accreditation, server)
    reviews = ReviewServicer(door, Reviews(office, Deciding(office), policy))
    add_ReviewServiceServicer_to_server(reviews, server)
    decisions = DecisionServicer(door, Decisions(office))
    add_DecisionServiceServicer_to_server(decisions, server)
    precedents = PrecedentServicer(door, Precedents(office, _make_ranker))
    add_PrecedentServiceServicer_to_server(precedents, server)
    shanghai = ShanghaiServicer(door, ShanghaiImport(office), ShanghaiExport(office))
    add_ShanghaiServiceServicer_to_server(shanghai, server)


def _make_ranker(cases: Iterable[DecidedCase], targets: Sequence[Target]) -> Ranker:
    # Loaded when somebody asks: an idle node does without what it brings along.
    from node.precedents.ranking import Ranking

    return Ranking(cases, targets)
