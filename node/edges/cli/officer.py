"""``creditbank officer``: what an officer does, on a machine without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from federation.coordinator.drafts import Draft, parse_draft, render_draft, sign_draft
from federation.signing.keystore import create_key, load_key, replace_file
from node.edges.cli.passphrase import PassphraseFile, read_passphrase

app = typer.Typer(
    no_args_is_help=True,
    help="签署官离线操作。What officers do, away from any network.",
)


@app.command()
def key(
    file: Annotated[Path, typer.Argument(help="新密钥文件。The new key file.")],
    passphrase_file: PassphraseFile = None,
) -> None:
    """生成签署密钥；公钥写入 FILE.pub。Make a key; its public half goes to FILE.pub."""
    public_file = file.with_name(f"{file.name}.pub")
    passphrase = read_passphrase(passphrase_file, is_new=not file.exists())
    # A key whose public half was not written yet is completed, never replaced.
    is_unfinished = file.exists() and not public_file.exists()
    signer = load_key(file, passphrase) if is_unfinished else create_key(file, passphrase)
    replace_file(public_file, signer.public.pem.encode())
    typer.echo(f"{public_file}  {signer.public.keyid[:16]}")


@app.command()
def show(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="草案文件。The draft.")],
) -> None:
    """显示草案内容。Show what a draft says and who signed it."""
    _describe(parse_draft(file.read_bytes()))


@app.command()
def sign(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="草案文件。The draft.")],
    key_file: Annotated[Path, typer.Option("--key", help="签署密钥。The officer's key file.")],
    passphrase_file: PassphraseFile = None,
) -> None:
    """核对并签署草案，签名写回原文件。Check a draft and add a signature to its file."""
    draft = parse_draft(file.read_bytes())
    _describe(draft)
    signed = sign_draft(draft, load_key(key_file, read_passphrase(passphrase_file)))
    replace_file(file, render_draft(signed))
    typer.echo(f"已签署 signed: {len(signed.signers)}")


def _describe(draft: Draft) -> None:
    expires = draft.metadata.signed.expires.isoformat()
    typer.echo(f"{draft.role} {draft.version}, 有效至 valid until {expires}")
    for path, content in sorted(draft.files.items()):
        typer.echo(f"  {path}  {len(content)}")
    for keyid in draft.signers:
        typer.echo(f"  已签署 signed by {keyid[:16]}")
