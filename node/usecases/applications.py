"""Learners' applications: begin exchanges, answer grants, let lapsed locks go.

Every item stands by itself and is named by the caller, so that a repeated call changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from federation.base.amounts import check_amount
from federation.base.errors import Breach, CreditBankError, Kind, Refusal
from federation.base.names import is_clean_identifier
from federation.protocol.commitments import CODE_SIZE, LEARNER_NAME
from federation.protocol.fields import CONSENT_BASIS, MOST_LOTS
from federation.protocol.grouping import check_targets
from federation.protocol.lots import WantedLot
from federation.protocol.messages import EXCHANGE_ID_SIZE, Consent, Mode, State
from federation.trust.agreements import Agreement
from node.domain import destination, source
from node.domain.evidence import EVIDENCE
from node.domain.exchange import Exchange, ExchangeKey, Role
from node.domain.learner import Learner
from node.domain.outcomes import FIELD_NAMES, FORM
from node.domain.step import Moment, Step
from node.usecases.allowances import Allowances
from node.usecases.appeals import check_may_appeal, lots_under_appeal
from node.usecases.cap_books import CapBooks
from node.usecases.offers import Offering, whole
from node.usecases.office import Office
from node.usecases.ports import Reading, Transaction
from node.usecases.promises import TakenUp, promise_of
from node.usecases.returns import returned_lots
from node.usecases.workspace import Workspace

MOST_TOGETHER = 200
CONSENTED_FIELDS = tuple(sorted((*FIELD_NAMES, FORM, LEARNER_NAME)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A learner's wish that lots count in another province; amounts in source hundredths.

    Attributes:
        shows_evidence: whether the consent covers evidence files too.
        returns: the exchange with this peer that brought the lots, where they shall go back.
        targets: codes of what they shall count as there; none for anything.
        appeals: the exchange with this peer whose decision is appealed against; then lots and mode
            follow from it, save that lots may be named.
        asks_person: whether the learner wants people to decide, not a rule.
        cites: the recognition by this peer that a transfer takes up; its targets are then these.
    """

    reference: str
    account: str
    peer: str
    role: Role
    lots: tuple[WantedLot, ...]
    code: bytes
    mode: Mode
    has_consent: bool
    agrees_to_whole_grant: bool
    shows_evidence: bool = False
    returns: bytes = b""
    targets: tuple[str, ...] = ()
    appeals: bytes = b""
    asks_person: bool = False
    cites: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What became of an application: an exchange, or a reason."""

    reference: str
    exchange_id: bytes = b""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What became of a learner's answer."""

    exchange_id: bytes
    state: State
    reason: str = ""


