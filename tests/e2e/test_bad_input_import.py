"""What a province's own systems hand in: bad rows are listed and skipped, never half stored."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from federation.transport.certificates import node_host
from node.edges.local_accounts import open_account
from node.v1 import account_service_pb2 as accounts
from node.v1 import deposit_service_pb2 as deposits
from node.v1.deposit_service_pb2_grpc import DepositServiceStub
from tests.e2e import raw_bytes
from tests.e2e.answers import Refused, refused
from tests.e2e.federation_of_two import Federation
from tests.e2e.running_node import FACTS, Learner, Node
from tests.federation.registry_world import present_us

# One fault for each row, and the reason that it is listed with.
FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "credits 0": ({"credits": "0"}, "AMOUNT"),
    "credits 0.00": ({"credits": "0.00"}, "AMOUNT"),
    "credits negative": ({"credits": "-3"}, "AMOUNT"),
    "credits of 64 bits": ({"credits": "18446744073709551615"}, "AMOUNT"),
    "credits of 30 digits": ({"credits": "9" * 30}, "AMOUNT"),
    "credits of 5000 digits": ({"credits": "9" * 5000}, "AMOUNT"),
    "credits NaN": ({"credits": "NaN"}, "AMOUNT"),
    "credits infinite": ({"credits": "Infinity"}, "AMOUNT"),
    "credits in powers": ({"credits": "3e2"}, "AMOUNT"),
    "credits finer than hundredths": ({"credits": "1.234"}, "AMOUNT"),
    "credits with a comma": ({"credits": "1,5"}, "AMOUNT"),
    "credits in other digits": ({"credits": "３"}, "AMOUNT"),
    "credits with a space": ({"credits": " 3"}, "AMOUNT"),
    "no credits": ({"credits": ""}, "AMOUNT"),
    "30 February": ({"facts": FACTS | {"earned": "2024-02-30"}}, "DATE"),
    "year 0001": ({"facts": FACTS | {"earned": "0001-01-01"}}, "DATE"),
    "29 February of no leap year": ({"facts": FACTS | {"earned": "2023-02-29"}}, "DATE"),
    "short date": ({"facts": FACTS | {"earned": "2024-6-30"}}, "DATE"),
    "no date": ({"facts": FACTS | {"earned": ""}}, "DATE"),
    "expires before earned": ({"facts": FACTS | {"expires": "2020-01-01"}}, "DATE"),
    "fact missing": ({"facts": {k: v for k, v in FACTS.items() if k != "kind"}}, "FIELDS"),
    "fact unknown": ({"facts": FACTS | {"shoe_size": "42"}}, "FIELDS"),
    "no facts": ({"facts": {}}, "FIELDS"),
    "kind unknown": ({"facts": FACTS | {"kind": "MIRACLE"}}, "FIELDS"),
    "level beyond ten": ({"facts": FACTS | {"level": "11"}}, "FIELDS"),
    "level NaN": ({"facts": FACTS | {"level": "NaN"}}, "FIELDS"),
    "grade beyond its scale": ({"facts": FACTS | {"grade": "101"}}, "GRADE"),
    "title with bidi override": ({"facts": FACTS | {"title": "高\u202e数"}}, "BAD_TEXT"),
    "code with NUL": ({"facts": FACTS | {"code": "A\x00"}}, "BAD_TEXT"),
    "learner unknown": ({"learner": "nobody"}, "ACCOUNT"),
    "learner with a bad check digit": ({"learner": "31000000000199"}, "ACCOUNT"),
    "no learner": ({"learner": ""}, "ACCOUNT"),
    "no reference": ({"reference": ""}, "BAD_TEXT"),
    "reference with NUL": ({"reference": "a\x00b"}, "BAD_TEXT"),
    "reference of 129": ({"reference": "r" * 129}, "BAD_TEXT"),
    "reference twice": ({"reference": "good-1"}, "DUPLICATE_LOT"),
}


def row(owner: Learner, line: int, source: str, **bent: Any) -> deposits.DepositOutcomesRequest:
    """Return a row that is in order, apart from what is bent."""
    values = {
        "source": source,
        "line": line,
        "reference": f"good-{line}",
        "learner": owner.account,
        "credits": "1.5",
        "facts": FACTS,
    }
    return deposits.DepositOutcomesRequest(**(values | bent))


def progress(node: Node, source: str) -> deposits.GetDepositProgressResponse:
    """Ask how far a source has come."""
    request = deposits.GetDepositProgressRequest(source=source)
    return node.client.deposits.GetDepositProgress(request)


def channel(node: Node) -> grpc.Channel:
    """Return a connection to the local services on which nothing is parsed for us."""
    config = node.client.config
    identity = open_account(config, now_us=present_us())
    credentials = grpc.ssl_channel_credentials(
        (config.keys / "tls-ca.pem").read_bytes(),
        identity.key_pem,
        identity.certificate_pem.encode(),
    )
    options = [("grpc.ssl_target_name_override", node_host(node.province))]
    return grpc.secure_channel(config.local_listen, credentials, options)


def test_every_bad_row_is_listed_and_skipped_and_all_others_are_stored(
    federation: Federation,
) -> None:
    node, source = federation.source, "faulty"
    learner, before = node.enrol(), node.picture()
    rows, expected = [row(learner, 1, source)], []
    for changes, reason in FAULTS.values():
        rows.append(row(learner, len(rows) + 1, source, **changes))
        expected.append((rows[-1].line, reason))
        rows.append(row(learner, len(rows) + 1, source))
    answer = node.client.deposits.DepositOutcomes(iter(rows))
    assert [(one.line, one.reason) for one in answer.rejected] == expected
    assert all(len(one.reference) <= 64 for one in answer.rejected)
    good = len(FAULTS) + 1
    assert (answer.deposited, answer.repeated_rows) == (good, 0)
    archive, after = node.archive(learner), node.picture()
    assert (len(archive.lots), archive.balance_hundredths) == (good, good * 150)
    grown = {name: after[name] - before[name] for name in before}
    assert grown == dict.fromkeys(before, 0) | {
        **dict.fromkeys(("lot", "entry", "log", "log_leaf"), good),
        "posting": after["posting"] - before["posting"],
        "held": good * 150,
        "import_rejected": len(FAULTS),
    }
    told = progress(node, source)
    assert (told.line, told.deposited) == (len(rows), good)
    assert [(one.line, one.reason) for one in told.rejected] == expected


def test_the_same_rows_again_change_nothing(federation: Federation) -> None:
    node, source, learner = federation.source, "twice", federation.source.enrol()
    rows = [row(learner, line, source) for line in range(1, 4)]
    rows.append(row(learner, 4, source, credits="0"))
    first = node.client.deposits.DepositOutcomes(iter(rows))
    with federation.unchanged(node):
        again = node.client.deposits.DepositOutcomes(iter(rows))
    assert (first.deposited, first.repeated_rows) == (3, 0)
    assert (again.deposited, again.repeated_rows) == (0, 3)
    assert list(again.rejected) == list(first.rejected)


def test_a_broken_stream_goes_on_where_it_stopped(federation: Federation) -> None:
    node, source, learner = federation.source, "broken", federation.source.enrol()
    rows = [row(learner, line, source) for line in range(1, 1301)]
    rows[700] = row(learner, 701, source, credits="NaN")
    stored = threading.Event()

    def some() -> Iterator[deposits.DepositOutcomesRequest]:
        yield from rows[:1150]
        stored.wait(30)

    with channel(node) as wire:
        call = DepositServiceStub(wire).DepositOutcomes.future(some())
        while progress(node, source).line < 1000:
            assert not call.done()
        call.cancel()
        stored.set()
    told = progress(node, source)
    assert 1000 <= told.line < 1300
    archive = node.archive(learner)
    assert len(archive.lots) == told.deposited == told.line - 1
    assert archive.balance_hundredths == 150 * told.deposited
    answer = node.client.deposits.DepositOutcomes(iter(rows[told.line :]))
    assert (answer.deposited, answer.repeated_rows) == (1300 - told.line, 0)
    told = progress(node, source)
    assert (told.line, told.deposited) == (1300, 1299)
    assert [(one.line, one.reason) for one in told.rejected] == [(701, "AMOUNT")]
    assert node.archive(learner).balance_hundredths == 150 * 1299


def test_a_line_beyond_any_list_is_refused(federation: Federation) -> None:
    node, learner = federation.source, federation.source.enrol()
    rows = [row(learner, 1, "endless"), row(learner, 2**64 - 1, "endless")]
    with federation.unchanged(node), channel(node) as wire:
        with pytest.raises(grpc.RpcError) as caught:
            DepositServiceStub(wire).DepositOutcomes(iter(rows), timeout=20)
        answer = refused(caught.value)
        assert (answer.code, answer.reason) == ("INVALID_ARGUMENT", "LINE")


@pytest.mark.parametrize(
    "method",
    [
        "AccountService/GetArchive",
        "AccountService/OpenAccounts",
        "DepositService/DepositOutcomes",
        "ApplicationService/OpenApplications",
        "OperationService/GetStatus",
        "OperationService/ExportTranscripts",
    ],
)
def test_bytes_that_are_no_message_get_a_reason_at_the_local_door_too(
    federation: Federation, method: str
) -> None:
    node, path = federation.source, f"/node.v1.{method}"
    whole = accounts.GetArchiveRequest(account="31").SerializeToString()
    bodies = (b"\xff", raw_bytes.past_the_end(whole), raw_bytes.open_group(whole))
    with federation.unchanged(node), channel(node) as wire:
        for body in bodies:
            # One call fits all shapes: on the wire they differ in nothing but how much is sent.
            call = wire.stream_stream(path, None, None)(iter([body]), timeout=20)
            with pytest.raises(grpc.RpcError) as caught:
                list(call)
            answer = refused(caught.value)
            assert (answer.code, answer.reason) == ("INVALID_ARGUMENT", "MALFORMED")


def test_what_is_not_there_is_told_so(federation: Federation) -> None:
    node = federation.source
    request = accounts.GetArchiveRequest(account="3" * 5000)
    with federation.unchanged(node), channel(node) as wire:
        call = wire.unary_unary("/node.v1.AccountService/GetArchive", None, None)
        with pytest.raises(grpc.RpcError) as caught:
            call(request.SerializeToString(), timeout=20)
        answer = refused(caught.value)
        assert answer == Refused("NOT_FOUND", "ACCOUNT", answer.told)
