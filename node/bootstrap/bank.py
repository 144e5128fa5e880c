"""The services by which a province's people run their bank: what is published, who judges what."""

from __future__ import annotations

import grpc

from node.edges.accreditation_service import AccreditationServicer
from node.edges.local_door import LocalDoor
from node.edges.publication_service import PublicationServicer
from node.usecases.accreditation import Accreditation
from node.usecases.evidence import Evidence
from node.usecases.office import Office
from node.usecases.publications import Publications
from node.v1.accreditation_service_pb2_grpc import add_AccreditationServiceServicer_to_server
from node.v1.publication_service_pb2_grpc import add_PublicationServiceServicer_to_server


def serve_bank(server: grpc.Server, door: LocalDoor, office: Office, evidence: Evidence) -> None:
    """Add the bank's services to a server."""
    publications = PublicationServicer(door, Publications(office))
    add_PublicationServiceServicer_to_server(publications, server)
    accreditation = AccreditationServicer(
        door, Accreditation(office, evidence), largest=evidence.largest
    )
    add_AccreditationServiceServicer_to_server(accreditation, server)
