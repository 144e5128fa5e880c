"""Progress for whoever is watching: a live bar on a terminal, plain lines anywhere else.

It all goes to standard error; standard output is for results.
"""

from __future__ import annotations

import os
import sys
import threading
from time import monotonic

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

TITLES = {
    "ceremony": ("签署仪式：根密钥 3/5，名册密钥 2/3", "ceremony: root 3 of 5, targets 2 of 3"),
    "founding": ("建立各省节点的密钥与证书", "founding nodes: keys and certificates"),
    "enrolment": ("邀请、申请、签署、发布", "enrolment: invite, join, sign, publish"),
    "agreements": ("各区域签署互认协议", "agreements, signed by the regions"),
    "starting": ("启动各节点进程", "starting the nodes' processes"),
    "holding": ("核对中断前已确认的内容", "checking what was acknowledged before"),
    "rules": ("发布转换规则", "publishing conversion rules"),
    "accounts": ("开立学习账户", "opening learners' accounts"),
    "deposits": ("存入学习成果", "depositing learning outcomes"),
    "codes": ("领取一次性转移码", "fetching one-time transfer codes"),
    "applications": ("提出转移申请", "applying for transfers"),
    "replay": ("逐例经真实节点申请与判断", "replaying every case between real nodes"),
    "recomputing": ("逐份重算认定记录", "judging every decision record again"),
    "transfers": ("两省之间逐项办理", "transfers between provinces"),
    "reconciliation": ("逐对对账", "reconciling every ordered pair"),
    "witnessing": ("等待见证方联署日志", "waiting for witnesses to cosign the logs"),
    "transcripts": ("导出并离线验证证据链", "exporting and verifying transcripts offline"),
    "journal": ("核对全部已确认内容", "checking everything that was acknowledged"),
    "audit": ("仅凭证据重算全部数字", "re-deriving every figure from evidence alone"),
}
_PLAIN_SECONDS = 2.0


class Announcer:
    """Tells what is being done; use it as a context."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._lock = threading.Lock()
        self._began = self._told = monotonic()
        self._name, self._done, self._total = "", 0, 0
        self._live: Progress | None = None
        self._task: TaskID | None = None
        if console.is_terminal and "NO_COLOR" not in os.environ:
            self._live = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=console,
            )

    def stage(self, name: str, total: int = 1) -> None:
        """Begin a stage of so many steps."""
        with self._lock:
            self._finish()
            self._name, self._done, self._total = name, 0, total
            zh, en = TITLES[name]
            if self._live is not None:
                self._task = self._live.add_task(f"{zh} · {en}", total=total)
            else:
                self._line(f"{zh} · {en}")

    def advance(self, steps: int = 1) -> None:
        """Count steps of the stage."""
        with self._lock:
            self._done += steps
            if self._live is not None and self._task is not None:
                self._live.update(self._task, completed=self._done)
            elif monotonic() - self._told > _PLAIN_SECONDS:
                self._line(f"  {self._done}/{self._total}")

    def _finish(self) -> None:
        if self._live is not None and self._task is not None:
            self._live.update(self._task, completed=self._total)

    def _line(self, text: str) -> None:
        self._told = monotonic()
        sys.stderr.write(f"[{self._told - self._began:6.1f} s] {text}\n")
        sys.stderr.flush()

    def __enter__(self) -> Announcer:
        """Begin to show."""
        if self._live is not None:
            self._live.start()
        return self

    def close(self) -> None:
        """Stop showing, everything being done."""
        self._finish()
        self._stop()

    def __exit__(self, *_fault: object) -> None:
        """Stop showing; what was not finished stays as it stands."""
        self._stop()

    def _stop(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None
