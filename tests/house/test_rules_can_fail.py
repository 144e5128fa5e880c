"""Each house rule, fed what it forbids: a checker that cannot fail would guard nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scripts import generate_protos
from tests.house import imports, layout, shape
from tests.house.source import ROOT, Module, Offence, module_from, read

Rule = Callable[[Module], Iterator[Offence]]

BROKEN = [
    (imports.federation_order, "federation.signing.keys", "from federation.trust import view"),
    (imports.federation_order, "federation.signing.keys", "from federation import trust"),
    (imports.federation_order, "federation.signing.keys", "from ..wire import codec"),
    (imports.federation_order, "federation.protocol.x", "import federation.v1.envelope_pb2"),
    (imports.federation_order, "federation.coordinator.x", "import node.domain"),
    (imports.federation_order, "federation.base.x", "def f():\n    import federation.log.tree"),
    (imports.federation_order, "federation", "from federation.base import names"),
    (imports.federation_rooms_known, "federation.attic.x", ""),
    (imports.node_order, "node.domain.ledger", "import federation.signing.keys"),
    (imports.node_order, "node.domain.ledger", "from node.usecases import ports"),
    (imports.node_order, "node.usecases.incoming", "from federation.transport import gate"),
    (imports.node_order, "node.usecases.incoming", "from node.storage import tables"),
    (imports.node_order, "node.storage.rows", "from node.usecases.incoming import answer"),
    (imports.node_order, "node.storage.rows", "from node.v1 import local_pb2"),
    (imports.node_order, "node.edges.peer", "from node.storage import rows"),
    (imports.node_order, "node.edges.peer", "from node import bootstrap"),
    (imports.node_parts_known, "node.attic.x", ""),
    (imports.storage_meets_edges, "node.edges.peer", "import node.storage.rows"),
    (imports.storage_meets_edges, "node.storage.rows", "from node import edges"),
    (imports.storage_meets_edges, "node.config", "import node.storage\nimport node.edges"),
    (imports.third_party_homes, "node.domain.ledger", "from sqlalchemy import Table"),
    (imports.third_party_homes, "federation.protocol.x", "from google.protobuf import message"),
    (imports.third_party_homes, "federation.wire.codec", "import grpc"),
    (imports.third_party_homes, "node.storage.seal", "import cryptography.x509"),
    (imports.third_party_homes, "node.edges.peer", "import requests"),
    (shape.too_long, "node.domain.x", "x = 1\n" * 401),
    (shape.long_functions, "node.domain.x", "def f():\n" + "    x = 1\n" * 60),
    (shape.long_functions, "node.domain.x", "async def f():\n" + "    x = 1\n" * 60),
    (shape.no_module_docstring, "node.domain.x", "x = 1"),
    (shape.undocumented, "node.domain.x", "def f(): ..."),
    (shape.undocumented, "node.domain.x", "class C: ..."),
    (shape.dumping_ground, "node.domain.utils", ""),
    (shape.dumping_ground, "node.helpers.x", ""),
    (shape.prints, "node.edges.peer", "print('here')"),
    (shape.reads_clock, "node.domain.x", "import datetime as dt\ndt.datetime.now(dt.UTC)"),
    (shape.reads_clock, "node.domain.x", "from datetime import date as d\nd.today()"),
    (shape.reads_clock, "node.domain.x", "from time import time_ns as now\nnow()"),
    (shape.reads_clock, "node.domain.x", "import time\nClock(read=time.time)"),
    (shape.draws_entropy, "node.domain.x", "import os\nos.urandom(16)"),
    (shape.draws_entropy, "node.domain.x", "from secrets import token_bytes"),
    (shape.draws_entropy, "node.domain.x", "from uuid import uuid4\nuuid4()"),
    (shape.imports_random, "node.domain.x", "import random"),
]

KEPT = [
    (imports.federation_order, "federation.wire.codec", "from federation.v1 import a_pb2"),
    (imports.federation_order, "federation.trust.view", "from federation.signing import keys"),
    (imports.federation_order, "federation.trust.view", "from . import ladder"),
    (imports.node_order, "node.usecases.incoming", "from node.usecases import ports"),
    (imports.node_order, "node.storage.rows", "from node.usecases.ports import Lots"),
    (imports.node_order, "node.edges.cli.main", "from node.bootstrap import assemble"),
    (imports.storage_meets_edges, "node.bootstrap", "import node.storage\nimport node.edges"),
    (imports.third_party_homes, "federation.wire.status", "import grpc"),
    (imports.third_party_homes, "node.domain.ledger", "import dataclasses"),
    (shape.too_long, "node.domain.x", "x = 1\n" * 400),
    (shape.long_functions, "node.domain.x", "def f():\n" + "    x = 1\n" * 59),
    (shape.no_module_docstring, "node.domain", ""),
    (shape.undocumented, "node.domain.x", "def _f(): ..."),
    (shape.prints, "node.edges.cli.main", "print('here')"),
    (shape.reads_clock, "federation.base.clock", "import time\ntime.time_ns()"),
    (shape.reads_clock, "node.domain.x", "import time\ntime.monotonic()"),
    (shape.draws_entropy, "federation.base.entropy", "import secrets"),
]


@pytest.mark.parametrize(("rule", "name", "text"), BROKEN)
def test_rule_names_the_offender(rule: Rule, name: str, text: str) -> None:
    offences = list(rule(module_from(text, name)))
    assert offences
    assert str(offences[0]).startswith(f"{name.replace('.', '/')}.py:")


@pytest.mark.parametrize(("rule", "name", "text"), KEPT)
def test_rule_lets_the_rest_pass(rule: Rule, name: str, text: str) -> None:
    assert not list(rule(module_from(text, name)))


def test_offence_points_at_its_line() -> None:
    module = module_from('"""Doc."""\n\nimport random\n', "node.domain.x")
    assert [offence.line for offence in shape.imports_random(module)] == [3]


def test_relative_import_in_a_package_starts_at_the_package() -> None:
    package = Module(name="node.domain", path="node/domain/__init__.py", text="from . import x")
    assert [found.target for found in package.imports] == ["node.domain.x"]


def test_module_is_named_by_its_place() -> None:
    assert read(ROOT / "tests" / "conftest.py").name == "tests.conftest"
    assert read(ROOT / "tests" / "house" / "__init__.py").name == "tests.house"


def test_uninvited_top_level_is_named() -> None:
    files = ["docs/index.md", "node/config.py", ".gitignore", "README.md"]
    assert [offence.path for offence in layout.uninvited(files)] == ["docs"]


def test_address_in_the_lock_is_named() -> None:
    lock = "--index-url https://packages.example/simple\nattrs==1 \\\n"
    assert [offence.line for offence in layout.addresses(lock, "lock")] == [1]


def test_loose_version_in_the_lock_is_named() -> None:
    lock = f"attrs>=1 \\\n    --hash=sha256:{'0' * 64}\n"
    assert [offence.line for offence in layout.unpinned(lock, "lock")] == [1]


def test_stale_generated_code_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = Path("federation/v1")
    monkeypatch.setattr(generate_protos, "packages", lambda: [package])
    fresh, committed = tmp_path / "fresh", tmp_path / "committed"
    for root, text in ((fresh, "new"), (committed, "old")):
        (root / package).mkdir(parents=True)
        (root / package / "kept_pb2.py").write_text("same")
        (root / package / "changed_pb2.py").write_text(text)
    (fresh / package / "missing_pb2.py").write_text("new")
    (committed / package / "left_over_pb2.py").write_text("old")
    names = [path.name for path in generate_protos.differences(fresh, committed)]
    assert names == ["changed_pb2.py", "left_over_pb2.py", "missing_pb2.py"]
