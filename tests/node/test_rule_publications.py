"""Rules as two persons publish them, what then judges, and what one person may stop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import inspect, text

from federation.base.clock import DAY
from federation.base.errors import Breach, Refusal, Unavailable
from node.domain.catalogue_form import canonical_catalogue
from node.domain.publication import Publication, PublicationState, PublicationStep
from node.domain.rule_judge import RulebookJudge
from node.domain.rulebook_form import canonical_document
from node.storage import schema
from node.usecases.publications import CATALOGUE, RULE, Publications
from tests.node.province import DESTINATION, SOURCE, Province
from tests.node.published import LI, WANG, publish, publish_rule
from tests.node.rule_documents import DOCUMENT, spelled
from tests.node.rulebook_documents import course, entry, grant
from tests.node.rulebook_documents import document as second_form
from tests.node.store_world import opened
from tests.node.test_publications import catalogue
from tests.node.test_schema import connected
from tests.node.two_provinces import TwoProvinces

APPROVE, _, PUBLISH, RETIRE = PublicationStep
NAME = f"{DESTINATION}/general"


def first_form(version: int, **changes: Any) -> bytes:
    return spelled(DOCUMENT | {"rule": NAME, "version": version} | changes)


def rule_of(version: int, *catalogues: dict[str, str]) -> bytes:
    """A rule of form 2 of the destination, over catalogues beside its own."""
    home = {"key": "gd", "source": DESTINATION, "name": "本省目录", "version": "2025.1"}
    abroad = {"key": "zj", "source": SOURCE, "name": "外省目录", "version": "7", "sha256": "e" * 64}
    content = second_form(entry(course("CS-101"), grant("GD-1")), rule=NAME, version=version)
    content["catalogues"] = [home | {"sha256": catalogue_of().digest}, abroad, *catalogues]
    return canonical_document(json.dumps(content).encode())


def catalogue_of() -> Any:
    return catalogue(name=f"{DESTINATION}/courses")


def in_force(node: Province) -> tuple[str, int, str]:
    """Return name, version and digest of the rule that judges."""
    judge = node.store.read(lambda reading: node.office.rules.in_force(reading))
    name, version, digest = judge.rule
    return name, version, digest


def retire(node: Province, one: Publication, *, by: str = LI, digest: str = "") -> Publication:
    return Publications(node.office).take_step(
        RULE, one.name, one.version, RETIRE, by=by, digest=digest or one.digest
    )


def test_a_rule_judges_once_two_persons_published_it(two: TwoProvinces) -> None:
    node, before = two.destination, in_force(two.destination)
    desk = Publications(node.office)
    drafted = desk.hand_in(RULE, first_form(2), by=LI)
    assert (drafted.name, drafted.version) == (NAME, "2")
    two.clock.advance(DAY)

    def step(what: PublicationStep, by: str) -> Publication:
        return desk.take_step(RULE, NAME, "2", what, by=by, digest=drafted.digest)

    step(APPROVE, LI)
    with pytest.raises(Refusal, match="SECOND_PERSON"):
        step(PUBLISH, LI)
    assert in_force(node) == before
    step(PUBLISH, WANG)
    assert in_force(node) == (NAME, 2, drafted.digest)
    node.crash()
    assert in_force(node) == (NAME, 2, drafted.digest)


def test_the_rule_published_last_judges_whatever_its_number(two: TwoProvinces) -> None:
    node = two.destination
    for version in (10, 9):
        publish_rule(node.office, first_form(version))
    assert in_force(node)[1] == 10, "published in one moment the higher number is the later"
    two.clock.advance(1)
    publish_rule(node.office, first_form(3))
    assert in_force(node)[1] == 3


def test_one_person_stops_a_rule_and_what_was_published_before_it(two: TwoProvinces) -> None:
    node = two.destination
    made = []
    for version in (2, 3, 4):
        two.clock.advance(DAY)
        made.append(publish_rule(node.office, first_form(version)))
    second, third, _ = made
    with pytest.raises(Refusal, match="PUBLICATION_DIFFERS"):
        retire(node, third, digest="0" * 64)
    done = retire(node, third)
    assert (done.state, done.retired_by, done.published_by) == (PublicationState.RETIRED, LI, WANG)
    states = {one.version: one.state.value for one in Publications(node.office).list(RULE)}
    assert states == {"1": "RETIRED", "2": "RETIRED", "3": "RETIRED", "4": "PUBLISHED"}
    assert in_force(node)[1] == 4
    retire(node, made[2], by=WANG)
    with pytest.raises(Unavailable, match="NO_RULE"):
        in_force(node)
    with pytest.raises(Refusal, match="PUBLICATION_STATE"):
        retire(node, second)
    with pytest.raises(Refusal, match="PUBLICATION_STATE"):
        Publications(node.office).take_step(RULE, NAME, "2", PUBLISH, by=WANG, digest=second.digest)


def test_a_retired_rule_stays_readable_by_its_digest(two: TwoProvinces) -> None:
    node, document = two.destination, first_form(2)
    made = publish_rule(node.office, document)
    retired = retire(node, made)
    desk = Publications(node.office)
    assert desk.show_by_digest(RULE, made.digest) == (retired, document)
    found = node.store.read(lambda of: of.documents_by_digest([made.digest, "0" * 64]))
    assert found == {made.digest: document}


def test_a_draft_is_not_found_by_digest(two: TwoProvinces) -> None:
    desk = Publications(two.destination.office)
    drafted = desk.hand_in(RULE, first_form(2), by=LI)
    with pytest.raises(Refusal, match="PUBLICATION"):
        desk.show_by_digest(RULE, drafted.digest)


def test_a_used_version_is_not_published_with_another_text(two: TwoProvinces) -> None:
    node = two.destination
    publish_rule(node.office, first_form(2))
    before = node.dump()
    with pytest.raises(Breach, match="PUBLICATION_VERSION"):
        publish_rule(node.office, first_form(2, title_en="Other"))
    with pytest.raises(Breach, match="RULE_FORM"):
        publish_rule(node.office, first_form(3).replace(b'"version":3', b'"version": 3'))
    with pytest.raises(Refusal, match="RULE_PROVINCE"):
        publish_rule(node.office, first_form(3, rule=f"{SOURCE}/general"))
    assert node.dump() == before


def test_a_rule_cites_what_is_published_here_with_that_digest(two: TwoProvinces) -> None:
    node, document = two.destination, rule_of(2)
    with pytest.raises(Refusal, match="RULE_CATALOGUE"):
        publish_rule(node.office, document)
    assert in_force(node)[1] == 1
    publish(node.office, CATALOGUE, canonical_catalogue(catalogue_of()))
    two.clock.advance(DAY)
    (approved,) = [one for one in Publications(node.office).list(RULE) if one.version == "2"]
    done = Publications(node.office).take_step(
        RULE, NAME, "2", PUBLISH, by=WANG, digest=approved.digest
    )
    assert in_force(node) == (NAME, 2, done.digest)


def test_a_rule_is_opened_once(two: TwoProvinces, monkeypatch: pytest.MonkeyPatch) -> None:
    node = two.destination
    publish(node.office, CATALOGUE, canonical_catalogue(catalogue_of()))
    two.clock.advance(DAY)
    publish_rule(node.office, rule_of(2))

    def read_again(_: bytes) -> Any:
        raise AssertionError("the document was parsed again")

    monkeypatch.setattr("node.usecases.rule_shelf.open_rule", read_again)
    judges = [node.store.read(node.office.rules.in_force) for _ in range(3)]
    assert isinstance(judges[0], RulebookJudge)
    assert all(one is judges[0] for one in judges)


def test_a_rule_is_made_ready_before_anybody_waits_for_it(
    two: TwoProvinces, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = two.destination
    publish_rule(node.office, first_form(2))
    node.crash()
    node.office.rules.prepare(node.store)
    monkeypatch.setattr("node.usecases.rule_shelf.open_rule", None)
    assert in_force(node)[1] == 2
    node.office.rules.prepare(node.store)


def test_what_another_process_publishes_judges_here_too(two: TwoProvinces, tmp_path: Path) -> None:
    node = two.destination
    kept = node.office.rules
    assert in_force(node)[1] == 1
    two.clock.advance(DAY)
    node.crash()  # A new process publishes while the old one keeps what it opened.
    publish_rule(node.office, first_form(2))
    assert node.store.read(kept.in_force).rule[1] == 2


def test_rules_from_before_are_taken_over_and_judge(database: str) -> None:
    """A database of the release before had a table of rules, each published by one person."""
    documents = [first_form(version) for version in (9, 10)]
    with connected(database) as connection:
        command.upgrade(schema._config(connection), "0003")
        for version, document in zip((9, 10), documents, strict=True):
            connection.execute(
                text("insert into rule values (:name, :version, :document, 5)"),
                {"name": NAME, "version": version, "document": document},
            )
        rows = {"kind": "CATALOGUE", "name": "CN-33/c", "version": "1", "digest": "d" * 64}
        connection.execute(
            text(
                "insert into publication values (:kind, :name, :version, :digest, :document,"
                " 'PUBLISHED', 'a', 'b', 'c', 7)"
            ),
            rows | {"document": b"{}"},
        )
    with opened(database) as store:
        assert store.read(lambda reading: reading.rule()) == documents[1]
        assert [
            (one.version, one.state.value, one.approved_by, one.published_by)
            for one in store.read(lambda reading: reading.publications(RULE))
        ] == [("10", "PUBLISHED", "", ""), ("9", "PUBLISHED", "", "")]
        assert store.read(lambda reading: reading.has_catalogue("CN-33"))
    with connected(database) as connection:
        assert not inspect(connection).has_table("rule")
        names = {one["name"] for one in inspect(connection).get_indexes("publication")}
        assert names >= {"publication_in_force", "publication_by_digest"}
        command.downgrade(schema._config(connection), "0003")
        kept = connection.execute(text("select version, document from rule order by version"))
        assert [(row.version, bytes(row.document)) for row in kept] == [
            (9, documents[0]),
            (10, documents[1]),
        ]
        assert connection.execute(text("select count(*) from publication")).scalar() == 1
