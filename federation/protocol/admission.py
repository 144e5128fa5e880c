"""What a message must be in itself before it may touch any state: pure checks of form and time.

The trust in each input: envelope, signature, sender and canonical form are already proven; the
content is still whatever the sender wanted to say.
"""

from __future__ import annotations

from functools import singledispatch

from federation.base.amounts import LARGEST_HUNDREDTHS, check_amount
from federation.base.clock import MINUTE
from federation.base.errors import Breach
from federation.protocol.commitments import (
    LOT_SECRET,
    SECRET_SIZE,
    TRANSFER_CODE,
    Openings,
    check_openings,
    deposit_commitment,
)
from federation.protocol.fields import (
    _HASH,
    MOST_LOTS,
    check_cited,
    check_commitments,
    check_consent,
    check_day,
    check_file,
    check_hashes,
    check_lots,
    check_names,
    check_nonce,
    check_reasons,
    check_times,
)
from federation.protocol.grouping import check_groups, check_record, check_targets
from federation.protocol.inquiries import (
    ALL_TYPES,
    BUCKETS,
    Message,
    PairAnswer,
    PairQuery,
    RefillAnswer,
    RefillQuery,
    StatusAnswer,
    StatusQuery,
)
from federation.protocol.lifecycle import MOST_STEPS, REPEATABLE
from federation.protocol.messages import (
    EXCHANGE_ID_SIZE,
    Abort,
    Commit,
    Commitment,
    ConsentAck,
    ConsentWithdrawn,
    Disposition,
    Ending,
    Fact,
    Header,
    Mode,
    Notice,
    Outcome,
    Prepare,
    Receipt,
    Request,
    Supplement,
    SupplementAsked,
    Verdict,
    Vote,
)

LARGEST_PAYLOAD = 256 * 1024
# A page of a refill holds at least one message whole, with its openings and proofs.
LARGEST_REFILL = 1024 * 1024
LARGEST_BATCH = 4 * 1024 * 1024
# No node is restored so often; a number beyond is a lie that would leave no room for the next.
LARGEST_INCARNATION = 2**32
MOST_FILES = 16
FRESHNESS = 5 * MINUTE
_PARTIES = 2


def admit(message: Message, *, now_us: int) -> None:
    """Check a message by itself.

    ``now_us`` serves only the freshness of inquiries, which is flood control: no message that
    may have been applied is refused for its age before the inbox has been asked.

    Raises:
        Breach: with the reason of the first rule that it breaks.
    """
    _check_header(message.header)
    # Of most messages an exchange has one, and inquiries have no steps at all.
    most = MOST_STEPS if ALL_TYPES[type(message)] in REPEATABLE else 1
    if not 1 <= message.header.step <= most:
        raise Breach("STEP")
    if isinstance(message, StatusQuery | PairQuery | RefillQuery):
        check_fresh(message.header, now_us=now_us)
    _check_body(message)


def check_parties(header: Header, *, src: str, dst: str) -> None:
    """Check that a message names the two provinces of its envelope.

    Raises:
        Breach: IDENTITY_MISMATCH, WRONG_DESTINATION or SELF_TRANSFER.
    """
    if header.src != src:
        raise Breach("IDENTITY_MISMATCH")
    if header.src == header.dst:
        raise Breach("SELF_TRANSFER")
    if header.dst != dst:
        raise Breach("WRONG_DESTINATION")


def check_detached(message: Message, shown: Openings) -> None:
    """Check that what travels beside a message is what the message commits to.

    Raises:
        Breach: COMMITMENT_MISMATCH.
    """
    if isinstance(message, Prepare):
        _check_prepare_openings(message, shown)
    elif isinstance(message, Request):
        code = Commitment(name=TRANSFER_CODE, digest=message.code_commitment)
        check_openings(shown, {b"": (code,)})
    elif isinstance(message, Supplement):
        check_openings(shown, {lot.lot_id: [one.file for one in lot.files] for lot in message.lots})
    elif isinstance(message, Vote):
        check_record(message, shown)
    elif shown.openings:
        raise Breach("COMMITMENT_MISMATCH", detail="nothing to open")


