"""Transcripts with what accompanied or followed an exchange: true ones hold, bent ones do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from federation.base.clock import MINUTE
from federation.evidence import transcript as transcripts
from federation.protocol.commitments import Opening, Openings, commitment_to
from federation.protocol.messages import (
    Commit,
    ConsentAck,
    ConsentWithdrawn,
    Disposition,
    EvidenceFile,
    Fact,
    Header,
    LotDisposition,
    LotEvidence,
    LotNotice,
    LotQuestion,
    Notice,
    Outcome,
    Prepare,
    Supplement,
    SupplementAsked,
)
from tests.federation.evidence_world import Exchange, Federation, found_federation


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    folder: Path = tmp_path_factory.mktemp("federation")
    return found_federation(folder)


class Story:
    """An exchange to which more is said."""

    def __init__(self, federation: Federation) -> None:
        self.federation = federation
        self.exchange: Exchange = federation.exchange(300, 200)
        self.lots = [one.content.lot_id for one in self.exchange.deposits]
        self.said: dict[tuple[type, int], bytes] = {}

    def say(
        self,
        kind: type,
        is_ours: bool,
        step: int,
        cause: bytes,
        shown: Openings | None = None,
        **values: Any,
    ) -> Story:
        one = self.exchange
        src, dst = one.source.province, one.destination.province
        header = Header(
            src=src if is_ours else dst,
            dst=dst if is_ours else src,
            exchange_id=one.exchange_id,
            step=step,
            cause=cause,
            signed_time_us=one.now_us + (1 + len(one.sent)) * MINUTE,
            registry_version=1,
        )
        message = kind(header=header, **values)
        evidence = (one.source if is_ours else one.destination).send(message)
        one.sent.append((message, evidence))
        self.said[kind, step] = evidence.item.digest
        if shown is not None:
            one.openings[evidence.item.digest] = shown
        return self

    def ask(self, step: int = 1, cause: bytes = b"", **changes: Any) -> Story:
        before = self.said.get((Supplement, step - 1)) or self.exchange.hash_of(Prepare)
        lots = (LotQuestion(lot_id=self.lots[0], reasons=("SYLLABUS_WANTED",)),)
        values: dict[str, Any] = {"lots": lots} | changes
        return self.say(SupplementAsked, False, step, cause or before, **values)

    def supplement(self, step: int = 1, cause: bytes = b"") -> Story:
        file = Opening(
            subject=self.lots[0], name="evidence_01", salt=b"s" * 32, value=bytes([step]) * 32
        )
        named = EvidenceFile(file=commitment_to(file), size_bytes=9, media_type="application/pdf")
        return self.say(
            Supplement,
            True,
            step,
            cause or self.said[SupplementAsked, step],
            Openings((file,)),
            lots=(LotEvidence(lot_id=self.lots[0], files=(named,)),),
        )

    def notice(self, step: int = 1, cause: bytes = b"", lot: bytes = b"") -> Story:
        before = cause or self.said.get((Notice, step - 1)) or self.exchange.hash_of(Commit)
        told = LotNotice(
            lot_id=lot or self.lots[0],
            fact=Fact.REVOKED,
            amount_hundredths=0,
            reason="ISSUED_IN_ERROR",
        )
        return self.say(Notice, True, step, before, lots=(told,))

    def dispose(self, step: int = 1, cause: bytes = b"", **changes: Any) -> Story:
        values: dict[str, Any] = {
            "lot_id": self.lots[0],
            "outcome": Outcome.REVERSED,
            "remaining_hundredths": 0,
            "shortfall_hundredths": 0,
        }
        return self.say(
            Disposition,
            False,
            step,
            cause or self.said[Notice, step],
            lots=(LotDisposition(**values | changes),),
            policy="disposition/1",
        )

    def withdraw(self, is_ours: bool = True, step: int = 1, **changes: Any) -> Story:
        cause = self.exchange.hash_of(Prepare)
        return self.say(ConsentWithdrawn, is_ours, step, cause, **changes)

    def acknowledge(self, is_ours: bool = False, step: int = 1) -> Story:
        cause = self.said[ConsentWithdrawn, step]
        return self.say(ConsentAck, is_ours, step, cause, is_erased=True, keeps_record=True)

    def offered(self) -> Story:
        self.exchange.prepare()
        return self

    def finished(self) -> Story:
        cause = self.said.get((Supplement, 2)) or self.said.get((Supplement, 1))
        bent = {"header": {"cause": cause}} if cause else {}
        self.exchange.vote(240, 160, **bent).commit().receipt()
        return self

    def verdict(self) -> tuple[bool, str, str]:
        report = self.federation.verify(self.exchange.encoded())
        return report.valid, report.failed_part, report.reason


def whole(federation: Federation) -> Story:
    story = Story(federation).offered().ask().supplement().ask(2).supplement(2).finished()
    return story.notice().notice(2).dispose().dispose(2).withdraw().acknowledge()


def test_a_whole_story_holds_in_whatever_order_it_is_exported(federation: Federation) -> None:
    story = whole(federation)
    assert story.verdict() == (True, "", "")
    evidence = [one for _, one in story.exchange.sent]
    built = transcripts.build(reversed(evidence), openings=story.exchange.openings)
    assert transcripts.encode(built) == story.exchange.encoded()
    report = federation.verify(story.exchange.encoded())
    assert [line.type for line in report.messages] == [
        *("PREPARE", "SUPPLEMENT_ASKED", "SUPPLEMENT", "SUPPLEMENT_ASKED", "SUPPLEMENT"),
        *("VOTE", "COMMIT", "RECEIPT", "NOTICE", "DISPOSITION", "NOTICE", "DISPOSITION"),
        *("CONSENT_WITHDRAWN", "CONSENT_ACK"),
    ]
    assert (report.source_state, report.destination_state) == ("CLOSED", "CREDITED")


@pytest.mark.parametrize(
    "told",
    [
        lambda story: story.ask(),
        lambda story: story.ask().supplement(),
        lambda story: story.finished().notice(),
        lambda story: story.finished().withdraw(False, 2).acknowledge(True, 2),
        lambda story: story.finished().withdraw().withdraw(False, 2).acknowledge(True, 2),
    ],
)
def test_a_story_that_goes_on_holds_so_far(
    federation: Federation, told: Callable[[Story], Story]
) -> None:
    assert told(Story(federation).offered()).verdict() == (True, "", "")


@pytest.mark.parametrize(
    ("told", "part", "reason"),
    [
        (
            lambda s: s.ask(2, s.exchange.hash_of(Prepare)),
            "SUPPLEMENT_ASKED: cause",
            "NO_SUCH_STEP",
        ),
        (lambda s: s.ask(1, b"x" * 32), "SUPPLEMENT_ASKED: cause", "CHAIN_BROKEN"),
        (
            lambda s: s.ask(lots=(LotQuestion(lot_id=b"n" * 16, reasons=("A1",)),)),
            "SUPPLEMENT_ASKED: lots",
            "LOTS_DIFFER",
        ),
        (lambda s: s.ask().supplement(1, b"x" * 32), "SUPPLEMENT: cause", "CHAIN_BROKEN"),
        (lambda s: s.finished().notice(2), "NOTICE: cause", "NO_SUCH_STEP"),
        (lambda s: s.finished().notice(1, b"x" * 32), "NOTICE: cause", "CHAIN_BROKEN"),
        (lambda s: s.finished().notice(lot=b"n" * 16), "NOTICE: lots", "LOTS_DIFFER"),
        (
            lambda s: s.finished().notice().dispose(lot_id=s.lots[1]),
            "DISPOSITION: lots",
            "LOTS_DIFFER",
        ),
        (
            lambda s: s.finished().notice().dispose(remaining_hundredths=241),
            "DISPOSITION: sums",
            "SUMS_DIFFER",
        ),
        (
            lambda s: s.finished().notice().notice(2).dispose(1, s.said[Notice, 2]),
            "DISPOSITION: cause",
            "CHAIN_BROKEN",
        ),
        (
            lambda s: s.finished().withdraw(True, 2),
            "CONSENT_WITHDRAWN: exchange",
            "EXCHANGE_DIFFERS",
        ),
        (
            lambda s: s.finished().withdraw().acknowledge(True, 1),
            "CONSENT_ACK: exchange",
            "EXCHANGE_DIFFERS",
        ),
    ],
)
def test_a_bent_story_does_not_hold(
    federation: Federation, told: Callable[[Story], Story], part: str, reason: str
) -> None:
    assert told(Story(federation).offered()).verdict() == (False, part, reason)


def test_files_are_withheld_or_shown_under_their_commitments(federation: Federation) -> None:
    story = Story(federation).offered().ask().supplement()
    shown = federation.verify(story.exchange.encoded())
    assert [line.state for line in shown.fields if line.message == "SUPPLEMENT"] == ["shown"]
    digest = story.said[Supplement, 1]
    (file,) = story.exchange.openings[digest].openings
    story.exchange.openings[digest] = Openings()
    withheld = federation.verify(story.exchange.encoded())
    assert [line.state for line in withheld.fields if line.message == "SUPPLEMENT"] == ["withheld"]
    story.exchange.openings[digest] = Openings((replace(file, value=b"o" * 32),))
    assert story.verdict() == (False, "SUPPLEMENT: openings", "COMMITMENT_MISMATCH")


def test_a_notice_without_a_commit_is_no_part_of_a_story(federation: Federation) -> None:
    story = Story(federation).offered()
    story.exchange.vote(240, 160)
    story.notice(1, b"c" * 32)
    assert story.verdict() == (False, "NOTICE: cause", "CHAIN_BROKEN")
