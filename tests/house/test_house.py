"""The rules of the house, each a test that names every offender as file:line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from tests.house import imports, layout, shape
from tests.house.source import ROOT, Module, Offence, hand_written

Rule = Callable[[Module], Iterator[Offence]]
LOCK = "requirements.lock"


def assert_kept(rule: Rule, modules: Iterable[Module]) -> None:
    """Apply one rule to the modules and list whoever breaks it."""
    assert_none(chain.from_iterable(rule(module) for module in modules))


def assert_none(offences: Iterable[Offence]) -> None:
    """Fail with one offence a line."""
    found = [str(offence) for offence in offences]
    assert not found, "\n" + "\n".join(found)


def documented_modules() -> list[Module]:
    """List the modules whose public names must be documented."""
    return [found for found in hand_written("federation", "node") if found.is_in(*shape.DOCUMENTED)]


def test_federation_rooms_import_only_rooms_before_them() -> None:
    assert_kept(imports.federation_order, hand_written("federation"))


def test_federation_has_only_known_rooms() -> None:
    assert_kept(imports.federation_rooms_known, hand_written("federation"))


def test_node_parts_import_only_what_their_row_allows() -> None:
    assert_kept(imports.node_order, hand_written("node"))


def test_node_has_only_known_parts() -> None:
    assert_kept(imports.node_parts_known, hand_written("node"))


def test_storage_and_edges_meet_only_in_bootstrap() -> None:
    assert_kept(imports.storage_meets_edges, hand_written("node"))


def test_third_parties_stay_in_their_homes() -> None:
    assert_kept(imports.third_party_homes, hand_written("federation", "node"))


def test_no_module_is_too_long() -> None:
    assert_kept(shape.too_long, hand_written("federation", "node", "scripts", "tests"))


def test_no_function_is_too_long() -> None:
    assert_kept(shape.long_functions, hand_written("federation", "node", "scripts", "tests"))


def test_every_module_has_a_docstring() -> None:
    everything = hand_written("federation", "node", "scripts", "tests")
    assert_kept(shape.no_module_docstring, everything)


def test_public_names_are_documented() -> None:
    assert_kept(shape.undocumented, documented_modules())


def test_no_module_is_a_dumping_ground() -> None:
    everything = hand_written("federation", "node", "scripts", "tests")
    assert_kept(shape.dumping_ground, everything)


def test_only_the_command_line_prints() -> None:
    assert_kept(shape.prints, hand_written("federation", "node"))


def test_only_the_clock_reads_the_time() -> None:
    assert_kept(shape.reads_clock, hand_written("federation", "node"))


def test_entropy_comes_from_one_place() -> None:
    assert_kept(shape.draws_entropy, hand_written("federation", "node"))


def test_nothing_real_uses_predictable_randomness() -> None:
    assert_kept(shape.imports_random, hand_written("federation", "node"))


def test_top_level_is_closed() -> None:
    assert_none(layout.uninvited(layout.project_files(ROOT)))


def test_lock_names_no_address() -> None:
    assert_none(layout.addresses((ROOT / LOCK).read_text(encoding="utf-8"), LOCK))


def test_lock_is_pins_and_hashes_only() -> None:
    assert_none(layout.unpinned((ROOT / LOCK).read_text(encoding="utf-8"), LOCK))


def test_generated_code_is_current() -> None:
    check = [sys.executable, str(ROOT / "scripts" / "generate_protos.py"), "--check"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, "\n" + done.stderr
