"""``creditbank coordinator``: what the people of the national coordinator do."""

from __future__ import annotations

import dataclasses
import json
import signal
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from federation.base.clock import SECOND, SystemClock
from federation.base.entropy import SystemEntropy
from federation.base.errors import Refusal
from federation.base.names import is_region, parse_province, province_name
from federation.coordinator import ceremony as ceremonies
from federation.coordinator import enrolment, revoking, treaties
from federation.coordinator.drafts import Draft, export_draft, parse_draft
from federation.coordinator.office import Office, init_office, open_office, open_online_keys
from federation.coordinator.overview import Overview, read_overview
from federation.coordinator.publication import publish as publish_drafts
from federation.coordinator.server import CoordinatorServer
from federation.coordinator.statistics import Sum, sum_regions
from federation.signing.keys import PublicKey
from federation.signing.tuf_keys import public_key_of_pem
from federation.trust.members import MemberStatus
from federation.trust.registry import spoken
from node.edges.cli.passphrase import PassphraseFile, read_passphrase

app = typer.Typer(
    no_args_is_help=True,
    help="全国协调节点：成员、签署、发布。The national coordinator: members and registry.",
)

Folder = Annotated[
    Path,
    typer.Option(
        "--folder",
        envvar="CREDITBANK_COORDINATOR",
        help="协调节点目录。The coordinator's folder.",
    ),
]
Provinces = Annotated[list[str], typer.Argument(help="省份代码，如 CN-31。Province codes.")]
Province = Annotated[str, typer.Argument(help="省份代码，如 CN-31。A province code.")]
HERE = Path("coordinator")
_clock = SystemClock()


@app.command()
def init(
    address: Annotated[str, typer.Option(help="各省访问的地址 host:port。Address for provinces.")],
    folder: Folder = HERE,
    demo: Annotated[bool, typer.Option("--demo", help="演示联盟。A demonstration.")] = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """建立协调节点。Make the coordinator's folder, its online keys and its certificate."""
    passphrase = read_passphrase(passphrase_file, is_new=True)
    office = init_office(
        folder, address=address, passphrase=passphrase, is_demo=demo, now_us=_clock.now_us()
    )
    typer.echo(f"{office.folder}  {office.address}")
    _next("coordinator ceremony")


@app.command()
def ceremony(
    root_officer: Annotated[list[Path], typer.Option(help="根签署官公钥，五份。Five root keys.")],
    targets_officer: Annotated[list[Path], typer.Option(help="发布签署官公钥，三份。Three keys.")],
    folder: Folder = HERE,
) -> None:
    """起草首个信任根与首版名册。Draft the first root and the first registry to be signed."""
    office = open_office(folder)
    drafts = ceremonies.hold_ceremony(
        office,
        root_officers=[_read_public(path) for path in root_officer],
        targets_officers=[_read_public(path) for path in targets_officer],
        now_us=_clock.now_us(),
    )
    for draft in drafts:
        _hand_out(office, draft)


@app.command()
def invite(
    province: Province,
    folder: Folder = HERE,
    days: Annotated[int, typer.Option(min=1, max=90, help="有效天数。Days it is valid.")] = 14,
) -> None:
    """邀请一省加入，输出邀请码。Invite a province; prints the string to hand over in private."""
    invitation = enrolment.invite(
        open_office(folder),
        parse_province(province),
        now_us=_clock.now_us(),
        entropy=SystemEntropy(),
        days=days,
    )
    typer.echo(invitation.text)
    typer.echo(f"根指纹 root: {spoken(invitation.root_sha256)}", err=True)
    typer.echo(f"有效至 until: {_moment(invitation.expires_us)}", err=True)


@app.command()
def approve(provinces: Provinces, folder: Folder = HERE) -> None:
    """同意加入申请，起草新名册待签。Approve applications; drafts what officers must sign."""
    office = open_office(folder)
    codes = [parse_province(text) for text in provinces]
    _hand_out(office, enrolment.approve(office, codes, now_us=_clock.now_us()))


@app.command()
def reject(province: Province, folder: Folder = HERE) -> None:
    """拒绝加入申请。Turn down the application of a province."""
    enrolment.reject(open_office(folder), parse_province(province))


@app.command()
def suspend(
    province: Province,
    folder: Folder = HERE,
    lift: Annotated[bool, typer.Option("--lift", help="解除暂停。End the suspension.")] = False,
) -> None:
    """起草暂停（或恢复）一省成员资格。Draft the suspension of a member, or its end."""
    status = MemberStatus.ACTIVE if lift else MemberStatus.SUSPENDED
    _change_status(folder, province, status)


@app.command()
def retire(province: Province, folder: Folder = HERE) -> None:
    """起草一省永久退出。Draft the retirement of a member; it cannot return."""
    _change_status(folder, province, MemberStatus.RETIRED)


@app.command()
def renew(
    folder: Folder = HERE,
    root: Annotated[bool, typer.Option("--root", help="续期信任根。Renew the root.")] = False,
) -> None:
    """起草名册或信任根的续期。Draft registry or root with a new end of validity."""
    office = open_office(folder)
    draft = ceremonies.draft_root_renewal if root else ceremonies.draft_targets_renewal
    _hand_out(office, draft(office, now_us=_clock.now_us()))


@app.command()
def agree(
    files: Annotated[
        list[Path],
        typer.Argument(exists=True, dir_okay=False, help="协议或撤回书。Agreements, withdrawals."),
    ],
    folder: Folder = HERE,
) -> None:
    """核对各方签名，起草区域角色待各省签署。Check all signatures; drafts what provinces sign."""
    office = open_office(folder)
    contents = [path.read_bytes() for path in files]
    for draft in treaties.draft_listings(office, contents, now_us=_clock.now_us()):
        path = export_draft(office.drafts, draft)
        typer.echo(str(path))
        _next(f"agreement sign {path} --dir NODE; coordinator publish {path}")


@app.command()
def revoke(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="吊销书。A signed revocation.")
    ],
    folder: Folder = HERE,
    undo: Annotated[
        bool, typer.Option("--undo", help="起草撤销吊销，由签署官签署。Draft its undoing.")
    ] = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """立即发布吊销，无需签署官。Publish a revocation at once; officers are needed to undo it."""
    office, content = open_office(folder), file.read_bytes()
    if undo:
        _hand_out(office, revoking.draft_reinstatement(office, content, now_us=_clock.now_us()))
        return
    online = open_online_keys(office, read_passphrase(passphrase_file))
    done = revoking.revoke(office, online, content, now_us=_clock.now_us())
    typer.echo(f"已吊销 revoked: registry {done.registry_version}")


