"""Agreements between founded nodes, without which no exchange of theirs would begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from federation.coordinator.drafts import sign_draft
from federation.coordinator.publication import current_view, publish
from federation.coordinator.treaties import draft_agreements
from federation.signing.keystore import load_key
from federation.trust.agreements import propose, sign_agreement
from node.edges.demo.treaties import plan_agreements
from node.founding import GOVERNANCE_KEY
from tests.federation.registry_world import World


def agree(world: World, folder: Path, members: Sequence[str]) -> None:
    """Let all members agree on everything, for so few days that short locks will do."""
    passphrases = {one: (folder / one / "passphrase").read_bytes().strip() for one in members}
    signers = {
        one: load_key(folder / one / "keys" / GOVERNANCE_KEY, passphrases[one]) for one in members
    }
    with world.office.store.writing() as books:
        view = current_view(books)
        assert view is not None
        contents = []
        for plan in plan_agreements(members, now_us=world.now_us):
            content = propose(replace(plan, decision_days=10, answer_days=5))
            for party in plan.parties:
                content = sign_agreement(content, signers[party])
            contents.append(content)
        drafts = draft_agreements(books, view, contents, now_us=world.now_us)
    signed = []
    for draft in drafts:
        for province in view.regions[draft.role].provinces[:2]:
            draft = sign_draft(draft, signers[province])
        signed.append(draft)
    publish(world.office, world.online, signed, now_us=world.now_us)
