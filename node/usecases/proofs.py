"""Portable proofs of misconduct as operators list and export them."""

from __future__ import annotations

from dataclasses import replace

from federation.base.errors import Refusal
from federation.evidence.misconduct import decode, encode
from node.domain.witnessing import KeptMisconduct
from node.usecases.office import Office


class Proofs:
    """What was proven against provinces, and kept here."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def list(self) -> list[KeptMisconduct]:
        """Return the proofs, oldest first."""
        return self._office.store.read(lambda reading: reading.misconducts())

    def export(self, digest: bytes) -> bytes:
        """Return a proof as a file, with the registry that verifies it.

        Raises:
            Refusal: NO_SUCH_PROOF where no proof has this digest.
            Unavailable: REGISTRY_MISSING.
        """
        for one in self.list():
            if one.digest == digest:
                view = self._office.registry.view()
                return encode(replace(decode(one.document), registry=view.files))
        raise Refusal("NO_SUCH_PROOF")
