"""Questions about what would count, and their answers, as protocol buffers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from federation.transport.what_if_client import ADVICE, LARGEST_ANSWER
from federation.v1 import what_if_service_pb2 as pb
from node.domain.decision_record import DecidedGroup
from node.domain.outcomes import FIELD_NAMES
from node.domain.rule_missing import Missing, Shortfall
from node.domain.rulebook import Course, Entry
from node.domain.what_if import MOST_OUTCOMES, AskedOutcome, Question, read_outcome
from node.usecases.what_if import Answered

MOST_LACKS = 32
MOST_COURSES = 10
MOST_CAPS = 200
MOST_CATALOGUES = 200
_DAY_IN_MONTH = len("YYYY-MM")
Titles = Mapping[tuple[str, str], str]


def question_of(request: pb.WhatIfRequest) -> Question:
    """Return the question that a request asks.

    Raises:
        Breach: as :class:`Question` and :func:`read_outcome`.
    """
    return Question(
        # One more than are allowed is enough to tell that there are too many.
        outcomes=tuple(outcome_of(one) for one in islice(request.outcomes, MOST_OUTCOMES + 1)),
        wanted=tuple(request.wanted_targets),
    )


def outcome_of(one: pb.WhatIfOutcome) -> AskedOutcome:
    """Return an outcome as asked about.

    Raises:
        Breach: as :func:`read_outcome`.
    """
    return read_outcome(
        source=one.source,
        amount_hundredths=one.amount_hundredths,
        facts={name: str(getattr(one, name)) for name in FIELD_NAMES},
        form=one.form,
        is_converted=one.is_converted,
    )


def request_of(question: Question) -> pb.WhatIfRequest:
    """Return a question as it leaves the house."""
    return pb.WhatIfRequest(
        outcomes=[outcome_to_buffer(one) for one in question.outcomes],
        wanted_targets=question.wanted,
    )


def outcome_to_buffer(one: AskedOutcome) -> pb.WhatIfOutcome:
    """Return an outcome as it leaves the house."""
    facts = {name: getattr(one.facts, name) for name in FIELD_NAMES}
    if one.is_month:
        facts["earned"] = one.facts.earned[:_DAY_IN_MONTH]
    return pb.WhatIfOutcome(
        source=one.source,
        amount_hundredths=one.amount_hundredths,
        form=one.form,
        is_converted=one.is_converted,
        **facts,
    )


def answer_of(answered: Answered) -> pb.WhatIfResponse:
    """Return an answer, its lists cut at their limits where they are longer."""
    advice, titles = answered.advice, answered.titles
    caps, catalogues = advice.decided.caps, [one for one in advice.catalogues if one.digest]
    name, version, digest = advice.rule
    answer = pb.WhatIfResponse(
        standing=ADVICE,
        rule=pb.WhatIfRule(name=name, version=version, digest=digest),
        judged_on=advice.judged_on,
        catalogues=[
            pb.WhatIfCatalogue(
                source=one.source, name=one.name, version=one.version, digest=one.digest
            )
            for one in catalogues[:MOST_CATALOGUES]
        ],
        agreement=answered.agreement,
        is_by_person=answered.is_by_person,
        depends_on_day=advice.depends_on_day,
        outcomes=[
            pb.WhatIfVerdict(
                verdict=one.verdict,
                granted_hundredths=one.granted_hundredths,
                reasons=one.reasons,
            )
            for one in advice.decided.lots
        ],
        groups=[_group(one, titles, advice.entries) for one in advice.decided.groups],
        missing=[_shortfall(one, titles, advice.entries) for one in advice.missing],
        caps=[
            pb.WhatIfCap(
                cap=one.cap,
                measure=one.measure,
                limit=one.limit,
                asked=one.asked,
                allowed=one.allowed,
            )
            for one in caps[:MOST_CAPS]
        ],
        is_cut=len(caps) > MOST_CAPS
        or len(catalogues) > MOST_CATALOGUES
        or any(len(one.missing) > MOST_LACKS for one in advice.missing),
    )
    if answer.ByteSize() > LARGEST_ANSWER:
        # What is missing can be asked for again, target by target.
        del answer.missing[:]
        answer.is_cut = True
    return answer


def _group(one: DecidedGroup, titles: Titles, entries: Mapping[str, Entry]) -> pb.WhatIfGroup:
    return pb.WhatIfGroup(
        entry=one.entry,
        track=entries[one.entry].track,
        verdict=one.verdict,
        outcomes=sorted(int(lot) for lot in one.lots),
        grants=[
            pb.WhatIfGrant(
                target=pb.WhatIfTarget(
                    code=grant.target, title=titles.get((grant.catalogue, grant.target), "")
                ),
                granted_hundredths=grant.hundredths,
                level=grant.level,
                grade=grant.grade,
            )
            for grant in one.grants
        ],
        reasons=list(dict.fromkeys(block.reason for block in one.blocks)),
    )


def _shortfall(one: Shortfall, titles: Titles, entries: Mapping[str, Entry]) -> pb.WhatIfShortfall:
    entry = entries[one.entry_id]
    return pb.WhatIfShortfall(
        entry=one.entry_id,
        targets=[
            pb.WhatIfTarget(
                code=grant.target,
                title=titles.get((grant.catalogue.version, grant.target), "")
                if grant.catalogue
                else "",
            )
            for grant in entry.grants
        ],
        outcomes=sorted(int(lot) for lot in one.lot_ids),
        missing=[_missing(lack) for lack in one.missing[:MOST_LACKS]],
    )


def _missing(one: Missing) -> pb.WhatIfMissing:
    named = _distinct(one.courses)
    return pb.WhatIfMissing(
        courses=named[:MOST_COURSES],
        more_courses=max(0, len(named) - MOST_COURSES),
        measure=one.measure.upper(),
        amount=one.amount,
        reasons=one.reasons,
    )


def _distinct(found: Iterable[Course]) -> Sequence[pb.WhatIfCourse]:
    """Return courses as cited; what differs by conditions alone is named once."""
    named = dict.fromkeys(
        (one.catalogue.source, one.catalogue.issuer, one.catalogue.version, one.code)
        for one in found
    )
    return [
        pb.WhatIfCourse(source=source, issuer=issuer, catalogue=version, code=code)
        for source, issuer, version, code in named
    ]