def _check_prepare_openings(message: Prepare, shown: Openings) -> None:
    learner = list(message.learner)
    if message.code_commitment:
        learner.append(Commitment(name=TRANSFER_CODE, digest=message.code_commitment))
    found = [one for one in shown.openings if one.name == LOT_SECRET]
    secrets = {one.subject: one for one in found}
    if len(secrets) != len(found):
        raise Breach("COMMITMENT_MISMATCH", detail="two secrets of one lot")
    rest = Openings(tuple(one for one in shown.openings if one.name != LOT_SECRET))
    check_openings(
        rest, {b"": learner, **{lot.content.lot_id: lot.content.fields for lot in message.lots}}
    )
    for lot in message.lots:
        secret = secrets.pop(lot.content.lot_id, None)
        if secret is None:
            continue
        if secret.salt or len(secret.value) != SECRET_SIZE:
            raise Breach("COMMITMENT_MISMATCH", detail="form of a secret")
        if deposit_commitment(lot.content, secret.value) != lot.deposit_commitment:
            raise Breach("COMMITMENT_MISMATCH", detail="deposit")
    if secrets:
        raise Breach("COMMITMENT_MISMATCH", detail="secret of no lot")


def _check_header(header: Header) -> None:
    if len(header.exchange_id) != EXCHANGE_ID_SIZE:
        raise Breach("EXCHANGE_ID")
    if len(header.cause) not in (0, _HASH):
        raise Breach("CHAIN_BROKEN")
    check_times(header.signed_time_us)


def check_fresh(header: Header, *, now_us: int) -> None:
    """Check that a question, or a REQUEST not seen before, was signed about now.

    Raises:
        Breach: STALE or CLOCK_SKEW.
    """
    if header.signed_time_us < now_us - FRESHNESS:
        raise Breach("STALE")
    if header.signed_time_us > now_us + FRESHNESS:
        raise Breach("CLOCK_SKEW")


@singledispatch
def _check_body(message: Message) -> None:
    raise AssertionError(f"no rule for {type(message).__name__}")


@_check_body.register
def _(message: Request) -> None:
    check_consent(message.consent)
    check_lots(lot.lot_id for lot in message.lots)
    for lot in message.lots:
        check_amount(lot.amount_hundredths)
    check_hashes(message.code_commitment, message.identity_commitment)
    check_targets(message.wanted_targets)


@_check_body.register
def _(message: Prepare) -> None:
    check_consent(message.consent)
    check_lots(lot.content.lot_id for lot in message.lots)
    for lot in message.lots:
        check_amount(lot.content.amount_hundredths)
        if lot.content.unit != message.header.src:
            raise Breach("UNIT")
        check_commitments(lot.content.fields)
        check_hashes(lot.deposit_commitment, *filter(None, (lot.deposit_origin,)))
    check_cited(message.relates_to, [lot.returns for lot in message.lots])
    check_commitments(message.learner)
    check_hashes(message.identity_commitment)
    if bool(message.code_commitment) is bool(message.header.cause):
        raise Breach("TRANSFER_CODE", detail="exactly one of REQUEST and code proves the link")
    check_hashes(*filter(None, (message.code_commitment, message.cites)))
    check_targets(message.wanted_targets)
    if message.mode is Mode.TRANSFER:
        check_times(message.lock_until_us)


@_check_body.register
def _(message: Vote) -> None:
    check_lots(lot.lot_id for lot in message.lots)
    for lot in message.lots:
        check_reasons(lot.reasons)
        if lot.verdict is Verdict.ACCEPT:
            check_amount(lot.granted_hundredths)
        elif lot.granted_hundredths or not lot.reasons:
            raise Breach("AMOUNT", detail="a refused lot has reasons and no grant")
        check_names(*filter(None, (lot.entry, lot.target)))
    record = message.record
    if record.granted_hundredths != sum(lot.granted_hundredths for lot in message.lots):
        raise Breach("AMOUNT", detail="the record's sum")
    check_names(record.rule)
    check_hashes(record.rule_digest)
    check_day(record.decided_on)
    check_times(record.valid_until_us, record.appeal_until_us, message.accept_until_us)
    check_groups(message)


