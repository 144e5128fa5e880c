"""Asking provinces by command, one of them dead, and a member that asks out of form."""

from __future__ import annotations

import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from federation.base.clock import SystemClock
from federation.base.errors import CreditBankError
from federation.transport.what_if_client import WHAT_IF
from federation.v1.what_if_service_pb2 import WhatIfOutcome, WhatIfRequest, WhatIfResponse
from node.v1.what_if_service_pb2 import AskProvincesRequest, CountQuestionsRequest
from tests.e2e.answers import Refused
from tests.e2e.federation_of_two import ROGUE, SUSPENDED, Federation
from tests.e2e.raw_bytes import doubled, not_utf8, swapped, truncated, unknown_field
from tests.e2e.realm import ROOT, Told, command


def outcome_named(**change: Any) -> WhatIfOutcome:
    """An outcome in order."""
    values = {
        "source": ROGUE,
        "kind": "DEGREE",
        "title": "大学物理",
        "code": "PHYS201",
        "catalogue": "2024",
        "issuer": "浙江开放大学",
        "amount_hundredths": 300,
        "scale": "percent",
        "grade": "85",
        "earned": "2024-06",
    }
    return WhatIfOutcome(**(values | change))


def outcome(**change: Any) -> WhatIfRequest:
    """A question in order about one outcome."""
    return WhatIfRequest(outcomes=[outcome_named(**change)])


OUTCOMES = """title,code,catalogue,issuer,kind,credits,earned,scale,grade
离散数学,MATH102,2024,浙江开放大学,DEGREE,4,2024-06,percent,90
书法,ART1,2024,浙江开放大学,DEGREE,2,2024-06,percent,50
"""


def ask(federation: Federation, *words: str) -> Told:
    """Ask by the command of CN-31."""
    return command("what-if", *words, "--dir", str(federation.source.directory), "--json")


def by_province(told: Told) -> dict[str, Any]:
    """Return what each province answered."""
    return {one["province"]: one for one in told["what_if"]["answers"]}


def both() -> WhatIfRequest:
    """A question about an outcome and a target."""
    return WhatIfRequest(outcomes=outcome().outcomes, wanted_targets=["T1"])


def said(request: WhatIfRequest) -> bytes:
    return request.SerializeToString(deterministic=True)


def test_a_learner_asks_three_provinces_of_which_one_is_dead(federation: Federation) -> None:
    source, destination = federation.source, federation.destination
    learner = source.enrol()
    source.deposit(learner, "3", "2")
    before = source.picture(), destination.picture()
    words = [word for one in ("CN-44", ROGUE, SUSPENDED, "CN-31") for word in ("--at", one)]
    told = ask(federation, "--account", learner.account, *words)
    # One of them did not answer, and the exit code says so.
    assert told.code == 1
    answers = by_province(told)
    assert list(answers) == ["CN-44", ROGUE, SUSPENDED, "CN-31"]
    assert (answers[ROGUE]["answer"], answers[ROGUE]["reason"]) == (None, "UNREACHABLE")
    assert answers[SUSPENDED]["reason"] == "SUSPENDED"
    for province in ("CN-44", "CN-31"):
        answer = answers[province]["answer"]
        assert answer["standing"] == "ADVICE"
        assert answer["rule"]["name"] == f"{province}/general"
        assert [one["granted_hundredths"] for one in answer["outcomes"]] == [240, 160]
    assert [one["earned"] for one in told["what_if"]["outcomes"]] == ["2024-06"] * 2
    assert (source.picture(), destination.picture()) == before
    for node in (source, destination):
        log = node.directory.with_suffix(".log").read_text()
        assert learner.account not in log
        assert "高等数学" not in log


def test_a_province_that_says_nothing_holds_up_no_other(federation: Federation) -> None:
    learner = federation.source.enrol()
    federation.source.deposit(learner, "3")
    host, port = federation.rogue.view.members[ROGUE].endpoint.split(":")
    with socket.create_server((host, int(port))):
        words = ("--account", learner.account, "--at", ROGUE, "--at", "CN-44")
        answers = by_province(ask(federation, *words))
    assert answers[ROGUE]["reason"] == "UNREACHABLE"
    assert answers["CN-44"]["answer"]["outcomes"][0]["granted_hundredths"] == 240


@pytest.mark.parametrize(
    ("request_fields", "reason"),
    [
        ({"account": "CN31-000000000000"}, "ACCOUNT"),
        ({"lots": ["00" * 16]}, "FIELDS"),
        ({"provinces": ["CN-00"], "wanted_targets": ["T1"]}, "PROVINCE_UNKNOWN"),
        ({"outcomes": [outcome_named(grade="A")]}, "GRADE"),
        ({"outcomes": [outcome_named()] * 101}, "TOO_MANY_ITEMS"),
        ({}, "WHAT_IF_EMPTY"),
    ],
)
def test_what_cannot_be_asked_leaves_for_nowhere(
    federation: Federation, request_fields: dict[str, Any], reason: str
) -> None:
    ask_provinces = federation.source.client.what_if.AskProvinces
    before = federation.destination.client.what_if.CountQuestions(CountQuestionsRequest())
    with pytest.raises(CreditBankError) as caught:
        ask_provinces(AskProvincesRequest(**({"provinces": ["CN-44"]} | request_fields)))
    assert caught.value.reason == reason
    after = federation.destination.client.what_if.CountQuestions(CountQuestionsRequest())
    assert after == before


