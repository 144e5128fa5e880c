"""Ask a peer for a refill: be fenced there, and take page after page of what was lost."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from federation.base.errors import Breach, Unavailable
from federation.protocol.admission import check_detached
from federation.protocol.inquiries import NONCE_SIZE, RefillAnswer, RefilledMessage, RefillQuery
from federation.trust.members import Member
from federation.wire import codec
from federation.wire.delivery import Arrival, DeliveryOutcome
from federation.wire.refilled import evidence_of
from node.usecases.office import Office
from node.usecases.own_signatures import OwnSignatures
from node.usecases.ports import Peers, Reading, Transaction
from node.usecases.quarantine import INCARNATION
from node.usecases.recovery_ports import RefilledRow
from node.usecases.sealing import Sealing

_LOG = logging.getLogger("creditbank.recovery")
_DONE = "done"


class Collecting:
    """Collects what members return."""

    def __init__(self, office: Office, sealing: Sealing, peers: Peers) -> None:
        self._office = office
        self._sealing = sealing
        self._peers = peers
        self._own = OwnSignatures(office)

    def collect(self, member: Member) -> None:
        """Take all that a member has of ours under the present incarnation; at once if it did.

        Raises:
            Unavailable: while the member does not answer, or knows a higher incarnation: ours is
                then higher still, and all are to be asked again.
            Breach: where it refuses.
        """
        while (place := self._place(member.province)) is not None:
            incarnation, after = place
            self._page(member, incarnation, after)

    def _place(self, peer: str) -> tuple[int, bytes] | None:
        """Return incarnation and page to ask for next, None when all came."""

        def read(reading: Reading) -> tuple[str, str]:
            return reading.fact(INCARNATION) or "1", reading.fact(_fact(peer)) or ""

        own, progress = self._office.store.read(read)
        asked, _, after = progress.partition(":")
        if asked != own:
            return int(own), b""
        return None if after == _DONE else (int(own), bytes.fromhex(after))

    def _page(self, member: Member, incarnation: int, after: bytes) -> None:
        query = RefillQuery(
            header=self._office.moment().inquiry_header(member.province),
            nonce=self._office.entropy.token(NONCE_SIZE),
            incarnation=incarnation,
            after=after,
        )
        batch = self._sealing.seal(member.province, [], [query])
        outcome = self._peers.deliver(batch, member, is_patient=True)
        answer = _answer_to(query, outcome)
        if answer.fence > incarnation:
            self._rise(answer.fence)
            raise Unavailable("RECOVERING", detail="fenced by a later life of ours")
        rows = [*self._returned(member, answer.messages), *_theirs(member, outcome.answers)]
        following = answer.next.hex() or _DONE
        now_us = self._office.clock.now_us()

        def keep(tx: Transaction) -> None:
            tx.keep_refilled(rows, now_us)
            tx.set_fact(_fact(member.province), f"{incarnation}:{following}")

        self._office.store.transact(keep)

    def _rise(self, fence: int) -> None:
        def work(tx: Transaction) -> None:
            if fence >= int(tx.fact(INCARNATION) or 1):
                tx.set_fact(INCARNATION, str(fence + 1))

        self._office.store.transact(work)

    def _returned(self, member: Member, messages: Iterable[RefilledMessage]) -> list[RefilledRow]:
        """Return those that are proven to be ours; others prove nothing and are left."""
        rows = []
        for one in messages:
            evidence = evidence_of(one.message, one.openings)
            if not self._own.check_message(evidence):
                continue
            message = codec.decode(evidence.item.type, evidence.item.payload)
            try:
                check_detached(message, codec.decode_openings(one.openings))
            except Breach as breach:
                _LOG.warning("%s returned false openings: %s", member.province, breach.reason)
                evidence = evidence_of(one.message, b"")
            if message.header.dst == member.province:
                rows.append(
                    RefilledRow(
                        evidence=evidence,
                        peer=member.province,
                        exchange_id=message.header.exchange_id,
                        is_sent=True,
                        signed_us=message.header.signed_time_us,
                    )
                )
        return rows


def _answer_to(query: RefillQuery, outcome: DeliveryOutcome) -> RefillAnswer:
    for arrival in outcome.answers:
        message = arrival.message
        if isinstance(message, RefillAnswer) and message.nonce == query.nonce:
            return message
    reason = outcome.items[0].reason or "RETRY"
    raise Unavailable(reason, detail="no answer to REFILL")


def _theirs(member: Member, answers: Iterable[Arrival]) -> list[RefilledRow]:
    return [
        RefilledRow(
            evidence=one.evidence,
            peer=member.province,
            exchange_id=one.message.header.exchange_id,
            is_sent=False,
            signed_us=one.message.header.signed_time_us,
        )
        for one in answers
        if not isinstance(one.message, RefillAnswer)
    ]


def _fact(peer: str) -> str:
    return f"refill {peer}"
