"""Publication by two persons: drafts come in, one person approves, another publishes.

A rule is opened before its transaction begins, and kept by the process: whoever waits to write
does not wait for that, nor does the first decision by it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from federation.base.errors import Breach, Refusal
from node.domain.catalogue import CatalogueEntry
from node.domain.catalogue_form import parse_catalogue
from node.domain.framework import check_crosswalk
from node.domain.framework_form import read_crosswalk, read_framework
from node.domain.hours_programme import read_programme
from node.domain.judgement import Judge
from node.domain.programme_form import read_study_programme
from node.domain.publication import (
    Publication,
    PublicationState,
    PublicationStep,
    draft,
    take_step,
)
from node.domain.rule_judge import RulebookJudge
from node.domain.rulebook import Catalogue
from node.usecases.office import Office
from node.usecases.ports import Reading, Transaction

CATALOGUE = "CATALOGUE"
FRAMEWORK = "FRAMEWORK"
CROSSWALK = "CROSSWALK"
HOURS = "HOURS"
PROGRAMME = "PROGRAMME"
RULE = "RULE"
LARGEST_DOCUMENT = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a document says of itself."""

    name: str
    version: str
    digest: str
    entries: Sequence[CatalogueEntry] = ()


def _catalogue(document: bytes) -> Parsed:
    made = parse_catalogue(document)
    return Parsed(made.name, made.version, made.digest, made.entries)


def _framework(document: bytes) -> Parsed:
    made = read_framework(document)
    return Parsed(made.name, made.version, made.digest)


def _crosswalk(document: bytes) -> Parsed:
    made = read_crosswalk(document)
    return Parsed(made.name, made.version, made.digest)


def _study_programme(document: bytes) -> Parsed:
    made = read_study_programme(document)
    return Parsed(made.name, made.version, made.digest)


def _programme(document: bytes) -> Parsed:
    made = read_programme(document)
    return Parsed(made.name, made.version, made.digest)


_FORMS: dict[str, Callable[[bytes], Parsed]] = {
    CATALOGUE: _catalogue,
    FRAMEWORK: _framework,
    CROSSWALK: _crosswalk,
    HOURS: _programme,
    PROGRAMME: _study_programme,
}


