"""What ends on a day, gathered from a registry with real signatures."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from federation.base.clock import SECOND
from federation.base.working_days import BEIJING
from federation.coordinator.revoking import revoke
from federation.trust.agreements import Agreement
from federation.trust.revocations import Revocation, write_revocation
from node.domain.condition import Term, TermKind
from node.usecases.standing import terms_of
from tests.federation.registry_world import World, new_world
from tests.federation.test_regions import terms

S, D, OTHER = "CN-31", "CN-33", "CN-44"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Three provinces, two of which agreed."""
    made = new_world(tmp_path)
    people = made.enrol(S, D, OTHER)
    made.agree(agreed(), people)
    revoked = people[D].signers[0]
    revocation = Revocation(
        province=D, keyid=revoked.public.keyid, log_size=7, revoked_at_us=made.now_us
    )
    content = write_revocation(revocation, people[D].recovery)
    revoke(made.office, made.online, content, now_us=made.now_us)
    return made


def agreed() -> Agreement:
    """Return an agreement of S and D."""
    return terms(S, D)


def found(world: World, province: str) -> dict[TermKind, list[Term]]:
    """Return a province's terms by kind."""
    by_kind: dict[TermKind, list[Term]] = {}
    for one in terms_of(world.view(), province, world.now_us):
        by_kind.setdefault(one.kind, []).append(one)
    return by_kind


def test_an_agreement_ends_with_its_last_day_in_beijing(world: World) -> None:
    (term,) = found(world, S)[TermKind.AGREEMENT]
    last = datetime.fromisoformat(agreed().valid_until).replace(tzinfo=BEIJING)
    assert term.ends_us == int((last + timedelta(days=1)).timestamp()) * SECOND
    assert term.name == f"{agreed().agreement} v1"


def test_only_what_concerns_the_province_is_told(world: World) -> None:
    assert TermKind.AGREEMENT not in found(world, OTHER)
    roles = {one.name for one in found(world, OTHER)[TermKind.ROLE]}
    assert roles == {"revocations"}
    assert {one.name for one in found(world, S)[TermKind.ROLE]} == {"revocations", agreed().role}


def test_a_revoked_key_is_told_with_its_moment(world: World) -> None:
    (term,) = found(world, D)[TermKind.MESSAGE_KEY]
    assert (term.state, term.ends_us) == ("REVOKED", world.now_us)
    (term,) = found(world, S)[TermKind.MESSAGE_KEY]
    assert (term.state, term.ends_us) == ("ACTIVE", 0)


def test_before_any_registry_nothing_ends() -> None:
    assert terms_of(None, S, 0) == []
