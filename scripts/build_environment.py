"""Build the project's virtual environment from the lock, once per state of the lock.

The environment counts as built only when a marker with the digest of its inputs lies in it; the
marker is written last, so an interrupted build is never taken for a finished one. A file lock lets
two runs that start together share one build. Only the standard library is used here, because this
runs before anything is installed.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
MARKER = VENV / "creditbank-built"

# Settings of the caller that would send packages somewhere other than the environment.
MISLEADING = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PYTHONPATH", "PYTHONHOME")


class BuildFailed(Exception):
    """A step of the build did not succeed; the message says what the reader can do."""


def main() -> int:
    """Build what is missing and return the exit code."""
    digest = inputs_digest()
    if is_built(digest):
        return 0
    try:
        with one_at_a_time():
            if not is_built(digest):
                build(digest)
    except BuildFailed as failure:
        say(str(failure))
        return 3
    return 0


def inputs_digest() -> str:
    """Digest whatever the content of the environment depends on, its own place included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packaging = {table: project.get(table) for table in ("project", "build-system")}
    packaging["hatch"] = project.get("tool", {}).get("hatch")
    digest = hashlib.sha256(LOCK.read_bytes())
    digest.update(json.dumps(packaging, sort_keys=True).encode())
    digest.update(str(ROOT).encode())
    return digest.hexdigest()


def is_built(digest: str) -> bool:
    """Is there a finished environment made from these inputs, its interpreter still there?"""
    try:
        return PYTHON.exists() and MARKER.read_text(encoding="ascii") == digest
    except FileNotFoundError:
        return False


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the build's file lock; the system drops it even when the holder is killed."""
    place = ROOT / ".cache" / "environment.lock"
    place.parent.mkdir(exist_ok=True)
    with place.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("等待另一进程装好运行环境…… / Waiting for another run to finish the environment.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def build(digest: str) -> None:
    """Make the environment anew; an old one is removed, so that nothing stale stays in it."""
    version = ".".join(map(str, sys.version_info[:3]))
    say(f"创建虚拟环境（Python {version}）…… / Creating the virtual environment in .venv.")
    shutil.rmtree(VENV, ignore_errors=True)
    pip = create_venv()
    say("安装锁定的依赖（约一分钟）…… / Installing the locked packages, about a minute.")
    run([*pip, "install", "--require-hashes", "--requirement", str(LOCK)], failed=INSTALL_FAILED)
    say("安装本项目…… / Installing the project itself.")
    offline = ["--no-deps", "--no-index", "--no-build-isolation"]
    run([*pip, "install", *offline, "--editable", str(ROOT)], failed=INSTALL_FAILED)
    write_marker(digest)
    say("运行环境就绪。 / The environment is ready.")


def create_venv() -> list[str]:
    """Create the empty environment and return the command of a pip that installs into it."""
    if importlib.util.find_spec("ensurepip"):
        run([sys.executable, "-m", "venv", str(VENV)], failed=VENV_FAILED)
        return [str(PYTHON), "-m", "pip"]
    if importlib.util.find_spec("venv") and importlib.util.find_spec("pip"):
        # Debian parts ensurepip from Python; a pip of the system can serve another interpreter.
        run([sys.executable, "-m", "venv", "--without-pip", str(VENV)], failed=VENV_FAILED)
        return [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    raise BuildFailed(VENV_FAILED)


def run(command: list[str], *, failed: str) -> None:
    """Run one tool quietly, its complaints on stderr; raise BuildFailed when it fails."""
    settings = {key: value for key, value in os.environ.items() if key not in MISLEADING}
    # Quiet 2 leaves errors only.
    settings |= {"PIP_QUIET": "2", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    settings["PIP_REQUIRE_VIRTUALENV"] = "0"
    done = subprocess.run(command, env=settings, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    if done.returncode != 0:
        raise BuildFailed(failed)


def write_marker(digest: str) -> None:
    """Declare the build finished, in one step that cannot be seen half done."""
    draft = MARKER.with_suffix(".draft")
    draft.write_text(digest, encoding="ascii")
    draft.replace(MARKER)


def say(sentence: str) -> None:
    """Tell the reader on stderr."""
    print(f"[creditbank] {sentence}", file=sys.stderr, flush=True)


VENV_FAILED = (
    "无法创建虚拟环境。Debian/Ubuntu 请执行 apt install python3-venv，然后重试。 / "
    "Could not create a virtual environment. On Debian or Ubuntu: apt install python3-venv."
)
INSTALL_FAILED = (
    "安装失败，原因见上文。请检查网络；可用 PIP_INDEX_URL 指定镜像，然后重试。 / "
    "The installation failed, see above. Check the network, or name a mirror in PIP_INDEX_URL."
)

if __name__ == "__main__":
    sys.exit(main())
