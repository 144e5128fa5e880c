"""Offers that cite another exchange, within the transaction of their batch: returns and appeals."""

from __future__ import annotations

from federation.protocol.messages import Prepare
from federation.wire.delivery import Arrival
from node.domain import appeals, destination
from node.domain.exchange import Exchange
from node.domain.returns import judge_return
from node.domain.step import Moment, Step
from node.domain.voting import Bench, Terms
from node.usecases.agreed_terms import AgreedTerms
from node.usecases.appeals import check_settled, cited_by
from node.usecases.office import Office
from node.usecases.ports import Reading
from node.usecases.returns import original_of


class Hearing:
    """Hears what cites another exchange."""

    def __init__(
        self, office: Office, reading: Reading, moment: Moment, agreed: AgreedTerms
    ) -> None:
        self._office = office
        self._reading = reading
        self._moment = moment
        self._agreed = agreed

    def hear(
        self,
        message: Prepare,
        arrival: Arrival,
        exchange: Exchange,
        claimant: destination.Claimant,
    ) -> Step:
        """Judge a return by what it gives back; keep an appeal for other people.

        Raises:
            Unavailable: RETRY while the end of what is appealed against is on its way, or what
                :meth:`AgreedTerms.terms` raises.
            Breach: the same.
        """
        if message.is_appeal:
            return self._appeal(message, arrival, exchange, claimant)
        terms = self._agreed.terms(message, exchange, claimant.learner)
        original = original_of(self._reading, exchange, message.relates_to)
        return destination.on_return(
            self._moment,
            exchange,
            message,
            claimant=claimant,
            judged=lambda cited, refusal: judge_return(
                self._moment,
                cited,
                message,
                arrival.openings,
                original=original,
                refusal=refusal,
                terms=terms,
            ),
        )

    def _appeal(
        self,
        message: Prepare,
        arrival: Arrival,
        exchange: Exchange,
        claimant: destination.Claimant,
    ) -> Step:
        cited = cited_by(self._reading, exchange, message.relates_to)
        check_settled(cited)
        lots = {one.content.lot_id: one.content.amount_hundredths for one in message.lots}
        terms: Terms
        if cited.exchange is not None and not cited.committed.isdisjoint(lots):
            terms = self._agreed.for_appeal(cited.exchange)
        else:
            terms = self._agreed.terms(message, exchange, claimant.learner)
        return destination.on_appeal(
            self._moment,
            exchange,
            message,
            arrival.openings,
            claimant=claimant,
            obstacle=appeals.obstacle(
                cited,
                account=claimant.learner.account if claimant.learner else "",
                lots=lots,
                mode=message.mode,
                signed_us=message.header.signed_time_us,
            ),
            bench=Bench(judge=self._office.judge(self._reading)),
            terms=terms,
        )
