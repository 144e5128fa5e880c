"""``creditbank upgrade`` and ``migrate-store``: a node's database, while the node stands still."""

from __future__ import annotations

from typing import Annotated

import typer

from node.edges.cli.options import HERE, AsJson, Dir, Plain
from node.edges.cli.output import Output


def upgrade(
    directory: Dir = HERE,
    applies: Annotated[
        bool,
        typer.Option(
            "--apply/--plan",
            help="执行，或只显示计划 / carry it out, or show what it would do",
        ),
    ] = False,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """数据库结构升级；节点启动时也会自动进行。Upgrade the schema; a starting node does so too."""
    from node.upkeep import plan_schema, upgrade_schema

    plan = upgrade_schema(directory) if applies else plan_schema(directory)
    values = {
        "current": plan.head if applies else plan.current,
        "head": plan.head,
        "steps": [f"{revision} {what}" for revision, what in plan.steps],
        "is_applied": applies,
    }
    labels = {
        "current": "现版本 current",
        "head": "程序版本 head",
        "steps": "步骤 steps",
        "is_applied": "已执行 applied",
    }
    Output(as_json, plain).record("upgrade", labels, values)


def migrate_store(
    to: Annotated[
        str, typer.Option("--to", help="目标数据库地址，须为空 / address of an empty database")
    ],
    directory: Dir = HERE,
    rehearses: Annotated[
        bool,
        typer.Option("--dry-run", help="复制并核对，不保留 / copy, compare, keep nothing"),
    ] = False,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """把节点数据迁到另一数据库，逐项核对后切换。Move the store; switch only when all agrees."""
    from federation.base.amounts import show_credits
    from node.upkeep import move_store

    out = Output(as_json, plain)
    move = move_store(directory, to, is_rehearsal=rehearses)
    values = {
        "rows": sum(move.new.counts.values()),
        "messages": move.new.counts["message"],
        "messages_sha256": move.new.digests["message"],
        "balance": show_credits(move.new.balance_hundredths),
        "log_size": move.new.log_size,
        "log_root": move.new.log_root,
        "is_switched": move.is_switched,
    }
    labels = {
        "rows": "行数 rows",
        "messages": "消息 messages",
        "messages_sha256": "消息摘要 digest of messages",
        "balance": "余额 balances",
        "log_size": "日志长度 log size",
        "log_root": "日志根 log root",
        "is_switched": "已切换 switched",
    }
    out.record("move", labels, values)
    out.note("旧库未动。The old store is left as it was.")
