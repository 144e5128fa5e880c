"""Answer a node that was restored: fence it first, durably, then return all there is with it.

From the fence on nothing that its earlier life signed is applied here for the first time; so what
is returned is all that can ever count.
"""

from __future__ import annotations

from collections.abc import Sequence

from federation.protocol.inquiries import RefillAnswer, RefilledMessage, RefillQuery
from federation.wire.refilled import signed_message
from node.usecases.office import Office
from node.usecases.ports import Reading, StoredMessage, Transaction

# What a page returns of the asker's own, and how much it may hold in all.
OWN_BYTES = 200 * 1024
ALL_BYTES = 1536 * 1024
MOST_STORED = 200
EXCHANGES_TOGETHER = 64
# Proofs, signature and checkpoint of one message, about.
_FRAME = 2048


class Refills:
    """Answers questions for a refill."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def answer(
        self, peer: str, query: RefillQuery, cause: bytes
    ) -> tuple[RefillAnswer, tuple[bytes, ...]]:
        """Return a page with the stored messages that go with it, the asker fenced."""
        return self._office.store.transact(lambda tx: self._answer(tx, peer, query, cause))

    def _answer(
        self, tx: Transaction, peer: str, query: RefillQuery, cause: bytes
    ) -> tuple[RefillAnswer, tuple[bytes, ...]]:
        moment = self._office.moment()
        fence = tx.raise_fence(peer, query.incarnation, moment.now_us)
        page, following = _page(tx, peer, query.after)
        theirs = [one for one in page if not one.is_sent and one.evidence is not None]
        answer = RefillAnswer(
            header=moment.answer_header(query.header, cause),
            nonce=query.nonce,
            fence=fence,
            messages=tuple(
                RefilledMessage(message=signed_message(one.evidence), openings=one.openings)
                for one in theirs
                if one.evidence is not None
            ),
            next=following,
        )
        own = tuple(one.digest for one in page if one.is_sent and one.log_index >= 0)
        return answer, own


def _page(reading: Reading, peer: str, after: bytes) -> tuple[list[StoredMessage], bytes]:
    """Return whole exchanges as far as they fit, at least one, and the last one if more follow."""
    names = reading.exchange_ids(peer, after, EXCHANGES_TOGETHER + 1)
    by_name: dict[bytes, list[StoredMessage]] = {name: [] for name in names[:EXCHANGES_TOGETHER]}
    for message in reading.messages_of([(peer, name) for name in by_name]) if by_name else []:
        by_name[message.exchange_id].append(message)
    page: list[StoredMessage] = []
    taken = 0
    for name, messages in by_name.items():
        if taken and not _fits([*page, *messages]):
            break
        page += messages
        taken += 1
        last = name
    return page, last if taken and taken < len(names) else b""


def _fits(messages: Sequence[StoredMessage]) -> bool:
    own = sum(_size(one) for one in messages if not one.is_sent)
    stored = sum(1 for one in messages if one.is_sent)
    whole = sum(_size(one) for one in messages)
    return own <= OWN_BYTES and whole <= ALL_BYTES and stored <= MOST_STORED


def _size(message: StoredMessage) -> int:
    return len(message.payload) + len(message.openings) + _FRAME
