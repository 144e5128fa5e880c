"""This node as a witness of other provinces' logs, and what it learns of its own credits by that.

A credit becomes witnessed when a quorum is seen to cover its COMMIT and the mirrored log spends its
lots by exactly that COMMIT. Where the log says otherwise, or its owner signed two of them, a
portable proof is kept and what was not witnessed is taken back.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from federation.base.clock import SECOND
from federation.base.errors import Breach, CreditBankError
from federation.evidence.misconduct import (
    Convicted,
    Misconduct,
    MisconductKind,
    SpendingLeaf,
    contradiction,
    convict,
    encode,
    origin_province,
)
from federation.evidence.parts import PartFailed
from federation.evidence.witnessing import (
    Taken,
    mirrored_root,
    place_in,
    prove_histories,
    receive,
    spell_spending,
    take,
)
from federation.log.cosignature import cosign
from federation.log.note import parse_note
from federation.log.witness import Known, Spend
from federation.signing.keys import Signer
from federation.trust.registry import RegistryView
from federation.wire import codec
from federation.wire.entries import message_entry, origin_of
from federation.wire.envelope import read_statement
from federation.wire.proof import open_log_checkpoint
from node.domain.cases import OpenCase
from node.domain.changes import Changes
from node.domain.reversal import reverse
from node.domain.witnessing import DOUBLE_GRANT, FORKED_LOG, SHORTFALL, Doubted, KeptMisconduct
from node.usecases.cap_books import CapBooks
from node.usecases.office import Office
from node.usecases.ports import MirrorReading, Transaction
from node.usecases.quarantine import recovering

MOST_LEAVES_READ = 4096
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Added:
    """The answer to a submission; no cosignature where it did not begin where we stand."""

    cosignatures: tuple[bytes, ...]
    known: Known


@dataclass(frozen=True, slots=True)
class LogKnown:
    """What this node knows of a log.

    Attributes:
        note: the owner's newest checkpoint that was met, in a mirror or with a message.
        incarnation: the highest that was met, or zero.
    """

    note: bytes
    quorum_note: bytes
    mirrored_size: int
    incarnation: int


class Witnessing:
    """Witnesses other provinces' logs.

    Args:
        signer: this node's log key, which cosigns under the name of the province's witness.
    """

    def __init__(self, office: Office, signer: Signer) -> None:
        self._office = office
        self._signer = signer
        self._contradictions_seen = 0

    def add_checkpoint(self, encoded: bytes) -> Added:
        """Take a submission as received, and cosign what was durably kept.

        Raises:
            Breach: as :func:`federation.evidence.witnessing.receive`; PROOF_INVALID, EQUIVOCATION,
                LOG_ROLLBACK or DOUBLE_GRANT, of which the last three leave a proof behind.
            Unavailable: RECOVERING while this node's own store may be behind what it cosigned.
        """
        if not self._office.may_speak():
            raise recovering()
        view = self._office.registry.view()
        received = receive(encoded, view, own=self._office.province)
        now_us = self._office.clock.now_us()

        def work(tx: Transaction) -> Taken:
            taken = take(tx, received, now_us=now_us)
            if taken.proof is not None:
                spent = [taken.spent[1].message_hash] if taken.spent else []
                doubted = tx.credited_by(received.province, spent) if spent else []
                self._keep(tx, taken.proof, view, doubted, now_us)
            if taken.has_quorum_advanced:
                tx.mark_witnessed(now_us)
            self._resolve(tx, received.province, view, now_us)
            return taken

        taken = self._office.store.transact(work)
        if taken.error is not None:
            raise taken.error
        if not taken.is_cosigned:
            return Added((), taken.known)
        line = cosign(
            parse_note(received.submission.note).text,
            witness=self._office.province,
            signer=self._signer,
            time_s=now_us // SECOND,
        )
        return Added((line,), taken.known)

    def read_checkpoint(self, origin: str) -> LogKnown:
        """Return what is known of a log.

        Raises:
            Breach: CHECKPOINT_INVALID for the name of no province's log.
        """
        province = origin_province(origin)

        def read(reading: MirrorReading) -> LogKnown:
            known = reading.known_log(origin)
            seal, incarnation = reading.newest_seal(province), reading.fenced_incarnation(province)
            note = known.note
            if seal is not None:
                incarnation = max(incarnation, read_statement(seal.statement).incarnation)
                if seal.checkpoint and size_of(seal.checkpoint) > known.size:
                    note = seal.checkpoint
            return LogKnown(note, known.quorum_note, known.size, incarnation)

        return self._office.store.read(read)

    def read_leaves(self, origin: str, start: int, limit: int) -> tuple[list[bytes], list[Spend]]:
        """Return leaf hashes and spendings of a range of a log, as far as it is mirrored.

        Raises:
            Breach: TOO_MANY_ITEMS above 4096 leaves at once.
        """
        if not 0 < limit <= MOST_LEAVES_READ:
            raise Breach("TOO_MANY_ITEMS")

        def read(reading: MirrorReading) -> tuple[list[bytes], list[Spend]]:
            hashes = reading.mirrored_hashes(origin, start, limit)
            return hashes, reading.spends_in(origin, start, start + len(hashes))

        return self._office.store.read(read)

    def judge(self) -> None:
        """Mark what a quorum covers, resolve what a log denies, collect contradictions.

        What arrives after its log was witnessed is found here, and what an earlier process left.
        """
        view, now_us = self._office.registry.view(), self._office.clock.now_us()
        ready, doubted = self._office.store.read(
            lambda reading: (reading.has_witnessable(), bool(reading.doubted()))
        )
        if ready:
            self._office.store.transact(lambda tx: tx.mark_witnessed(now_us))
        if doubted:
            self._office.store.transact(lambda tx: self._resolve(tx, "", view, now_us))
        self._collect(view, now_us)

    def keep_proof(self, proof: Misconduct) -> None:
        """Keep a proof that was found by comparing with other witnesses."""
        view, now_us = self._office.registry.view(), self._office.clock.now_us()
        self._office.store.transact(lambda tx: self._keep(tx, proof, view, (), now_us))

    def _collect(self, view: RegistryView, now_us: int) -> None:
        """Turn what peers contradicted into portable proofs."""
        while page := self._office.store.read(
            lambda reading: reading.contradicted(self._contradictions_seen, _PAGE)
        ):
            applied = [one for _, one, _ in page]
            stored = self._office.store.read(lambda reading, a=applied: reading.messages(a))  # type: ignore[misc]
            for _, digest, other in page:
                kept = stored.get(digest)
                if kept is not None and kept.evidence is not None:
                    proof = contradiction(kept.peer, (kept.evidence, other))
                    self._office.store.transact(
                        lambda tx, proof=proof: self._keep(tx, proof, view, (), now_us)  # type: ignore[misc]
                    )
            self._contradictions_seen = page[-1][0]

    def _resolve(self, tx: Transaction, peer: str, view: RegistryView, now_us: int) -> None:
        """Prove and reverse what was credited by COMMITs that the mirrored log has not."""
        for one in tx.doubted(peer):
            try:
                proof = self._prove(tx, one, view)
            except CreditBankError:
                # A checkpoint of a key that was revoked since proves nothing any more.
                continue
            if proof is not None:
                self._keep(tx, proof, view, [one], now_us)

    def _prove(self, tx: Transaction, one: Doubted, view: RegistryView) -> Misconduct | None:
        """Return what convicts the source of a doubted COMMIT; None while it cannot be proven."""
        source, _ = one.key
        evidence = tx.messages([one.commit])[one.commit].evidence
        assert evidence is not None, "what was received has its evidence"
        known = tx.known_log(origin_of(source))
        message = codec.decode(evidence.item.type, evidence.item.payload)
        marks = [lot.nullifier for lot in tx.exchanges([one.key])[one.key].lots if lot.nullifier]
        others = [
            spend for spend in tx.spends_of(known.origin, marks) if spend.message_hash != one.commit
        ]
        if others:
            index = others[0].log_index
            entry = spell_spending(tx.spends_in(known.origin, index, index + 1))
            ours = SpendingLeaf(
                message_entry(codec.kind_of(message), one.commit, message),
                one.log_index,
                evidence.item.log_proof,
                evidence.seal.checkpoint,
            )
            theirs = SpendingLeaf(entry, index, place_in(tx, known, index), known.note)
            leaves = tuple(sorted((ours, theirs), key=lambda leaf: leaf.log_index))
            return Misconduct(source, MisconductKind.DOUBLE_GRANT, leaves=leaves)
        signed = open_log_checkpoint(evidence.seal.checkpoint, view.members[source])
        if signed.size > known.size or mirrored_root(tx, known, signed.size) == signed.root:
            return None
        return prove_histories(tx, known, signed, evidence.seal.checkpoint)

    def _keep(
        self,
        tx: Transaction,
        proof: Misconduct,
        view: RegistryView,
        doubted: Collection[Doubted],
        now_us: int,
    ) -> None:
        try:
            convicted = convict(proof, view)
        except PartFailed:
            # What would not convince others, as after a revocation, is no reason to act.
            return
        kept = KeptMisconduct(
            digest=convicted.digest,
            province=convicted.province,
            kind=convicted.kind.value,
            document=encode(proof),
            seen_us=now_us,
        )
        if tx.keep_misconduct(kept):
            tx.open_cases_for([_case(convicted, now_us)])
        for one in doubted:
            self._reverse(tx, one, convicted, now_us)

    def _reverse(self, tx: Transaction, one: Doubted, convicted: Convicted, now_us: int) -> None:
        """Take back what a COMMIT brought, and open cases for the exchange and what is gone."""
        exchange = tx.exchanges([one.key])[one.key]
        lots = tx.lots(tx.lots_brought_by(one.commit))
        reversal = reverse(
            exchange,
            [lots[lot_id] for lot_id in sorted(lots)],
            commit=one.commit,
            own_unit=self._office.province,
            now_us=now_us,
        )
        changes = Changes(entries=[*reversal.entries], lots_moved=[*reversal.lots_moved])
        CapBooks(tx, changes, now_us=now_us).reverse(exchange)
        tx.apply(changes)
        peer, exchange_id = one.key
        case = OpenCase(
            kind=DOUBLE_GRANT if convicted.kind is MisconductKind.DOUBLE_GRANT else FORKED_LOG,
            peer=peer,
            exchange_id=exchange_id,
            subject=convicted.digest,
            hundredths=sum(lot.amount_hundredths for lot in lots.values()),
            opened_us=now_us,
            note="credit reversed",
        )
        cases = [case]
        if reversal.owed_hundredths:
            cases.append(
                OpenCase(
                    kind=SHORTFALL,
                    peer=peer,
                    exchange_id=exchange_id,
                    subject=one.commit,
                    hundredths=reversal.owed_hundredths,
                    opened_us=now_us,
                    note="learner owes what was used",
                )
            )
        tx.open_cases_for(cases)


def size_of(note: bytes) -> int:
    """Return the size that a note verified before states."""
    try:
        return int(parse_note(note).text.split(b"\n")[1])
    except (CreditBankError, ValueError, IndexError):
        return 0


def _case(convicted: Convicted, now_us: int) -> OpenCase:
    is_log = convicted.kind is MisconductKind.EQUIVOCATION_LOG
    return OpenCase(
        kind=FORKED_LOG if is_log else convicted.kind.value,
        peer=convicted.province,
        exchange_id=b"",
        subject=convicted.digest,
        hundredths=0,
        opened_us=now_us,
        note="portable proof kept",
    )
