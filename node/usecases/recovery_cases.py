"""What a recovery finds and cannot settle by itself, as cases for people."""

from __future__ import annotations

from federation.protocol.messages import Commit
from node.domain.cases import OpenCase
from node.domain.exchange import Exchange
from node.domain.lot import Lot
from node.usecases.recovery_ports import SpendKnown

UNFOUND_LOT = "UNFOUND_LOT"
UNFOUND_LEARNER = "UNFOUND_LEARNER"
TWO_RESTORED = "TWO_RESTORED"
REFILL_CONTRADICTS = "REFILL_CONTRADICTS"
OPAQUE_LEAVES = "OPAQUE_LEAVES"


def unfound_lots(
    exchange: Exchange, commit: Commit, known: set[bytes], now_us: int
) -> list[OpenCase]:
    """Return a case for each lot that left and that the backup never had."""
    return [
        OpenCase(
            kind=UNFOUND_LOT,
            peer=exchange.peer,
            exchange_id=exchange.exchange_id,
            subject=one.lot_id,
            hundredths=one.amount_hundredths,
            opened_us=now_us,
            note="挂账待清 booked against suspense: deposit made after the backup",
        )
        for one in commit.lots
        if one.lot_id not in known
    ]


def unfound_learner(exchange: Exchange, commit: Commit, now_us: int) -> OpenCase:
    """Return the case of a grant to a learner whom the backup never had."""
    return OpenCase(
        kind=UNFOUND_LEARNER,
        peer=exchange.peer,
        exchange_id=exchange.exchange_id,
        subject=b"",
        hundredths=sum(one.granted_hundredths for one in commit.lots),
        opened_us=now_us,
        note="挂账待清 held in suspense: the learner's account is not in the backup",
    )


def contradiction(exchange: Exchange, digest: bytes, reason: str, now_us: int) -> OpenCase:
    """Return the case of a message that came back and does not fit what is here."""
    return OpenCase(
        kind=REFILL_CONTRADICTS,
        peer=exchange.peer,
        exchange_id=exchange.exchange_id,
        subject=digest,
        hundredths=0,
        opened_us=now_us,
        note=reason,
    )


def two_restored(lot: Lot, spend: SpendKnown, now_us: int) -> OpenCase:
    """Return the case of a lot that our log says was spent by a COMMIT that nobody has."""
    return OpenCase(
        kind=TWO_RESTORED,
        peer=lot.peer,
        exchange_id=lot.exchange_id,
        subject=lot.lot_id,
        hundredths=lot.amount_hundredths,
        opened_us=now_us,
        note=f"COMMIT {spend.message_hash.hex()} log {spend.log_index}",
    )


def opaque_leaves(ranges: list[tuple[int, int]], now_us: int) -> OpenCase:
    """Return the case of entries whose contents were lost: deposits, or messages nobody has."""
    spans = " ".join(f"{first}..{first + count - 1}" for first, count in ranges)
    return OpenCase(
        kind=OPAQUE_LEAVES,
        peer="",
        exchange_id=b"",
        subject=ranges[0][0].to_bytes(8, "big"),
        hundredths=0,
        opened_us=now_us,
        note=f"{sum(count for _, count in ranges)} 条日志内容已失 entries lost: {spans}"[:2000],
    )
