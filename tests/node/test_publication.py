"""Publication: two persons, the same text, never the same person twice."""

from __future__ import annotations

import itertools

import pytest

from federation.base.errors import Breach, Refusal
from node.domain.publication import STEPS, PublicationState, PublicationStep, draft, take_step

DIGEST = "ab" * 32
DRAFT = draft(name="CN-33/courses", version="2026.1", digest=DIGEST, by="wang")
APPROVED = take_step(DRAFT, PublicationStep.APPROVE, by="li", digest=DIGEST)
PUBLISHED = take_step(APPROVED, PublicationStep.PUBLISH, by="zhao", digest=DIGEST)
RETIRED = take_step(PUBLISHED, PublicationStep.RETIRE, by="qian", digest=DIGEST)
BY_STATE = {one.state: one for one in (DRAFT, APPROVED, PUBLISHED, RETIRED)}


def refused(publication, step, *, by="zhao", digest=DIGEST) -> str:
    with pytest.raises(Refusal) as refusal:
        take_step(publication, step, by=by, digest=digest)
    return refusal.value.reason


def test_one_approves_and_another_publishes():
    assert PUBLISHED.state is PublicationState.PUBLISHED
    assert (PUBLISHED.approved_by, PUBLISHED.published_by) == ("li", "zhao")


def test_one_person_may_stop_what_two_put_in_force():
    assert (RETIRED.state, RETIRED.retired_by) == (PublicationState.RETIRED, "qian")
    assert RETIRED.digest == PUBLISHED.digest


def test_the_same_person_cannot_do_both():
    assert refused(APPROVED, PublicationStep.PUBLISH, by="li") == "SECOND_PERSON"


@pytest.mark.parametrize("step", PublicationStep)
def test_who_read_another_text_signs_nothing(step):
    for state, known in STEPS:
        if known is step:
            other = refused(BY_STATE[state], step, digest="cd" * 32)
            assert other == "PUBLICATION_DIFFERS"


@pytest.mark.parametrize(
    ("state", "step"),
    [pair for pair in itertools.product(PublicationState, PublicationStep) if pair not in STEPS],
)
def test_no_step_is_skipped_or_repeated(state, step):
    assert refused(BY_STATE[state], step) == "PUBLICATION_STATE"


def test_what_was_sent_back_is_approved_anew():
    back = take_step(APPROVED, PublicationStep.SEND_BACK, by="zhao", digest=DIGEST)
    assert back == DRAFT
    assert refused(back, PublicationStep.PUBLISH) == "PUBLICATION_STATE"


@pytest.mark.parametrize("name", ["", " li", "li ", "li\n", "l\u200bi"])
def test_a_person_has_one_spelling(name):
    with pytest.raises(Breach):
        take_step(DRAFT, PublicationStep.APPROVE, by=name, digest=DIGEST)
