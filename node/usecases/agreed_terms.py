"""What an agreement says of an offer that arrives: how long, of what, how much, how many."""

from __future__ import annotations

from dataclasses import replace

from federation.base.clock import DAY
from federation.base.errors import Breach, Refusal, Unavailable
from federation.base.working_days import WEEKDAYS
from federation.protocol.messages import MessageType, Mode, Prepare
from federation.trust.agreements import Agreement
from node.domain.exchange import Exchange, Role
from node.domain.learner import Learner
from node.domain.step import Moment
from node.domain.voting import Terms
from node.usecases.allowances import Allowances
from node.usecases.office import Office
from node.usecases.ports import Side

QUOTA_RETRY_MS = 60_000


class AgreedTerms:
    """The terms for offers of one transaction."""

    def __init__(self, office: Office, allowances: Allowances, moment: Moment) -> None:
        self._office = office
        self._allowances = allowances
        self._moment = moment

    def terms(self, message: Prepare, exchange: Exchange, learner: Learner | None) -> Terms:
        """Return how long a grant stands, our term and never below the agreement's, and its scope.

        An offer that answers our REQUEST began under an agreement, whatever became of it since.

        Raises:
            Unavailable: SNAPSHOT_EXPIRED or AGREEMENT_QUOTA.
            Breach: NO_AGREEMENT or LOCK_TOO_SHORT.
        """
        ours_us = self._office.terms.accept_days * DAY
        appeal_us = self._office.terms.appeal_days * DAY
        if exchange.hashes.get(MessageType.REQUEST):
            begun = self._agreed(exchange.peer, exchange.mode, exchange.begun_us)
            kinds = begun.kinds if begun else ()
            return Terms(accept_us=ours_us, appeal_us=appeal_us, kinds=kinds)
        signed_us = message.header.signed_time_us
        agreement = self._office.agreement(
            src=exchange.peer, dst=self._moment.province, mode=message.mode, signed_us=signed_us
        )
        agreed_us = WEEKDAYS.deadline_us(signed_us, agreement.working_days)
        if message.mode is Mode.TRANSFER and message.lock_until_us < agreed_us:
            raise Breach("LOCK_TOO_SHORT")
        self.make_room(agreement, (exchange.peer, Role.DESTINATION))
        offered = sum(lot.content.amount_hundredths for lot in message.lots)
        return Terms(
            accept_us=max(ours_us, agreed_us - self._moment.now_us),
            appeal_us=appeal_us,
            kinds=agreement.kinds,
            is_over_cap=learner is not None
            and self._is_over_cap(agreement, replace(exchange, account=learner.account), offered),
        )

    def for_appeal(self, cited: Exchange) -> Terms:
        """Return the terms for an appeal on what was committed.

        It moves nothing and is heard under what was agreed when the exchange began, whatever
        became of the agreement since.

        Raises:
            Unavailable: AGREEMENT_QUOTA.
        """
        begun = self._agreed(cited.peer, cited.mode, cited.begun_us)
        self.make_room(begun, (cited.peer, Role.DESTINATION))
        return Terms(
            accept_us=self._office.terms.accept_days * DAY,
            appeal_us=self._office.terms.appeal_days * DAY,
            kinds=begun.kinds if begun else (),
        )

    def make_room(self, agreement: Agreement | None, side: Side) -> None:
        """Put off what the agreement leaves no room for; nothing of it is stored.

        Raises:
            Unavailable: AGREEMENT_QUOTA.
        """
        try:
            self._allowances.check_room(agreement, side)
        except Refusal as full:
            raise Unavailable(full.reason, retry_after_ms=QUOTA_RETRY_MS) from None

    def make_room_for_tombstone(self, peer: str) -> None:
        """Do the same for the ABORT of what never came here, which takes room too.

        Raises:
            Unavailable: AGREEMENT_QUOTA.
        """
        agreed = self._agreed(peer, Mode.TRANSFER, self._moment.now_us)
        self.make_room(agreed, (peer, Role.DESTINATION))

    def _agreed(self, peer: str, mode: Mode, day_us: int) -> Agreement | None:
        return self._office.agreement_on(
            src=peer, dst=self._moment.province, mode=mode, day_us=day_us
        )

    def _is_over_cap(self, agreement: Agreement, exchange: Exchange, hundredths: int) -> bool:
        try:
            self._allowances.check_cap(agreement, exchange, hundredths)
        except Refusal:
            return True
        return False
