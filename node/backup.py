"""A node's backup: its store at one moment and what belongs to it, in a folder that proves itself.

Keys are left out unless they are asked for, and lie there as encrypted as ever; their passphrase
never does. Whoever restores a backup need not know what was signed since: the node finds out.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from federation.base.errors import Breach, Refusal
from node.config import CONFIG_FILE, NodeConfig, load_config
from node.storage.backing_up import copy_store, inspect_copy
from node.storage.moving import Summary
from node.storage.opening import SQLITE
from node.upkeep import only_process

MANIFEST, STORE = "manifest.json", "node.db"
_KEY_FOLDERS = ("keys", "accounts")


@dataclass(frozen=True, slots=True)
class BackupMade:
    """What a backup holds.

    Attributes:
        files: SHA-256 of each file by its path in the folder.
    """

    province: str
    files: dict[str, str]
    summary: Summary


def create_backup(directory: Path, target: Path, *, with_keys: bool = False) -> BackupMade:
    """Make a backup of a node, which may be running.

    Raises:
        Refusal: BACKUP_EXISTS, BACKUP_POSTGRESQL where the server has to be asked instead, NO_NODE.
        Breach: BACKUP_DAMAGED when what was copied does not hold together.
    """
    config = load_config(directory)
    if not config.is_sqlite:
        raise Refusal("BACKUP_POSTGRESQL", detail=f"pg_basebackup -D {target} -X stream -c fast")
    if target.exists():
        raise Refusal("BACKUP_EXISTS", detail=str(target))
    aside = target.with_name(f".{target.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True, mode=0o700)
    copy_store(_store_of(config), aside / STORE)
    for path in _beside(config, with_keys=with_keys):
        copied = aside / path.relative_to(config.directory)
        copied.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copy2(path, copied)
    summary = inspect_copy(aside / STORE)
    if summary.faults:
        raise Breach("BACKUP_DAMAGED", detail="; ".join(summary.faults[:5]))
    files = {str(one.relative_to(aside)): _digest(one) for one in _files(aside)}
    manifest = {
        "province": config.province,
        "log_size": summary.log_size,
        "log_root": summary.log_root,
        "balance_hundredths": summary.balance_hundredths,
        "files": files,
    }
    (aside / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    _sync(aside)
    aside.rename(target)
    return BackupMade(config.province, files, summary)


def verify_backup(path: Path) -> BackupMade:
    """Read a backup through.

    Raises:
        Breach: BACKUP_DAMAGED naming what is missing, changed, or does not hold together.
    """
    try:
        manifest = json.loads((path / MANIFEST).read_text())
        files, province = dict(manifest["files"]), str(manifest["province"])
    except (OSError, ValueError, KeyError, TypeError):
        raise Breach("BACKUP_DAMAGED", detail=MANIFEST) from None
    found = {str(one.relative_to(path)): one for one in _files(path)}
    for name, digest in files.items():
        if name not in found or _digest(found[name]) != digest:
            raise Breach("BACKUP_DAMAGED", detail=name)
    if STORE not in files:
        raise Breach("BACKUP_DAMAGED", detail=STORE)
    summary = inspect_copy(path / STORE)
    told = (manifest.get("log_size"), manifest.get("log_root"))
    if summary.faults or told != (summary.log_size, summary.log_root):
        raise Breach("BACKUP_DAMAGED", detail="; ".join(summary.faults[:5]) or "log")
    return BackupMade(province, files, summary)


def restore_backup(path: Path, directory: Path) -> BackupMade:
    """Put a backup in the place of a node's store; what was there is kept beside it.

    Configuration and keys that are there stay; where they are missing they come from the backup.

    Raises:
        Breach: BACKUP_DAMAGED.
        Refusal: NODE_RUNNING, BACKUP_OTHER for another province's backup, BACKUP_POSTGRESQL.
    """
    made = verify_backup(path)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in made.files:
        if name != STORE and not (directory / name).exists():
            (directory / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copy2(path / name, directory / name)
    config = load_config(directory)
    if config.province != made.province:
        raise Refusal("BACKUP_OTHER", detail=made.province)
    if not config.is_sqlite:
        raise Refusal("BACKUP_POSTGRESQL")
    with only_process(config):
        store = _store_of(config)
        fresh = store.with_name(f"{store.name}.restoring")
        shutil.copyfile(path / STORE, fresh)
        fresh.chmod(0o600)
        for suffix in ("", "-wal", "-shm"):
            old = store.with_name(store.name + suffix)
            if old.exists():
                old.rename(old.with_name(f"{store.name}.before-restore{suffix}"))
        fresh.rename(store)
        _sync(directory)
    return made


def _store_of(config: NodeConfig) -> Path:
    return Path(config.database_url.removeprefix(SQLITE))


def _beside(config: NodeConfig, *, with_keys: bool) -> Iterator[Path]:
    """Yield the files that belong to a node beside its store."""
    known = (
        config.directory / CONFIG_FILE,
        config.root_path,
        config.coordinator_path,
        config.invitation_path,
    )
    yield from (one for one in known if one.exists())
    # Evidence files never change once they stand under their digest.
    yield from _files(config.evidence)
    for folder in _KEY_FOLDERS if with_keys else ():
        yield from _files(config.directory / folder)


def _files(folder: Path) -> list[Path]:
    found = sorted(one for one in folder.rglob("*") if one.is_file())
    return [one for one in found if one.name != MANIFEST]


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    for path in (*_files(folder), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
