"""Drafts: metadata that waits for officers' signatures, with the files it speaks of.

A draft is one file that travels to officers and back. Each officer adds a signature; copies that
were signed apart are merged. The files travel along so that an officer can see what is signed.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Targets
from tuf.api.serialization.json import JSONSerializer

from federation.base.clock import SECOND
from federation.base.errors import Breach, Refusal
from federation.signing.keystore import FileSigner, replace_file
from federation.trust.regions import ROLE_FIELD, delegated

FORM = "creditbank-draft-1"
LONGEST_DRAFT = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Draft:
    """A version of root, targets or a delegated role on its way to be published.

    Attributes:
        metadata: as TUF writes it; treated as a value, never changed in place.
        files: content of the listed files that are not published yet, by path.
    """

    metadata: Metadata[Root] | Metadata[Targets]
    files: Mapping[str, bytes]

    @property
    def role(self) -> str:
        """``root``, ``targets`` or the name of a delegated role, which is signed with it."""
        signed = self.metadata.signed
        return str(signed.unrecognized_fields.get(ROLE_FIELD, signed.type))

    @property
    def version(self) -> int:
        """The version that this draft would become."""
        return int(self.metadata.signed.version)

    @property
    def signed_bytes(self) -> bytes:
        """What the officers sign."""
        return bytes(self.metadata.signed_bytes)

    @property
    def signers(self) -> tuple[str, ...]:
        """Names of the keys that signed so far."""
        return tuple(sorted(self.metadata.signatures))


def render_draft(draft: Draft) -> bytes:
    """Return a draft as the file that travels."""
    value = {
        "draft": FORM,
        "metadata": draft.metadata.to_dict(),
        "files": {path: content.decode() for path, content in sorted(draft.files.items())},
    }
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def parse_draft(content: bytes) -> Draft:
    """Return the draft in a file that travelled; its signatures are still to be checked.

    Raises:
        Refusal: DRAFT_FORM when the file is none, or its files are not those it lists.
    """
    if len(content) > LONGEST_DRAFT:
        raise Refusal("DRAFT_FORM", detail="too long")
    try:
        value = json.loads(content)
        if not isinstance(value, dict) or value.get("draft") != FORM:
            raise Refusal("DRAFT_FORM", detail="not a draft")
        metadata: Metadata[Any] = Metadata.from_dict(value["metadata"])
        files = {path: text.encode() for path, text in value["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RepositoryError):
        raise Refusal("DRAFT_FORM", detail="damaged") from None
    if not isinstance(metadata.signed, Root | Targets):
        raise Refusal("DRAFT_FORM", detail=metadata.signed.type)
    if not isinstance(metadata.signed.unrecognized_fields.get(ROLE_FIELD, ""), str):
        raise Refusal("DRAFT_FORM", detail="role")
    _check_files(metadata, files)
    return Draft(metadata, MappingProxyType(files))


def sign_draft(draft: Draft, signer: FileSigner) -> Draft:
    """Return the draft with one more signature."""
    metadata = copy.deepcopy(draft.metadata)
    metadata.sign(_tuf_signer(signer), append=True)
    return Draft(metadata, draft.files)


def merge_drafts(drafts: Iterable[Draft]) -> dict[str, Draft]:
    """Return one draft per role, with the signatures of all copies.

    Raises:
        Refusal: DRAFT_DIFFERS when two files of one role are not copies of one draft.
    """
    merged: dict[str, Draft] = {}
    for draft in drafts:
        first = merged.get(draft.role)
        if first is None:
            merged[draft.role] = draft
            continue
        if first.signed_bytes != draft.signed_bytes:
            raise Refusal("DRAFT_DIFFERS", detail=draft.role)
        metadata = copy.deepcopy(first.metadata)
        metadata.signatures.update(draft.metadata.signatures)
        merged[draft.role] = Draft(metadata, first.files)
    return merged


def check_threshold(draft: Draft, root: Root | Targets) -> None:
    """Check that enough officers of this root, or provinces of these targets, signed.

    Raises:
        Refusal: SIGNATURES_MISSING, with how many are and how many must be.
    """
    metadata = draft.metadata
    if isinstance(root, Targets) and draft.role not in delegated(root):
        raise Refusal("REGION_UNKNOWN", detail=draft.role)
    result = root.get_verification_result(draft.role, metadata.signed_bytes, metadata.signatures)
    if not result:
        count = f"{draft.role}: {len(result.signed)} of {result.threshold}"
        raise Refusal("SIGNATURES_MISSING", detail=count)


def export_draft(folder: Path, draft: Draft) -> Path:
    """Write a draft for officers to fetch; a copy that some have signed already stays."""
    path = folder / f"{draft.role}-{draft.version}.json"
    if not _is_copy(path, draft):
        replace_file(path, render_draft(draft))
    return path


def metadata_bytes(metadata: Metadata[Any]) -> bytes:
    """Return metadata as it is published: compact JSON."""
    return bytes(metadata.to_bytes(JSONSerializer(compact=True)))


def read_metadata(content: bytes) -> Metadata[Any]:
    """Return metadata that this coordinator published."""
    return Metadata.from_bytes(content)


def sign_online(signed: Any, signer: FileSigner) -> bytes:
    """Return metadata as it is published, signed by its online key."""
    metadata: Metadata[Any] = Metadata(signed)
    metadata.sign(_tuf_signer(signer))
    return metadata_bytes(metadata)


def moment(time_us: int) -> datetime:
    """Return a time as TUF wants it, in whole seconds."""
    return datetime.fromtimestamp(time_us // SECOND, UTC)


def _tuf_signer(signer: FileSigner) -> CryptoSigner:
    return signer.crypto_signer


def _is_copy(path: Path, draft: Draft) -> bool:
    try:
        return parse_draft(path.read_bytes()).signed_bytes == draft.signed_bytes
    except (OSError, Refusal, Breach):
        return False


def _check_files(metadata: Metadata[Any], files: Mapping[str, bytes]) -> None:
    listed = metadata.signed.targets if isinstance(metadata.signed, Targets) else {}
    for path, content in files.items():
        if path not in listed:
            raise Refusal("DRAFT_FORM", detail=f"{path} is not listed")
        try:
            listed[path].verify_length_and_hashes(content)
        except (RepositoryError, ValueError):
            raise Refusal("DRAFT_FORM", detail=f"{path} is not what is listed") from None
