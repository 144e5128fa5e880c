"""The books of caps of one transaction: read under the learners' locks, written with all else."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from federation.protocol.messages import Commit, MessageType, Prepare, State
from federation.wire import codec
from node.domain.cap_book import CapBook, Use, UseState
from node.domain.changes import CapUse, Changes
from node.domain.exchange import Exchange, Role
from node.domain.step import Step
from node.domain.voting import claim_of, lot_name
from node.usecases.ports import Transaction


class CapBooks:
    """Books as loaded and as they shall be.

    Args:
        now_us: promises that ended before are given back.
    """

    def __init__(self, tx: Transaction, changes: Changes, *, now_us: int) -> None:
        self._tx = tx
        self._changes = changes
        self._now_us = now_us
        self._books: dict[str, CapBook] = {}

    def load(self, accounts: Iterable[str]) -> None:
        """Load the books of accounts that are not yet in hand; their learners are locked."""
        wanted = {account for account in accounts if account} - self._books.keys()
        if not wanted:
            return
        found = self._tx.cap_books(wanted)
        for account in sorted(wanted):
            loaded = found.get(account, CapBook())
            self._books[account] = loaded
            self.put(account, loaded.expire(self._now_us))

    def book(self, account: str) -> CapBook:
        """Return an account's book."""
        self.load([account])
        return self._books.get(account, CapBook())

    def put(self, account: str, book: CapBook) -> None:
        """Let an account's book be as told."""
        before = self._books[account]
        self._books[account] = book
        # Nearly all of a book stays, and what stays is the same objects.
        was, is_ = set(map(id, before.uses)), set(map(id, book.uses))
        self._note(account, [use for use in before.uses if id(use) not in is_], is_new=False)
        self._note(account, [use for use in book.uses if id(use) not in was], is_new=True)

    def take(self, step: Step) -> None:
        """Take what a step that was absorbed does to its learner's book."""
        exchange = step.exchange
        if step.book is not None:
            self.load([exchange.account])
            self.put(exchange.account, step.book)
        if isinstance(step.send, Commit) and exchange.relates_to:
            self.returned(exchange, step.send)

    def consume(self, exchange: Exchange, commit: Commit) -> None:
        """Count what was committed; what was promised before there were books is not in any."""
        book, claim = self.book(exchange.account), claim_of(exchange)
        reserved = {
            use.part.lot
            for use in book.uses
            if use.claim == claim and use.state is UseState.RESERVED
        }
        lots = {lot_name(exchange.peer, one.lot_id) for one in commit.lots}
        if exchange.account and lots <= reserved:
            self.put(exchange.account, book.consume(claim, lots))

    def release(self, exchange: Exchange) -> None:
        """Give the room of an exchange back."""
        if exchange.account:
            book = self.book(exchange.account)
            self.put(exchange.account, book.release(claim_of(exchange)))

    def withdrawn(self, exchange: Exchange) -> None:
        """End a recognition's promise when its consent is taken back: its record is erased."""
        if (exchange.role, exchange.state) == (Role.DESTINATION, State.RECOGNISED):
            self.release(exchange)

    def reverse(self, exchange: Exchange) -> None:
        """Give back all that the COMMIT of an exchange consumed."""
        self.give_back(exchange, [lot.lot_id for lot in exchange.lots if lot.is_committed])

    def give_back(self, exchange: Exchange, lot_ids: Collection[bytes]) -> None:
        """Give back what lots of an exchange's peer consumed."""
        if exchange.account and lot_ids:
            lots = {lot_name(exchange.peer, lot_id) for lot_id in lot_ids}
            self.put(exchange.account, self.book(exchange.account).give_back(lots))

    def lower(self, exchange: Exchange, lot_id: bytes, hundredths: int) -> None:
        """Let what a lot of an exchange's peer consumed count for less."""
        if exchange.account:
            book = self.book(exchange.account)
            self.put(exchange.account, book.lower(lot_name(exchange.peer, lot_id), hundredths))

    def returned(self, exchange: Exchange, commit: Commit) -> None:
        """Give back what lots that go home consumed here."""
        if exchange.role is not Role.SOURCE:
            return
        digest = exchange.hashes[MessageType.PREPARE]
        prepare = codec.decode(MessageType.PREPARE, self._tx.messages([digest])[digest].payload)
        assert isinstance(prepare, Prepare)
        gone = {lot.lot_id for lot in commit.lots}
        home = [one.returns for one in prepare.lots if one.content.lot_id in gone and one.returns]
        self.give_back(exchange, home)

    def _note(self, account: str, uses: Iterable[Use], *, is_new: bool) -> None:
        """Note a change; one that undoes another of this transaction takes it back."""
        changes = self._changes
        here, other = changes.uses_gone, changes.uses_new
        if is_new:
            here, other = other, here
        for use in uses:
            one = CapUse(account=account, use=use)
            if one in other:
                other.remove(one)
            else:
                here.append(one)
