"""A node's office over any store: accounts and deposits as its use cases make them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from federation.base.clock import SystemClock
from federation.base.entropy import SystemEntropy
from federation.log.checkpoint import Checkpoint
from federation.log.merkle import leaf_hash
from federation.log.tree import append
from federation.protocol.messages import Mode, State
from federation.signing.dsse import message_hash
from federation.signing.vault import create_vault, load_vault
from federation.wire.entries import origin_of
from node.domain.changes import Changes, SentMessage
from node.domain.exchange import Exchange, Role
from node.domain.lot import Lot, LotState
from node.storage.opening import open_store
from node.usecases.accounts import Accounts, NewLearner
from node.usecases.deposits import Deposits, OutcomeRow
from node.usecases.office import Office, Terms
from node.usecases.ports import Registry, Store, Transaction

PROVINCE, PEER, SOURCE = "CN-31", "CN-44", "lms"
FACTS = {
    "code": "C1",
    "catalogue": "2026",
    "title": "学术英语",
    "grade": "",
    "scale": "none",
    "level": "0",
    "field": "",
    "hours": "0",
    "earned": "2026-01-31",
    "expires": "",
    "kind": "DEGREE",
    "issuer": "上海开放大学",
}


def sign(checkpoint: Checkpoint) -> bytes:
    """Stand for the signature of a checkpoint."""
    return b"%d %s" % (checkpoint.size, checkpoint.root.hex().encode())


@contextmanager
def opened(database: str, province: str = PROVINCE) -> Iterator[Store]:
    """Open a store and close it."""
    store = open_store(database, origin=origin_of(province), sign=sign)
    try:
        yield store
    finally:
        store.close()


def office(store: Store, folder: Path) -> Office:
    """Return an office that needs no registry, with the vault of the folder."""
    entropy, path = SystemEntropy(), folder / "vault.key"
    if not path.exists():
        create_vault(path, b"passphrase", entropy=entropy)
    return Office(
        province=PROVINCE,
        store=store,
        registry=cast(Registry, None),
        vault=load_vault(path, b"passphrase"),
        clock=SystemClock(),
        entropy=entropy,
        terms=Terms(lock_days=30, accept_days=30, appeal_days=30, code_days=7),
    )


def open_accounts(desk: Office, count: int) -> list[str]:
    """Open accounts for learners by number."""
    wanted = [
        NewLearner(
            line=at + 1,
            reference=f"learner {at}",
            name="李梅",
            document_type="LOCAL",
            document_number=f"D{at}",
        )
        for at in range(count)
    ]
    return [one.account for one in Accounts(desk).open(SOURCE, wanted)]


def rows(accounts: list[str], count: int, *, first: int = 0) -> list[OutcomeRow]:
    """Return outcomes of 1.5 credits each, learners in turn."""
    return [
        OutcomeRow(
            line=at + 1,
            reference=f"outcome {at}",
            learner=accounts[at % len(accounts)],
            credits="1.5",
            facts=FACTS,
        )
        for at in range(first, first + count)
    ]


def deposit(desk: Office, outcomes: list[OutcomeRow]) -> int:
    """Deposit outcomes and return how many were new."""
    return Deposits(desk).deposit(SOURCE, outcomes).deposited


def check_log(store: Store) -> int:
    """Check that the log is whole: every leaf has a place, and the root is that of the leaves."""

    def read(reading: Any) -> int:
        state = reading.log_state()
        entries = reading.log_entries(0, 100_000)
        grown = append([leaf_hash(entry) for entry in entries], first_index=0, nodes={})
        assert (grown.size, grown.root) == (state.checkpoint.size, state.checkpoint.root)
        assert not entries or state.note == sign(state.checkpoint)
        return len(entries)

    return store.read(read)


def begin_exchange(tx: Transaction, name: str, lot_id: bytes, now_us: int) -> bool:
    """Lock a lot for a new exchange and send a message; False when another has it."""
    lot: Lot = tx.lots([lot_id])[lot_id]
    if lot.state is not LotState.AVAILABLE:
        return False
    exchange_id = hashlib.sha256(name.encode()).digest()[:16]
    exchange = Exchange(
        peer=PEER,
        exchange_id=exchange_id,
        role=Role.SOURCE,
        mode=Mode.TRANSFER,
        state=State.LOCKED,
        account=lot.account,
        reference=name,
        begun_us=now_us,
        changed_us=now_us,
    )
    held = replace(lot, state=LotState.LOCKED, peer=PEER, exchange_id=exchange_id)
    changes = Changes(exchanges_new=[exchange], lots_moved=[(lot, held)])
    changes.sent.append(message(name, exchange_id, now_us))
    tx.apply(changes)
    return True


def message(name: str, exchange_id: bytes, now_us: int) -> SentMessage:
    """Return a message that is due."""
    return SentMessage(
        digest=message_hash("test", name.encode()),
        type="test",
        payload=name.encode(),
        openings=b"",
        peer=PEER,
        exchange_id=exchange_id,
        entry=b"entry " + name.encode(),
        created_us=now_us,
        due_us=now_us,
    )
