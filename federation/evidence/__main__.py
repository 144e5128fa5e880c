"""Verify and audit with nothing of a node installed or loaded: ``python -m federation.evidence``.

python -m federation.evidence verify FILE --root ROOT
python -m federation.evidence audit DIR [--root ROOT]
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from federation.base.errors import CreditBankError
from federation.base.reasons import describe
from federation.evidence.audit import audit
from federation.evidence.conviction import explain_conviction, verify_misconduct
from federation.evidence.findings import explain_audit
from federation.evidence.misconduct import is_misconduct
from federation.evidence.report import explain
from federation.evidence.verify import verify_transcript

OK, REFUSED, USAGE = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 holds, 1 does not, 2 cannot be read."""
    asked = _parser().parse_args(arguments)
    try:
        holds, text = _verify(asked) if asked.command == "verify" else _audit(asked)
    except OSError as failure:
        sys.stderr.write(f"{failure.filename}: {failure.strerror}\n")
        return USAGE
    except CreditBankError as error:
        told = describe(error.reason)
        sys.stderr.write(f"{error.reason}: {told.zh} {told.en}\n")
        return REFUSED
    sys.stdout.write(text.rstrip("\n") + "\n")
    return OK if holds else REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m federation.evidence")
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser(
        "verify", help="离线验证证据链或违规证明 / verify a transcript or a proof offline"
    )
    verify.add_argument("file", type=Path)
    verify.add_argument("--root", type=Path, required=True)
    check = commands.add_parser("audit", help="仅凭证据重算 / derive every figure from evidence")
    check.add_argument("folder", type=Path)
    check.add_argument("--root", type=Path)
    for command in (verify, check):
        command.add_argument("--json", action="store_true")
    return parser


def _verify(asked: argparse.Namespace) -> tuple[bool, str]:
    encoded, pinned_root = asked.file.read_bytes(), asked.root.read_bytes()
    if is_misconduct(asked.file.name, encoded):
        found = verify_misconduct(encoded, pinned_root=pinned_root)
        told = explain_conviction(found)
        return found.valid, json.dumps(found.to_json(), ensure_ascii=False) if asked.json else told
    report = verify_transcript(encoded, pinned_root=pinned_root)
    text = json.dumps(report.to_json(), ensure_ascii=False) if asked.json else explain(report)
    return report.valid, text


def _audit(asked: argparse.Namespace) -> tuple[bool, str]:
    report = audit(asked.folder, asked.root.read_bytes() if asked.root else None)
    text = json.dumps(report.to_json(), ensure_ascii=False) if asked.json else explain_audit(report)
    return report.agrees, text


if __name__ == "__main__":
    sys.exit(main())
