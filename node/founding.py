"""How a node comes to be: its keys, its certificates, its configuration, its membership.

A node is founded when its ``config.toml`` is there, which is written last. It is built aside and
moved into its place whole, so that a founding that was killed leaves nothing under the node's
name, and the next one completes it. Keys of a founded node are never made anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from federation.base.clock import Clock
from federation.base.entropy import Entropy
from federation.base.errors import Refusal
from federation.base.names import parse_province
from federation.signing.keystore import FileSigner, create_key, load_key, replace_file, write_secret
from federation.signing.vault import create_vault
from federation.transport.certificates import open_authority, open_leaf
from federation.transport.registry_client import (
    FirstContact,
    fetch_pinned_root,
    submit_application,
)
from federation.trust.invitation import Invitation, read_invitation
from federation.trust.members import (
    KeyState,
    KeyUse,
    Member,
    MemberKey,
    MemberStatus,
    parse_member,
    render_member,
)
from federation.trust.registry import fingerprint
from federation.wire.envelope import WIRE_MAX, WIRE_MIN
from node.config import (
    CONFIG_FILE,
    NodeConfig,
    config_text,
    load_config,
    make_config,
    read_passphrase,
)
from node.edges.local_accounts import OPERATOR, account_paths, open_account

MESSAGE_KEY, LOG_KEY, IDENTITY_KEY, LEAF = "message.key", "log.key", "identity.key", "tls.pem"
GOVERNANCE_KEY, RECOVERY_KEY = "governance.key", "recovery.key"
KEY_FILES: dict[KeyUse, str] = {
    "message": MESSAGE_KEY,
    "log": LOG_KEY,
    "governance": GOVERNANCE_KEY,
    "recovery": RECOVERY_KEY,
}
NEXT_MEMBER = "next-member.json"
_PASSPHRASE_SIZE = 32
_SITE = ".founding"


@dataclass(frozen=True, slots=True)
class Founding:
    """A founded node.

    Attributes:
        config: its configuration.
        is_new: False where it had been founded before.
    """

    config: NodeConfig
    is_new: bool


@dataclass(frozen=True, slots=True)
class Joining:
    """What became of an application.

    Attributes:
        state: ``PENDING``, ``APPROVED`` or ``REJECTED``.
        root_sha256: fingerprint of the root that was pinned.
        coordinator: the coordinator's address.
    """

    state: str
    root_sha256: str
    coordinator: str


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """The files that a system of the province needs to call its node."""

    name: str
    key_path: Path
    certificate_path: Path


def found_node(
    directory: Path,
    province: str,
    *,
    clock: Clock,
    entropy: Entropy,
    peer_listen: str = "127.0.0.1:7401",
    local_listen: str = "127.0.0.1:7402",
    peer_endpoint: str = "",
    database: str = "sqlite:///node.db",
    passphrase_file: Path | None = None,
) -> Founding:
    """Make the directory of a node, or complete one that was interrupted.

    Repeating the call for the same province changes nothing.

    Raises:
        Refusal: NODE_EXISTS when another province's node lives there, NOT_EMPTY when something
            else does, FOUNDING_BUSY while another call is making it.
        ConfigRefusal: CONFIG when an address or the database is malformed.
    """
    province = parse_province(province)
    directory = directory.absolute()
    given = {
        "province": province,
        "peer_listen": peer_listen,
        "local_listen": local_listen,
        "peer_endpoint": peer_endpoint,
        "database": database,
        "passphrase_file": str(passphrase_file.absolute()) if passphrase_file else "passphrase",
    }
    make_config(directory, given)  # Refused before anything is written.
    founded = _founded(directory, province)
    if founded is not None:
        return founded
    with _building_site(directory) as site:
        if not (site / CONFIG_FILE).exists():
            _build(make_config(site, given), clock, entropy)
    founded = _founded(directory, province)
    assert founded is not None, "a founded node has a configuration"
    return Founding(founded.config, is_new=True)


def _founded(directory: Path, province: str) -> Founding | None:
    if not (directory / CONFIG_FILE).exists():
        return None
    config = load_config(directory)
    if config.province != province:
        raise Refusal("NODE_EXISTS", detail=f"{directory}: {config.province}")
    return Founding(config, is_new=False)


@contextmanager
def _building_site(directory: Path) -> Iterator[Path]:
    """Lend a folder to build in, and put what was built into its place."""
    # A directory that exists may be where a volume is mounted or where the caller stands, so it
    # is filled, not replaced.
    is_in_place = directory.exists()
    site = directory / _SITE if is_in_place else directory.with_name(f".{directory.name}{_SITE}")
    if is_in_place and not site.exists() and _holds_anything(directory):
        raise Refusal("NOT_EMPTY", detail=str(directory))
    site.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(site, os.O_RDONLY)
    try:
        _claim(site, handle)
        # What was built whole in place is partly moved already; it is only finished.
        if not (is_in_place and (site / CONFIG_FILE).exists()):
            _clear(site)
        yield site
        if is_in_place:
            _move_out(site)
        else:
            os.rename(site, directory)
        _sync(directory.parent)
    finally:
        os.close(handle)


def _holds_anything(directory: Path) -> bool:
    return any(
        not path.name.startswith(".") and path.name != "lost+found" for path in directory.iterdir()
    )


def _claim(site: Path, handle: int) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_ours = os.stat(site).st_ino == os.fstat(handle).st_ino
    except OSError:
        is_ours = False
    if not is_ours:
        raise Refusal("FOUNDING_BUSY", detail=str(site))


def _clear(site: Path) -> None:
    """Remove what a killed founding left: keys that nothing was ever signed with."""
    for path in site.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _move_out(site: Path) -> None:
    """Move what was built one level up, the configuration last; a killed move is gone on with."""
    for path in sorted(site.iterdir(), key=lambda path: path.name == CONFIG_FILE):
        os.rename(path, site.parent / path.name)
    _sync(site.parent)
    site.rmdir()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _build(config: NodeConfig, clock: Clock, entropy: Entropy) -> None:
    if not config.passphrase_path.exists():
        write_secret(config.passphrase_path, entropy.token(_PASSPHRASE_SIZE).hex().encode() + b"\n")
    passphrase, now_us = read_passphrase(config), clock.now_us()
    for file in KEY_FILES.values():
        create_key(config.keys / file, passphrase)
    create_vault(config.keys / IDENTITY_KEY, passphrase, entropy=entropy)
    authority = open_authority(config.keys, config.province, passphrase, now_us=now_us)
    open_leaf(config.keys / LEAF, authority, passphrase, now_us=now_us)
    open_account(config, OPERATOR, now_us=now_us)
    write_config(config)


def write_config(config: NodeConfig) -> None:
    """Write the configuration into its directory; a reader finds the old or the new."""
    replace_file(config.directory / CONFIG_FILE, config_text(config).encode())


def join(directory: Path, invitation: str, *, clock: Clock) -> Joining:
    """Take up an invitation: check the coordinator, pin its root, apply with proof of every key.

    Repeating the call sends the same application again and returns how it stands.

    Raises:
        Refusal: INVITATION_FORM, INVITATION_PROVINCE when another province is invited,
            ROOT_DIFFERS when the node belongs to another federation, or the coordinator's reason.
        Breach: COORDINATOR_IDENTITY or ROOT_FINGERPRINT when somebody else answered.
        Unavailable: COORDINATOR_UNREACHABLE when nobody did; nothing was changed.
    """
    config, invited = load_config(directory), read_invitation(invitation)
    if invited.province != config.province:
        raise Refusal("INVITATION_PROVINCE", detail=f"{invited.province}, not {config.province}")
    _check_root(config, invited)
    contact = fetch_pinned_root(invited)
    _pin(config, invited, contact)
    document = _application(config, invited, clock)
    state = submit_application(invited, contact, document, _provers(config, document))
    return Joining(state, invited.root_sha256, invited.address)


def message_signers(config: NodeConfig) -> list[FileSigner]:
    """Return the keys that this node may sign messages with, the oldest first."""
    passphrase = read_passphrase(config)
    return [load_key(path, passphrase) for path in _message_files(config)]


def _message_files(config: NodeConfig) -> list[Path]:
    later = sorted(config.keys.glob("message-*.key"), key=lambda path: int(path.stem[8:]))
    return [config.keys / MESSAGE_KEY, *later]


def rotate_message_key(config: NodeConfig, listed: Member, *, now_us: int, from_us: int) -> Path:
    """Prepare the next message key: active from a moment on, when the last becomes verify-only.

    The document that states this is applied with at the next :func:`join`. Repeating the call
    before that keeps the prepared key.

    Raises:
        Refusal: PASSPHRASE or KEY_FILE.
    """
    files, passphrase = _message_files(config), read_passphrase(config)
    held = load_key(files[-1], passphrase)
    path = files[-1]
    if listed.find_key(held.public.keyid, "message") is not None:
        path = config.keys / f"message-{len(files) + 1}.key"
        held = create_key(path, passphrase)
    keys = tuple(
        replace(key, verify_only_from_us=from_us)
        if key.use == "message"
        and key.state_at(now_us) is KeyState.ACTIVE
        and key.verify_only_from_us is None
        else key
        for key in listed.keys
    )
    document = replace(listed, keys=(*keys, MemberKey(held.public, "message", from_us)))
    replace_file(config.directory / NEXT_MEMBER, render_member(document))
    return path


def _signers(config: NodeConfig) -> dict[KeyUse, FileSigner]:
    passphrase = read_passphrase(config)
    return {use: load_key(config.keys / file, passphrase) for use, file in KEY_FILES.items()}


def _check_root(config: NodeConfig, invited: Invitation) -> None:
    if not config.root_path.exists():
        return
    if fingerprint(config.root_path.read_bytes()) != invited.root_sha256:
        raise Refusal("ROOT_DIFFERS", detail=str(config.root_path))


def _pin(config: NodeConfig, invited: Invitation, contact: FirstContact) -> None:
    replace_file(config.root_path, contact.root)
    replace_file(config.coordinator_path, contact.certificate_pem.encode())
    replace_file(config.invitation_path, invited.text.encode() + b"\n")


def _provers(config: NodeConfig, document: bytes) -> list[FileSigner]:
    """Return the listed keys that are at hand; a recovery key may lie offline by now."""
    passphrase = read_passphrase(config)
    listed = {key.key.keyid for key in parse_member(document).keys}
    files = [config.keys / file for file in KEY_FILES.values()]
    paths = dict.fromkeys([*files, *_message_files(config)])
    held = [load_key(path, passphrase) for path in paths if path.exists()]
    return [signer for signer in held if signer.public.keyid in listed]


def _application(config: NodeConfig, invited: Invitation, clock: Clock) -> bytes:
    """Return the document applied with, kept so that a repetition sends the same bytes."""
    name = f"application-{hashlib.sha256(invited.token).hexdigest()[:16]}.json"
    path = config.directory / "applications" / name
    following = config.directory / NEXT_MEMBER
    if not path.exists() and following.exists():
        os.rename(following, _made(path))
    if not path.exists():
        replace_file(path, render_member(_member(config, _signers(config), clock.now_us())))
    return path.read_bytes()


def _made(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    return path


def _member(config: NodeConfig, signers: dict[KeyUse, FileSigner], now_us: int) -> Member:
    return Member(
        province=config.province,
        status=MemberStatus.ACTIVE,
        endpoint=config.endpoint,
        wire_min=WIRE_MIN,
        wire_max=WIRE_MAX,
        tls_ca_pem=(config.keys / "tls-ca.pem").read_text(),
        keys=tuple(MemberKey(signer.public, use, now_us) for use, signer in signers.items()),
    )


def issue_service_account(directory: Path, name: str, *, clock: Clock) -> ServiceAccount:
    """Issue, or renew, the certificate with which a system of the province calls its node.

    Raises:
        Refusal: NO_NODE, SERVICE_NAME, PASSPHRASE or KEY_FILE.
    """
    config = load_config(directory)
    open_account(config, name, now_us=clock.now_us())
    return ServiceAccount(name, *account_paths(config, name))
