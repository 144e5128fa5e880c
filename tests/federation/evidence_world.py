"""A federation in memory: parties that sign and log for real, and exchanges told step by step.

Every step takes changes to its message, which are then signed and logged like the truth: what a
lying party could send.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from federation.base.clock import DAY, MINUTE
from federation.evidence import transcript as transcripts
from federation.evidence.report import Report
from federation.evidence.verify import verify_transcript
from federation.log import checkpoint as checkpoints
from federation.log import tree
from federation.log.checkpoint import Checkpoint
from federation.log.merkle import leaf_hash
from federation.protocol.commitments import (
    LEARNER_NAME,
    LOT_SECRET,
    TRANSFER_CODE,
    Opening,
    Openings,
    commitment_to,
    deposit_commitment,
    digest,
    identity_commitment,
    nullifier,
)
from federation.protocol.lots import CommittedLot, WantedLot
from federation.protocol.messages import (
    TYPE_OF,
    Abort,
    Commit,
    Consent,
    DecisionRecord,
    Ending,
    ExchangeMessage,
    Header,
    LotContent,
    LotDecision,
    LotOffer,
    MessageType,
    Mode,
    Prepare,
    Receipt,
    Request,
    Verdict,
    Vote,
)
from federation.signing.keys import Signer
from federation.trust.registry import RegistryView
from federation.wire.codec import encode
from federation.wire.entries import deposit_entry, message_entry, origin_of
from federation.wire.envelope import Evidence, Item, seal_batch
from tests.federation.registry_world import Applicant, new_world

PROVINCES = ("CN-31", "CN-33", "CN-44")
RULE = b'{"rule":"CN-33/general","version":1}'
CODE = b"one-time code 16"
FIELDS = ("code", "earned_on", "grade", "title")


class Party:
    """A province with a log of its own, growing in memory."""

    def __init__(self, province: str, signer: Signer, log_signer: Signer, seed: int = 0) -> None:
        self.province = province
        self.signer = signer
        self.log_signer = log_signer
        self.random = random.Random(f"{province} {seed}")
        self.entries: list[bytes] = []
        self.nodes: dict[tree.Address, bytes] = {}
        self._note: tuple[int, bytes] = (-1, b"")

    def log(self, entry: bytes) -> int:
        """Append an entry and return its place."""
        index = len(self.entries)
        grown = tree.append([leaf_hash(entry)], first_index=index, nodes=self.nodes)
        self.nodes |= {(level, place): value for level, place, value in grown.nodes}
        self.entries.append(entry)
        return index

    def prove(self, index: int) -> tuple[bytes, ...]:
        """Return the proof of an entry in the log of this moment."""
        return tuple(tree.inclusion_proof(index, len(self.entries), self.nodes))

    def checkpoint(self) -> bytes:
        """Return the signed checkpoint of this moment."""
        size = len(self.entries)
        if self._note[0] != size:
            head = Checkpoint(origin_of(self.province), size, tree.root_at(size, self.nodes))
            self._note = size, checkpoints.sign(head, self.log_signer)
        return self._note[1]

    def send(self, message: ExchangeMessage, *, wire_version: int = 1) -> Evidence:
        """Sign and log a message."""
        kind, payload = encode(message)
        item = Item(type=kind.value, payload=payload)
        index = self.log(message_entry(kind, item.digest, message))
        item = replace(item, log_index=index, log_proof=self.prove(index))
        batch = seal_batch(
            [item],
            src=self.province,
            dst=message.header.dst,
            wire_version=wire_version,
            incarnation=1,
            signer=self.signer,
            checkpoint=self.checkpoint(),
        )
        return batch.evidence()[0]

    def token(self, size: int) -> bytes:
        """Return bytes that are new and the same in every run."""
        return self.random.randbytes(size)


@dataclass(frozen=True, slots=True)
class Deposit:
    """A lot at its source."""

    content: LotContent
    secret: bytes
    openings: tuple[Opening, ...]
    index: int


def deposit(party: Party, amount_hundredths: int) -> Deposit:
    """Put a lot into a party's log."""
    lot_id, secret = party.token(16), party.token(32)
    openings = tuple(
        Opening(subject=lot_id, name=name, salt=party.token(32), value=f"{name} 值".encode())
        for name in FIELDS
    )
    content = LotContent(
        lot_id=lot_id,
        unit=party.province,
        amount_hundredths=amount_hundredths,
        fields=tuple(commitment_to(one) for one in openings),
    )
    index = party.log(deposit_entry(deposit_commitment(content, secret)))
    return Deposit(content, secret, openings, index)


