"""A PostgreSQL server of one's own, from Debian's package: on a socket, no network, no password.

PostgreSQL refuses to run as root; its own user runs it then, and its files lie where that user can
reach them. The server ends with the process that began it, however that comes about.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

from federation.base.errors import Refusal

INSTALL_COMMAND = "apt-get install postgresql"
USER = "creditbank"
_INSTALLED = Path("/usr/lib/postgresql")
_SYSTEM_USER = "postgres"
_START_SECONDS = 60.0
_END_SECONDS = 30.0
_TAIL_BYTES = 2000
_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "700",
    "shared_buffers": "64MB",
    "deadlock_timeout": "200ms",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_wal_size": "512MB",
}
# The shell outlives neither the server nor whoever holds its standard input.
_WATCH = (
    'exec 3<&0; "$@" <&- 3<&- & server=$!; (cat <&3 >/dev/null; kill -INT $server) & wait $server'
)


def find_programs() -> Path:
    """Return the folder of the newest server's programs.

    Raises:
        Refusal: POSTGRESQL_MISSING when there is none.
    """
    found = [path.parent for path in _INSTALLED.glob("*/bin/postgres")]
    if not found:
        raise Refusal("POSTGRESQL_MISSING", detail=INSTALL_COMMAND)
    return max(found, key=lambda folder: float(folder.parent.name))


class Cluster:
    """A server with its data in a folder; use it as a context.

    Args:
        directory: where the data lies, or what stands for it where the server's user cannot go.
        is_kept: whether the data stays when the server ends.
    """

    def __init__(self, directory: Path, *, is_kept: bool) -> None:
        self._programs = find_programs()
        self._account = _account()
        self._as_user = _as_user(self._account)
        self._is_kept = is_kept
        mark = hashlib.sha256(str(directory.absolute()).encode()).hexdigest()[:12]
        # A socket's path may have a hundred characters, so it lies near the root.
        self.socket = Path(tempfile.gettempdir()) / f"creditbank-{mark}"
        self.home = _place(directory, mark, self._account)
        self._server: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        """Return the address of a database."""
        return f"postgresql:///{database}?host={self.socket}&user={USER}"

    def start(self) -> None:
        """Start the server, its data made when there is none.

        Raises:
            Refusal: POSTGRESQL_FAILED with what the server said.
        """
        for folder in (self.socket, self.home):
            self._own(folder)
        if not (self.home / "data").exists():
            self._make_data()
        until = monotonic() + _START_SECONDS
        while True:
            self._launch()
            if self._answers(until):
                return
            if monotonic() > until:
                log = (self.home / "server.log").read_bytes()[-_TAIL_BYTES:]
                raise Refusal("POSTGRESQL_FAILED", detail=log.decode(errors="replace").strip())
            sleep(0.5)  # An earlier server of a killed process may still be ending.

    def _launch(self) -> None:
        with (self.home / "server.log").open("ab") as log:
            command = [str(self._programs / "postgres"), "-D", str(self.home / "data")]
            settings = {**_SETTINGS, "unix_socket_directories": str(self.socket)}
            options = [word for key, text in settings.items() for word in ("-c", f"{key}={text}")]
            self._server = subprocess.Popen(  # noqa: S603 - the installed server, our own arguments
                [*self._as_user, "/bin/sh", "-c", _WATCH, "postgresql", *command, *options],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                # Ctrl-C is for those who use the server first.
                start_new_session=True,
            )

    def make_databases(self, names: Sequence[str]) -> None:
        """Make the databases that are not there yet."""
        listed = self._run("psql", "-d", "postgres", "-Atc", "SELECT datname FROM pg_database")
        for name in sorted(set(names) - set(listed.split())):
            self._run("createdb", name)

    def cut_connections(self, name: str) -> None:
        """Cut everybody's connections to a database."""
        self._run(
            *("psql", "-d", "postgres", "-Atc"),
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "  # noqa: S608 - our own name
            f"WHERE datname = '{name}'",
        )

    def empty_database(self, name: str) -> None:
        """Take everything out of a database, whoever is using it."""
        self.cut_connections(name)
        self._run("psql", "-qd", name, "-c", "DROP SCHEMA public CASCADE; CREATE SCHEMA public")

    def stop(self) -> None:
        """End the server; it may be started again."""
        if self._server is not None:
            assert self._server.stdin is not None, "started with a pipe"
            self._server.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                self._server.wait(_END_SECONDS)
            self._server.kill()
            self._server.wait()
            self._server = None

    def end(self) -> None:
        """End the server, and remove what is not kept."""
        self.stop()
        shutil.rmtree(self.socket, ignore_errors=True)
        if not self._is_kept:
            shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self) -> Cluster:
        """Start the server."""
        try:
            self.start()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_fault: object) -> None:
        """End the server."""
        self.end()

    def _own(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid not in (os.getuid(), self._account.pw_uid):
            raise Refusal("POSTGRESQL_FAILED", detail=f"{folder} belongs to somebody else")
        if os.getuid() == 0:
            os.chown(folder, self._account.pw_uid, self._account.pw_gid)
        folder.chmod(0o700)

    def _make_data(self) -> None:
        # Made aside, so that what a kill left half done is made anew.
        draft = self.home / "draft"
        shutil.rmtree(draft, ignore_errors=True)
        words = ("--encoding=UTF8", "--locale=C", "--auth=trust", f"--username={USER}")
        self._run("initdb", *words, "-D", str(draft), to_server=False)
        draft.rename(self.home / "data")

    def _run(self, program: str, *words: str, to_server: bool = True) -> str:
        address = ("-h", str(self.socket), "-U", USER) if to_server else ()
        done = subprocess.run(  # noqa: S603 - an installed program, our own arguments
            [*self._as_user, str(self._programs / program), *address, *words],
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
        )
        if done.returncode:
            detail = f"{program}: {done.stderr.strip()[-_TAIL_BYTES:]}"
            raise Refusal("POSTGRESQL_FAILED", detail=detail)
        return done.stdout

    def _answers(self, until: float) -> bool:
        assert self._server is not None, "started before"
        while self._server.poll() is None and monotonic() < until:
            with suppress(Refusal):
                self._run("psql", "-d", "postgres", "-Atc", "SELECT 1")
                return True
            sleep(0.05)
        return False


def _as_user(account: pwd.struct_passwd) -> tuple[str, ...]:
    """Return what runs a program as another user: to change it after a fork would run what gRPC
    does in every forked child, and that may end it.
    """
    if os.getuid() != 0:
        return ()
    ids = (f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups")
    return ("setpriv", *ids, "--")


def _account() -> pwd.struct_passwd:
    """Return who runs the server: us, or Debian's user for it where we are root."""
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid())
    try:
        return pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        raise Refusal("POSTGRESQL_MISSING", detail=INSTALL_COMMAND) from None


def _place(directory: Path, mark: str, account: pwd.struct_passwd) -> Path:
    """Return where the data lies: the folder, or one that the server's user can reach."""
    directory = directory.absolute()
    if os.getuid() != 0 or all(_is_open_to(account, one) for one in directory.parents):
        return directory
    return Path("/var/tmp") / f"creditbank-{mark}"  # noqa: S108 - its owner is checked


def _is_open_to(account: pwd.struct_passwd, folder: Path) -> bool:
    try:
        found = folder.stat()
    except FileNotFoundError:
        return True  # We shall make it, open to all.
    mine = 0o100 if found.st_uid == account.pw_uid else 0o001
    return bool(found.st_mode & mine)
