"""Serves published files to whoever asks."""

from __future__ import annotations

import grpc

from federation.base.errors import Kind, Refusal
from federation.coordinator.answers import answering
from federation.coordinator.store import Store
from federation.trust.registry import TIMESTAMP
from federation.v1 import registry_service_pb2 as messages
from federation.v1 import registry_service_pb2_grpc as rpc


class RegistryService(rpc.RegistryServiceServicer):
    """Reads from the database, where the command line's publications appear by themselves."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def ReadFile(
        self, request: messages.ReadFileRequest, context: grpc.ServicerContext
    ) -> messages.ReadFileResponse:
        """Return a file, or NOT_FOUND."""
        with answering(context):
            content = self._read(request.name) if len(request.name) <= 512 else None
            if content is None:
                raise Refusal("REGISTRY_FILE", kind=Kind.NOT_FOUND)
            return messages.ReadFileResponse(content=content)
        raise AssertionError("abort() raises")

    def _read(self, name: str) -> bytes | None:
        with self._store.reading() as books:
            if name != TIMESTAMP:
                return books.find_file(name)
            newest = books.newest("timestamp")
        return newest.content if newest else None
