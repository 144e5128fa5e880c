"""Offer lots to a peer: on the learner's application here, or on a peer's REQUEST."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from federation.base.errors import Refusal, Unavailable
from federation.log import tree
from federation.protocol.commitments import CODE_SIZE, identity_commitment
from federation.protocol.lots import WantedLot
from federation.protocol.messages import Consent, Request
from federation.trust.agreements import Agreement
from node.domain import source
from node.domain.exchange import Exchange
from node.domain.learner import Learner, TransferCode
from node.domain.lot import Lot
from node.domain.source import Applicant, DepositProofs
from node.domain.step import Moment, Step
from node.usecases.office import Office
from node.usecases.ports import LogState, Reading
from node.usecases.workspace import Workspace


class Offering:
    """Makes offers within one transaction."""

    def __init__(
        self, office: Office, reading: Reading, workspace: Workspace, moment: Moment
    ) -> None:
        self._office = office
        self._reading = reading
        self._workspace = workspace
        self._moment = moment
        self._log: LogState | None = None
        self._places: dict[bytes, int] = {}
        self._nodes: dict[tuple[int, int], bytes] = {}

    def load(self, lot_ids: Iterable[bytes]) -> None:
        """Learn where lots stand in this node's log, all of them in one go."""
        wanted = set(lot_ids) - self._places.keys()
        if not wanted:
            return
        if self._log is None:
            self._log = self._reading.log_state()
        found = self._reading.log_places(wanted)
        self._places.update(found)
        needed = tree.addresses_for(found.values(), self._log.checkpoint.size)
        self._nodes.update(self._reading.log_nodes(needed - self._nodes.keys()))

    def answer_request(
        self,
        request: Request,
        exchange: Exchange,
        *,
        code: bytes,
        issued: TransferCode | None,
        learner: Learner | None,
        agreement: Agreement,
    ) -> Step:
        """Return the offer that a peer's REQUEST asks for.

        Args:
            learner: whose code it is.

        Raises:
            Refusal: TRANSFER_CODE, IDENTITY_DIFFERS, or why a lot cannot be offered.
        """
        if issued is None or not issued.may_serve(
            peer=exchange.peer, exchange_id=exchange.exchange_id, now_us=self._moment.now_us
        ):
            raise Refusal("TRANSFER_CODE")
        assert learner is not None, "a code is an account's"
        if learner.is_erased:
            raise Refusal("ACCOUNT_ERASED")
        number = self._office.document_number(learner)
        mark = identity_commitment(code, learner.document_type, number)
        if mark != request.identity_commitment:
            raise Refusal("IDENTITY_DIFFERS")
        assert request.consent is not None, "admission asks for consent"
        step = self.offer(
            exchange,
            learner=learner,
            wanted=request.lots,
            code=code,
            consent=request.consent,
            proves_code=False,
            agreement=agreement,
            targets=request.wanted_targets,
            asks_person=request.asks_person,
        )
        return _with_code(step, issued, exchange)

    def offer(
        self,
        exchange: Exchange,
        *,
        learner: Learner,
        wanted: Sequence[WantedLot],
        code: bytes,
        consent: Consent,
        proves_code: bool,
        agreement: Agreement,
        returns: Mapping[bytes, bytes] = MappingProxyType({}),
        targets: tuple[str, ...] = (),
        asks_person: bool = False,
        is_committed: bool = False,
        cites: bytes = b"",
    ) -> Step:
        """Return the offer of a learner's lots.

        Args:
            is_committed: whether the lots left by a COMMIT whose decision is appealed against;
                then they are only shown again, and their validity was judged at that offer.

        Raises:
            Refusal: why a lot cannot be offered, AGREEMENT_SCOPE where the agreement leaves its
                kind out, NOT_WITNESSED where it asks for that, or TRANSFER_CODE for a malformed
                one.
        """
        if len(code) != CODE_SIZE:
            raise Refusal("TRANSFER_CODE")
        check = source.check_committed if is_committed else source.check_usable
        check(wanted, self._workspace.lots, learner.account)
        lots = [self._workspace.lots[one.lot_id] for one in wanted]
        if not is_committed:
            self._check_facts(lots, agreement)
            self._check_witnessed(lots, agreement)
        return source.offer(
            self._moment,
            exchange,
            lots=lots,
            proofs=self.prove(lots),
            applicant=Applicant(
                account=learner.account,
                name=learner.name,
                document_type=learner.document_type,
                document_number=self._office.document_number(learner),
                code=code,
                proves_code=proves_code,
            ),
            consent=consent,
            lock_until_us=self._office.lock_until_us(agreement, self._moment),
            returns=returns,
            targets=targets,
            asks_person=asks_person,
            cites=cites,
        )

    def prove(self, lots: Sequence[Lot]) -> DepositProofs:
        """Return where lots stand in this node's log, all under one checkpoint.

        Raises:
            Unavailable: RETRY while a deposit is not yet integrated.
        """
        self.load(lot.lot_id for lot in lots)
        state = self._log
        if state is None or any(lot.lot_id not in self._places for lot in lots):
            raise Unavailable("RETRY")
        order = [self._places[lot.lot_id] for lot in lots]
        proofs = tree.inclusion_proofs(order, state.checkpoint.size, self._nodes)
        return DepositProofs(
            note=state.note,
            places={
                lot.lot_id: (place, tuple(proof))
                for lot, place, proof in zip(lots, order, proofs, strict=True)
            },
        )

    def _check_facts(self, lots: Sequence[Lot], agreement: Agreement) -> None:
        """Validity is judged at the offer; a lot that expires while locked serves its exchange."""
        for lot in lots:
            facts = lot.facts()
            if facts is None:
                raise Refusal("ACCOUNT_ERASED")
            if facts.expires and facts.expires < self._moment.today:
                raise Refusal("CREDIT_EXPIRED")
            if agreement.kinds and facts.kind not in agreement.kinds:
                raise Refusal("AGREEMENT_SCOPE", detail=facts.kind)

    def _check_witnessed(self, lots: Sequence[Lot], agreement: Agreement) -> None:
        """Check, where the agreement asks for it, that what came from elsewhere was witnessed.

        Raises:
            Refusal: NOT_WITNESSED.
        """
        brought = {lot.origin for lot in lots if lot.origin}
        if agreement.requires_witnessed and self._reading.unwitnessed_origins(brought):
            raise Refusal("NOT_WITNESSED")


def _with_code(step: Step, issued: TransferCode, exchange: Exchange) -> Step:
    return replace(step, code_used=replace(issued, used_by=exchange.exchange_id))


def whole(wanted: Sequence[WantedLot], lots: Mapping[bytes, Lot]) -> tuple[WantedLot, ...]:
    """Return wanted lots with the amounts that a learner at the source left for us to know.

    A lot that is not here gets an amount too, and is then refused as one of another learner is.
    """
    known = {one: lot.amount_hundredths for one, lot in lots.items()}
    return tuple(
        one if one.amount_hundredths else replace(one, amount_hundredths=known.get(one.lot_id, 1))
        for one in wanted
    )