@_check_body.register
def _(message: Commit) -> None:
    check_lots(lot.lot_id for lot in message.lots)
    for lot in message.lots:
        check_amount(lot.amount_hundredths)
        check_amount(lot.granted_hundredths)
        check_hashes(lot.nullifier)


@_check_body.register
def _(message: Abort) -> None:
    if not message.reasons:
        raise Breach("REASON_MISSING")
    check_reasons(message.reasons)


@_check_body.register
def _(message: Receipt) -> None:
    sums = (message.inbound_hundredths, message.granted_hundredths)
    if message.ending is Ending.RELEASED and any(sums):
        raise Breach("AMOUNT", detail="released and credited")
    if message.ending is Ending.CREDITED:
        for total in sums:
            if not 0 < total <= LARGEST_HUNDREDTHS * MOST_LOTS:
                raise Breach("AMOUNT")


@_check_body.register
def _(message: SupplementAsked) -> None:
    check_lots(lot.lot_id for lot in message.lots)
    for lot in message.lots:
        if not lot.reasons:
            raise Breach("REASON_MISSING")
        check_reasons(lot.reasons)


@_check_body.register
def _(message: Supplement) -> None:
    check_lots(lot.lot_id for lot in message.lots)
    for lot in message.lots:
        if not 1 <= len(lot.files) <= MOST_FILES:
            raise Breach("EVIDENCE_FILES")
        check_commitments(tuple(one.file for one in lot.files))
        for one in lot.files:
            check_file(one)


@_check_body.register
def _(message: Notice) -> None:
    check_lots(lot.lot_id for lot in message.lots)
    for lot in message.lots:
        check_reasons((lot.reason,))
        if lot.fact is Fact.CORRECTED:
            check_amount(lot.amount_hundredths)
        elif lot.amount_hundredths:
            raise Breach("AMOUNT", detail="an amount of what was not corrected")


@_check_body.register
def _(message: Disposition) -> None:
    check_lots(lot.lot_id for lot in message.lots)
    check_names(message.policy)
    for lot in message.lots:
        for amount in (lot.remaining_hundredths, lot.shortfall_hundredths):
            if not 0 <= amount <= LARGEST_HUNDREDTHS:
                raise Breach("AMOUNT")
        if lot.shortfall_hundredths and lot.outcome is not Outcome.REVERSED:
            raise Breach("AMOUNT", detail="owed for what was not reversed")


@_check_body.register(ConsentWithdrawn)
@_check_body.register(ConsentAck)
def _(message: ConsentWithdrawn | ConsentAck) -> None:
    # The source's is the first step, the destination's the second.
    if message.header.step > _PARTIES:
        raise Breach("STEP")


@_check_body.register(StatusQuery)
@_check_body.register(StatusAnswer)
@_check_body.register(PairQuery)
@_check_body.register(PairAnswer)
def _(message: StatusQuery | StatusAnswer | PairQuery | PairAnswer) -> None:
    check_nonce(message.nonce)
    if isinstance(message, PairQuery):
        if message.bucket > BUCKETS:
            raise Breach("BUCKET")
        if message.source not in (message.header.src, message.header.dst):
            raise Breach("NOT_PARTY")


@_check_body.register
def _(message: RefillQuery) -> None:
    _check_refill(message.nonce, message.incarnation, message.after)


@_check_body.register
def _(message: RefillAnswer) -> None:
    _check_refill(message.nonce, message.fence, message.next)


def _check_refill(nonce: bytes, incarnation: int, mark: bytes) -> None:
    check_nonce(nonce)
    if not 0 < incarnation < LARGEST_INCARNATION:
        raise Breach("INCARNATION")
    if len(mark) not in (0, EXCHANGE_ID_SIZE):
        raise Breach("EXCHANGE_ID")
