"""Size, names, documentation and forbidden calls: what one module must look like by itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.source import Module, Offence

MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
DUMPING_GROUNDS = frozenset({"utils", "util", "helpers", "common", "manager", "misc"})
DOCUMENTED = ("federation", "node.domain", "node.usecases")

CLOCK_HOME = "federation.base.clock"
CLOCK_CALLS = frozenset(
    {
        "datetime.date.today",
        "datetime.datetime.now",
        "datetime.datetime.today",
        "datetime.datetime.utcnow",
        "time.gmtime",
        "time.localtime",
        "time.time",
        "time.time_ns",
    }
)
ENTROPY_HOMES = ("federation.base", "federation.signing")
ENTROPY = frozenset({"os.urandom", "os.getrandom", "uuid.uuid1", "uuid.uuid4"})
RANDOM_HOMES = ("node.edges.demo", "node.edges.cli.demo")
PRINT_HOMES = ("node.edges.cli",)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def too_long(module: Module) -> Iterator[Offence]:
    """Name a module above the limit of lines."""
    lines = len(module.text.splitlines())
    if lines > MODULE_LINES_MAX:
        yield module.offence(MODULE_LINES_MAX + 1, f"{lines} lines, at most {MODULE_LINES_MAX}")


def long_functions(module: Module) -> Iterator[Offence]:
    """Name functions above the limit of lines."""
    for node in ast.walk(module.tree):
        if isinstance(node, Function) and node.end_lineno:
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                what = f"{node.name} has {lines} lines, at most {FUNCTION_LINES_MAX}"
                yield module.offence(node.lineno, what)


def no_module_docstring(module: Module) -> Iterator[Offence]:
    """Name a module without a docstring; an empty one, as packages often have, needs none."""
    if module.text.strip() and not ast.get_docstring(module.tree):
        yield module.offence(1, "the module has no docstring")


def undocumented(module: Module) -> Iterator[Offence]:
    """Name public classes and functions of the module that have no docstring."""
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef | Function):
            is_public = not node.name.startswith("_")
            if is_public and not ast.get_docstring(node):
                yield module.offence(node.lineno, f"{node.name} has no docstring")


def dumping_ground(module: Module) -> Iterator[Offence]:
    """Name a module or package whose name says nothing about what is in it."""
    for part in module.name.split("."):
        if part in DUMPING_GROUNDS:
            yield module.offence(1, f"{part!r} says nothing; name the thing it holds")


def prints(module: Module) -> Iterator[Offence]:
    """Name uses of print outside the command line."""
    if module.is_in(*PRINT_HOMES):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name) and node.id == "print":
            yield module.offence(node.lineno, "print belongs to the command line")


def reads_clock(module: Module) -> Iterator[Offence]:
    """Name readings of the wall clock outside its one home."""
    if not module.is_in(CLOCK_HOME):
        yield from uses(module, CLOCK_CALLS, f"the wall clock is read in {CLOCK_HOME} only")


def draws_entropy(module: Module) -> Iterator[Offence]:
    """Name draws of unpredictable bytes outside their homes."""
    if module.is_in(*ENTROPY_HOMES):
        return
    where = " or ".join(ENTROPY_HOMES)
    yield from uses(module, ENTROPY, f"unpredictable bytes are drawn in {where} only")
    for found in module.imports:
        if found.target.partition(".")[0] == "secrets":
            yield module.offence(found.line, f"secrets: drawn in {where} only")


def imports_random(module: Module) -> Iterator[Offence]:
    """Name imports of the predictable generator outside demonstrations."""
    if module.is_in(*RANDOM_HOMES):
        return
    for found in module.imports:
        if found.target.partition(".")[0] == "random":
            yield module.offence(found.line, "random is predictable; use federation.base.entropy")


def uses(module: Module, names: frozenset[str], why: str) -> Iterator[Offence]:
    """Name every use of these dotted names, however they were imported."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute | ast.Name):
            name = module.resolve(node)
            if name in names:
                yield module.offence(node.lineno, f"{name}: {why}")
