"""Questions to another province about what would count: one call each, its answer checked."""

from __future__ import annotations

import grpc

from federation.base.errors import Breach
from federation.base.names import is_clean_text
from federation.base.reasons import is_reason
from federation.v1 import what_if_service_pb2 as service
from federation.wire import strict
from federation.wire.status import error_of

WHAT_IF = "/federation.v1.WhatIfService/WhatIf"
DEADLINE_S = 8.0
LARGEST_QUESTION = 256 * 1024
LARGEST_ANSWER = 1024 * 1024
ADVICE = "ADVICE"
# Fields of a question with those of its outcomes, and of an answer with those of its parts.
MOST_QUESTION_FIELDS = 2_000
MOST_ANSWER_FIELDS = 50_000
_VERDICTS = ("ACCEPT", "REJECT", "HELD")


class WhatIfClient:
    """Asks one member, over the kept channel to it."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel

    def ask(
        self, question: service.WhatIfRequest, *, deadline_s: float = DEADLINE_S
    ) -> service.WhatIfResponse:
        """Return the answer to a question.

        Raises:
            Unavailable: when the member does not answer in time or asks for a retry.
            Breach: when it refuses the question, or its answer is none.
        """
        call = self._channel.unary_unary(WHAT_IF, None, None)
        try:
            encoded: bytes = call(strict.spell(question), timeout=deadline_s)
        except grpc.RpcError as failure:
            raise error_of(failure) from None
        return read_answer(encoded, outcomes=len(question.outcomes))


def read_question(encoded: bytes) -> service.WhatIfRequest:
    """Return the question that these bytes spell.

    Raises:
        Breach: TOO_LARGE, TOO_MANY_ITEMS, EMPTY, MALFORMED, NON_CANONICAL or UNKNOWN_FIELD.
    """
    if len(encoded) > LARGEST_QUESTION:
        raise Breach("TOO_LARGE")
    strict.check_breadth(encoded, most=MOST_QUESTION_FIELDS)
    return strict.parse(service.WhatIfRequest, encoded)


def read_answer(encoded: bytes, *, outcomes: int) -> service.WhatIfResponse:
    """Return the answer to a question about so many outcomes.

    Raises:
        Breach: TOO_LARGE, TOO_MANY_ITEMS, MALFORMED, NON_CANONICAL or UNKNOWN_FIELD.
    """
    if len(encoded) > LARGEST_ANSWER:
        raise Breach("TOO_LARGE")
    strict.check_breadth(encoded, most=MOST_ANSWER_FIELDS)
    answer = strict.parse(service.WhatIfResponse, encoded)
    if answer.standing != ADVICE or len(answer.outcomes) != outcomes:
        raise Breach("MALFORMED", detail="no advice on what was asked")
    places = [at for group in answer.groups for at in group.outcomes]
    places += [at for one in answer.missing for at in one.outcomes]
    if any(at >= outcomes for at in places):
        raise Breach("MALFORMED", detail="an outcome that was not asked about")
    verdicts = [one.verdict for one in answer.outcomes] + [one.verdict for one in answer.groups]
    if any(one not in _VERDICTS for one in verdicts):
        raise Breach("MALFORMED", detail="verdict")
    _check_words(answer)
    return answer


def _check_words(answer: service.WhatIfResponse) -> None:
    """Check that reasons are reasons, and that names can be shown to people."""
    lacks = [lack for one in answer.missing for lack in one.missing]
    reasons = [why for lack in lacks for why in lack.reasons]
    reasons += [why for one in answer.outcomes for why in one.reasons]
    reasons += [why for group in answer.groups for why in group.reasons]
    if not all(map(is_reason, reasons)):
        raise Breach("MALFORMED", detail="reason")
    targets = [grant.target for group in answer.groups for grant in group.grants]
    targets += [target for one in answer.missing for target in one.targets]
    names = [text for target in targets for text in (target.code, target.title)]
    names += [group.entry for group in answer.groups] + [answer.rule.name, answer.agreement]
    names += [text for lack in lacks for one in lack.courses for text in (one.source, one.code)]
    if not all(is_clean_text(text) for text in names if text):
        raise Breach("BAD_TEXT")
