"""Catalogues of one course, and two persons who publish them."""

from __future__ import annotations

from node.domain.catalogue import Catalogue, CatalogueEntry
from node.domain.catalogue_form import canonical_catalogue, make_catalogue
from node.domain.publication import PublicationStep
from node.usecases.publications import CATALOGUE, Publications
from tests.node.province import Province


def catalogue_of(name: str, version: str, *, code: str = "T1", title: str = "数据库") -> Catalogue:
    """Return a catalogue of one course."""
    course = CatalogueEntry(
        code=code,
        title=title,
        level=6,
        field="",
        credits_hundredths=300,
        hours=48,
        kind="DEGREE",
        category="",
        valid_from="",
        valid_until="",
    )
    return make_catalogue(name=name, version=version, title="课程目录", entries=(course,))


def publish_catalogue(node: Province, name: str, version: str, **course: str) -> Catalogue:
    """Let two persons publish a catalogue of one course."""
    made, desk = catalogue_of(name, version, **course), Publications(node.office)
    desk.hand_in(CATALOGUE, canonical_catalogue(made), by="operator-li")
    steps = ((PublicationStep.APPROVE, "operator-li"), (PublicationStep.PUBLISH, "operator-wang"))
    for step, by in steps:
        desk.take_step(CATALOGUE, name, version, step, by=by, digest=made.digest)
    return made
