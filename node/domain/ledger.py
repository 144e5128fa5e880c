"""The double-entry ledger: append-only entries of postings that balance by construction.

A posting moves an amount from one account to another within one unit, so the postings of an entry
sum to zero per unit whatever they are. Only learners' accounts have a balance, which may not fall
below zero; issued, outbound, inbound and retired are sums of postings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

ISSUED = "issued"
RETIRED = "retired"
CONVERSION = "conversion"
# What a restored store knows no lot or learner for; people settle it.
UNFOUND = "unfound"


class EntryKind(StrEnum):
    """Why an entry was made."""

    DEPOSIT = "DEPOSIT"
    OUTBOUND = "OUTBOUND"
    INBOUND = "INBOUND"
    REVERSAL = "REVERSAL"
    CORRECTION = "CORRECTION"
    APPEAL = "APPEAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """An amount that moves from one account to another, in hundredths of a credit of the unit."""

    debit: str
    credit: str
    unit: str
    hundredths: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Postings made together, with what caused them.

    Attributes:
        subject: lot of a deposit or of its revocation, exchange of a transfer, NOTICE of a
            correction; one entry of a kind for each.
        peer: the other province, or empty.
        decision: hash of the VOTE that a conversion rests on, of the COMMIT that is corrected, or
            empty.
    """

    kind: EntryKind
    subject: bytes
    peer: str
    decision: bytes
    time_us: int
    postings: tuple[Posting, ...]


def learner_account(account: str) -> str:
    """Return the ledger account of a learner."""
    return f"learner:{account}"


def outbound_account(peer: str) -> str:
    """Return the ledger account of what left for a peer."""
    return f"outbound:{peer}"


def inbound_account(peer: str) -> str:
    """Return the ledger account of what came from a peer."""
    return f"inbound:{peer}"


def owed_account(account: str) -> str:
    """Return the ledger account of what a learner owes: taken back after it was spent."""
    return f"owed:{account}"


def revocation_entry(
    *, account: str, unit: str, hundredths: int, lot_id: bytes, time_us: int
) -> Entry:
    """Return the entry that takes a lot back which is still here: from the learner to retired."""
    return Entry(
        kind=EntryKind.CORRECTION,
        subject=lot_id,
        peer="",
        decision=b"",
        time_us=time_us,
        postings=(
            Posting(
                debit=learner_account(account), credit=RETIRED, unit=unit, hundredths=hundredths
            ),
        ),
    )


def deposit_entry(
    *, account: str, unit: str, hundredths: int, lot_id: bytes, time_us: int
) -> Entry:
    """Return the entry of a deposit: issued to the learner."""
    return Entry(
        kind=EntryKind.DEPOSIT,
        subject=lot_id,
        peer="",
        decision=b"",
        time_us=time_us,
        postings=(
            Posting(
                debit=ISSUED, credit=learner_account(account), unit=unit, hundredths=hundredths
            ),
        ),
    )


def outbound_entry(
    *, account: str, peer: str, unit: str, amounts: Iterable[int], exchange_id: bytes, time_us: int
) -> Entry:
    """Return the source's entry of a COMMIT: each lot whole, from the learner to the peer."""
    return Entry(
        kind=EntryKind.OUTBOUND,
        subject=exchange_id,
        peer=peer,
        decision=b"",
        time_us=time_us,
        postings=tuple(
            Posting(
                debit=learner_account(account),
                credit=outbound_account(peer),
                unit=unit,
                hundredths=amount,
            )
            for amount in amounts
        ),
    )


def inbound_entry(
    *,
    account: str,
    peer: str,
    own_unit: str,
    amounts: Iterable[tuple[int, int]],
    exchange_id: bytes,
    decision: bytes,
    time_us: int,
) -> Entry:
    """Return the destination's entry of a COMMIT: taken in, retired at source value, issued anew.

    Args:
        amounts: for each lot its source hundredths and its granted hundredths.
    """
    postings: list[Posting] = []
    for taken, granted in amounts:
        postings += (
            Posting(debit=inbound_account(peer), credit=CONVERSION, unit=peer, hundredths=taken),
            Posting(debit=CONVERSION, credit=RETIRED, unit=peer, hundredths=taken),
            Posting(
                debit=ISSUED, credit=learner_account(account), unit=own_unit, hundredths=granted
            ),
        )
    return Entry(
        kind=EntryKind.INBOUND,
        subject=exchange_id,
        peer=peer,
        decision=decision,
        time_us=time_us,
        postings=tuple(postings),
    )


def appeal_entry(
    *,
    account: str,
    peer: str,
    own_unit: str,
    amounts: Iterable[int],
    exchange_id: bytes,
    decision: bytes,
    time_us: int,
) -> Entry:
    """Return the entry of what a decision on appeal adds: issued here; nothing is taken in again.

    Args:
        exchange_id: the exchange of the appeal.
        decision: hash of its VOTE.
    """
    return Entry(
        kind=EntryKind.APPEAL,
        subject=exchange_id,
        peer=peer,
        decision=decision,
        time_us=time_us,
        postings=tuple(
            Posting(debit=ISSUED, credit=learner_account(account), unit=own_unit, hundredths=amount)
            for amount in amounts
        ),
    )


def suspended(entry: Entry) -> Entry:
    """Return an entry whose grant is held in suspense, as its learner is not known here."""
    return replace(
        entry,
        postings=tuple(
            replace(one, credit=UNFOUND) if one.debit == ISSUED else one for one in entry.postings
        ),
    )


def reversal_entry(
    *,
    account: str,
    peer: str,
    own_unit: str,
    taken: Iterable[int],
    owed: Iterable[int],
    exchange_id: bytes,
    decision: bytes,
    time_us: int,
) -> Entry:
    """Return the entry that takes back what an exchange issued here.

    The source's side of it stays as it is booked: what left there did arrive here.

    Args:
        taken: hundredths of each lot that the learner still has.
        owed: hundredths of each that is gone, which the learner owes.
        decision: hash of the COMMIT that is reversed.
    """
    moved = [(learner_account(account), one) for one in taken]
    moved += [(owed_account(account), one) for one in owed]
    return Entry(
        kind=EntryKind.REVERSAL,
        subject=exchange_id,
        peer=peer,
        decision=decision,
        time_us=time_us,
        postings=tuple(
            Posting(debit=debit, credit=ISSUED, unit=own_unit, hundredths=hundredths)
            for debit, hundredths in moved
        ),
    )
