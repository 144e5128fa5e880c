"""What is public, row by row: translation, nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from typing import Any

from federation.base.amounts import show_credits
from federation.trust.agreements import Listing
from node.domain.flat_rules import flat_caps, flat_courses, flat_entries
from node.domain.publication import Publication
from node.domain.rulebook import Rulebook
from node.edges.local_door import LocalDoor, served_stream
from node.usecases.open_data import OpenData, QuarterRefusals
from node.v1 import open_data_service_pb2 as pb
from node.v1.open_data_service_pb2_grpc import OpenDataServiceServicer

PAGE = 500


class OpenDataServicer(OpenDataServiceServicer):
    """What is public."""

    def __init__(self, door: LocalDoor, data: OpenData) -> None:
        self.door = door
        self._data = data

    @served_stream()
    def GetOpenData(
        self, request: pb.GetOpenDataRequest, account: str
    ) -> Iterator[pb.GetOpenDataResponse]:
        """Stream every table."""
        yield pb.GetOpenDataResponse(province=self._data.province, made_on=self._data.today())
        book = self._data.rule()
        tables: dict[str, Iterator[Any]] = {} if book is None else _rule(book)
        tables |= {
            "versions": (_version(kind, one) for kind, one in self._data.versions()),
            "agreements": map(_agreement, self._data.agreements()),
            "refusals": (row for one in self._data.refusals() for row in _refusals(one)),
        }
        for name, rows in tables.items():
            while page := list(islice(rows, PAGE)):
                answer = pb.GetOpenDataResponse()
                getattr(answer, name).extend(page)
                yield answer


def _rule(book: Rulebook) -> dict[str, Iterator[Any]]:
    of: dict[str, Any] = {"rule": book.name, "version": book.version}
    whole = pb.OpenRule(
        **of,
        digest=book.digest,
        title_zh=book.title_zh,
        title_en=book.title_en,
        valid_from=book.valid_from,
        valid_until=book.valid_until,
        is_example=book.is_example,
    )
    return {
        "rules": iter([whole]),
        "rule_entries": (pb.OpenRuleEntry(**of, **asdict(one)) for one in flat_entries(book)),
        "rule_courses": (pb.OpenRuleCourse(**of, **asdict(one)) for one in flat_courses(book)),
        "rule_caps": (pb.OpenRuleCap(**of, **asdict(one)) for one in flat_caps(book)),
    }


def _version(kind: str, one: Publication) -> pb.OpenVersion:
    return pb.OpenVersion(kind=kind, name=one.name, version=one.version, digest=one.digest)


def _agreement(listing: Listing) -> pb.OpenAgreement:
    one = listing.agreement
    cap = one.learner_year_cap_hundredths
    return pb.OpenAgreement(
        agreement=one.agreement,
        version=one.version,
        parties=" ".join(one.parties),
        modes=" ".join(one.modes),
        kinds=" ".join(one.kinds),
        valid_from=one.valid_from,
        valid_until=one.valid_until,
        decision_days=one.decision_days,
        answer_days=one.answer_days,
        learner_year_cap=show_credits(cap) if cap else "",
        open_exchanges_quota=one.open_exchanges_quota,
        requires_witnessed=one.requires_witnessed,
        is_resting=listing.is_resting,
        sha256=listing.sha256,
    )


def _refusals(quarter: QuarterRefusals) -> Iterator[pb.OpenRefusal]:
    for one in quarter.rates:
        yield pb.OpenRefusal(
            quarter=quarter.quarter,
            source=one.source,
            entry=one.entry,
            reason=one.reason,
            judged=one.judged,
            refused=one.refused,
            rate=one.rate,
        )
