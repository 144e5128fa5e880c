"""A member that says whatever a test makes it say, over real mutual TLS and with real keys.

It keeps a log of its own, so that its checkpoints and proofs hold wherever a test does not bend
them: what is then refused is refused for the one thing that was bent.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import grpc

from federation.base.clock import DAY, SystemClock
from federation.base.entropy import SystemEntropy
from federation.protocol.commitments import (
    LEARNER_NAME,
    SALT_SIZE,
    TRANSFER_CODE,
    Opening,
    Openings,
    commitment_to,
    identity_commitment,
    nullifier,
)
from federation.protocol.inquiries import ALL_TYPES, Message, StatusQuery
from federation.protocol.lots import CommittedLot, WantedLot
from federation.protocol.messages import (
    INQUIRIES,
    Abort,
    Commit,
    Consent,
    Header,
    LotOffer,
    MessageType,
    Mode,
    Prepare,
    Request,
    Vote,
)
from federation.signing.keys import Signer
from federation.signing.keystore import FileSigner, load_key
from federation.transport.certificates import Authority, TlsIdentity, node_host, open_authority
from federation.transport.gate import Gate
from federation.transport.peer_client import DELIVER
from federation.trust.registry import RegistryView
from federation.v1 import envelope_pb2
from federation.v1 import exchange_service_pb2 as service
from federation.wire import codec
from federation.wire.delivery import Arrival
from federation.wire.entries import deposit_entry, message_entry
from federation.wire.envelope import Item, batch_from_buffer, batch_to_buffer, seal_batch
from node.config import load_config, read_passphrase
from node.domain.lot import Lot, make_lot
from node.founding import LOG_KEY, MESSAGE_KEY
from tests.e2e.answers import Refused, refused
from tests.federation.evidence_world import Party

ENTROPY = SystemEntropy()
LARGEST = 64 * 1024 * 1024
CONSENTED = ("code", "grade", "title")
FACTS = {
    "code": "PHYS201",
    "catalogue": "2024",
    "title": "大学物理",
    "grade": "85",
    "scale": "percent",
    "level": "5",
    "field": "140",
    "hours": "64",
    "earned": "2024-06-30",
    "expires": "",
    "kind": "DEGREE",
    "issuer": "浙江开放大学",
}


@dataclass(frozen=True)
class Said:
    """A logged message on its way: item without its proof, which the batch adds."""

    item: Item
    is_logged: bool


@dataclass
class Offer:
    """Lots of the rogue, offered to a learner at a node."""

    prepare: Prepare
    openings: Openings
    lots: list[Lot]
    said: dict[MessageType, bytes] = field(default_factory=dict)

    @property
    def exchange_id(self) -> bytes:
        """The exchange."""
        return self.prepare.header.exchange_id


class Rogue(Party):
    """A member without a process."""

    def __init__(
        self,
        province: str,
        signers: tuple[Signer, Signer],
        authority: Authority,
        view: RegistryView,
        kept: dict[str, FileSigner],
    ) -> None:
        super().__init__(province, *signers)
        self.view = view
        self.authority = authority
        self.identity = authority.issue(now_us=SystemClock().now_us())
        self.revoked, self.future = kept.get("revoked"), kept.get("future")
        self.places: dict[bytes, int] = {}
        self._channels: dict[tuple[str, str], grpc.Channel] = {}

    @classmethod
    def open(cls, directory: Path, view: RegistryView, **kept: FileSigner) -> Rogue:
        """Take the keys of a founded node and speak in its place."""
        config = load_config(directory)
        passphrase, now_us = read_passphrase(config), SystemClock().now_us()
        message, log = (load_key(config.keys / one, passphrase) for one in (MESSAGE_KEY, LOG_KEY))
        authority = open_authority(config.keys, config.province, passphrase, now_us=now_us)
        return cls(config.province, (message, log), authority, view, kept)

    def close(self) -> None:
        """Hang up."""
        for channel in self._channels.values():
            channel.close()

    # What it says.

    def header(self, dst: str, exchange_id: bytes = b"", **changes: Any) -> Header:
        """Return a header that is as it should be, apart from the changes."""
        header = Header(
            src=self.province,
            dst=dst,
            exchange_id=exchange_id or self.new_id(),
            step=1,
            cause=b"",
            signed_time_us=SystemClock().now_us(),
            registry_version=self.view.version,
        )
        return replace(header, **changes)

    def new_id(self) -> bytes:
        """Return a new identifier."""
        return ENTROPY.token(16)

    def status_query(self, dst: str, exchange_id: bytes = b"", **changes: Any) -> StatusQuery:
        """Return a question about an exchange."""
        header = replace(self.header(dst, exchange_id), **changes.pop("header", {}))
        return replace(StatusQuery(header=header, nonce=self.new_id(), shown=b""), **changes)

    def consent(self) -> Consent:
        """Return a learner's consent."""
        return Consent(
            given_time_us=SystemClock().now_us(),
            basis="SEPARATE_CONSENT",
            fields=CONSENTED,
            agrees_to_whole_grant=False,
        )

    def offer(
        self,
        dst: str,
        code: bytes,
        number: str,
        *amounts: int,
        bent_facts: dict[str, str] | None = None,
        mode: Mode = Mode.TRANSFER,
    ) -> Offer:
        """Deposit lots in the rogue's own log and offer them."""
        lots = [self.deposit(amount, bent_facts or {}) for amount in amounts or (300,)]
        name, shown = self._opening(LEARNER_NAME, "李䶮".encode()), self.code_opening(code)
        prepare = Prepare(
            header=self.header(dst),
            mode=mode,
            lots=tuple(self.lot_offer(lot) for lot in lots),
            consent=self.consent(),
            code_commitment=commitment_to(shown).digest,
            identity_commitment=identity_commitment(code, "LOCAL", number),
            learner=(commitment_to(name),),
            lock_until_us=SystemClock().now_us() + 30 * DAY,
            checkpoint=self.checkpoint(),
            cites=b"",
            relates_to=b"",
        )
        openings = (name, shown, *(one for lot in lots for one in lot.shown()))
        return Offer(prepare, Openings(openings), lots)

    def deposit(self, amount: int, facts: dict[str, str]) -> Lot:
        """Put a lot into the rogue's log."""
        lot = make_lot(
            account="",
            unit=self.province,
            amount_hundredths=amount,
            facts=FACTS | facts,
            entropy=ENTROPY,
        )
        self.places[lot.lot_id] = self.log(deposit_entry(lot.commitment))
        return lot

    def lot_offer(self, lot: Lot) -> LotOffer:
        """Return a lot with the proof of its deposit in the log of this moment."""
        index = self.places[lot.lot_id]
        return LotOffer(
            content=lot.content,
            deposit_commitment=lot.commitment,
            deposit_index=index,
            deposit_proof=self.prove(index),
            deposit_origin=b"",
        )

    def commit(self, offer: Offer, vote: Vote, vote_digest: bytes, **changes: Any) -> Commit:
        """Return the COMMIT that follows a VOTE."""
        lots = {lot.lot_id: lot for lot in offer.lots}
        header = self.header(vote.header.src, offer.exchange_id, cause=vote_digest)
        commit = Commit(
            header=replace(header, **changes.pop("header", {})),
            lots=tuple(
                CommittedLot(
                    lot_id=one.lot_id,
                    amount_hundredths=lots[one.lot_id].amount_hundredths,
                    granted_hundredths=one.granted_hundredths,
                    nullifier=nullifier(lots[one.lot_id].secret),
                )
                for one in vote.accepted
            ),
        )
        return replace(commit, **changes)

    def abort(self, dst: str, exchange_id: bytes, cause: bytes) -> Abort:
        """Return an ABORT."""
        header = self.header(dst, exchange_id, cause=cause)
        return Abort(header=header, reasons=("LEARNER_DECLINED",))

    def request(
        self, dst: str, code: bytes, number: str, wanted: dict[bytes, int], **changes: Any
    ) -> tuple[Request, Openings]:
        """Return a REQUEST for lots with what proves its code."""
        shown = self.code_opening(code)
        request = Request(
            header=self.header(dst, **changes.pop("header", {})),
            lots=tuple(
                WantedLot(lot_id=lot_id, amount_hundredths=amount)
                for lot_id, amount in wanted.items()
            ),
            consent=self.consent(),
            code_commitment=commitment_to(shown).digest,
            identity_commitment=identity_commitment(code, "LOCAL", number),
            mode=Mode.TRANSFER,
        )
        return replace(request, **changes), Openings((shown,))

    def code_opening(self, code: bytes) -> Opening:
        """Return what opens a transfer code."""
        return self._opening(TRANSFER_CODE, code)

    # How it says it.

    def say(
        self,
        message: Message,
        openings: Openings | bytes = b"",
        *,
        payload: bytes | None = None,
        kind: str | None = None,
    ) -> Said:
        """Log a message; ``payload`` and ``kind`` stand in the place of what they should be."""
        right_kind, right_payload = codec.encode(message)
        shown = openings if isinstance(openings, bytes) else codec.encode_openings(openings)
        item = Item(
            type=kind or right_kind.value,
            payload=right_payload if payload is None else payload,
            openings=shown,
        )
        if ALL_TYPES[type(message)] in INQUIRIES:
            return Said(item, is_logged=False)
        index = self.log(message_entry(right_kind, item.digest, message))
        return Said(replace(item, log_index=index), is_logged=True)

    def batch(
        self, dst: str, *said: Said, signer: Signer | None = None, src: str = "", version: int = 1
    ) -> envelope_pb2.SignedBatch:
        """Return messages as a signed batch with proofs that hold."""
        items = [
            replace(one.item, log_proof=self.prove(one.item.log_index))
            if one.is_logged
            else one.item
            for one in said
        ]
        sealed = seal_batch(
            items,
            src=src or self.province,
            dst=dst,
            wire_version=version,
            incarnation=1,
            signer=signer or self.signer,
            checkpoint=self.checkpoint() if any(one.is_logged for one in said) else b"",
        )
        return batch_to_buffer(sealed)

    def encoded(self, dst: str, *said: Said, **options: Any) -> bytes:
        """Return messages as the bytes of a call."""
        return encode_batch(self.batch(dst, *said, **options))

    # How it is answered.

    def call(
        self, node: Any, request: bytes, *, identity: TlsIdentity | None = None, **options: Any
    ) -> service.DeliverResponse | Refused:
        """Send bytes to a node under some certificate and return its answer."""
        return self.through(self.channel(node, identity or self.identity), request, **options)

    def through(
        self, channel: grpc.Channel, request: bytes, *, method: str = DELIVER, **options: Any
    ) -> service.DeliverResponse | Refused:
        """Send bytes through a connection and return the answer."""
        try:
            answer = channel.unary_unary(method, None, None)(request, timeout=20, **options)
        except grpc.RpcError as failure:
            return refused(failure)
        return service.DeliverResponse.FromString(answer)

    def answers(self, node: Any, *said: Said) -> list[Arrival]:
        """Send messages and return the signed answers, each checked as a node checks them."""
        response = self.call(node, self.encoded(node.province, *said))
        assert isinstance(response, service.DeliverResponse), response
        return self.open_answers(node, response)

    def open_answers(self, node: Any, response: service.DeliverResponse) -> list[Arrival]:
        """Check signature, log place and form of the answers of a node."""
        gate = Gate(self.province, lambda: self.view, SystemClock())
        batch = batch_from_buffer(response.answers)
        opened = gate.open_batch(batch, self.view.members[node.province])
        return [one for one in opened if _is_arrival(one)]

    def channel(
        self, node: Any, identity: TlsIdentity | None, *, endpoint: str = ""
    ) -> grpc.Channel:
        """Return a connection under some certificate, or under none."""
        certificate = identity.certificate_pem if identity else ""
        key = (endpoint or node.endpoint, certificate)
        if key not in self._channels:
            credentials = grpc.ssl_channel_credentials(
                self.view.members[node.province].tls_ca_pem.encode(),
                identity.key_pem if identity else None,
                certificate.encode() if identity else None,
            )
            options = [
                ("grpc.ssl_target_name_override", node_host(node.province)),
                ("grpc.max_send_message_length", LARGEST),
                ("grpc.max_receive_message_length", LARGEST),
            ]
            self._channels[key] = grpc.secure_channel(key[0], credentials, options)
        return self._channels[key]

    def _opening(self, name: str, value: bytes) -> Opening:
        return Opening(subject=b"", name=name, salt=ENTROPY.token(SALT_SIZE), value=value)


def encode_batch(batch: envelope_pb2.SignedBatch) -> bytes:
    """Return a batch as the bytes of a call."""
    return service.DeliverRequest(batch=batch).SerializeToString(deterministic=True)


def _is_arrival(opened: object) -> bool:
    assert isinstance(opened, Arrival), opened
    return True
