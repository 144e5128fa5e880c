"""How an exchange ended, by one rule for every count of transfers."""

from __future__ import annotations

from enum import StrEnum

from federation.evidence.chain import Chain
from federation.protocol.messages import Mode


class Outcome(StrEnum):
    """The end of an exchange, or that it has none yet."""

    GRANTED = "granted"
    PARTLY_GRANTED = "partly_granted"
    REFUSED = "refused"
    DECLINED = "declined"
    LAPSED = "lapsed"
    RECOGNISED = "recognised"
    OPEN = "open"


def outcome_of(chain: Chain) -> Outcome:
    """Return how an exchange ended.

    Granted is a COMMIT of every lot offered for no less than was offered; a refusal is the
    destination's where its VOTE grants nothing, or else the source's in its ABORT.
    """
    if chain.commit is not None:
        return Outcome.GRANTED if _is_whole(chain) else Outcome.PARTLY_GRANTED
    if chain.vote is not None and not chain.vote.accepted:
        return Outcome.REFUSED
    if chain.vote is not None and chain.mode is Mode.RECOGNISE:
        return Outcome.RECOGNISED
    if chain.abort is None:
        return Outcome.OPEN
    if "LEARNER_DECLINED" in chain.abort.reasons:
        return Outcome.DECLINED
    return Outcome.LAPSED if "LOCK_EXPIRED" in chain.abort.reasons else Outcome.REFUSED


def _is_whole(chain: Chain) -> bool:
    commit, prepare = chain.commit, chain.prepare
    if commit is None or prepare is None:
        return False
    return (
        len(commit.lots) == len(prepare.lots) and chain.voted_hundredths >= chain.offered_hundredths
    )