class Applications:
    """Begins exchanges and books learners' answers."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def open(self, applications: Sequence[Application]) -> list[Opened]:
        """Begin an exchange for each application that may begin.

        Raises:
            Breach: TOO_MANY_ITEMS.
        """
        _check_count(len(applications))
        opened = self._office.store.transact(lambda tx: self._open_all(tx, applications))
        self._office.wake({one.peer for one in applications})
        return opened

    def answer(self, answers: Sequence[tuple[ExchangeKey, bool]]) -> list[Answered]:
        """Book the learner's answer to each grant: COMMIT where accepted, else ABORT.

        Raises:
            Breach: TOO_MANY_ITEMS.
        """
        _check_count(len(answers))
        answered = self._office.store.transact(lambda tx: self._answer_all(tx, answers))
        self._office.wake({peer for (peer, _), _ in answers})
        return answered

    def release_lapsed(self, limit: int = 100) -> int:
        """Abort transfers whose lock has ended by this node's clock; return how many."""
        peers = self._office.store.transact(lambda tx: self._release_all(tx, limit))
        self._office.wake(peers)
        return len(peers)

    def _open_all(self, tx: Transaction, applications: Sequence[Application]) -> list[Opened]:
        moment = self._office.moment()
        workspace = Workspace(tx, now_us=moment.now_us, due_us=moment.now_us)
        known = dict(tx.exchanges_by_reference({one.reference for one in applications}))
        completed = [_completed(tx, one) for one in applications]
        applications = [one for one, _ in completed]
        allowances = Allowances(self._office, tx, moment.now_us)
        sides = {(one.peer, one.role) for one in applications}
        allowances.load_open(sides)
        allowances.load_moved({one.account for one in applications}, sides)
        learners = tx.learners({one.account for one in applications})
        offered = {
            lot.lot_id for one in applications if one.role is Role.SOURCE for lot in one.lots
        }
        workspace.load_lots(offered)
        offering = Offering(self._office, tx, workspace, moment)
        offering.load(offered & workspace.lots.keys())
        opened = []
        for asked, fault in completed:
            lots = whole(asked.lots, workspace.lots) if asked.role is Role.SOURCE else asked.lots
            one = replace(asked, lots=lots)
            try:
                if fault is not None:
                    raise fault
                exchange = known.get(one.reference)
                if exchange is None:
                    learner = learners.get(one.account)
                    exchange = self._begin(
                        tx, workspace, moment, allowances, offering, one, learner
                    )
                    known[one.reference] = workspace.exchanges[exchange.key]
                elif not _is_repeated(one, exchange):
                    raise Refusal("REFERENCE_DIFFERS")
                opened.append(Opened(reference=one.reference, exchange_id=exchange.exchange_id))
            except CreditBankError as error:
                opened.append(Opened(reference=one.reference, reason=error.reason))
        tx.apply(workspace.finish())
        return opened

    def _begin(
        self,
        reading: Reading,
        workspace: Workspace,
        moment: Moment,
        allowances: Allowances,
        offering: Offering,
        application: Application,
        learner: Learner | None,
    ) -> Exchange:
        agreement = self._agreement(reading, application, moment)
        consent = _consent(application, moment)
        if learner is None:
            raise Refusal("ACCOUNT")
        if learner.is_erased:
            raise Refusal("ACCOUNT_ERASED")
        exchange = Exchange(
            peer=application.peer,
            exchange_id=moment.entropy.token(EXCHANGE_ID_SIZE),
            role=application.role,
            mode=application.mode,
            reference=application.reference,
            relates_to=application.returns or application.appeals,
            begun_us=moment.now_us,
        )
        returns: dict[bytes, bytes] = {}
        if application.returns:
            key = (application.peer, application.returns)
            returns = returned_lots(
                reading, workspace, key, application.lots, mode=application.mode
            )
        is_moved = bool(application.appeals) and check_may_appeal(
            reading, exchange, application.lots, account=application.account, now_us=moment.now_us
        )
        taken_up = _taken_up(reading, workspace, moment, application)
        if application.role is Role.SOURCE:
            step = offering.offer(
                exchange,
                learner=learner,
                wanted=application.lots,
                code=application.code,
                consent=consent,
                proves_code=True,
                agreement=agreement,
                returns=returns,
                targets=taken_up.targets,
                cites=taken_up.vote,
                asks_person=application.asks_person,
                is_committed=is_moved,
            )
        elif application.returns or application.cites:
            raise Refusal("RETURN_UNKNOWN" if application.returns else "PROMISE_UNKNOWN")
        else:
            step = self._ask(moment, exchange, application, learner, consent)
        allowances.check_room(agreement, (exchange.peer, exchange.role))
        allowances.check_cap(agreement, step.exchange, step.exchange.offered_hundredths)
        workspace.absorb(step)
        allowances.note(step.exchange)
        return exchange

    def _agreement(self, reading: Reading, application: Application, moment: Moment) -> Agreement:
        self._office.peer(application.peer)
        key = (application.peer, application.appeals)
        cited = reading.exchanges([key]).get(key) if application.appeals else None
        if cited is not None and application.mode is not cited.mode:
            # On what was committed already: heard under what was agreed then.
            agreed = self._office.agreement_on(
                src=self._office.province,
                dst=cited.peer,
                mode=cited.mode,
                day_us=cited.begun_us,
            )
            if agreed is not None:
                return agreed
        ends = (self._office.province, application.peer)
        src, dst = ends if application.role is Role.SOURCE else reversed(ends)
        return self._office.agreement(
            src=src, dst=dst, mode=application.mode, signed_us=moment.now_us
        )

    def _ask(
        self,
        moment: Moment,
        exchange: Exchange,
        application: Application,
        learner: Learner,
        consent: Consent,
    ) -> Step:
        return destination.ask(
            moment,
            exchange,
            wanted=application.lots,
            learner=learner,
            document_number=self._office.document_number(learner),
            code=application.code,
            consent=consent,
            targets=application.targets,
            asks_person=application.asks_person,
        )

    def _answer_all(
        self, tx: Transaction, answers: Sequence[tuple[ExchangeKey, bool]]
    ) -> list[Answered]:
        moment = self._office.moment()
        workspace = Workspace(tx, now_us=moment.now_us, due_us=moment.now_us)
        workspace.load_exchanges(key for key, _ in answers)
        workspace.load_lots(
            lot_id for one in workspace.exchanges.values() for lot_id in source.lots_in(one)
        )
        books = CapBooks(tx, workspace.changes, now_us=moment.now_us)
        answered = [
            self._answer(workspace, books, moment, key, accepts) for key, accepts in answers
        ]
        tx.apply(workspace.finish())
        return answered

    def _answer(
        self,
        workspace: Workspace,
        books: CapBooks,
        moment: Moment,
        key: ExchangeKey,
        accepts: bool,
    ) -> Answered:
        exchange = workspace.exchanges.get(key)
        if exchange is None or exchange.role is not Role.SOURCE:
            return Answered(exchange_id=key[1], state=State.UNKNOWN, reason="EXCHANGE")
        # Of an exchange that is over, a restored store may not have every lot.
        named = source.lots_in(exchange)
        lots = [workspace.lots[lot_id] for lot_id in named if lot_id in workspace.lots]
        try:
            if accepts:
                step = source.commit(moment, exchange, lots)
            else:
                step = source.withdraw(moment, exchange, lots, "LEARNER_DECLINED")
            workspace.absorb(step)
            books.take(step)
        except CreditBankError as error:
            return Answered(exchange_id=key[1], state=exchange.state, reason=error.reason)
        after = workspace.exchanges[key]
        is_undone = accepts and after.state is State.ABORTED
        reason = after.reasons[0] if is_undone else ""
        return Answered(exchange_id=key[1], state=after.state, reason=reason)

    def _release_all(self, tx: Transaction, limit: int) -> set[str]:
        moment = self._office.moment()
        lapsed = tx.lapsed(moment.now_us, limit)
        workspace = Workspace(tx, now_us=moment.now_us, due_us=moment.now_us)
        workspace.load_exchanges(exchange.key for exchange in lapsed)
        workspace.load_lots(lot_id for one in lapsed for lot_id in source.lots_in(one))
        for exchange in lapsed:
            lots = [workspace.lots[lot_id] for lot_id in source.lots_in(exchange)]
            workspace.absorb(source.withdraw(moment, exchange, lots, "LOCK_EXPIRED"))
        tx.apply(workspace.finish())
        return {exchange.peer for exchange in lapsed}


