"""What a PREPARE may wish for, and what a VOTE may say of lots that count together."""

from __future__ import annotations

import hashlib
import hmac

from federation.base.amounts import check_amount
from federation.base.errors import Breach
from federation.base.names import is_clean_identifier
from federation.protocol.commitments import DECISION_MINUTE, DECISION_RECORD, Openings
from federation.protocol.messages import Vote

MOST_TARGETS = 16
MOST_GRANTS = 50
_HASH = 32


def check_targets(wanted: tuple[str, ...]) -> None:
    """Check the targets that a learner wishes for.

    Raises:
        Breach: TARGETS for too many or for one twice, BAD_TEXT.
    """
    if len(wanted) > MOST_TARGETS or len(set(wanted)) != len(wanted):
        raise Breach("TARGETS")
    _check_names(*wanted)


def check_groups(vote: Vote) -> None:
    """Check that groups and accepted lots say the same.

    Raises:
        Breach: GROUPS where an accepted lot is in no group or in two, or where lots and targets
            of a group differ in sum; AMOUNT, BAD_TEXT or DIGEST.
    """
    if len(vote.record_digest) not in (0, _HASH):
        raise Breach("DIGEST")
    if not vote.groups:
        return
    granted = {lot.lot_id: lot.granted_hundredths for lot in vote.accepted}
    grouped = [lot_id for group in vote.groups for lot_id in group.lot_ids]
    if sorted(grouped) != sorted(granted):
        raise Breach("GROUPS", detail="every accepted lot is in one group")
    for group in vote.groups:
        targets = [one.target for one in group.grants]
        if not group.lot_ids or not 1 <= len(targets) <= MOST_GRANTS:
            raise Breach("GROUPS", detail="a group without lots or grants")
        _check_names(group.entry, *targets)
        for one in group.grants:
            check_amount(one.granted_hundredths)
        by_lot = sum(granted[lot_id] for lot_id in group.lot_ids)
        if by_lot != sum(one.granted_hundredths for one in group.grants):
            raise Breach("GROUPS", detail="lots and targets differ in sum")


def check_record(vote: Vote, shown: Openings) -> None:
    """Check the decision record beside a VOTE, which may be withheld or erased.

    The minute of the people who decided may stand beside the record that names it by its SHA-256.

    Raises:
        Breach: COMMITMENT_MISMATCH.
    """
    names = [one.name for one in shown.openings]
    if names not in ([], [DECISION_RECORD], [DECISION_MINUTE, DECISION_RECORD]):
        raise Breach("COMMITMENT_MISMATCH", detail="what stands beside a VOTE")
    record = record_in(shown)
    for one in shown.openings:
        digest = hashlib.sha256(one.value)
        is_named = (
            hmac.compare_digest(digest.digest(), vote.record_digest)
            if one.name == DECISION_RECORD
            else digest.hexdigest().encode() in record
        )
        if one.subject or one.salt or not is_named:
            raise Breach("COMMITMENT_MISMATCH", detail=one.name)


def record_in(shown: Openings) -> bytes:
    """Return the decision record that is shown, or nothing."""
    found = shown.by_name().get(DECISION_RECORD)
    return found.value if found else b""


def minute_in(shown: Openings) -> bytes:
    """Return the minute of the people who decided that is shown, or nothing."""
    found = shown.by_name().get(DECISION_MINUTE)
    return found.value if found else b""


def _check_names(*names: str) -> None:
    if not all(is_clean_identifier(name) for name in names):
        raise Breach("BAD_TEXT")
