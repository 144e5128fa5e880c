"""The books of caps of a restored node: brought to where they were by the messages that came back.

What notices took back is for people to do again, lots and books alike.
"""

from __future__ import annotations

from collections.abc import Mapping

from federation.base.errors import CreditBankError
from federation.protocol.grouping import record_in
from federation.protocol.messages import (
    Abort,
    Commit,
    ConsentWithdrawn,
    ExchangeMessage,
    MessageType,
    Mode,
    Prepare,
    Vote,
)
from federation.wire import codec
from node.domain.cap_book import CapBook, Use
from node.domain.cap_replay import uses_recorded, uses_voted
from node.domain.changes import Changes
from node.domain.decision_seals import read_record
from node.domain.exchange import Exchange, Role
from node.domain.lot import facts_of
from node.domain.outcomes import OutcomeFacts
from node.domain.voting import claim_of
from node.usecases.cap_books import CapBooks
from node.usecases.office import Office
from node.usecases.ports import StoredMessage, Transaction
from node.usecases.programmes import Programmes


class CapRebuilding:
    """The books of one rebuilding."""

    def __init__(self, office: Office, tx: Transaction, changes: Changes, *, now_us: int) -> None:
        self._tx = tx
        self._now_us = now_us
        self._books = CapBooks(tx, changes, now_us=now_us)
        self._programmes = Programmes(office.programmes, tx)

    def follow(
        self,
        exchange: Exchange,
        message: ExchangeMessage,
        one: StoredMessage,
        known: Mapping[bytes, StoredMessage],
    ) -> None:
        """Do to the learner's book what a message did that was just counted.

        Args:
            known: messages of the exchanges at hand, by hash.
        """
        if not exchange.account:
            return
        if isinstance(message, Vote) and one.is_sent:
            self._reserve(exchange, message, one, known)
        elif isinstance(message, Commit) and one.is_sent and exchange.relates_to:
            self._books.returned(exchange, message)
        elif exchange.role is Role.SOURCE:
            return
        elif isinstance(message, Commit):
            self._books.consume(exchange, message)
        elif isinstance(message, Abort):
            self._books.release(exchange)
        elif isinstance(message, ConsentWithdrawn):
            self._books.withdrawn(exchange)

    def _reserve(
        self,
        exchange: Exchange,
        vote: Vote,
        one: StoredMessage,
        known: Mapping[bytes, StoredMessage],
    ) -> None:
        book = self._books.book(exchange.account)
        claim = claim_of(exchange)
        until_us = vote.record.valid_until_us if exchange.mode is Mode.RECOGNISE else 0
        is_over = 0 < until_us < self._now_us
        if exchange.relates_to or is_over or any(use.claim == claim for use in book.uses):
            return
        fresh = self._recorded(one, claim, until_us)
        if fresh is None:
            fresh = self._voted(exchange, vote, claim, until_us, known)
        taken = {use.part.lot for use in fresh}
        kept = tuple(use for use in book.uses if not (use.until_us and use.part.lot in taken))
        self._books.put(exchange.account, CapBook((*kept, *fresh)))

    def _recorded(self, one: StoredMessage, claim: str, until_us: int) -> tuple[Use, ...] | None:
        document = record_in(codec.decode_openings(one.openings))
        if not document:
            return None
        try:
            return uses_recorded(read_record(document), claim=claim, until_us=until_us)
        except CreditBankError:
            # A record of a form that this program does not read; the VOTE itself still tells.
            return None

    def _voted(
        self,
        exchange: Exchange,
        vote: Vote,
        claim: str,
        until_us: int,
        known: Mapping[bytes, StoredMessage],
    ) -> tuple[Use, ...]:
        offered = known[exchange.hashes[MessageType.PREPARE]]
        prepare = codec.decode(MessageType.PREPARE, offered.payload)
        assert isinstance(prepare, Prepare)
        programme = self._programmes.programme(exchange.account, prepare.wanted_targets)
        return uses_voted(
            vote,
            claim=claim,
            until_us=until_us,
            facts=_facts(vote, offered),
            programme=programme.as_given if programme else None,
        )


def _facts(vote: Vote, offered: StoredMessage) -> dict[bytes, OutcomeFacts]:
    shown = codec.decode_openings(offered.openings)
    found: dict[bytes, OutcomeFacts] = {}
    for lot in vote.accepted:
        try:
            facts = facts_of(shown, lot.lot_id)
        except CreditBankError:
            continue
        if facts is not None:
            found[lot.lot_id] = facts
    return found
