"""Answer STATUS and PAIR from state and stored bytes, and REFILL once the asker is fenced.

A question may show us our own signature over what we lack; then we were restored from a backup.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from federation.protocol.inquiries import (
    BUCKETS,
    Inquiry,
    PairAnswer,
    PairEntry,
    PairQuery,
    RefillQuery,
    StatusAnswer,
    StatusQuery,
)
from federation.protocol.messages import EXCHANGE_ID_SIZE, Header, State
from federation.wire.delivery import Arrival
from node.domain.ledger import inbound_account, outbound_account
from node.usecases.office import Office
from node.usecases.own_signatures import OwnSignatures
from node.usecases.ports import PairBooked, Reading
from node.usecases.refills import Refills
from node.usecases.stories import stories_of, story_digests


@dataclass(frozen=True, slots=True)
class InquiryAnswer:
    """A signed answer to be, and the stored messages that go with it."""

    message: Inquiry
    stored: tuple[bytes, ...] = ()


class Inquiries:
    """Answers what peers ask."""

    def __init__(self, office: Office, refills: Refills | None = None) -> None:
        self._office = office
        self._refills = refills or Refills(office)
        self._own = OwnSignatures(office)

    def answer(self, peer: str, arrival: Arrival) -> InquiryAnswer | None:
        """Return the answer to an inquiry, or None for what is none.

        Raises:
            Unavailable: RECOVERING where the question shows that we were restored.
        """
        message = arrival.message
        if isinstance(message, RefillQuery):
            return InquiryAnswer(*self._refills.answer(peer, message, arrival.digest))
        if isinstance(message, StatusQuery):
            self._own.meet_shown(peer, message)
            return self._office.store.read(
                lambda reading: self._status(reading, peer, message, arrival.digest)
            )
        if isinstance(message, PairQuery):
            return self._office.store.read(
                lambda reading: self._pair(reading, peer, message, arrival.digest)
            )
        return None

    def _status(
        self, reading: Reading, peer: str, query: StatusQuery, cause: bytes
    ) -> InquiryAnswer:
        key = (peer, query.header.exchange_id)
        exchange = reading.exchanges([key]).get(key)
        answer = StatusAnswer(
            header=self._header(query.header, cause),
            nonce=query.nonce,
            state=exchange.state if exchange else State.UNKNOWN,
        )
        sent = (exchange.last_sent,) if exchange and exchange.last_sent else ()
        return InquiryAnswer(answer, sent)

    def _pair(self, reading: Reading, peer: str, query: PairQuery, cause: bytes) -> InquiryAnswer:
        is_source = query.source == self._office.province
        account = outbound_account(peer) if is_source else inbound_account(peer)
        booked = reading.pair_booked(account, self._office.province)
        stories = stories_of(reading, peer)
        chosen = [one for one in booked if query.bucket == one.exchange_id[0] + 1]
        answer = PairAnswer(
            header=self._header(query.header, cause),
            nonce=query.nonce,
            exchanges=len(booked),
            source_hundredths=sum(one.source_hundredths for one in booked),
            granted_hundredths=sum(one.granted_hundredths for one in booked),
            bucket_digests=() if query.bucket else bucket_digests(booked),
            entries=tuple(
                PairEntry(
                    exchange_id=one.exchange_id,
                    source_hundredths=one.source_hundredths,
                    granted_hundredths=one.granted_hundredths,
                )
                for one in chosen
            ),
            story_digests=() if query.bucket else story_digests(stories),
            stories=tuple(one for one in stories if query.bucket == one.exchange_id[0] + 1),
        )
        return InquiryAnswer(answer)

    def _header(self, asked: Header, cause: bytes) -> Header:
        return self._office.moment().answer_header(asked, cause)


def bucket_digests(booked: Iterable[PairBooked]) -> tuple[bytes, ...]:
    """Return a digest of each bucket's exchanges and source amounts; empty for an empty bucket."""
    buckets: list[list[bytes]] = [[] for _ in range(BUCKETS)]
    for one in sorted(booked, key=lambda each: each.exchange_id):
        amount = one.source_hundredths.to_bytes(8, "big")
        buckets[one.exchange_id[0]].append(one.exchange_id[:EXCHANGE_ID_SIZE] + amount)
    return tuple(hashlib.sha256(b"".join(one)).digest() if one else b"" for one in buckets)


def differing_buckets(own: Sequence[bytes], theirs: Sequence[bytes]) -> list[int]:
    """Return which buckets are not the same on both sides."""
    return [at for at in range(BUCKETS) if own[at] != theirs[at]]
