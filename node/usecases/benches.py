"""What a case is judged with, within one transaction: judge, book, programme, and what it cites.

A transfer that cites a recognition of ours is judged by what was promised then, and by nobody
anew. What it cites must be ours, of the same learner, for the same lots and targets, not at its
end, and its record must still be here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from federation.protocol.grouping import minute_in, record_in
from federation.protocol.messages import MessageType, Mode, Prepare, State
from federation.wire import codec
from node.domain.decision_record import Given
from node.domain.decision_seals import read_record
from node.domain.exchange import Exchange, ExchangeKey, Role
from node.domain.finding import Finding, read_finding
from node.domain.judgement import Judge, PanelJudge
from node.domain.panel import Minute, read_minute
from node.domain.promises import is_promised
from node.domain.review_case import Track
from node.domain.voting import Bench, lot_name
from node.usecases.cap_books import CapBooks
from node.usecases.office import Office
from node.usecases.ports import Transaction
from node.usecases.programmes import Programmes

PROMISE_UNKNOWN = "PROMISE_UNKNOWN"


class Benches:
    """Benches of one transaction.

    Args:
        books: the books of caps of the same transaction.
    """

    def __init__(self, office: Office, tx: Transaction, books: CapBooks) -> None:
        self._office = office
        self._tx = tx
        self._books = books
        self._programmes = Programmes(office.programmes, tx)
        self._judge: Judge | None = None

    def load(self, accounts: Iterable[str]) -> None:
        """Load the books and enrolments of accounts, their learners locked."""
        listed = set(accounts)
        self._books.load(listed)
        self._programmes.load(listed)

    def bench(
        self,
        exchange: Exchange,
        prepare: Prepare,
        account: str,
        *,
        track: Track = Track.RULE,
        evidence: Mapping[bytes, tuple[str, ...]] = MappingProxyType({}),
    ) -> Bench:
        """Return what an offer is judged with.

        Args:
            account: the account here that the offer is for, or empty where none is known.

        Raises:
            Unavailable: NO_RULE.
        """
        book = self._books.book(account)
        kept = self._promise(exchange, prepare, account) if prepare.cites and account else None
        if kept is not None:
            judge, promise, resolved = kept
            return Bench(judge=judge, book=book, track=track, promise=promise, resolved=resolved)
        programme = self._programmes.programme(account, prepare.wanted_targets)
        return Bench(
            judge=self._rule(),
            book=book,
            programme=programme.as_given if programme else None,
            track=track,
            evidence=evidence,
        )

    def _rule(self) -> Judge:
        """Return the rule in force, asked for once in a transaction."""
        if self._judge is None:
            self._judge = self._office.judge(self._tx)
        return self._judge

    def _promise(
        self, exchange: Exchange, prepare: Prepare, account: str
    ) -> tuple[Judge, Given, Minute | Finding | None] | None:
        """Return who judges by the promise that an offer cites, and what was given to it."""
        cited = self._tx.messages([prepare.cites]).get(prepare.cites)
        is_vote = cited is not None and cited.is_sent and cited.type == MessageType.VOTE
        if cited is None or not is_vote or cited.peer != exchange.peer:
            return None
        shown = codec.decode_openings(cited.openings)
        document = record_in(shown)
        if not document or not self._is_recognised((cited.peer, cited.exchange_id), account):
            return None
        record = read_record(document)
        names = [lot_name(exchange.peer, lot.content.lot_id) for lot in prepare.lots]
        now_us = self._office.clock.now_us()
        is_bound = prepare.mode is Mode.TRANSFER and is_promised(
            record, lots=names, wanted=prepare.wanted_targets, now_us=now_us
        )
        if not is_bound:
            return None
        return self._promised(record.given, minute_in(shown))

    def _is_recognised(self, key: ExchangeKey, account: str) -> bool:
        found = self._tx.exchanges([key]).get(key)
        return (
            found is not None
            and (found.role, found.state) == (Role.DESTINATION, State.RECOGNISED)
            and found.account == account
        )

    def _promised(
        self, given: Given, minute: bytes
    ) -> tuple[Judge, Given, Minute | Finding | None] | None:
        """Return the judge that a decision of ours names, or None where its documents are gone."""
        digest = given.authority.rule_digest
        document = self._tx.documents_by_digest([digest]).get(digest) if digest else None
        beside = self._office.rules.open(document) if document is not None else None
        if not given.authority.minute:
            return (beside, given, None) if beside is not None else None
        if not minute:
            return None
        resolved = (read_minute if given.track == Track.PANEL else read_finding)(minute)
        return PanelJudge(resolved, beside), given, resolved
