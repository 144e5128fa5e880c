"""Evidence files: attached to lots, named by a SUPPLEMENT, served while a case is open, fetched."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from federation.base.clock import HOUR
from federation.base.errors import Breach, Kind, Refusal, Unavailable
from federation.protocol.admission import MOST_FILES
from federation.protocol.fields import LARGEST_FILE
from federation.protocol.messages import MessageType, Prepare, State
from federation.trust.members import Member
from federation.wire import codec
from node.domain.evidence import EVIDENCE, supplement
from node.domain.exchange import Exchange, ExchangeKey, Role
from node.domain.files import NamedFile, media_type_of
from node.usecases.office import Office
from node.usecases.ports import Reading, Transaction
from node.usecases.workspace import Workspace

LARGEST_DEFAULT = 20 * 1024 * 1024
ATTEMPTS = 3
_SERVED_IN = (State.LOCKED, State.PREPARED, State.COMMITTED)


class Shelf(Protocol):
    """Files by their SHA-256; a file is there only once it is whole and checked."""

    def has(self, digest: bytes) -> bool: ...
    def keep(self, digest: bytes, content: bytes) -> None: ...
    def read(self, digest: bytes, offset: int) -> Iterator[bytes]: ...
    def part_size(self, digest: bytes) -> int: ...
    def append(self, digest: bytes, chunk: bytes) -> None: ...
    def complete(self, digest: bytes) -> None: ...
    def drop_part(self, digest: bytes) -> None: ...
    def tidy(self, wanted: Collection[bytes], *, before_us: int) -> int: ...
    def path(self, digest: bytes) -> str: ...


class EvidenceSource(Protocol):
    """Where the files of other provinces come from."""

    def fetch(
        self, member: Member, *, exchange_id: bytes, digest: bytes, offset: int
    ) -> Iterator[bytes]:
        """Yield a file from a byte on; Unavailable when the stream breaks."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A file that an exchange names.

    Attributes:
        path: where it lies here, or empty while it is not here.
    """

    file: NamedFile
    path: str


class Evidence:
    """Attaches, names, serves and fetches files.

    Args:
        largest: most bytes that one file may have here.
    """

    def __init__(
        self, office: Office, shelf: Shelf, peers: EvidenceSource, *, largest: int = LARGEST_DEFAULT
    ) -> None:
        self._office = office
        self._shelf = shelf
        self._peers = peers
        self.largest = min(largest, LARGEST_FILE)

    def attach(self, lot_id: bytes, content: bytes) -> NamedFile:
        """Attach a file to a lot of this node.

        Raises:
            Breach: EVIDENCE_SIZE, EVIDENCE_TYPE, or EVIDENCE_FILES where the lot has enough.
            Refusal: LOT.
        """
        named = self.shelve(content, lot_id)
        now_us = self._office.clock.now_us()

        def work(tx: Transaction) -> None:
            if not tx.lots([lot_id]):
                raise Refusal("LOT")
            known = {one.digest for one in tx.lot_files([lot_id])}
            if len(known | {named.digest}) > MOST_FILES:
                raise Breach("EVIDENCE_FILES")
            tx.attach_file(named, now_us)

        self._office.store.transact(work)
        return named

    def shelve(self, content: bytes, lot_id: bytes = b"") -> NamedFile:
        """Keep the bytes of a file that something is about to name; else it is tidied away.

        Raises:
            Breach: EVIDENCE_SIZE or EVIDENCE_TYPE.
        """
        if not 0 < len(content) <= self.largest:
            raise Breach("EVIDENCE_SIZE")
        named = NamedFile(
            lot_id=lot_id,
            digest=hashlib.sha256(content).digest(),
            size_bytes=len(content),
            media_type=media_type_of(content),
        )
        self._shelf.keep(named.digest, content)
        return named

    def supplement(self, key: ExchangeKey, files: Sequence[tuple[bytes, bytes]]) -> State:
        """Answer the destination's question with files attached before, by lot and digest.

        Raises:
            Refusal: EXCHANGE, EVIDENCE for a file that the lot does not have, LEGAL_BASIS where the
                learner's consent does not cover evidence, or what
                :func:`node.domain.evidence.supplement` raises.
            Breach: EVIDENCE_FILES for none.
        """
        if not files:
            raise Breach("EVIDENCE_FILES")

        def work(tx: Transaction) -> State:
            moment = self._office.moment()
            workspace = Workspace(tx, now_us=moment.now_us, due_us=moment.now_us)
            workspace.load_exchanges([key])
            exchange = workspace.exchanges.get(key)
            if exchange is None or exchange.role is not Role.SOURCE:
                raise Refusal("EXCHANGE")
            _check_consent(tx, exchange)
            attached = {
                (one.lot_id, one.digest): one for one in tx.lot_files({lot for lot, _ in files})
            }
            if not set(files) <= attached.keys():
                raise Refusal("EVIDENCE")
            named = [attached[one] for one in dict.fromkeys(files)]
            workspace.absorb(supplement(moment, exchange, named))
            workspace.changes.files_named.extend((key, one) for one in named)
            tx.apply(workspace.finish())
            return workspace.exchanges[key].state

        state = self._office.store.transact(work)
        self._office.wake([key[0]])
        return state

    def open(self, peer: str, exchange_id: bytes, digest: bytes, offset: int) -> Iterator[bytes]:
        """Return a file that a peer may read, from a byte on.

        Raises:
            Refusal: EVIDENCE alike for what does not exist and what is another's, CASE_CLOSED,
                LEGAL_BASIS, CONSENT_WITHDRAWN.
            Breach: EVIDENCE_OFFSET.
        """
        key = (peer, exchange_id)

        def check(reading: Reading) -> NamedFile:
            exchange = reading.exchanges([key]).get(key)
            found = [one for one in reading.exchange_files(key) if one.digest == digest]
            if exchange is None or exchange.role is not Role.SOURCE:
                raise Refusal("EVIDENCE")
            # A withdrawn consent also took away what the exchange names.
            if exchange.consent_withdrawn_us:
                raise Refusal("CONSENT_WITHDRAWN")
            if not found:
                raise Refusal("EVIDENCE")
            if exchange.state not in _SERVED_IN:
                raise Refusal("CASE_CLOSED")
            _check_consent(reading, exchange)
            return found[0]

        named = self._office.store.read(check)
        if offset > named.size_bytes:
            raise Breach("EVIDENCE_OFFSET", kind=Kind.OUT_OF_RANGE)
        return self._shelf.read(digest, offset)

    def log_reading(self, key: ExchangeKey, digest: bytes, offset: int, sent: int) -> None:
        """Keep that a peer read so many bytes of a file."""
        now_us = self._office.clock.now_us()
        self._office.store.transact(
            lambda tx: tx.log_reading(key, digest, first=offset, sent=sent, now_us=now_us)
        )

    def files(self, key: ExchangeKey) -> list[Fetched]:
        """Return the files that an exchange names, and where those lie that are here."""
        named = self._office.store.read(lambda reading: reading.exchange_files(key))
        return [self._fetched(one) for one in named]

    def fetch(self, key: ExchangeKey, digest: bytes = b"") -> list[Fetched]:
        """Fetch one file of an exchange, or all; a broken fetch goes on where it stopped.

        Raises:
            Refusal: EXCHANGE, EVIDENCE, or why the source refuses.
            Breach: EVIDENCE_SIZE or EVIDENCE_DIGEST where the source sends another file.
            Unavailable: where it does not answer.
        """
        exchange = self._office.store.read(lambda reading: reading.exchanges([key])).get(key)
        if exchange is None or exchange.role is not Role.DESTINATION:
            raise Refusal("EXCHANGE")
        named = self._office.store.read(lambda reading: reading.exchange_files(key))
        wanted = [one for one in named if not digest or one.digest == digest]
        if digest and not wanted:
            raise Refusal("EVIDENCE")
        member = self._office.peer(key[0])
        for one in wanted:
            if one.size_bytes > self.largest:
                raise Breach("EVIDENCE_SIZE")
            if not self._shelf.has(one.digest):
                self._fetch(member, key[1], one)
        return [self._fetched(one) for one in wanted]

    def tidy(self) -> int:
        """Remove files that nothing names any more; return how many."""
        wanted = self._office.store.read(lambda reading: reading.wanted_files())
        return self._shelf.tidy(wanted, before_us=self._office.clock.now_us() - HOUR)

    def _fetch(self, member: Member, exchange_id: bytes, one: NamedFile) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._fetch_rest(member, exchange_id, one)
                break
            except Unavailable:
                if attempt == ATTEMPTS:
                    raise
        self._shelf.complete(one.digest)

    def _fetch_rest(self, member: Member, exchange_id: bytes, one: NamedFile) -> None:
        size = self._shelf.part_size(one.digest)
        if size < one.size_bytes:
            stream = self._peers.fetch(
                member, exchange_id=exchange_id, digest=one.digest, offset=size
            )
            for chunk in stream:
                size += len(chunk)
                if size > one.size_bytes:
                    break
                self._shelf.append(one.digest, chunk)
        if size > one.size_bytes:
            self._shelf.drop_part(one.digest)
            raise Breach("EVIDENCE_SIZE", detail="longer than named")
        if size < one.size_bytes:
            raise Unavailable("UNREACHABLE", detail="the stream ended early")

    def _fetched(self, one: NamedFile) -> Fetched:
        is_here = self._shelf.has(one.digest)
        return Fetched(file=one, path=self._shelf.path(one.digest) if is_here else "")


def _check_consent(reading: Reading, exchange: Exchange) -> None:
    digest = exchange.hashes.get(MessageType.PREPARE, b"")
    stored = reading.messages([digest]).get(digest)
    if stored is None:
        raise Refusal("NO_SUCH_STEP")
    prepare = codec.decode(MessageType.PREPARE, stored.payload)
    assert isinstance(prepare, Prepare)
    if prepare.consent is None or EVIDENCE not in prepare.consent.fields:
        raise Refusal("LEGAL_BASIS")
