"""Read the project's source: which modules there are, what each imports, calls and defines."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GENERATED = ("federation.v1", "node.v1")


@dataclass(frozen=True)
class Offence:
    """One breach of a house rule, at the place where an editor can jump to it."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


@dataclass(frozen=True)
class Import:
    """One imported name, spelt in full: ``from node import v1`` imports ``node.v1``."""

    target: str
    line: int


@dataclass(frozen=True)
class Module:
    """One module: its dotted name, its place and its text."""

    name: str
    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """Return the parsed text."""
        return ast.parse(self.text, filename=self.path)

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Return every import, those inside functions and type-checking blocks included."""
        return tuple(found for node in ast.walk(self.tree) for found in self._imported(node))

    @cached_property
    def origins(self) -> dict[str, str]:
        """Map each imported local name to the dotted name that it stands for."""
        origins: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    whole = alias.name if alias.asname else alias.name.partition(".")[0]
                    origins[alias.asname or whole] = whole
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    origins[alias.asname or alias.name] = f"{self._source(node)}.{alias.name}"
        return origins

    def is_in(self, *packages: str) -> bool:
        """Is the module one of these packages, or inside one?"""
        return is_inside(self.name, *packages)

    def offence(self, line: int, what: str) -> Offence:
        """Describe an offence in this module."""
        return Offence(self.path, line, what)

    def resolve(self, node: ast.expr) -> str | None:
        """Spell a name or attribute chain in full, imports followed; None for other nodes."""
        if isinstance(node, ast.Name):
            return self.origins.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            owner = self.resolve(node.value)
            return f"{owner}.{node.attr}" if owner else None
        return None

    def _imported(self, node: ast.AST) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            source = self._source(node)
            for alias in node.names:
                yield Import(f"{source}.{alias.name}", node.lineno)

    def _source(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        is_package = self.path.endswith("__init__.py")
        parts = self.name.split(".")
        kept = parts[: len(parts) - node.level + is_package]
        return ".".join([*kept, node.module] if node.module else kept)


def is_inside(name: str, *packages: str) -> bool:
    """Is the dotted name one of the packages, or inside one?"""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def module_from(text: str, name: str) -> Module:
    """Make a module from a string, for tests of the checkers themselves."""
    return Module(name=name, path=name.replace(".", "/") + ".py", text=text)


def hand_written(*tops: str) -> list[Module]:
    """Read all modules of these top folders, without generated code."""
    modules = [read(path) for top in tops for path in sorted((ROOT / top).rglob("*.py"))]
    return [module for module in modules if not module.is_in(*GENERATED)]


def read(path: Path) -> Module:
    """Read one module of the project."""
    place = path.relative_to(ROOT)
    parts = place.with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name=name, path=place.as_posix(), text=path.read_text(encoding="utf-8"))