@app.command()
def publish(
    files: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help="已签草案。Signed drafts.")
    ],
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """核对签名并发布。Check the signatures and publish; repeating it is harmless."""
    office = open_office(folder)
    drafts = [parse_draft(path.read_bytes()) for path in files]
    online = open_online_keys(office, read_passphrase(passphrase_file))
    done = publish_drafts(office, online, drafts, now_us=_clock.now_us())
    word = "已发布 published" if done.is_new else "此前已发布 already published"
    typer.echo(f"{word}: registry {done.registry_version}, root {done.root_version}")


@app.command()
def run(
    folder: Folder = HERE,
    listen: Annotated[
        str | None, typer.Option(help="监听地址，默认同 address。Address to listen on.")
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """运行协调节点，直到被终止。Serve the registry until told to stop."""
    office = open_office(folder)
    passphrase = read_passphrase(passphrase_file)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        server = CoordinatorServer(office, passphrase, clock=_clock, listen=listen)
    except RuntimeError:
        raise Refusal("ADDRESS", detail=listen or office.address) from None
    server.start()
    typer.echo(f"运行中 serving {listen or office.address}")
    stopping.wait()
    server.stop()
    office.store.close()


@app.command("list")
def list_members(
    folder: Folder = HERE,
    as_json: Annotated[bool, typer.Option("--json", help="JSON 输出。Print JSON.")] = False,
) -> None:
    """列出成员、申请、邀请与草案。List members, applications, invitations and drafts."""
    overview = read_overview(open_office(folder))
    if as_json:
        text = json.dumps(dataclasses.asdict(overview), ensure_ascii=False, indent=2)
        typer.echo(text)
    else:
        _show(overview)


@app.command()
def stats(
    folder: Folder = HERE,
    region: Annotated[
        str, typer.Option(help="区域，省略为全部。One region; all when absent.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="JSON 输出。Print JSON.")] = False,
) -> None:
    """按月与区域汇总各省公布的统计。Sum by month and region what provinces published."""
    if region and not is_region(region):
        raise Refusal("REGION_UNKNOWN", detail=region[:40])
    sums = sum_regions(open_office(folder), region=region)
    if as_json:
        rows = [dataclasses.asdict(one) for one in sums]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for one in sums:
        typer.echo(f"{one.month}  {one.region or '-'}  {', '.join(one.provinces)}")
        for direction in one.shown:
            typer.echo(f"  {direction}  {_counts(one, direction)}")


def _counts(total: Sum, direction: str) -> str:
    """Spell what was shown, and how much was withheld beside it."""
    withheld = total.withheld[direction]
    spelled = {
        name: f"{count} (+{withheld[name]} 隐去 withheld)" if withheld[name] else f"{count}"
        for name, count in total.shown[direction].items()
    }
    return "  ".join(f"{name} {text}" for name, text in spelled.items())


def _change_status(folder: Path, province: str, status: MemberStatus) -> None:
    office = open_office(folder)
    code = parse_province(province)
    draft = enrolment.change_status(office, code, status, now_us=_clock.now_us())
    _hand_out(office, draft)


def _hand_out(office: Office, draft: Draft) -> None:
    path = export_draft(office.drafts, draft)
    typer.echo(str(path))
    _next(f"officer sign {path} --key KEYFILE; coordinator publish {path}")


def _read_public(path: Path) -> PublicKey:
    try:
        return public_key_of_pem(path.read_text())
    except OSError:
        raise Refusal("KEY_FILE", detail=path.name) from None


def _show(overview: Overview) -> None:
    typer.echo(f"{overview.address}  registry {overview.registry_version}")
    typer.echo(f"根指纹 root: {spoken(overview.root_sha256)}")
    for role, end in overview.expires_us.items():
        typer.echo(f"  {role}: {_moment(end)}")
    for member in overview.members:
        name = province_name(member.province)
        typer.echo(f"成员 member  {member.province} {name.zh}  {member.status}  {member.endpoint}")
    for found in overview.applications:
        typer.echo(f"申请 application  {found.province}  {found.state}")
    for waiting in overview.invitations:
        typer.echo(f"邀请 invitation  {waiting.province}  {_moment(waiting.expires_us)}")
    for draft in overview.drafts:
        typer.echo(f"草案 draft  {draft.role} {draft.version}  {', '.join(draft.changed)}")


def _next(command: str) -> None:
    typer.echo(f"下一步 next: creditbank {command}", err=True)


def _moment(time_us: int) -> str:
    return datetime.fromtimestamp(time_us // SECOND, UTC).isoformat()
