"""The executable ``creditbank``.

A command's module is imported when the command is run, not before, so that help and completion
answer at once.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

# Name of a command, where it lives, what it is for.
_COMMANDS = {
    "demo": (
        "node.edges.demo.command:demo",
        "在一台机器上演示整个联盟。A whole federation on one machine.",
    ),
    "init": ("node.edges.cli.setup:init", "建立本省节点。Make a node."),
    "join": ("node.edges.cli.setup:join", "凭邀请码加入联盟。Join by invitation."),
    "run": ("node.edges.cli.setup:run", "运行节点。Run the node."),
    "upgrade": ("node.edges.cli.store:upgrade", "数据库结构升级。Upgrade the database."),
    "migrate-store": (
        "node.edges.cli.store:migrate_store",
        "迁移到另一数据库。Move to another database.",
    ),
    "status": ("node.edges.cli.status:status", "节点状态。How the node is."),
    "doctor": ("node.edges.cli.doctor:doctor", "逐项自检。Check what a node needs."),
    "explain": ("node.edges.cli.explain:explain", "解释原因代码。Explain a reason."),
    "config": ("node.edges.cli.config:app", "查看、检查配置。Show and check the configuration."),
    "keys": ("node.edges.cli.keys:app", "密钥与证书。Keys and certificates."),
    "agreement": ("node.edges.cli.agreement:app", "省际互认协议。Agreements between provinces."),
    "peer": ("node.edges.cli.peer:app", "其他省节点。Other provinces' nodes."),
    "recover": ("node.edges.cli.recover:app", "恢复与待办事项。Recovery, and cases for people."),
    "backup": ("node.edges.cli.backup:app", "备份与恢复。Back up and restore the store."),
    "learner": ("node.edges.cli.learner:app", "学习者账户。Learners' accounts."),
    "outcome": ("node.edges.cli.outcome:app", "学习成果：提交、认定、存入。Outcomes to credit."),
    "catalogue": ("node.edges.cli.catalogue:app", "学习成果目录。Catalogues of outcomes."),
    "framework": ("node.edges.cli.framework:app", "学习成果框架与对照表。Frameworks, crosswalks."),
    "hours": ("node.edges.cli.hours:app", "学时方案。Programmes of hours."),
    "programme": ("node.edges.cli.programme:app", "专业方案。Programmes of study."),
    "rule": ("node.edges.cli.rule:app", "转换规则：试算、双人发布。Conversion rules."),
    "what-if": ("node.edges.cli.what_if:what_if", "哪些成果在各省可以认定？What would count?"),
    "request": ("node.edges.cli.request:app", "学习者的申请。Learners' applications."),
    "expert": ("node.edges.cli.expert:app", "专家名单。The list of experts."),
    "panel": ("node.edges.cli.panel:app", "由人审核的申请。Offers that people decide."),
    "shanghai": ("node.edges.cli.shanghai:app", "上海学分银行文件。Shanghai's files."),
    "transfer": ("node.edges.cli.transfer:app", "与他省的交换。Exchanges with other provinces."),
    "open-data": (
        "node.edges.cli.open_data:open_data",
        "规则、目录、协议与不予认定率。Open data of this province.",
    ),
    "decision": (
        "node.edges.cli.decision:app",
        "认定决定：查看、导出、重算。Decisions, recomputed.",
    ),
    "misconduct": ("node.edges.cli.misconduct:app", "违规证明。Proofs of misconduct."),
    "verify": ("node.edges.cli.evidence:verify", "离线验证证据链。Verify a transcript offline."),
    "audit": ("node.edges.cli.evidence:audit", "审计一个目录的证据。Audit a folder of evidence."),
    "coordinator": ("node.edges.cli.coordinator:app", "全国协调节点。The national coordinator."),
    "officer": ("node.edges.cli.officer:app", "离线签署官。Officers who sign offline."),
}


class Commands(TyperGroup):
    """Commands that are known by name and imported when they are run."""

    def __init__(self, **attributes: Any) -> None:
        """Know every command by name and help, enough to list it and to suggest it."""
        super().__init__(**attributes)
        for name, (_, text) in _COMMANDS.items():
            self.add_command(TyperCommand(name, help=text))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command itself, which is about to be run."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, listed and load_command(str(name)), rest


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    help="学分银行节点。The node of a provincial credit bank.\n\n"
    "退出码 Exit codes: 0 成功 ok · 1 被拒绝或降级 refused or degraded · 2 用法错误 usage · "
    "3 不可用 down · 4 等待批准 waiting for approval",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _root() -> None:
    """Exist, so that the group is one."""


def load_command(name: str) -> Any:
    """Import a command."""
    module, _, attribute = _COMMANDS[name][0].partition(":")
    found: typer.Typer | Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    if isinstance(found, typer.Typer):
        return get_command(found)
    alone = typer.Typer(add_completion=False)
    alone.command(name)(found)
    return get_command(alone)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; no error of ours ends in a trace."""
    from federation.base.errors import CreditBankError

    try:
        get_command(app).main(list(arguments), prog_name="creditbank")
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else 1
    except CreditBankError as error:
        from node.edges.cli.refusals import report

        return report(error, as_json="--json" in arguments, plain="--plain" in arguments)
    return 0


def main() -> None:
    """Run the command line of this process."""
    sys.exit(run(sys.argv[1:]))