def test_the_count_is_all_that_is_known_of_questions(federation: Federation) -> None:
    node = federation.destination
    count = node.client.what_if.CountQuestions
    before = count(CountQuestionsRequest()).answered
    request = AskProvincesRequest(outcomes=[outcome_named(source="")], provinces=["CN-44"])
    answer = federation.source.client.what_if.AskProvinces(request)
    assert answer.outcomes[0].source == "CN-31", "who asks holds what is asked about"
    assert count(CountQuestionsRequest()).answered == before + 1
    told = command("what-if", "--counts", "--dir", str(node.directory), "--json")
    assert told["questions"]["answered"] == before + 1


def test_whoever_has_nothing_deposited_asks_with_a_file(
    federation: Federation, tmp_path: Path
) -> None:
    file = tmp_path / "outcomes.csv"
    file.write_text(OUTCOMES)
    told = ask(federation, "--file", str(file), "--at", "CN-44", "--target", "T1")
    assert told.code == 0, told.error
    (answer,) = (one["answer"] for one in told["what_if"]["answers"])
    assert [one["granted_hundredths"] for one in answer["outcomes"]] == [320, 0]
    assert answer["outcomes"][1]["reasons"] == ["GRADE_BELOW_MINIMUM"]
    file.write_text(OUTCOMES.replace(",4,", ",four,"))
    told = ask(federation, "--file", str(file), "--at", "CN-44")
    assert told.code == 1
    assert "CSV_FORM" in told.error
    assert "row 1" in told.error


def test_a_table_for_people_says_what_it_is(federation: Federation, tmp_path: Path) -> None:
    file = tmp_path / "outcomes.csv"
    file.write_text(OUTCOMES)
    words = ("what-if", "--file", str(file), "--at", "CN-44", "--at", ROGUE)
    done = subprocess.run(
        [sys.executable, "-m", "node", *words, "--dir", str(federation.source.directory)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    for words_told in ("CN-44 广东", "离散数学", "3.20", "GRADE_BELOW_MINIMUM", "UNREACHABLE"):
        assert words_told in done.stdout
    assert "仅供参考" in done.stdout
    assert "unsigned, no promise" in done.stdout


@pytest.mark.parametrize(
    ("request_bytes", "reason"),
    [
        (truncated(said(outcome())), "MALFORMED"),
        (unknown_field(said(outcome())), "UNKNOWN_FIELD"),
        (not_utf8(said(outcome())), "MALFORMED"),
        (
            swapped(said(WhatIfRequest(outcomes=outcome().outcomes, wanted_targets=["T1"]))),
            "NON_CANONICAL",
        ),
        (doubled(said(WhatIfRequest(wanted_targets=["T1"]))), "TARGETS"),
        (said(outcome(grade="120")), "GRADE"),
        (said(outcome(kind="HOBBY")), "FIELDS"),
        (said(outcome(amount_hundredths=-1)), "AMOUNT"),
        (said(outcome(source="CN-00")), "PROVINCE_UNKNOWN"),
        (said(WhatIfRequest(outcomes=[outcome().outcomes[0]] * 101)), "TOO_MANY_ITEMS"),
        (b"\x12\x7f" + b"x" * 300_000, "TOO_LARGE"),
    ],
)
def test_a_question_out_of_form_is_refused(
    federation: Federation, request_bytes: bytes, reason: str
) -> None:
    node = federation.source
    with federation.unchanged(node):
        answer = federation.rogue.call(node, request_bytes, method=WHAT_IF)
    assert isinstance(answer, Refused)
    assert answer.reason == reason


def test_members_alone_are_answered(federation: Federation) -> None:
    node, rogue = federation.source, federation.rogue
    with federation.unchanged(node):
        channel = rogue.channel(node, rogue.identity)
        encoded = channel.unary_unary(WHAT_IF, None, None)(said(outcome()), timeout=20)
        assert WhatIfResponse.FromString(encoded).outcomes[0].granted_hundredths == 240
        forger = replace(rogue.authority, province="CN-44")
        forged = forger.issue(now_us=SystemClock().now_us())
        for identity, reason in (
            (federation.suspended.identity, "SUSPENDED"),
            (forged, "NOT_MEMBER"),
        ):
            answer = rogue.call(node, said(outcome()), identity=identity, method=WHAT_IF)
            assert isinstance(answer, Refused)
            assert (answer.code, answer.reason) == ("PERMISSION_DENIED", reason)
