"""The coordinator's folder: database, online keys, certificate, settings.

No root or targets key is ever here. The passphrase opens the online keys and the certificate's
key, which only publication and the running server need.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from federation.base.errors import Breach, Refusal
from federation.coordinator.store import Store
from federation.signing.keys import PublicKey
from federation.signing.keystore import FileSigner, create_key, load_key, replace_file
from federation.signing.tuf_keys import public_key_of_pem
from federation.transport.certificates import TlsIdentity, open_coordinator
from federation.trust.canonical import check_fields, read_document, render_document
from federation.trust.members import check_endpoint

_SETTINGS = "settings.json"
_FIELDS = {
    "address": str,
    "is_demo": bool,
    "snapshot_public_pem": str,
    "timestamp_public_pem": str,
    "tls_certificate_pem": str,
}
_WITNESS = "witness_public_pem"


@dataclass(frozen=True, slots=True)
class Office:
    """An opened folder, without its secrets.

    Attributes:
        folder: where everything lies.
        address: ``host:port`` under which provinces reach the coordinator.
        is_demo: whether the federation is a demonstration.
        snapshot_key: public half of the online key for snapshots.
        timestamp_key: public half of the online key for timestamps.
        tls_certificate_pem: the server's certificate.
        witness_key: public half of the online key that cosigns checkpoints; None in a folder that
            has not been served since coordinators became witnesses.
        store: the database.
    """

    folder: Path
    address: str
    is_demo: bool
    snapshot_key: PublicKey
    timestamp_key: PublicKey
    tls_certificate_pem: str
    witness_key: PublicKey | None
    store: Store

    @property
    def drafts(self) -> Path:
        """The folder from which officers fetch what they sign."""
        return self.folder / "drafts"


@dataclass(frozen=True, slots=True)
class OnlineKeys:
    """The signers that a running coordinator holds."""

    snapshot: FileSigner
    timestamp: FileSigner
    witness: FileSigner


def init_office(
    folder: Path, *, address: str, passphrase: bytes, is_demo: bool, now_us: int
) -> Office:
    """Make the folder of a new coordinator, whole or not at all, and open it.

    Repeating the call with the same address opens what is there.

    Raises:
        Refusal: COORDINATOR_EXISTS when another coordinator lives in the folder, ADDRESS when
            the address is not ``host:port``.
    """
    try:
        check_endpoint(address)
    except Breach:
        raise Refusal("ADDRESS", detail=address[:80]) from None
    if not (folder / _SETTINGS).exists():
        _build(folder, address, passphrase, is_demo=is_demo, now_us=now_us)
    office = open_office(folder)
    if (office.address, office.is_demo) != (address, is_demo):
        office.store.close()
        raise Refusal("COORDINATOR_EXISTS", detail=office.address)
    return office


def open_office(folder: Path) -> Office:
    """Open the folder of a coordinator.

    Raises:
        Refusal: COORDINATOR_MISSING when there is none.
    """
    try:
        content = (folder / _SETTINGS).read_bytes()
    except OSError:
        raise Refusal("COORDINATOR_MISSING", detail=folder.name) from None
    settings = read_document(content, reason="COORDINATOR_MISSING")
    fields = {**_FIELDS, _WITNESS: str} if _WITNESS in settings else _FIELDS
    check_fields(settings, fields, reason="COORDINATOR_MISSING")
    witness_pem = settings.get(_WITNESS)
    return Office(
        folder=folder,
        address=settings["address"],
        is_demo=settings["is_demo"],
        snapshot_key=public_key_of_pem(settings["snapshot_public_pem"]),
        timestamp_key=public_key_of_pem(settings["timestamp_public_pem"]),
        tls_certificate_pem=settings["tls_certificate_pem"],
        witness_key=public_key_of_pem(witness_pem) if witness_pem else None,
        store=Store(folder / "coordinator.db"),
    )


def open_online_keys(office: Office, passphrase: bytes) -> OnlineKeys:
    """Open the online keys; an older folder gets its witness key now.

    The registry names that key from the next renewal of targets on.

    Raises:
        Refusal: KEY_FILE when a file is damaged or the passphrase is wrong.
    """
    if office.witness_key is None:
        _add_witness(office, passphrase)
    return OnlineKeys(
        snapshot=load_key(office.folder / "keys" / "snapshot.key", passphrase),
        timestamp=load_key(office.folder / "keys" / "timestamp.key", passphrase),
        witness=load_key(office.folder / "keys" / "witness.key", passphrase),
    )


def open_tls(office: Office, passphrase: bytes, *, now_us: int) -> TlsIdentity:
    """Open the server's identity.

    Raises:
        Refusal: KEY_FILE when the file is damaged or the passphrase is wrong.
    """
    return open_coordinator(office.folder / "tls.pem", passphrase, now_us=now_us)


def _add_witness(office: Office, passphrase: bytes) -> None:
    load_key(office.folder / "keys" / "snapshot.key", passphrase)
    path = office.folder / "keys" / "witness.key"
    witness = load_key(path, passphrase) if path.exists() else create_key(path, passphrase)
    settings = read_document((office.folder / _SETTINGS).read_bytes(), reason="COORDINATOR_MISSING")
    replace_file(
        office.folder / _SETTINGS, render_document({**settings, _WITNESS: witness.public.pem})
    )


def _build(folder: Path, address: str, passphrase: bytes, *, is_demo: bool, now_us: int) -> None:
    aside = folder.parent / f".{folder.name}.unfinished"
    shutil.rmtree(aside, ignore_errors=True)
    snapshot = create_key(aside / "keys" / "snapshot.key", passphrase)
    timestamp = create_key(aside / "keys" / "timestamp.key", passphrase)
    witness = create_key(aside / "keys" / "witness.key", passphrase)
    tls = open_coordinator(aside / "tls.pem", passphrase, now_us=now_us)
    Store(aside / "coordinator.db").close()
    settings = {
        "address": address,
        "is_demo": is_demo,
        "snapshot_public_pem": snapshot.public.pem,
        "timestamp_public_pem": timestamp.public.pem,
        "tls_certificate_pem": tls.certificate_pem,
        _WITNESS: witness.public.pem,
    }
    replace_file(aside / _SETTINGS, render_document(settings))
    try:
        # An empty folder may stand in the way; anything else in it is not ours to replace.
        os.rename(aside, folder)
    except OSError:
        raise Refusal("COORDINATOR_EXISTS", detail=folder.name) from None