def _completed(reading: Reading, application: Application) -> tuple[Application, Refusal | None]:
    """Return an application with lots and mode that follow from what it appeals against."""
    if not application.appeals:
        return application, None
    if application.role is not Role.SOURCE or application.returns or application.cites:
        return application, Refusal("APPEAL_UNKNOWN")
    named = [lot.lot_id for lot in application.lots]
    try:
        lots, mode, account = lots_under_appeal(
            reading, application.peer, application.appeals, named
        )
    except Refusal as refusal:
        return application, refusal
    account = application.account or account
    return replace(application, lots=lots, mode=mode, account=account), None


def _taken_up(
    reading: Reading, workspace: Workspace, moment: Moment, application: Application
) -> TakenUp:
    if not application.cites:
        return TakenUp(vote=b"", targets=application.targets)
    return promise_of(
        reading,
        workspace,
        (application.peer, application.cites),
        application.lots,
        mode=application.mode,
        now_us=moment.now_us,
    )


def _is_repeated(application: Application, exchange: Exchange) -> bool:
    """Tell whether an application is the one that an exchange was begun by."""
    asked = (
        *(application.account, application.peer, application.role, application.mode),
        application.returns or application.appeals,
    )
    begun = (exchange.account, exchange.peer, exchange.role, exchange.mode, exchange.relates_to)
    return asked == begun and (
        {lot.lot_id for lot in application.lots} == {lot.lot_id for lot in exchange.lots}
    )


def _consent(application: Application, moment: Moment) -> Consent:
    """Return the learner's consent after checking the form of the application."""
    if not is_clean_identifier(application.reference):
        raise Breach("BAD_TEXT")
    if not application.has_consent:
        raise Refusal("LEGAL_BASIS")
    if len(application.code) != CODE_SIZE:
        raise Refusal("TRANSFER_CODE")
    lots = [lot.lot_id for lot in application.lots]
    if not lots:
        raise Breach("NO_LOTS")
    if len(lots) > MOST_LOTS:
        raise Breach("TOO_MANY_LOTS")
    if len(set(lots)) != len(lots):
        raise Breach("DUPLICATE_LOT")
    for lot in application.lots:
        if len(lot.lot_id) != EXCHANGE_ID_SIZE:
            raise Breach("LOT", kind=Kind.INVALID_ARGUMENT)
        check_amount(lot.amount_hundredths)
    check_targets(application.targets)
    return Consent(
        given_time_us=moment.now_us,
        basis=CONSENT_BASIS,
        fields=_fields(application),
        agrees_to_whole_grant=application.agrees_to_whole_grant,
    )


def _fields(application: Application) -> tuple[str, ...]:
    if not application.shows_evidence:
        return CONSENTED_FIELDS
    return tuple(sorted((*CONSENTED_FIELDS, EVIDENCE)))


def _check_count(count: int) -> None:
    if count > MOST_TOGETHER:
        raise Breach("TOO_MANY_ITEMS")
