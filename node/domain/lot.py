"""Credit lots: what one accredited outcome put into one account. Used whole, never edited or split.

A lot is AVAILABLE, LOCKED for one exchange, or SPENT by it; the ledger says the same in postings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from federation.base.amounts import check_amount
from federation.base.entropy import Entropy
from federation.protocol.commitments import (
    LOT_SECRET,
    SALT_SIZE,
    SECRET_SIZE,
    Opening,
    Openings,
    commitment_to,
    deposit_commitment,
)
from federation.protocol.messages import EXCHANGE_ID_SIZE, LotContent
from node.domain.outcomes import OutcomeFacts

# Our log says that it was spent, and nobody has the COMMIT any more.


class LotState(StrEnum):
    """Whether a lot can be used."""

    AVAILABLE = "AVAILABLE"
    LOCKED = "LOCKED"
    SPENT = "SPENT"


class Hold(StrEnum):
    """Why a lot may not be used, whatever its state."""

    NONE = ""
    FROZEN = "FROZEN"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    DISPUTED = "DISPUTED"

    @property
    def reason(self) -> str:
        """The stable reason of a refusal, or empty."""
        return _HOLD_REASONS[self]


_HOLD_REASONS = {
    Hold.NONE: "",
    Hold.FROZEN: "LOT_FROZEN",
    Hold.REVOKED: "LOT_REVOKED",
    Hold.EXPIRED: "CREDIT_EXPIRED",
    Hold.DISPUTED: "LOT_DISPUTED",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """A credit lot with the secrets that open it.

    Attributes:
        account: the learner's account.
        content: what is committed; never changes.
        secret: 32 random bytes behind deposit commitment and nullifier.
        openings: values and salts of the facts; empty once erased.
        commitment: what the log holds of the deposit.
        peer: the province of the exchange that holds or took it, or empty.
        exchange_id: that exchange, or empty.
        origin: hash of the COMMIT that brought it, or empty for an outcome deposited here.
        source: the system that deposited it, or empty.
        reference: the outcome's name there, or empty.
        hold: why it may not be used; a revoked lot no longer counts in the balance.
    """

    account: str
    state: LotState
    content: LotContent
    secret: bytes
    openings: Openings
    commitment: bytes
    peer: str = ""
    exchange_id: bytes = b""
    origin: bytes = b""
    source: str = ""
    reference: str = ""
    hold: Hold = Hold.NONE

    @property
    def lot_id(self) -> bytes:
        """16 random bytes."""
        return self.content.lot_id

    @property
    def amount_hundredths(self) -> int:
        """The amount, in hundredths of a credit of its unit."""
        return self.content.amount_hundredths

    def facts(self) -> OutcomeFacts | None:
        """Return the facts, or None once they were erased."""
        return facts_of(self.openings, b"")

    def shown(self) -> tuple[Opening, ...]:
        """Return what a peer needs to open the lot: facts and secret, under the lot's name."""
        facts = tuple(
            Opening(subject=self.lot_id, name=one.name, salt=one.salt, value=one.value)
            for one in self.openings.openings
        )
        secret = Opening(subject=self.lot_id, name=LOT_SECRET, salt=b"", value=self.secret)
        return (*facts, secret)


def facts_of(openings: Openings, subject: bytes) -> OutcomeFacts | None:
    """Return the facts that openings show of a lot, or None when none are shown.

    Raises:
        Breach: where the facts shown are not an outcome's.
    """
    texts = {
        name: one.value.decode("utf-8", "replace")
        for name, one in openings.by_name(subject).items()
        if name != LOT_SECRET
    }
    return OutcomeFacts.from_fields(texts) if texts else None


def make_lot(
    *,
    account: str,
    unit: str,
    amount_hundredths: int,
    facts: Mapping[str, str],
    entropy: Entropy,
    origin: bytes = b"",
    source: str = "",
    reference: str = "",
) -> Lot:
    """Return a new lot for facts already checked, with fresh identifier, secret and salts."""
    names = sorted(facts)
    fresh = entropy.token(EXCHANGE_ID_SIZE + SECRET_SIZE + SALT_SIZE * len(names))
    lot_id, secret = fresh[:EXCHANGE_ID_SIZE], fresh[EXCHANGE_ID_SIZE:][:SECRET_SIZE]
    salts = fresh[EXCHANGE_ID_SIZE + SECRET_SIZE :]
    openings = tuple(
        Opening(
            subject=b"",
            name=name,
            salt=salts[at * SALT_SIZE : (at + 1) * SALT_SIZE],
            value=facts[name].encode(),
        )
        for at, name in enumerate(names)
    )
    content = LotContent(
        lot_id=lot_id,
        unit=unit,
        amount_hundredths=check_amount(amount_hundredths),
        fields=tuple(commitment_to(one) for one in openings),
    )
    return Lot(
        account=account,
        state=LotState.AVAILABLE,
        content=content,
        secret=secret,
        openings=Openings(openings),
        commitment=deposit_commitment(content, secret),
        origin=origin,
        source=source,
        reference=reference,
    )
