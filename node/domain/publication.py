"""Publication by two persons: of a catalogue, a framework, a rule, or anything with a digest.

One person approves a draft, another publishes it, and both name the digest of what they read, so
that neither can be shown one text and have signed another. What is published never changes; a
correction is a new version. A rule may be retired, and by one person: it takes two to put a rule in
force, but one must be able to stop it. It stays readable, since decisions cite it for ever.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from federation.base.errors import Breach, Refusal
from federation.base.names import is_clean_identifier


class PublicationState(StrEnum):
    """How far a version is on its way."""

    DRAFT = "DRAFT"
    APPROVED = "APPROVED"
    PUBLISHED = "PUBLISHED"
    RETIRED = "RETIRED"


class PublicationStep(StrEnum):
    """What a person does to a version."""

    APPROVE = "APPROVE"
    SEND_BACK = "SEND_BACK"
    PUBLISH = "PUBLISH"
    RETIRE = "RETIRE"


STEPS = {
    (PublicationState.DRAFT, PublicationStep.APPROVE): PublicationState.APPROVED,
    (PublicationState.APPROVED, PublicationStep.SEND_BACK): PublicationState.DRAFT,
    (PublicationState.APPROVED, PublicationStep.PUBLISH): PublicationState.PUBLISHED,
    (PublicationState.PUBLISHED, PublicationStep.RETIRE): PublicationState.RETIRED,
}


@dataclass(frozen=True, slots=True)
class Publication:
    """A version and who has answered for it.

    Attributes:
        name: of what is published, as ``CN-33/courses``.
        version: of it.
        digest: SHA-256 of its canonical bytes, 64 hexadecimal digits.
        state: how far it is.
        drafted_by: who handed it in.
        approved_by: who approved it, or empty.
        published_by: who published it, or empty; empty too for a rule that was published before
            two persons were asked.
        retired_by: who retired it, or empty.
    """

    name: str
    version: str
    digest: str
    state: PublicationState
    drafted_by: str
    approved_by: str = ""
    published_by: str = ""
    retired_by: str = ""


def draft(*, name: str, version: str, digest: str, by: str) -> Publication:
    """Return a new draft.

    Raises:
        Breach: BAD_TEXT when the person's name is no clean identifier.
    """
    return Publication(name, version, digest, PublicationState.DRAFT, _person(by))


def take_step(
    publication: Publication, step: PublicationStep, *, by: str, digest: str
) -> Publication:
    """Return the publication after a person's step.

    Args:
        publication: as it stands.
        step: what the person does.
        by: who it is; the same person has one spelling.
        digest: digest of what the person read.

    Raises:
        Breach: BAD_TEXT when ``by`` is no clean identifier.
        Refusal: PUBLICATION_STATE when the step does not follow; PUBLICATION_DIFFERS when
            something else was read; SECOND_PERSON when who approved would publish too.
    """
    by = _person(by)
    following = STEPS.get((publication.state, step))
    if following is None:
        raise Refusal("PUBLICATION_STATE", detail=f"{step} of what is {publication.state}")
    if digest != publication.digest:
        raise Refusal("PUBLICATION_DIFFERS", detail=publication.name)
    if step is PublicationStep.APPROVE:
        return replace(publication, state=following, approved_by=by)
    if step is PublicationStep.SEND_BACK:
        return replace(publication, state=following, approved_by="")
    if step is PublicationStep.RETIRE:
        return replace(publication, state=following, retired_by=by)
    if by == publication.approved_by:
        raise Refusal("SECOND_PERSON", detail=publication.name)
    return replace(publication, state=following, published_by=by)


def _person(name: str) -> str:
    if not is_clean_identifier(name) or name != name.strip():
        raise Breach("BAD_TEXT", detail="name of a person")
    return name
