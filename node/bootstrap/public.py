"""The services of what a province tells the public and learners who have not applied yet."""

from __future__ import annotations

import grpc

from node.bootstrap.core import Core
from node.edges.local_door import LocalDoor
from node.edges.open_data_service import OpenDataServicer
from node.edges.what_if_service import WhatIfServicer
from node.usecases.enquiries import Enquiries
from node.usecases.open_data import OpenData
from node.v1.open_data_service_pb2_grpc import add_OpenDataServiceServicer_to_server
from node.v1.what_if_service_pb2_grpc import add_WhatIfServiceServicer_to_server


def serve_public(server: grpc.Server, door: LocalDoor, core: Core) -> None:
    """Add these services to a server."""
    office = core.office
    what_if = WhatIfServicer(
        door, office.province, Enquiries(office), core.what_if_gateway, core.what_if
    )
    add_WhatIfServiceServicer_to_server(what_if, server)
    open_data = OpenDataServicer(door, OpenData(office))
    add_OpenDataServiceServicer_to_server(open_data, server)
