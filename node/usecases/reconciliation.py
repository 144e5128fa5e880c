"""Reconciliation: source outbound = destination inbound + in flight, exchange by exchange.

The source asks by signed question; totals and bucket digests settle the ordinary case, and only
buckets that differ are read entry by entry. What signed messages can heal heals itself first: an
exchange that stands otherwise there than here is told again and asked about. What contradicts is a
case for people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from federation.base.clock import MINUTE
from federation.base.errors import Breach, CreditBankError, Unavailable
from federation.protocol.inquiries import BUCKETS, NONCE_SIZE, PairAnswer, PairEntry, PairQuery
from federation.protocol.messages import Mode, State
from federation.trust.members import MemberStatus
from node.domain.cases import OpenCase
from node.domain.exchange import Exchange, Role
from node.domain.ledger import outbound_account
from node.usecases.asking import Asking
from node.usecases.inquiries import bucket_digests, differing_buckets
from node.usecases.office import Office
from node.usecases.ports import PairBooked, Peers
from node.usecases.sealing import Sealing
from node.usecases.stories import stories_of, story_digests

ATTEMPTS = 3
HEAL_AFTER_US = MINUTE
_ANY = Mode.TRANSFER


@dataclass(frozen=True, slots=True, kw_only=True)
class PairResult:
    """One ordered pair, this node being the source; amounts in hundredths.

    Attributes:
        healed: exchanges of the two, in either direction, that stood otherwise there than here and
            stand alike now.
    """

    source: str
    destination: str
    outbound_hundredths: int = 0
    inbound_hundredths: int = 0
    granted_hundredths: int = 0
    in_flight_hundredths: int = 0
    exchanges: int = 0
    agrees: bool = False
    reason: str = ""
    healed: int = 0


class Reconciliation:
    """Compares books with peers."""

    def __init__(
        self, office: Office, sealing: Sealing, peers: Peers, asking: Asking | None = None
    ) -> None:
        self._office = office
        self._sealing = sealing
        self._peers = peers
        self._asking = asking

    def reconcile(self, peers: Sequence[str] = ()) -> list[PairResult]:
        """Compare with these peers, or with all active members."""
        members = self._office.registry.view().members.values()
        active = [one.province for one in members if one.status is MemberStatus.ACTIVE]
        wanted = peers or [one for one in sorted(active) if one != self._office.province]
        return [self._pair(peer) for peer in wanted]

    def _pair(self, peer: str) -> PairResult:
        """Compare until the books agree or differ steadily: under traffic they move meanwhile."""
        try:
            healed = self._heal(peer)
        except CreditBankError as error:
            return PairResult(source=self._office.province, destination=peer, reason=error.reason)
        result = self._pair_once(peer)
        for _ in range(ATTEMPTS - 1):
            if result.agrees:
                break
            result = self._pair_once(peer)
        return replace(result, healed=healed)

    def _heal(self, peer: str) -> int:
        """Let signed messages make exchanges stand alike on both sides; return how many do now."""
        if self._asking is None:
            return 0
        before = self._differing(peer)
        if not before:
            return 0
        keys = [(peer, name) for name in before]
        known = self._office.store.read(lambda reading: reading.exchanges(keys))
        settled_us = self._office.clock.now_us() - HEAL_AFTER_US
        # What is on its way heals by arriving; what is unknown here has only its name.
        silent = [
            known.get(key, Exchange(peer=peer, exchange_id=key[1], role=Role.SOURCE, mode=_ANY))
            for key in keys
            if key not in known or known[key].changed_us < settled_us
        ]
        if not silent:
            return 0
        self._asking.heal(peer, silent)
        after = self._differing(peer)
        return len({one.exchange_id for one in silent} - after)

    def _differing(self, peer: str) -> set[bytes]:
        """Return the exchanges that stand otherwise at a peer than here."""
        totals = self._ask(peer, 0)
        own = self._office.store.read(lambda reading: stories_of(reading, peer))
        if len(totals.story_digests) != BUCKETS:
            raise Breach("BUCKET")
        buckets = differing_buckets(story_digests(own), totals.story_digests)
        theirs = {
            (one.exchange_id, one.digest)
            for bucket in buckets
            for one in self._ask(peer, bucket + 1).stories
        }
        ours = {
            (one.exchange_id, one.digest) for one in own if one.exchange_id[0] in frozenset(buckets)
        }
        return {name for name, _ in theirs ^ ours}

    def _pair_once(self, peer: str) -> PairResult:
        # Theirs is asked for first: what we commit meanwhile can only look in flight.
        result = PairResult(source=self._office.province, destination=peer)
        try:
            totals = self._ask(peer, 0)
            own = self._own(peer)
            result = replace(
                result,
                outbound_hundredths=sum(one.source_hundredths for one in own),
                inbound_hundredths=totals.source_hundredths,
                granted_hundredths=totals.granted_hundredths,
                exchanges=len(own),
            )
            return self._compare(result, own, totals)
        except CreditBankError as error:
            return replace(result, reason=error.reason)

    def _compare(
        self, result: PairResult, own: Sequence[PairBooked], totals: PairAnswer
    ) -> PairResult:
        buckets = differing_buckets(bucket_digests(own), totals.bucket_digests)
        theirs: dict[bytes, PairEntry] = {}
        for bucket in buckets:
            answer = self._ask(result.destination, bucket + 1)
            theirs.update({entry.exchange_id: entry for entry in answer.entries})
        in_question = {
            one.exchange_id: one for one in own if one.exchange_id[0] in frozenset(buckets)
        }
        undebited = [theirs[name] for name in theirs.keys() - in_question.keys()]
        if undebited:
            return self._contradicted(result, "CREDITED_WITHOUT_DEBIT", undebited)
        bent = [
            entry
            for name, entry in theirs.items()
            if entry.source_hundredths != in_question[name].source_hundredths
        ]
        if bent:
            return self._contradicted(result, "AMOUNTS_DIFFER", bent)
        waiting = [one for name, one in in_question.items() if name not in theirs]
        in_flight = sum(one.source_hundredths for one in waiting)
        result = replace(result, in_flight_hundredths=in_flight)
        if not self._are_committed(result.destination, waiting):
            return replace(result, reason="CLOSED_WITHOUT_CREDIT")
        conserved = result.outbound_hundredths == result.inbound_hundredths + in_flight
        return replace(result, agrees=conserved, reason="" if conserved else "AMOUNTS_DIFFER")

    def _contradicted(
        self, result: PairResult, reason: str, entries: Sequence[PairEntry]
    ) -> PairResult:
        """Leave to people what no message can heal."""
        now_us = self._office.clock.now_us()
        cases = [
            OpenCase(
                kind=reason,
                peer=result.destination,
                exchange_id=one.exchange_id,
                subject=b"",
                hundredths=one.source_hundredths,
                opened_us=now_us,
                note="对账不符 as the destination has booked it",
            )
            for one in entries
        ]
        self._office.store.transact(lambda tx: tx.open_cases_for(cases))
        return replace(result, reason=reason)

    def _are_committed(self, peer: str, waiting: Sequence[PairBooked]) -> bool:
        keys = [(peer, one.exchange_id) for one in waiting]
        found = self._office.store.read(lambda reading: reading.exchanges(keys))
        return all(exchange.state is State.COMMITTED for exchange in found.values())

    def _own(self, peer: str) -> list[PairBooked]:
        account = outbound_account(peer)
        return self._office.store.read(
            lambda reading: reading.pair_booked(account, self._office.province)
        )

    def _ask(self, peer: str, bucket: int) -> PairAnswer:
        moment, member = self._office.moment(), self._office.peer(peer)
        query = PairQuery(
            header=moment.inquiry_header(peer),
            nonce=self._office.entropy.token(NONCE_SIZE),
            source=self._office.province,
            bucket=bucket,
        )
        outcome = self._peers.deliver(
            self._sealing.seal(peer, [], [query]), member, is_patient=True
        )
        for arrival in outcome.answers:
            answer = arrival.message
            if isinstance(answer, PairAnswer) and answer.nonce == query.nonce:
                if not bucket and len(answer.bucket_digests) != BUCKETS:
                    raise Breach("BUCKET")
                return answer
        raise Unavailable("RETRY", detail="no answer to PAIR")
