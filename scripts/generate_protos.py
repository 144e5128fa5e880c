"""Generate Python from protos/, or check that the committed code is what they generate.

The proto package, its folder and the Python package share one name, so that the output needs no
patching: protos/federation/v1/x.proto becomes federation/v1/x_pb2.py.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROTOS = ROOT / "protos"
GENERATED_NAMES = ("*_pb2.py", "*_pb2.pyi", "*_pb2_grpc.py", "__init__.py")


def main(argv: Sequence[str] | None = None) -> int:
    """Generate in place, or with --check compare and name what differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if stale")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch)
        generate(fresh)
        stale = differences(fresh, ROOT)
        if arguments.check:
            return report(stale)
        adopt(stale, fresh)
    return 0


def proto_files() -> list[Path]:
    """List the protos, relative to their root, in a stable order."""
    return sorted(path.relative_to(PROTOS) for path in PROTOS.rglob("*.proto"))


def packages() -> list[Path]:
    """List the folders that hold generated code, such as federation/v1."""
    return sorted({path.parent for path in proto_files()})


def generate(target: Path) -> None:
    """Run the compiler into ``target``; raise SystemExit when it refuses a proto."""
    files = proto_files()
    services = [path for path in files if path.name.endswith("_service.proto")]
    if files:
        compile_protos(files, [f"--python_out={target}", f"--pyi_out={target}"])
    if services:
        compile_protos(services, [f"--grpc_python_out={target}"])
    for package in packages():
        (target / package / "__init__.py").touch()


def compile_protos(files: list[Path], outputs: list[str]) -> None:
    """Call protoc once for several files."""
    # Imported late: whoever only asks for the list of files needs no compiler.
    import grpc_tools
    from grpc_tools import protoc

    well_known = Path(grpc_tools.__file__).parent / "_proto"
    command = ["protoc", f"-I{PROTOS}", f"-I{well_known}", *outputs]
    if protoc.main(command + [path.as_posix() for path in files]) != 0:
        raise SystemExit("protoc refused the protos, see above")


def generated_files(root: Path) -> set[Path]:
    """List the generated files that lie under ``root``, relative to it."""
    folders = [root / package for package in packages()]
    found = (path for folder in folders for name in GENERATED_NAMES for path in folder.glob(name))
    return {path.relative_to(root) for path in found}


def differences(fresh: Path, committed: Path) -> list[Path]:
    """List files that are missing, left over or of other content, compared as bytes."""
    names = generated_files(fresh) | generated_files(committed)
    return sorted(name for name in names if content(fresh / name) != content(committed / name))


def content(path: Path) -> bytes | None:
    """Return the file's bytes, or None when there is no such file."""
    return path.read_bytes() if path.exists() else None


def adopt(stale: list[Path], fresh: Path) -> None:
    """Bring the working tree in line with the fresh output, touching only what differs."""
    for name in stale:
        current = content(fresh / name)
        if current is None:
            (ROOT / name).unlink()
            continue
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_bytes(current)


def report(stale: list[Path]) -> int:
    """Name the stale files and return the exit code."""
    for name in stale:
        print(f"stale: {name.as_posix()} (run scripts/generate_protos.py)", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
