"""Who may import whom. The tables are the rules; the functions only apply them."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from tests.house.source import Import, Module, Offence, is_inside

# Each room may import itself and the rooms before it.
FEDERATION_ROOMS = (
    "base",
    "signing",
    "trust",
    "log",
    "protocol",
    "wire",
    "evidence",
    "transport",
    "coordinator",
)
MAY_IMPORT_FEDERATION_V1 = (
    "federation.wire",
    "federation.evidence",
    "federation.transport",
    "federation.coordinator",
)

# What each part of the node may import of the project's own code, itself aside.
NODE_MAY_IMPORT = {
    "node.domain": (
        "federation.base",
        "federation.log",
        "federation.protocol",
        "federation.wire.envelope",
    ),
    "node.usecases": (
        "node.domain",
        "federation.base",
        "federation.signing",
        "federation.trust",
        "federation.log",
        "federation.protocol",
        "federation.wire",
        "federation.evidence",
    ),
    "node.storage": (
        "node.domain",
        "node.usecases.ports",
        "node.usecases.recovery_ports",
        "federation.base",
        "federation.signing.dsse",
        "federation.trust",
        "federation.log",
        "federation.protocol",
        "federation.wire",
    ),
    "node.precedents": ("node.domain", "federation.base"),
    # The command line is where a process starts, so it may ask bootstrap for a whole node.
    "node.edges.cli": (
        "node.bootstrap",
        "node.backup",
        "node.upkeep",
        "node.config",
        "node.founding",
        "node.domain",
        "node.edges",
        "node.usecases",
        "node.v1",
        "federation",
    ),
    # The demonstration founds and enrols nodes as the command line does.
    "node.edges.demo": (
        "node.config",
        "node.domain",
        "node.edges",
        "node.founding",
        "node.v1",
        "federation",
    ),
    "node.edges": ("node.config", "node.domain", "node.usecases", "node.v1", "federation"),
    "node.config": ("node.domain", "federation.base"),
    "node.bootstrap": ("node", "federation"),
    "node.upkeep": ("node.config", "node.founding", "node.storage", "federation"),
    "node.backup": ("node.config", "node.storage", "node.upkeep", "federation"),
    "node.founding": ("node.config", "node.edges.local_accounts", "federation"),
    "node.__main__": ("node", "federation"),
}
NODE_PARTS = (
    "bootstrap",
    "config",
    "founding",
    "backup",
    "upkeep",
    "__main__",
    "domain",
    "usecases",
    "precedents",
    "storage",
    "edges",
)

# Where each third party may be imported. Bootstrap, scripts and tests are free to import any.
HOMES = {
    "google": ("federation.wire", "federation.transport", "federation.coordinator", "node.edges"),
    "grpc": (
        "federation.transport",
        "federation.wire.status",
        "federation.coordinator",
        "node.edges",
    ),
    "grpc_health": ("federation.transport", "federation.coordinator", "node.edges"),
    "grpc_status": ("federation.wire.status", "federation.transport"),
    "sqlalchemy": ("node.storage", "federation.coordinator"),
    "alembic": ("node.storage", "federation.coordinator"),
    # The driver is SQLAlchemy's to import.
    "psycopg": ("node.storage",),
    "pysqlite3": ("node.storage", "federation.coordinator"),
    "cryptography": ("federation.signing", "federation.transport"),
    "tuf": ("federation.trust", "federation.signing", "federation.coordinator"),
    "securesystemslib": ("federation.trust", "federation.signing", "federation.coordinator"),
    "bm25s": ("node.precedents",),
    "numpy": ("node.precedents",),
    "typer": ("node.edges",),
    # A parser without effects; what people write is read nowhere else.
    "yaml": ("node.domain.rule_writing",),
    "rich": ("node.edges",),
    "prometheus_client": ("node.edges", "federation.coordinator"),
    "pydantic": ("node.config", "federation.coordinator"),
    "pydantic_settings": ("node.config", "federation.coordinator"),
}
OWN = ("federation", "node")


def federation_order(module: Module) -> Iterator[Offence]:
    """Name imports in a federation room that point to a later room, or out of the federation."""
    allowed = federation_reach(module)
    for found in module.imports:
        if is_inside(found.target, *OWN) and not is_inside(found.target, *allowed):
            yield module.offence(found.line, f"{module.name} may not import {found.target}")


def federation_reach(module: Module) -> tuple[str, ...]:
    """List what a module of the federation may import, by its room."""
    room = module.name.split(".")[1] if "." in module.name else ""
    if room not in FEDERATION_ROOMS:
        return ()
    rooms = FEDERATION_ROOMS[: FEDERATION_ROOMS.index(room) + 1]
    reach = tuple(f"federation.{name}" for name in rooms)
    return (*reach, "federation.v1") if module.is_in(*MAY_IMPORT_FEDERATION_V1) else reach


def federation_rooms_known(module: Module) -> Iterator[Offence]:
    """Name modules of the federation that lie in no known room."""
    parts = module.name.split(".")
    if len(parts) > 1 and parts[1] not in FEDERATION_ROOMS:
        yield module.offence(1, f"federation has no room {parts[1]!r}")


def node_order(module: Module) -> Iterator[Offence]:
    """Name imports in a part of the node that its row in the table does not allow."""
    allowed = node_reach(module)
    for found in module.imports:
        if is_inside(found.target, *OWN) and not is_inside(found.target, *allowed):
            yield module.offence(found.line, f"{module.name} may not import {found.target}")


def node_reach(module: Module) -> tuple[str, ...]:
    """List what a module of the node may import; the first row that fits it counts."""
    for part, reach in NODE_MAY_IMPORT.items():
        if module.is_in(part):
            return (part, *reach)
    return ()


def node_parts_known(module: Module) -> Iterator[Offence]:
    """Name modules of the node that lie in no known part."""
    parts = module.name.split(".")
    if len(parts) > 1 and parts[1] not in NODE_PARTS:
        yield module.offence(1, f"node has no part {parts[1]!r}")


def storage_meets_edges(module: Module) -> Iterator[Offence]:
    """Name the modules that import both storage and edges, and are not bootstrap."""
    if module.is_in("node.bootstrap"):
        return
    edges = [found for found in module.imports if is_inside(found.target, "node.edges")]
    storage = [found for found in module.imports if is_inside(found.target, "node.storage")]
    if storage and (edges or module.is_in("node.edges")):
        yield module.offence(storage[0].line, "storage and edges meet outside bootstrap")
    if edges and module.is_in("node.storage"):
        yield module.offence(edges[0].line, "storage and edges meet outside bootstrap")


def third_party_homes(module: Module) -> Iterator[Offence]:
    """Name imports of a third party outside its home, and of third parties without any."""
    if module.is_in("node.bootstrap"):
        return
    for found in module.imports:
        top = third_party(found)
        if top and not module.is_in(*HOMES.get(top, ())):
            home = " or ".join(HOMES.get(top, ())) or "nowhere: it has no home in this house"
            yield module.offence(found.line, f"{top} belongs in {home}")


def third_party(found: Import) -> str | None:
    """Return the top name of a third party's import, None for our own and for Python's."""
    top = found.target.partition(".")[0]
    return None if top in OWN or top in sys.stdlib_module_names else top
