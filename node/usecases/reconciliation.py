"""Reconciliation: source outbound = destination inbound + in flight, exchange by exchange.

The source asks by signed question; totals and bucket digests settle the ordinary case, and only
buckets that differ are read entry by entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from federation.base.errors import Breach, CreditBankError, Unavailable
from federation.protocol.inquiries import BUCKETS, NONCE_SIZE, PairAnswer, PairEntry, PairQuery
from federation.protocol.messages import NO_EXCHANGE, Header, State
from federation.trust.members import MemberStatus
from node.domain.ledger import outbound_account
from node.usecases.inquiries import bucket_digests, differing_buckets
from node.usecases.office import Office
from node.usecases.ports import PairBooked, Peers
from node.usecases.sealing import Sealing

ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PairResult:
    """One ordered pair, this node being the source; amounts in hundredths."""

    source: str
    destination: str
    outbound_hundredths: int = 0
    inbound_hundredths: int = 0
    granted_hundredths: int = 0
    in_flight_hundredths: int = 0
    exchanges: int = 0
    agrees: bool = False
    reason: str = ""


class Reconciliation:
    """Compares books with peers."""

    def __init__(self, office: Office, sealing: Sealing, peers: Peers) -> None:
        self._office = office
        self._sealing = sealing
        self._peers = peers

    def reconcile(self, peers: Sequence[str] = ()) -> list[PairResult]:
        """Compare with these peers, or with all active members."""
        members = self._office.registry.view().members.values()
        active = [one.province for one in members if one.status is MemberStatus.ACTIVE]
        wanted = peers or [one for one in sorted(active) if one != self._office.province]
        return [self._pair(peer) for peer in wanted]

    def _pair(self, peer: str) -> PairResult:
        """Compare until the books agree or differ steadily: under traffic they move meanwhile."""
        result = self._pair_once(peer)
        for _ in range(ATTEMPTS - 1):
            if result.agrees:
                break
            result = self._pair_once(peer)
        return result

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
        if theirs.keys() - in_question.keys():
            return replace(result, reason="CREDITED_WITHOUT_DEBIT")
        for exchange_id, entry in theirs.items():
            if entry.source_hundredths != in_question[exchange_id].source_hundredths:
                return replace(result, reason="AMOUNTS_DIFFER")
        waiting = [one for name, one in in_question.items() if name not in theirs]
        in_flight = sum(one.source_hundredths for one in waiting)
        result = replace(result, in_flight_hundredths=in_flight)
        if not self._are_committed(result.destination, waiting):
            return replace(result, reason="CLOSED_WITHOUT_CREDIT")
        conserved = result.outbound_hundredths == result.inbound_hundredths + in_flight
        return replace(result, agrees=conserved, reason="" if conserved else "AMOUNTS_DIFFER")

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
            header=Header(
                src=self._office.province,
                dst=peer,
                exchange_id=NO_EXCHANGE,
                step=1,
                cause=b"",
                signed_time_us=moment.now_us,
                registry_version=moment.registry_version,
            ),
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
