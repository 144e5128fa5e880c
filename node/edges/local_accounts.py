"""Certificates that may call a node's local services: operators and the province's own systems.

The province's authority issues them. The key of an account is not encrypted: it opens no signing
key and no sealed value, and other systems' gRPC libraries take it as it is. A key and its
certificate are two files, so that they are checked to belong together whenever they are opened,
and made anew when they do not.
"""

from __future__ import annotations

import fcntl
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from federation.signing.keystore import replace_file
from federation.transport.certificates import (
    TlsIdentity,
    is_issued_by,
    needs_renewal,
    open_authority,
)
from node.config import NodeConfig, read_passphrase

OPERATOR = "operator"


def open_account(config: NodeConfig, name: str = OPERATOR, *, now_us: int) -> TlsIdentity:
    """Return the identity of an account, issuing or renewing it where that is due.

    Raises:
        Refusal: SERVICE_NAME when the name has no proper form; PASSPHRASE or KEY_FILE when the
            authority cannot be opened.
    """
    key_path, certificate_path = account_paths(config, name)
    authority_pem = (config.keys / "tls-ca.pem").read_text()
    found = _read_pair(key_path, certificate_path)
    if found is not None and _is_current(found, authority_pem, now_us):
        return found
    with _locked(config.accounts):
        # Another command may have renewed it while this one waited.
        found = _read_pair(key_path, certificate_path)
        if found is not None and _is_current(found, authority_pem, now_us):
            return found
        return _issue(config, name, now_us)


def account_paths(config: NodeConfig, name: str) -> tuple[Path, Path]:
    """Return where the key and the certificate of an account lie."""
    return config.accounts / f"{name}.key", config.accounts / f"{name}.pem"


def _issue(config: NodeConfig, name: str, now_us: int) -> TlsIdentity:
    authority = open_authority(config.keys, config.province, read_passphrase(config), now_us=now_us)
    identity = authority.issue(now_us=now_us, service=name)
    key_path, certificate_path = account_paths(config, name)
    replace_file(key_path, identity.key_pem)
    replace_file(certificate_path, identity.certificate_pem.encode())
    return identity


def _is_current(identity: TlsIdentity, authority_pem: str, now_us: int) -> bool:
    pem = identity.certificate_pem
    return is_issued_by(pem, authority_pem) and not needs_renewal(pem, now_us=now_us)


def _read_pair(key_path: Path, certificate_path: Path) -> TlsIdentity | None:
    try:
        # The interpreter's own TLS says whether key and certificate belong together.
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(certificate_path, key_path)
        return TlsIdentity(certificate_path.read_text(), key_path.read_bytes())
    except OSError:
        return None


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
