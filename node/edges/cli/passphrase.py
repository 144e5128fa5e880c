"""Where passphrases come from: a file or a prompt, never an argument, which others can see."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from federation.base.errors import Refusal

PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        envvar="CREDITBANK_PASSPHRASE_FILE",
        help="口令文件，否则提示输入。File with the passphrase; asked for when absent.",
    ),
]


def read_passphrase(file: Path | None, *, is_new: bool = False) -> bytes:
    """Return the passphrase from its file, or ask for it, twice when it is new.

    Raises:
        Refusal: PASSPHRASE when the file cannot be read or is empty.
    """
    if file is None:
        text = str(typer.prompt("口令 Passphrase", hide_input=True, confirmation_prompt=is_new))
        return text.encode()
    try:
        content = file.read_bytes().rstrip(b"\r\n")
    except OSError:
        raise Refusal("PASSPHRASE", detail=file.name) from None
    if not content:
        raise Refusal("PASSPHRASE", detail="empty")
    return content
