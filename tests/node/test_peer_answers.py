"""Whatever a peer answers, a call to it ends in an outcome or in one of our own errors."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2

from federation.base.errors import Breach, Unavailable
from federation.v1 import exchange_service_pb2 as service
from federation.wire.status import LONGEST_DELAY_MS, error_of
from tests.node.two_provinces import TwoProvinces

CHANGES = 300


class Failure(grpc.RpcError):
    """A failed call, as the client library hands it over."""

    def __init__(self, code: grpc.StatusCode, details: bytes) -> None:
        self._code, self._trailer = code, details

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return "told"

    def trailing_metadata(self) -> tuple[tuple[str, bytes], ...]:
        return (("grpc-status-details-bin", self._trailer),)


def failure(reason: str, seconds: int, code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE) -> Any:
    """Return a failed call with a reason and a delay of a peer's choosing."""
    info = error_details_pb2.ErrorInfo(reason=reason, domain="creditbank")
    retry = error_details_pb2.RetryInfo(retry_delay=Duration(seconds=seconds))
    status = status_pb2.Status(code=code.value[0], message="told", details=map(pack, (info, retry)))
    return Failure(code, status.SerializeToString())


def pack(message: Any) -> Packed:
    """Return a message as a detail of a status."""
    packed = Packed()
    packed.Pack(message)
    return packed


@pytest.mark.parametrize("seconds", [-5, 10**11])
def test_a_peer_asks_us_to_wait_an_hour_at_most(seconds: int) -> None:
    error = error_of(failure("STORAGE", seconds))
    assert isinstance(error, Unavailable)
    assert 0 <= error.retry_after_ms <= LONGEST_DELAY_MS


@pytest.mark.parametrize("reason", ["", "a b", "A" * 65, "A\x00B", "原因", "storage"])
def test_what_is_no_reason_is_not_taken_for_one(reason: str) -> None:
    error = error_of(failure(reason, 1))
    assert (type(error), error.reason) == (Breach, "MALFORMED")


@pytest.mark.parametrize(
    "trailer",
    [
        b"\xff" * 9,
        status_pb2.Status(code=5, message="told").SerializeToString(),
        status_pb2.Status(
            code=14,
            message="told",
            details=[
                Packed(type_url="type.googleapis.com/google.rpc.ErrorInfo", value=b"\xff\xff")
            ],
        ).SerializeToString(),
    ],
)
def test_details_that_are_none_are_malformed(trailer: bytes) -> None:
    assert error_of(Failure(grpc.StatusCode.UNAVAILABLE, trailer)).reason == "MALFORMED"


def test_an_answer_that_is_bent_anywhere_never_breaks_a_courier(two: TwoProvinces) -> None:
    true_carry, chance = two.wire.carry, random.Random(5)
    seen: set[str] = set()

    def bent(change: Callable[[bytearray], None]) -> Callable[[str, str, bytes], bytes]:
        def carry(src: str, dst: str, request: bytes) -> bytes:
            answer = bytearray(true_carry(src, dst, request))
            change(answer)
            return bytes(answer)

        return carry

    person = two.person()
    exchange_id = two.apply(person, two.lot(person), whole=False)
    for _ in range(CHANGES):
        two.wire.carry = bent(lambda answer: bend(answer, chance))  # type: ignore[method-assign]
        two.source.delivery.deliver("CN-33")
        lags = two.source.store.read(lambda reading: reading.lags())
        if not lags:
            break  # The bent bit was one that does not matter, as in a delay.
        seen.add(lags[0].failure)
        two.source.operations.retry("CN-33")
    assert len(seen) > 2
    two.wire.carry = true_carry  # type: ignore[method-assign]
    two.source.delivery.deliver("CN-33")
    assert two.states(exchange_id) == ("PREPARED", "ACCEPTED")


def bend(answer: bytearray, chance: random.Random) -> None:
    """Flip a bit, cut the end off, or put bytes in."""
    place = chance.randrange(len(answer))
    kind = chance.randrange(3)
    if kind == 0:
        answer[place] ^= 1 << chance.randrange(8)
    elif kind == 1:
        del answer[place:]
    else:
        answer[place:place] = chance.randbytes(chance.randrange(1, 9))


@pytest.mark.parametrize("disposal", ["DISPOSAL_DONE", "DISPOSAL_ANSWERED"])
def test_a_claim_without_an_answer_stays_waiting_under_its_reason(
    two: TwoProvinces, disposal: str
) -> None:
    result = service.ItemResult(disposal=service.Disposal.Value(disposal))
    claim = service.DeliverResponse(results=[result]).SerializeToString()
    two.wire.carry = lambda src, dst, request: claim  # type: ignore[method-assign]
    person = two.person()
    two.apply(person, two.lot(person))
    two.source.delivery.deliver("CN-33")
    (lag,) = two.source.store.read(lambda reading: reading.lags())
    assert (lag.waiting, lag.failure) == (1, "ANSWER_UNPROVEN")


def test_an_answer_too_wide_is_refused_before_it_is_parsed(two: TwoProvinces) -> None:
    person = two.person()
    two.apply(person, two.lot(person))
    for answer, reason in (
        (b"\x0a\x00" * 500_000, "TOO_MANY_ITEMS"),
        (bytes(5 << 20), "TOO_LARGE"),
    ):
        two.wire.carry = lambda src, dst, request, answer=answer: answer  # type: ignore
        two.source.operations.retry("CN-33")
        two.source.delivery.deliver("CN-33")
        (lag,) = two.source.store.read(lambda reading: reading.lags())
        assert lag.failure == reason
