"""What a message must be in itself before it may touch any state: pure checks of form and time.

The trust in each input: envelope, signature, sender and canonical form are already proven; the
content is still whatever the sender wanted to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import singledispatch

from federation.base.amounts import LARGEST_HUNDREDTHS, check_amount
from federation.base.clock import MINUTE
from federation.base.errors import Breach, Kind
from federation.base.names import is_clean_identifier
from federation.protocol.commitments import (
    LOT_SECRET,
    SECRET_SIZE,
    TRANSFER_CODE,
    Openings,
    check_openings,
    deposit_commitment,
)
from federation.protocol.inquiries import (
    ALL_TYPES,
    BUCKETS,
    NONCE_SIZE,
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
    Consent,
    ConsentAck,
    ConsentWithdrawn,
    Disposition,
    Ending,
    EvidenceFile,
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
MOST_LOTS = 100
MOST_REASONS = 16
MOST_FILES = 16
LARGEST_FILE = 64 * 1024 * 1024
MEDIA_TYPES = frozenset({"application/pdf", "image/png", "image/jpeg", "text/plain"})
FRESHNESS = 5 * MINUTE
CONSENT_BASIS = "SEPARATE_CONSENT"
_REASON = re.compile(r"[A-Z][A-Z0-9_]{1,63}")
_HASH = 32
_PARTIES = 2
_EARLIEST_YEAR = 2020
# The years that a signed time may lie in, UTC microseconds: 2020 to 2200.
_TIMES = range(1_577_836_800_000_000, 7_258_118_400_000_000)


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
    _check_times(header.signed_time_us)


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
    _check_consent(message.consent)
    _check_lots(lot.lot_id for lot in message.lots)
    for lot in message.lots:
        check_amount(lot.amount_hundredths)
    _check_hashes(message.code_commitment, message.identity_commitment)


@_check_body.register
def _(message: Prepare) -> None:
    _check_consent(message.consent)
    _check_lots(lot.content.lot_id for lot in message.lots)
    for lot in message.lots:
        check_amount(lot.content.amount_hundredths)
        if lot.content.unit != message.header.src:
            raise Breach("UNIT")
        _check_commitments(lot.content.fields)
        _check_hashes(lot.deposit_commitment, *filter(None, (lot.deposit_origin,)))
        _check_return(message.relates_to, lot.returns)
    _check_commitments(message.learner)
    _check_hashes(message.identity_commitment)
    if bool(message.code_commitment) is bool(message.header.cause):
        raise Breach("TRANSFER_CODE", detail="exactly one of REQUEST and code proves the link")
    _check_hashes(*filter(None, (message.code_commitment, message.cites)))
    if message.mode is Mode.TRANSFER:
        _check_times(message.lock_until_us)


@_check_body.register
def _(message: Vote) -> None:
    _check_lots(lot.lot_id for lot in message.lots)
    for lot in message.lots:
        _check_reasons(lot.reasons)
        if lot.verdict is Verdict.ACCEPT:
            check_amount(lot.granted_hundredths)
        elif lot.granted_hundredths or not lot.reasons:
            raise Breach("AMOUNT", detail="a refused lot has reasons and no grant")
        _check_names(*filter(None, (lot.entry, lot.target)))
    record = message.record
    if record.granted_hundredths != sum(lot.granted_hundredths for lot in message.lots):
        raise Breach("AMOUNT", detail="the record's sum")
    _check_names(record.rule)
    _check_hashes(record.rule_digest)
    _check_day(record.decided_on)
    _check_times(record.valid_until_us, record.appeal_until_us, message.accept_until_us)


@_check_body.register
def _(message: Commit) -> None:
    _check_lots(lot.lot_id for lot in message.lots)
    for lot in message.lots:
        check_amount(lot.amount_hundredths)
        check_amount(lot.granted_hundredths)
        _check_hashes(lot.nullifier)


@_check_body.register
def _(message: Abort) -> None:
    if not message.reasons:
        raise Breach("REASON_MISSING")
    _check_reasons(message.reasons)


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
    _check_lots(lot.lot_id for lot in message.lots)
    for lot in message.lots:
        if not lot.reasons:
            raise Breach("REASON_MISSING")
        _check_reasons(lot.reasons)


@_check_body.register
def _(message: Supplement) -> None:
    _check_lots(lot.lot_id for lot in message.lots)
    for lot in message.lots:
        if not 1 <= len(lot.files) <= MOST_FILES:
            raise Breach("EVIDENCE_FILES")
        _check_commitments(tuple(one.file for one in lot.files))
        for one in lot.files:
            check_file(one)


@_check_body.register
def _(message: Notice) -> None:
    _check_lots(lot.lot_id for lot in message.lots)
    for lot in message.lots:
        _check_reasons((lot.reason,))
        if lot.fact is Fact.CORRECTED:
            check_amount(lot.amount_hundredths)
        elif lot.amount_hundredths:
            raise Breach("AMOUNT", detail="an amount of what was not corrected")


@_check_body.register
def _(message: Disposition) -> None:
    _check_lots(lot.lot_id for lot in message.lots)
    _check_names(message.policy)
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
    _check_nonce(message.nonce)
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
    _check_nonce(nonce)
    if not 0 < incarnation < LARGEST_INCARNATION:
        raise Breach("INCARNATION")
    if len(mark) not in (0, EXCHANGE_ID_SIZE):
        raise Breach("EXCHANGE_ID")


def _check_nonce(nonce: bytes) -> None:
    if len(nonce) != NONCE_SIZE or not any(nonce):
        raise Breach("NONCE")


def _check_consent(consent: Consent | None) -> None:
    if consent is None or consent.basis != CONSENT_BASIS or not consent.fields:
        raise Breach("LEGAL_BASIS")
    if list(consent.fields) != sorted(set(consent.fields)):
        raise Breach("LEGAL_BASIS", detail="fields not in order")
    _check_names(*consent.fields)
    _check_times(consent.given_time_us)


def _check_lots(lot_ids: Iterable[bytes]) -> None:
    listed = list(lot_ids)
    if not listed:
        raise Breach("NO_LOTS")
    if len(listed) > MOST_LOTS:
        raise Breach("TOO_MANY_LOTS")
    if any(len(lot_id) != EXCHANGE_ID_SIZE for lot_id in listed):
        raise Breach("LOT", kind=Kind.INVALID_ARGUMENT)
    if len(set(listed)) != len(listed):
        raise Breach("DUPLICATE_LOT")


def _check_return(exchange_id: bytes, lot_id: bytes) -> None:
    """A return cites an exchange and in it the lot that comes back; nothing else cites either."""
    sizes = {len(exchange_id), len(lot_id)}
    if sizes not in ({0}, {EXCHANGE_ID_SIZE}):
        raise Breach("EXCHANGE_ID", detail="what is returned")


def _check_commitments(commitments: tuple[Commitment, ...]) -> None:
    names = [one.name for one in commitments]
    if names != sorted(set(names)):
        raise Breach("COMMITMENT_ORDER")
    _check_names(*names)
    _check_hashes(*(one.digest for one in commitments))


def check_file(one: EvidenceFile) -> None:
    """Check what is said of a file.

    Raises:
        Breach: EVIDENCE_SIZE or EVIDENCE_TYPE.
    """
    if not 0 < one.size_bytes <= LARGEST_FILE:
        raise Breach("EVIDENCE_SIZE")
    if one.media_type not in MEDIA_TYPES:
        raise Breach("EVIDENCE_TYPE")


def _check_hashes(*digests: bytes) -> None:
    if any(len(digest) != _HASH for digest in digests):
        raise Breach("DIGEST")


def _check_names(*names: str) -> None:
    if not all(is_clean_identifier(name) for name in names):
        raise Breach("BAD_TEXT")


def _check_times(*times_us: int) -> None:
    if any(time_us not in _TIMES for time_us in times_us):
        raise Breach("DATE")


def _check_day(text: str) -> None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Breach("DATE", detail="no such day") from None
    if day.isoformat() != text or day.year < _EARLIEST_YEAR:
        raise Breach("DATE", detail="no such day")


def _check_reasons(reasons: tuple[str, ...]) -> None:
    if len(reasons) > MOST_REASONS or not all(_REASON.fullmatch(one) for one in reasons):
        raise Breach("REASON_FORM")
