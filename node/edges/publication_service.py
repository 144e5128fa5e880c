"""Catalogues, frameworks and rules, as two persons publish them: translation, nothing more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from federation.base.errors import Breach
from node.domain.publication import Publication, PublicationStep
from node.edges.local_door import LocalDoor, served, served_stream
from node.usecases.publications import LARGEST_DOCUMENT, RULE, Publications
from node.v1 import publication_service_pb2 as pb
from node.v1.publication_service_pb2_grpc import PublicationServiceServicer

CHUNK = 256 * 1024


class PublicationServicer(PublicationServiceServicer):
    """Drafts and the steps of persons."""

    def __init__(self, door: LocalDoor, publications: Publications) -> None:
        self.door = door
        self._publications = publications

    @served(operators_only=True)
    def HandIn(self, parts: Iterable[pb.HandInRequest], account: str) -> pb.HandInResponse:
        """Keep a draft."""
        kind, document = "", bytearray()
        for part in parts:
            kind = kind or part.kind
            document += part.chunk
            if len(document) > LARGEST_DOCUMENT:
                raise Breach("TOO_LARGE")
        made = self._publications.hand_in(kind, bytes(document), by=account)
        return pb.HandInResponse(publication=_publication(made))

    @served(operators_only=True)
    def TakeStep(self, request: pb.TakeStepRequest, account: str) -> pb.TakeStepResponse:
        """Approve, send back, publish or retire."""
        if request.step not in PublicationStep.__members__:
            raise Breach("FIELDS", detail="step")
        done = self._publications.take_step(
            request.kind,
            request.name,
            request.version,
            PublicationStep[request.step],
            by=account,
            digest=request.digest,
        )
        return pb.TakeStepResponse(publication=_publication(done))

    @served(operators_only=True)
    def ListPublications(
        self, request: pb.ListPublicationsRequest, account: str
    ) -> pb.ListPublicationsResponse:
        """List versions."""
        found = self._publications.list(request.kind, request.name)
        in_force = self._publications.rule_in_force() if request.kind == RULE else ""
        return pb.ListPublicationsResponse(
            publications=[_publication(one) for one in found], rule_in_force=in_force
        )

    @served_stream(operators_only=True)
    def GetDocument(
        self, request: pb.GetDocumentRequest, account: str
    ) -> Iterator[pb.GetDocumentResponse]:
        """Stream a document."""
        desk = self._publications
        if request.digest:
            found, document = desk.show_by_digest(request.kind, request.digest.lower())
        else:
            found, document = desk.show(request.kind, request.name, request.version)
        yield pb.GetDocumentResponse(publication=_publication(found), chunk=document[:CHUNK])
        for at in range(CHUNK, len(document), CHUNK):
            yield pb.GetDocumentResponse(chunk=document[at : at + CHUNK])


def _publication(one: Publication) -> pb.Publication:
    return pb.Publication(
        name=one.name,
        version=one.version,
        digest=one.digest,
        state=one.state.value,
        drafted_by=one.drafted_by,
        approved_by=one.approved_by,
        published_by=one.published_by,
        retired_by=one.retired_by,
    )