@dataclass
class Exchange:
    """One exchange, told step by step."""

    source: Party
    destination: Party
    deposits: list[Deposit]
    now_us: int
    exchange_id: bytes = b""
    sent: list[tuple[ExchangeMessage, Evidence]] = field(default_factory=list)
    openings: dict[bytes, Openings] = field(default_factory=dict)
    mode: Mode = Mode.TRANSFER

    def __post_init__(self) -> None:
        self.exchange_id = self.exchange_id or self.source.token(16)
        self.consent = Consent(
            given_time_us=self.now_us,
            basis="SEPARATE_CONSENT",
            fields=FIELDS,
            agrees_to_whole_grant=True,
        )
        self.identity = identity_commitment(CODE, "RESIDENT_ID", "11010519491231002X")

    def find(self, kind: type) -> Any:
        """Return the last message of a kind."""
        return next(message for message, _ in reversed(self.sent) if isinstance(message, kind))

    def hash_of(self, kind: type) -> bytes:
        """Return the hash of the last message of a kind."""
        return next(ev.item.digest for one, ev in reversed(self.sent) if isinstance(one, kind))

    def request(self, **changes: Any) -> Exchange:
        """Let the destination ask."""
        code = self._code(self.destination)
        message = Request(
            header=self._header(Request),
            lots=tuple(
                WantedLot(lot_id=one.lot_id, amount_hundredths=one.amount_hundredths)
                for one in (deposit.content for deposit in self.deposits)
            ),
            consent=self.consent,
            code_commitment=commitment_to(code).digest,
            identity_commitment=self.identity,
            mode=self.mode,
        )
        return self._send(message, changes, Openings((code,)))

    def prepare(self, **changes: Any) -> Exchange:
        """Let the source offer."""
        asked = any(isinstance(one, Request) for one, _ in self.sent)
        code = self._code(self.source)
        salt = self.source.token(32)
        name = Opening(subject=b"", name=LEARNER_NAME, salt=salt, value="张㛃".encode())
        message = Prepare(
            header=self._header(Prepare, Request if asked else None),
            mode=self.mode,
            lots=tuple(self._offer(one) for one in self.deposits),
            consent=self.consent,
            code_commitment=b"" if asked else commitment_to(code).digest,
            identity_commitment=self.identity,
            learner=(commitment_to(name),),
            lock_until_us=self.now_us + 30 * DAY,
            checkpoint=self.source.checkpoint(),
            cites=b"",
            relates_to=b"",
        )
        shown = [name, *(() if asked else (code,))]
        for one in self.deposits:
            secret = Opening(
                subject=one.content.lot_id, name=LOT_SECRET, salt=b"", value=one.secret
            )
            shown += [*one.openings, secret]
        return self._send(message, changes, Openings(tuple(shown)))

    def vote(self, *grants: int, **changes: Any) -> Exchange:
        """Let the destination judge; a grant of nought refuses its lot."""
        lots = tuple(
            LotDecision(
                lot_id=one.content.lot_id,
                verdict=Verdict.ACCEPT if grant else Verdict.REJECT,
                granted_hundredths=grant,
                reasons=() if grant else ("NOT_EQUIVALENT",),
                entry="e1" if grant else "",
                target="GD-1" if grant else "",
            )
            for one, grant in zip(self.deposits, grants, strict=True)
        )
        record = DecisionRecord(
            rule="CN-33/general",
            rule_version=1,
            rule_digest=hashlib.sha256(RULE).digest(),
            decided_on="2025-06-01",
            offered_hundredths=sum(one.content.amount_hundredths for one in self.deposits),
            granted_hundredths=sum(grants),
            valid_until_us=self.now_us + 365 * DAY,
            appeal_until_us=self.now_us + 60 * DAY,
        )
        message = Vote(
            header=self._header(Vote, Prepare),
            lots=lots,
            record=record,
            accept_until_us=self.now_us + 20 * DAY,
        )
        return self._send(message, changes)

    def commit(self, **changes: Any) -> Exchange:
        """Let the source debit the granted lots."""
        by_id = {one.content.lot_id: one for one in self.deposits}
        lots = tuple(
            CommittedLot(
                lot_id=lot.lot_id,
                amount_hundredths=by_id[lot.lot_id].content.amount_hundredths,
                granted_hundredths=lot.granted_hundredths,
                nullifier=nullifier(by_id[lot.lot_id].secret),
            )
            for lot in self.find(Vote).accepted
        )
        return self._send(Commit(header=self._header(Commit, Vote), lots=lots), changes)

    def abort(self, reason: str, cause: type = Vote, **changes: Any) -> Exchange:
        """Let the source call it off."""
        message = Abort(header=self._header(Abort, cause), reasons=(reason,))
        return self._send(message, changes)

    def receipt(self, **changes: Any) -> Exchange:
        """Let the destination report, having deposited what was committed."""
        commits = [one for one, _ in self.sent if isinstance(one, Commit)]
        cause = Commit if commits else Abort
        inbound = granted = 0
        for commit in commits:
            for lot in commit.lots:
                mark = self.destination.token(32)
                self.destination.log(deposit_entry(mark, self.hash_of(Commit)))
                inbound += lot.amount_hundredths
                granted += lot.granted_hundredths
        message = Receipt(
            header=self._header(Receipt, cause),
            ending=Ending.CREDITED if commits else Ending.RELEASED,
            inbound_hundredths=inbound,
            granted_hundredths=granted,
        )
        return self._send(message, changes)

    def transcript(self, **options: Any) -> transcripts.Transcript:
        """Return the transcript of what was told so far."""
        options.setdefault("openings", self.openings)
        return transcripts.build([evidence for _, evidence in self.sent], **options)

    def encoded(self, **options: Any) -> bytes:
        """Return the transcript as a file."""
        return transcripts.encode(self.transcript(**options))

    def committing(self) -> frozenset[bytes]:
        """Return the hashes of the messages that commit to values."""
        return frozenset(self.openings)

    def _header(self, kind: type, cause: type | None = None) -> Header:
        is_ours = kind in (Prepare, Commit, Abort)
        src, dst = self.source.province, self.destination.province
        return Header(
            src=src if is_ours else dst,
            dst=dst if is_ours else src,
            exchange_id=self.exchange_id,
            step=1,
            cause=self.hash_of(cause) if cause else b"",
            signed_time_us=self.now_us + (1 + len(self.sent)) * MINUTE,
            registry_version=1,
        )

    def _send(
        self, message: Any, changes: dict[str, Any], shown: Openings | None = None
    ) -> Exchange:
        header = replace(message.header, **changes.pop("header", {}))
        message = replace(message, header=header, **changes)
        is_ours = TYPE_OF[type(message)] in (
            MessageType.PREPARE,
            MessageType.COMMIT,
            MessageType.ABORT,
        )
        party = self.source if is_ours else self.destination
        evidence = party.send(message)
        self.sent.append((message, evidence))
        if shown is not None:
            self.openings[evidence.item.digest] = shown
        return self

    def _offer(self, one: Deposit) -> LotOffer:
        return LotOffer(
            content=one.content,
            deposit_commitment=deposit_commitment(one.content, one.secret),
            deposit_index=one.index,
            deposit_proof=self.source.prove(one.index),
            deposit_origin=b"",
        )

    def _code(self, party: Party) -> Opening:
        salt = party.token(32)
        assert len(digest(TRANSFER_CODE, salt, CODE)) == 32
        return Opening(subject=b"", name=TRANSFER_CODE, salt=salt, value=CODE)


@dataclass(frozen=True)
class Federation:
    """A registry with members, whose keys are at hand."""

    view: RegistryView
    pinned: bytes
    applicants: dict[str, Applicant]
    now_us: int

    def party(self, province: str) -> Party:
        """Return a member with an empty log."""
        message, log = self.applicants[province].signers[:2]
        return Party(province, message, log)

    def exchange(self, *amounts: int, **options: Any) -> Exchange:
        """Return an exchange between two members with new logs."""
        source, destination = self.party("CN-31"), self.party("CN-33")
        deposits = [deposit(source, amount) for amount in amounts or (300, 200)]
        return Exchange(source, destination, deposits, self.now_us, **options)

    def verify(self, encoded: bytes) -> Report:
        """Verify a transcript whose registry lies beside it."""
        return verify_transcript(encoded, pinned_root=self.pinned, registry=self.view)


def found_federation(folder: Path, provinces: Sequence[str] = PROVINCES) -> Federation:
    """Return a federation whose registry a real coordinator published."""
    world = new_world(folder)
    applicants = world.enrol(*provinces)
    return Federation(world.view(), world.pinned(), applicants, world.now_us)
