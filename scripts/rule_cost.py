"""What a decision by rule costs, by the rule alone and on a node's own path to a VOTE.

python -m scripts.rule_cost [ENTRIES...]
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from tempfile import TemporaryDirectory

from federation.base.clock import DAY
from federation.base.entropy import SystemEntropy
from federation.protocol.commitments import Openings
from federation.protocol.messages import LotOffer, MessageType, Mode, Prepare
from node.domain import voting
from node.domain.cap_form import COVERS
from node.domain.exchange import Exchange, Role
from node.domain.lot import make_lot
from node.domain.outcomes import PERCENT, OutcomeFacts
from node.domain.publication import PublicationStep, draft, take_step
from node.domain.rule_conditions import CaseLot
from node.domain.rule_judgement import judge
from node.domain.rule_view import Case
from node.domain.rulebook import Rulebook
from node.domain.rulebook_form import canonical_document, parse_rulebook
from node.domain.step import Moment
from node.storage.opening import open_store
from node.usecases.ports import Store, Transaction
from node.usecases.publications import RULE
from node.usecases.rule_shelf import RuleShelf

_HOME = {"key": "home", "source": "CN-44", "name": "home", "version": "*"}
_SENT = {"key": "sent", "source": "CN-33", "name": "sent", "version": "1", "sha256": "1" * 64}
_ON = "2026-06-30"
_NOW_US = 1_782_777_600_000_000
_YEAR = {
    "id": "year",
    "title_zh": "每年 42 学分",
    "title_en": "42 credits a year",
    "covers": dict.fromkeys(COVERS),
    "per": [],
    "window": {"kind": "CALENDAR_YEAR", "starts": [], "days": 0},
    "dated_by": "EARNED",
    "measure": "CREDITS",
    "limit": {"at_most": 4200},
    "within": "",
}


def document_of(entries: int) -> bytes:
    """Return a rule of so many entries, each of two courses of which one has an alternative."""
    content = {
        "rule": "CN-44/cost",
        "version": 1,
        "form": 2,
        "title_zh": "测量",
        "title_en": "For measuring",
        "valid_from": "2025-01-01",
        "example": True,
        "catalogues": [_HOME, _SENT],
        "entries": [_entry(at) for at in range(entries)],
        "caps": [_YEAR],
    }
    return canonical_document(json.dumps(content).encode())


def _entry(at: int) -> dict[str, object]:
    courses = [{"course": {"catalogue": "sent", "code": f"{letter}{at}"}} for letter in "ABC"]
    return {
        "id": f"e{at}",
        "requires": {"all": [courses[0], {"any": courses[1:]}]},
        "grants": [{"target": f"T{at}", "catalogue": "home", "ratio": "4/5"}],
    }


def microseconds_per_decision(book: Rulebook, *, decisions: int = 2000) -> float:
    """Return the processor time that a decision takes, in microseconds, spread over the entries."""
    count = len(book.entries)
    cases = [_case(at * 7919 % count) for at in range(decisions)]
    start = time.process_time()
    for case in cases:
        judge(book, case)
    return (time.process_time() - start) / decisions * 1e6


def microseconds_in_a_node(document: bytes, *, decisions: int = 400) -> float:
    """Return the processor time of a decision on a node's own path, in microseconds.

    For each the rule in force is asked for in the store, then an offer is judged to its signed
    VOTE with groups, caps and sealed record.
    """
    with TemporaryDirectory() as folder:
        store = open_store(
            f"sqlite:///{folder}/cost.db", origin="creditbank.example/CN-44", sign=lambda one: b""
        )
        try:
            shelf = RuleShelf()
            book = shelf.open(document)
            _publish(store, book.rule, document)
            count = document.count(b'"requires"')
            offers = [_offer(at * 7919 % count) for at in range(decisions)]
            start = time.process_time()
            for exchange, prepare, shown in offers:
                judge_now = store.read(shelf.in_force)
                voting.judge(
                    _MOMENT,
                    exchange,
                    prepare,
                    shown,
                    refusal=None,
                    bench=voting.Bench(judge=judge_now),
                    terms=voting.Terms(accept_us=DAY, appeal_us=DAY),
                )
            return (time.process_time() - start) / decisions * 1e6
        finally:
            store.close()


_MOMENT = Moment(
    province="CN-44", now_us=_NOW_US, today=_ON, registry_version=1, entropy=SystemEntropy()
)


def _publish(store: Store, rule: tuple[str, int, str], document: bytes) -> None:
    name, version, digest = rule
    first = draft(name=name, version=str(version), digest=digest, by="first")
    approved = take_step(first, PublicationStep.APPROVE, by="first", digest=digest)
    published = take_step(approved, PublicationStep.PUBLISH, by="second", digest=digest)

    def work(tx: Transaction) -> None:
        tx.keep_draft(RULE, first, document, _NOW_US)
        tx.move_publication(RULE, first, approved, _NOW_US)
        tx.move_publication(RULE, approved, published, _NOW_US)

    store.transact(work)


def _offer(at: int) -> tuple[Exchange, Prepare, Openings]:
    entropy = SystemEntropy()
    lots = [
        make_lot(
            account="",
            unit="CN-33",
            amount_hundredths=400,
            facts=_facts(code).as_fields(),
            entropy=entropy,
        )
        for code in (f"A{at}", f"C{at}")
    ]
    exchange = Exchange(
        peer="CN-33",
        exchange_id=entropy.token(16),
        role=Role.DESTINATION,
        mode=Mode.TRANSFER,
        hashes={MessageType.PREPARE: bytes(32)},
    )
    prepare = Prepare(
        header=replace(_MOMENT.header(exchange, b""), src="CN-33", dst="CN-44"),
        mode=Mode.TRANSFER,
        lots=tuple(
            LotOffer(
                content=lot.content,
                deposit_commitment=lot.commitment,
                deposit_index=0,
                deposit_proof=(),
                deposit_origin=b"",
            )
            for lot in lots
        ),
        consent=None,
        code_commitment=b"",
        identity_commitment=b"",
        learner=(),
        lock_until_us=_NOW_US + DAY,
        checkpoint=b"",
        cites=b"",
        relates_to=b"",
        wanted_targets=(f"T{at}",),
    )
    shown = tuple(one for lot in lots for one in lot.shown())
    return exchange, prepare, Openings(shown)


def _facts(code: str) -> OutcomeFacts:
    return OutcomeFacts(
        code=code,
        catalogue="1",
        title=code,
        grade="85",
        scale=PERCENT,
        level=6,
        field="",
        hours=64,
        earned="2024-06-30",
        expires="",
        kind="DEGREE",
        issuer="example",
    )


def _case(at: int) -> Case:
    lots = tuple(
        CaseLot(lot_id=code, source="CN-33", facts=_facts(code), amount_hundredths=400)
        for code in (f"A{at}", f"C{at}")
    )
    return Case(lots, _ON, frozenset({f"T{at}"}))


def main() -> None:
    """Print both costs for each number of entries."""
    for entries in [int(text) for text in sys.argv[1:]] or [500, 50_000]:
        document = document_of(entries)
        rule = microseconds_per_decision(parse_rulebook(document))
        node = microseconds_in_a_node(document)
        sys.stdout.write(
            f"{entries:7d} entries  {rule:8.1f} us by the rule  {node:8.1f} us in a node"
            "  (processor time a decision)\n"
        )


if __name__ == "__main__":
    main()
