"""Shanghai's exchange files as local accounts hand them over: translation, nothing more."""

from __future__ import annotations

from collections.abc import Iterator

from federation.base.errors import Breach
from node.domain.shanghai_codes import Template
from node.domain.shanghai_kept import GivenRow
from node.edges.local_door import LocalDoor, served, served_stream
from node.usecases.shanghai_batch import Batch
from node.usecases.shanghai_export import ShanghaiExport
from node.usecases.shanghai_import import ShanghaiImport
from node.v1 import shanghai_service_pb2 as pb
from node.v1.shanghai_service_pb2_grpc import ShanghaiServiceServicer


class ShanghaiServicer(ShanghaiServiceServicer):
    """Rows in and out."""

    def __init__(
        self, door: LocalDoor, importing: ShanghaiImport, exporting: ShanghaiExport
    ) -> None:
        self.door = door
        self._importing = importing
        self._exporting = exporting

    @served()
    def ImportRows(self, request: pb.ImportRowsRequest, account: str) -> pb.ImportRowsResponse:
        """Take the caller's step for a batch of rows."""
        if request.template not in Template.__members__:
            raise Breach("FIELDS", detail=f"template: {', '.join(Template)}")
        batch = Batch(
            kind=request.kind,
            institution=request.institution,
            catalogue=request.catalogue,
            framework=request.framework,
            template=Template(request.template),
            file=request.file,
            rows=[GivenRow(one.line, tuple(one.cells)) for one in request.rows],
            is_rehearsal=request.is_rehearsal,
        )
        taken = self._importing.take_in(batch, by=account)
        return pb.ImportRowsResponse(
            handed_in=taken.handed_in,
            taken_in=taken.taken_in,
            unchanged=taken.unchanged,
            outcomes=taken.outcomes,
            opened=taken.opened,
            rejected=[
                pb.ShanghaiFault(line=one.line, column=one.column, cause=one.cause, see=one.see)
                for one in taken.rejects
            ],
        )

    @served_stream(operators_only=True)
    def ExportRows(
        self, request: pb.ExportRowsRequest, account: str
    ) -> Iterator[pb.ExportRowsResponse]:
        """Return rows as they were given."""
        template = self._exporting.template(request.kind, request.template)
        after, line = 0, 1
        while True:
            page = self._exporting.page(request.kind, template, after)
            rows = []
            for cells in page.rows:
                line += 1
                rows.append(pb.ShanghaiRow(line=line, cells=cells))
            yield pb.ExportRowsResponse(
                template=template.value,
                rows=rows,
                withheld=[
                    pb.WithheldRow(outcome=one.outcome, cause=one.cause) for one in page.withheld
                ],
            )
            after = page.after
            if not after:
                return
