"""``creditbank`` for a process whose parent must not be outlived.

Standard input is a pipe that the parent holds open and never writes to. When it ends, because the
parent is gone however that came about, this process stops as if it had been told to.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from time import sleep

_GRACE_SECONDS = 10.0


def main() -> None:
    """Run the command line while the parent lives."""
    threading.Thread(target=_watch, name="parent-watch", daemon=True).start()
    from node.edges.cli.main import run

    code = run(sys.argv[1:])
    # Everything is closed by now; libraries' threads that still wait for something are let go.
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _watch() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    sleep(_GRACE_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
