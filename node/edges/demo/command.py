"""``creditbank demo``: a whole federation on one machine, from founding to offline proof."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from node.edges.cli.output import console
from node.edges.demo.announcer import Announcer
from node.edges.demo.cluster import Cluster
from node.edges.demo.itinerary import Itinerary
from node.edges.demo.plan import plan_demo
from node.edges.demo.report import Ending, tell, tell_json
from node.edges.demo.run import perform, running, stay
from node.edges.demo.site import Site, open_site

Dir = Annotated[
    Path | None,
    typer.Option("--dir", help="保留并可续跑的目录。A folder to keep and to resume in."),
]
Seed = Annotated[int, typer.Option("--seed", help="随机种子。Everything is drawn from it.")]
Exit = Annotated[
    bool, typer.Option("--exit", help="完成后退出。End after the work; 0 only if all is proven.")
]
AsJson = Annotated[bool, typer.Option("--json", help="只输出一个 JSON 对象。Print one object.")]


class Engine(StrEnum):
    """What the nodes' stores are in."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


Db = Annotated[
    Engine,
    typer.Option(
        "--db", help="数据库；postgresql 会自行启动一个服务器。postgresql starts its own server."
    ),
]


def demo(
    provinces: Annotated[
        int, typer.Option(min=2, max=34, help="省份数，9、16 或其他。Provinces.")
    ] = 9,
    learners: Annotated[int, typer.Option(min=1, help="学习者人数。Learners.")] = 45,
    transfers: Annotated[int, typer.Option(min=1, help="转移笔数。Transfers.")] = 144,
    seed: Seed = 1,
    directory: Dir = None,
    db: Db = Engine.SQLITE,
    ends: Exit = False,
    as_json: AsJson = False,
) -> None:
    """在一台机器上演示整个联盟。Show a whole federation on one machine."""
    options = {
        "what": "demo",
        "seed": seed,
        "provinces": provinces,
        "learners": learners,
        "transfers": transfers,
    }
    plan = plan_demo(seed=seed, provinces=provinces, learners=learners, transfers=transfers)
    raise typer.Exit(
        carry_out(plan, options, directory=directory, ends=ends, as_json=as_json, db=db)
    )


def carry_out(
    itinerary: Itinerary,
    options: Mapping[str, Any],
    *,
    directory: Path | None,
    ends: bool,
    as_json: bool,
    db: Engine = Engine.SQLITE,
) -> int:
    """Perform an itinerary, tell what came of it, and return the exit code."""
    out = console()
    options = {**options, "digest": itinerary.digest()}
    if db is not Engine.SQLITE:
        options["db"] = db.value
    with (
        _folder(directory) as folder,
        open_site(folder, options, itinerary.provinces) as site,
        Announcer() as announcer,
        _databases(site, itinerary.provinces, db, is_kept=directory is not None) as databases,
        running(site, itinerary.provinces, announcer, databases) as federation,
    ):
        findings = perform(site, itinerary, federation, announcer)
        announcer.close()
        if as_json:
            tell_json(out, findings)
        else:
            ending = Ending(stays=not ends, is_kept=directory is not None)
            tell(out, site, findings, ending)
        for problem in findings.problems:
            console(to_stderr=True).print(f"PROBLEM: {problem}", markup=False)
        if not ends:
            _until_told(lambda: stay(federation.processes))
        return 1 if findings.problems else 0


def _until_told(wait: Callable[[], None]) -> None:
    console(to_stderr=True).print("运行中，Ctrl-C 结束。Running; Ctrl-C ends it.")
    try:
        wait()
    except KeyboardInterrupt:
        console(to_stderr=True).print("正在停止…… stopping")


@contextmanager
def _databases(
    site: Site, provinces: Sequence[str], db: Engine, *, is_kept: bool
) -> Iterator[Mapping[str, str]]:
    """Lend a database to each province, in a server that ends with the run."""
    if db is Engine.SQLITE:
        yield {}
        return
    with Cluster(site.directory / db.value, is_kept=is_kept) as cluster:
        names = {province: province.lower().replace("-", "_") for province in provinces}
        cluster.make_databases(list(names.values()))
        yield {province: cluster.url(name) for province, name in names.items()}


@contextmanager
def _folder(directory: Path | None) -> Iterator[Path]:
    """Lend the folder asked for, or one that goes with the run."""
    if directory is not None:
        yield directory
        return
    with tempfile.TemporaryDirectory(prefix="creditbank-demo-") as folder:
        yield Path(folder)