class Publications:
    """Drafts, steps of persons, and what came of them."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def hand_in(self, kind: str, document: bytes, *, by: str) -> Publication:
        """Keep a draft; the same text again changes nothing, another one takes a draft's place.

        Raises:
            Breach: FIELDS for an unknown kind, TOO_LARGE, CATALOGUE_FORM, FRAMEWORK_FORM,
                HOURS_FORM, PROGRAMME_FORM or RULE_FORM, BAD_TEXT for the person's name;
                PUBLICATION_VERSION where this version is approved or published with another text.
            Refusal: RULE_PROVINCE for a rule that bears another province's name.
        """
        form = _FORMS.get(kind, self._rule if kind == RULE else None)
        if form is None:
            raise Breach("FIELDS", detail="kind")
        if len(document) > LARGEST_DOCUMENT:
            raise Breach("TOO_LARGE")
        parsed = form(document)
        made = draft(name=parsed.name, version=parsed.version, digest=parsed.digest, by=by)
        now_us = self._office.clock.now_us()

        def work(tx: Transaction) -> Publication:
            known = tx.publication(kind, made.name, made.version)
            if known and known.digest == made.digest:
                return known
            if known and known.state is not PublicationState.DRAFT:
                raise Breach("PUBLICATION_VERSION", detail=f"{made.name} {made.version}")
            tx.keep_draft(kind, made, document, now_us)
            if kind == CATALOGUE:
                tx.keep_entries(made.name, made.version, parsed.entries)
            return made

        return self._office.store.transact(work)

    def take_step(
        self, kind: str, name: str, version: str, step: PublicationStep, *, by: str, digest: str
    ) -> Publication:
        """Approve, send back or publish a version, or retire a rule.

        Who retires a rule retires with it what was published before it, so that one person alone
        may stop a rule and never put an older one in force: that takes two, and a new version.

        Raises:
            Refusal: PUBLICATION where there is no such version, CROSSWALK where it fits no
                published frameworks, RULE_CATALOGUE where a rule cites a catalogue of this province
                that is not published here, PUBLICATION_STATE where anything but a rule would be
                retired, or what :func:`node.domain.publication.take_step` raises.
        """
        if step is PublicationStep.RETIRE and kind != RULE:
            raise Refusal("PUBLICATION_STATE", detail=f"RETIRE of a {kind[:16]}")
        is_published = step is PublicationStep.PUBLISH
        judge = self._opened(name, version) if kind == RULE and is_published else None
        now_us = self._office.clock.now_us()

        def work(tx: Transaction) -> Publication:
            known = _known(tx, kind, name, version)
            after = take_step(known, step, by=by, digest=digest)
            if kind == CROSSWALK and is_published:
                _check_fit(tx, name, version)
            if judge is not None:
                self._check_rule(tx, judge, digest)
            tx.move_publication(kind, known, after, now_us)
            if step is PublicationStep.RETIRE:
                tx.retire_before(kind, after, now_us)
            return after

        return self._office.store.transact(work)

    def list(self, kind: str, name: str = "") -> list[Publication]:
        """Return all versions of a name, or of every name."""
        return self._office.store.read(lambda reading: reading.publications(kind, name))

    def rule_in_force(self) -> str:
        """Return the digest of the rule that judges, or nothing."""
        return self._office.store.read(lambda reading: reading.rule_in_force())

    def show(self, kind: str, name: str, version: str) -> tuple[Publication, bytes]:
        """Return a version and its document.

        Raises:
            Refusal: PUBLICATION where there is none.
        """

        def read(reading: Reading) -> tuple[Publication, bytes]:
            known = _known(reading, kind, name, version)
            return known, reading.published_document(kind, name, version)

        return self._office.store.read(read)

    def show_by_digest(self, kind: str, digest: str) -> tuple[Publication, bytes]:
        """Return what was published under a digest, retired or not, and its document.

        Raises:
            Refusal: PUBLICATION where there is none.
        """

        def read(reading: Reading) -> tuple[Publication, bytes]:
            document = reading.documents_by_digest([digest]).get(digest)
            for one in reading.publications(kind) if document is not None else ():
                if one.digest == digest:
                    return one, document or b""
            raise Refusal("PUBLICATION", detail=digest[:64])

        return self._office.store.read(read)

    def _rule(self, document: bytes) -> Parsed:
        name, version, digest = self._office.rules.open(document).rule
        if name.partition("/")[0] != self._office.province:
            raise Refusal("RULE_PROVINCE", detail=name)
        return Parsed(name, str(version), digest)

    def _opened(self, name: str, version: str) -> Judge | None:
        """Open a rule before a transaction needs it; None where there is none of that name."""
        document = self._office.store.read(
            lambda reading: reading.published_document(RULE, name, version)
        )
        return self._office.rules.open(document) if document else None

    def _check_rule(self, reading: Reading, judge: Judge, digest: str) -> None:
        """See that it is what was read, and that our catalogues it cites are published here."""
        if judge.rule[2] != digest:
            raise Refusal("PUBLICATION_DIFFERS", detail=judge.rule[0])
        cited = {
            one.digest: one
            for one in _cited(judge)
            if one.source == self._office.province and one.digest
        }
        for missing in sorted(cited.keys() - reading.catalogues_in_force(cited)):
            one = cited[missing]
            raise Refusal("RULE_CATALOGUE", detail=f"{one.key} {one.version} {missing}")


def _cited(judge: Judge) -> Sequence[Catalogue]:
    return judge.book.catalogues if isinstance(judge, RulebookJudge) else ()


def _known(reading: Reading, kind: str, name: str, version: str) -> Publication:
    known = reading.publication(kind, name, version)
    if known is None:
        raise Refusal("PUBLICATION", detail=f"{name[:80]} {version[:64]}")
    return known


def _check_fit(reading: Reading, name: str, version: str) -> None:
    """See that a crosswalk is between two frameworks that are published."""
    crosswalk = read_crosswalk(reading.published_document(CROSSWALK, name, version))
    found = []
    for reference in (crosswalk.source, crosswalk.target):
        of, _, at = reference.rpartition("@")
        known = reading.publication(FRAMEWORK, of, at)
        if known is None or known.state is not PublicationState.PUBLISHED:
            raise Refusal("CROSSWALK", detail=f"not published: {reference}")
        found.append(read_framework(reading.published_document(FRAMEWORK, of, at)))
    check_crosswalk(crosswalk, source=found[0], target=found[1])
