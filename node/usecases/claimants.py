"""Whom the offers and questions of one batch are for: codes and learners, read once for all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from federation.protocol.commitments import TRANSFER_CODE, Openings, hash_code
from federation.protocol.messages import MessageType, Request
from federation.wire import codec
from federation.wire.delivery import Arrival
from node.domain.destination import Claimant
from node.domain.exchange import Exchange
from node.domain.learner import Learner, TransferCode
from node.domain.step import Step
from node.usecases.office import Office
from node.usecases.ports import Transaction


class Claimants:
    """Transfer codes and learners as one transaction sees them and uses them up."""

    def __init__(self, office: Office, tx: Transaction) -> None:
        self._office = office
        self._tx = tx
        self._codes: dict[bytes, TransferCode] = {}
        self._learners: dict[str, Learner] = {}

    def load_codes(self, arrivals: Sequence[Arrival]) -> set[str]:
        """Read the codes that messages show; return the accounts that they are of."""
        digests = {hash_code(code) for one in arrivals if (code := shown_code(one.openings))}
        self._codes = dict(self._tx.codes(digests))
        return {code.account for code in self._codes.values()}

    def load_learners(self, accounts: Collection[str]) -> None:
        """Read the learners of these accounts."""
        self._learners = dict(self._tx.learners(accounts)) if accounts else {}

    def issued(self, code: bytes) -> TransferCode | None:
        """Return a code as issued here, or None."""
        return self._codes.get(hash_code(code)) if code else None

    def learner(self, account: str) -> Learner | None:
        """Return the learner of an account, or None."""
        return self._learners.get(account)

    def claimant(self, arrival: Arrival, exchange: Exchange) -> Claimant:
        """Return whom an offer is for, by the code it shows or by our REQUEST."""
        code, issued, account = shown_code(arrival.openings), None, exchange.account
        targets: tuple[str, ...] | None = None
        asks_person = False
        if request := exchange.hashes.get(MessageType.REQUEST):
            sent = self._tx.messages([request])[request]
            code = shown_code(codec.decode_openings(sent.openings))
            asked = codec.decode(MessageType.REQUEST, sent.payload)
            assert isinstance(asked, Request)
            targets, asks_person = asked.wanted_targets, asked.asks_person
        elif code:
            issued = self.issued(code)
            account = issued.account if issued else ""
        learner = self.learner(account)
        return Claimant(
            learner=learner,
            code=code,
            issued=issued,
            document_number=self._office.document_number(learner) if learner else "",
            targets=targets,
            asks_person=asks_person,
        )

    def use(self, step: Step) -> None:
        """Let what a step used up be used up for the rest of the batch."""
        if (used := step.code_used) is not None:
            for digest, code in self._codes.items():
                if code.reference == used.reference:
                    self._codes[digest] = replace(code, used_by=used.used_by)


def shown_code(openings: Openings) -> bytes:
    """Return the transfer code that a message shows, or nothing."""
    shown = openings.by_name().get(TRANSFER_CODE)
    return shown.value if shown else b""
