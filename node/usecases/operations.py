"""Running a node: what it knows of itself, and evidence for others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from federation.base.errors import Breach, Unavailable
from federation.evidence import transcript
from federation.evidence.transcript import WitnessedPlace
from federation.evidence.witnessing import place_below
from federation.log import tree
from federation.log.checkpoint import open_checkpoint
from federation.protocol.grouping import record_in
from federation.protocol.messages import MessageType, State
from federation.signing.keys import PublicKey
from federation.wire import codec
from federation.wire.entries import lost_entry, origin_of
from federation.wire.envelope import Evidence, Item
from node.domain.condition import Finding, Term, findings, verdict
from node.domain.exchange import ExchangeKey
from node.usecases.attestation import Attestation, WitnessingStatus
from node.usecases.decisions import judged, papers_of
from node.usecases.office import Office
from node.usecases.ports import Reading, StoredMessage
from node.usecases.standing import (
    Outside,
    PeerStanding,
    Stored,
    gather,
    known_view,
    peers_of,
    read_stored,
)

LOG_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStatus:
    """A node as it sees itself.

    Attributes:
        verdict: SERVING, DEGRADED, RECOVERING, WAITING, NOT_JOINED or DOWN.
        cause: the reason of the first finding, or empty.
        findings: what is to be told, the worst first.
        terms: what ends on a day, ended or not.
        now_us: the moment of all this.
    """

    verdict: str
    cause: str
    registry_version: int
    log_size: int
    exchanges: Mapping[str, int]
    lots_deposited: int
    peers: tuple[PeerStanding, ...]
    findings: tuple[Finding, ...]
    terms: tuple[Term, ...]
    witnessing: WitnessingStatus | None
    now_us: int


class Operations:
    """What operators ask of their node.

    Args:
        log_key: the public key of this node's checkpoints.
        attestation: what is known of this node's witnesses.
        outside: what is known neither from the registry nor from the database.
    """

    def __init__(
        self,
        office: Office,
        log_key: PublicKey,
        attestation: Attestation,
        outside: Outside | None = None,
    ) -> None:
        self._office = office
        self._attestation = attestation
        self._log_key = log_key
        self._outside = outside or Outside()

    def status(self) -> NodeStatus:
        """Return the verdict with its cause first, then the figures behind it.

        It answers without its database too, and says so.
        """
        office, view = self._office, known_view(self._office)
        stored, unreadable = Stored(exchanges={}), ""
        witnessing: WitnessingStatus | None = None
        try:
            stored = office.store.read(lambda reading: read_stored(reading, office))
            witnessing = self._attestation.status()
        except Unavailable as fault:
            unreadable = fault.reason
        facts = gather(office, view, stored, self._outside, unreadable)
        found = findings(facts)
        return NodeStatus(
            verdict=verdict(found),
            cause=found[0].reason if found else "",
            registry_version=view.version if view is not None else 0,
            log_size=stored.log_size,
            exchanges=stored.exchanges,
            lots_deposited=stored.lots_deposited,
            peers=peers_of(view, office.province, stored.lags, self._outside.contacts()),
            findings=found,
            terms=tuple(facts.terms),
            witnessing=witnessing,
            now_us=facts.now_us,
        )

    def retry(self, peer: str) -> int:
        """Make everything that waits for a peer due; return how many messages that is."""
        now_us = self._office.clock.now_us()
        made_due = self._office.store.transact(lambda tx: tx.make_due(peer, now_us))
        self._office.wake([peer])
        return made_due

    def transcripts(
        self, keys: Collection[ExchangeKey], *, with_registry: bool
    ) -> Iterator[tuple[ExchangeKey, bytes]]:
        """Yield the transcript of each exchange that has messages of both sides' making."""
        registry = self._office.registry.view().files if with_registry else None
        for key in keys:
            made = self._office.store.read(
                lambda reading, key=key: self._transcript(reading, key, registry)  # type: ignore[misc]
            )
            if made:
                yield key, made

    def source_exchanges(self) -> list[ExchangeKey]:
        """Return every exchange that has left a first message, where this node is the source."""
        keys: list[ExchangeKey] = []
        after = 0
        while page := self._office.store.read(
            lambda reading, after=after: reading.list_exchanges(  # type: ignore[misc]
                references=(), states=(), after=after, limit=LOG_PAGE
            )
        ):
            keys += [one.key for _, one in page if one.role == "SOURCE"]
            after = page[-1][0]
        return keys

    def log(self) -> tuple[Iterator[list[bytes]], bytes]:
        """Return the log entries under the newest checkpoint in pages, and the checkpoint."""
        state = self._office.store.read(lambda reading: reading.log_state())
        return self._pages(state.checkpoint.size), state.note

    def _pages(self, size: int) -> Iterator[list[bytes]]:
        for start in range(0, size, LOG_PAGE):
            limit = min(LOG_PAGE, size - start)
            yield self._office.store.read(
                lambda reading, start=start, limit=limit: _exported(reading, start, limit)  # type: ignore[misc]
            )

    def _transcript(
        self, reading: Reading, key: ExchangeKey, registry: Mapping[str, bytes] | None
    ) -> bytes:
        stored = [one for one in reading.messages_of([key]) if one.evidence is not None]
        if not stored:
            return b""
        vote, sealed = judged(stored)
        openings = {one.digest: codec.decode_openings(one.openings) for one in stored}
        # What many would repeat lies beside a whole archive: the registry, and catalogues.
        is_whole = registry is not None
        record = record_in(openings[sealed.digest]) if sealed and is_whole else b""
        papers = papers_of(reading, key, vote, record)
        built = transcript.build(
            [self._proven(reading, one) for one in stored],
            openings=openings,
            registry=registry or {},
            rule_document=papers.rule,
            erased=frozenset(one.digest for one in stored if one.is_erased),
            witnessed=self._witnessed(reading, stored),
            documents=papers.documents,
        )
        return transcript.encode(built)

    def _witnessed(
        self, reading: Reading, stored: Collection[StoredMessage]
    ) -> WitnessedPlace | None:
        """Return the COMMIT's place under the newest quorum that covers it, ours or a mirror's."""
        commits = [one for one in stored if one.type == MessageType.COMMIT]
        if not commits:
            return None
        commit = commits[0]
        if commit.is_sent:
            own = reading.witnessed()
            if not 0 <= commit.log_index < own.size:
                return None
            nodes = reading.log_nodes(tree.addresses_for([commit.log_index], own.size))
            return WitnessedPlace(
                own.note, tuple(tree.inclusion_proof(commit.log_index, own.size, nodes))
            )
        known = reading.known_log(origin_of(commit.peer))
        if not 0 <= commit.log_index < known.quorum_size:
            return None
        proof = place_below(reading, known, commit.log_index, known.quorum_size)
        return WitnessedPlace(known.quorum_note, proof)

    def _proven(self, reading: Reading, message: StoredMessage) -> Evidence:
        """Return a message with its place in its sender's log under the sealed checkpoint."""
        assert message.evidence is not None
        if not message.is_sent:
            return message.evidence
        seal = message.evidence.seal
        origin = origin_of(self._office.province)
        size = open_checkpoint(seal.checkpoint, origin=origin, keys=[self._log_key]).size
        nodes = reading.log_nodes(tree.addresses_for([message.log_index], size))
        item = Item(
            type=message.type,
            payload=message.payload,
            openings=message.openings,
            log_index=message.log_index,
            log_proof=tuple(tree.inclusion_proof(message.log_index, size, nodes)),
        )
        return Evidence(
            item=item,
            seal=seal,
            batch_index=message.evidence.batch_index,
            batch_proof=message.evidence.batch_proof,
        )


def _exported(reading: Reading, start: int, limit: int) -> list[bytes]:
    """Return log entries; of one whose content was lost its leaf hash."""
    entries = reading.log_entries(start, limit)
    for index, value in reading.opaque_hashes(start, limit).items():
        entries[index - start] = lost_entry(value)
    return entries


def state_named(name: str) -> State:
    """Return the state that a caller names.

    Raises:
        Breach: STATE.
    """
    try:
        return State[name]
    except KeyError:
        raise Breach("STATE", detail=name[:32]) from None
