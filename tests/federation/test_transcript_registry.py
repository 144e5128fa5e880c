"""Registry files as evidence: good by TUF is not enough, every byte must be vouched for."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from federation.base.errors import Breach
from federation.coordinator.ceremony import draft_root_renewal
from federation.evidence.verify import verify_transcript
from federation.trust.exactness import check_exact
from federation.trust.registry import RegistryView, verify_view
from tests.federation.evidence_world import Exchange, Party, deposit
from tests.federation.registry_world import World, new_world

Bend = Callable[[dict[str, Any]], Any]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = new_world(tmp_path_factory.mktemp("registry"))
    world.publish(draft_root_renewal(world.office, now_us=world.now_us))
    return world


@pytest.fixture(scope="module")
def view(world: World) -> RegistryView:
    return world.view()


def spelled(value: dict[str, Any], **style: Any) -> bytes:
    style = style or {"separators": (",", ":"), "sort_keys": True}
    return json.dumps(value, **style).encode()


def bend_signature(change: Callable[[str], str]) -> Bend:
    def bend(value: dict[str, Any]) -> None:
        value["signatures"][-1]["sig"] = change(value["signatures"][-1]["sig"])

    return bend


BENDS: dict[str, Bend] = {
    "a false signature beside enough good ones": bend_signature(lambda sig: "00" + sig[2:]),
    "a signature in capitals": bend_signature(str.upper),
    "a signature with a space": bend_signature(lambda sig: sig[:2] + " " + sig[2:]),
    "a signature by nobody": lambda value: value["signatures"].append(
        {"keyid": "0" * 64, "sig": "00" * 64}
    ),
    "a field beside what is signed": lambda value: value.update(note="x"),
    "a field beside a signature": lambda value: value["signatures"][0].update(note="x"),
}


def test_published_files_are_exact(view: RegistryView) -> None:
    assert "2.root.json" in view.files
    check_exact(view)


@pytest.mark.parametrize("name", BENDS)
def test_what_a_threshold_forgives_evidence_does_not(
    world: World, view: RegistryView, name: str
) -> None:
    value = json.loads(view.files["2.root.json"])
    BENDS[name](value)
    files = dict(view.files) | {"2.root.json": spelled(value)}
    bent = verify_view(world.pinned(), files)
    with pytest.raises(Breach, match=r"2\.root\.json"):
        check_exact(bent)


@pytest.mark.parametrize("name", ["2.root.json", "timestamp.json"])
def test_another_spelling_is_refused(world: World, view: RegistryView, name: str) -> None:
    value = json.loads(view.files[name])
    files = dict(view.files) | {name: spelled(value, indent=1, sort_keys=True)}
    with pytest.raises(Breach, match="one spelling"):
        check_exact(verify_view(world.pinned(), files))


def test_any_bit_of_an_embedded_registry_counts(world: World) -> None:
    applicants = world.enrol("CN-31", "CN-33")
    source, destination = (
        Party(province, *applicants[province].signers[:2]) for province in ("CN-31", "CN-33")
    )
    exchange = Exchange(source, destination, [deposit(source, 300)], world.now_us).prepare()
    encoded = exchange.encoded(registry=world.view().files)
    assert verify_transcript(encoded, pinned_root=world.pinned()).valid
    chance = random.Random(7)
    for name in ("2.root.json", "snapshot.json", "targets.json", "timestamp.json"):
        content = world.view().files[name]
        start = encoded.index(content)
        for place in chance.sample(range(start, start + len(content)), 60):
            bent = bytearray(encoded)
            bent[place] ^= 1 << chance.randrange(8)
            report = verify_transcript(bytes(bent), pinned_root=world.pinned())
            assert (report.valid, report.failed_part) == (False, "registry"), (name, place)
