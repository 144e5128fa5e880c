"""Agreements of a demonstration: one for each region of two or more, one across all regions.

Every party's node signs with its own governance key, and two provinces of each region sign the
role that lists the agreement, as they would by ``creditbank agreement sign``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from federation.base.names import region_of
from federation.base.working_days import beijing_date
from federation.coordinator.drafts import Draft, sign_draft
from federation.coordinator.office import Office
from federation.coordinator.publication import current_view
from federation.coordinator.treaties import draft_agreements
from federation.signing.keystore import FileSigner
from federation.trust.agreements import CROSS, MODES, Agreement, propose, sign_agreement
from federation.trust.registry import RegistryView

YEARS = 3


def plan_agreements(provinces: Sequence[str], *, now_us: int) -> list[Agreement]:
    """Return agreements that cover every pair of provinces."""
    by_region: dict[str, list[str]] = {}
    for province in sorted(provinces):
        by_region.setdefault(region_of(province), []).append(province)
    agreements = [
        _agreement(region, members, now_us)
        for region, members in sorted(by_region.items())
        if region and len(members) > 1
    ]
    # Where all stand in one region there is no pair across.
    if len(by_region) > 1 or "" in by_region:
        agreements.append(_agreement(CROSS, sorted(provinces), now_us))
    return agreements


def draft_treaties(
    office: Office,
    provinces: Sequence[str],
    signers: Mapping[str, FileSigner],
    *,
    now_us: int,
) -> list[Draft]:
    """Return what is not yet listed as role drafts that enough provinces signed."""
    with office.store.writing() as books:
        view = current_view(books)
        assert view is not None, "members were listed before"
        known = {one.agreement.path for one in view.agreements}
        wanted = plan_agreements(provinces, now_us=now_us)
        signed = [_signed(one, signers) for one in wanted if one.path not in known]
        drafts = draft_agreements(books, view, signed, now_us=now_us)
    return [_by_threshold(draft, view, signers) for draft in drafts]


def _agreement(region: str, parties: Sequence[str], now_us: int) -> Agreement:
    today = beijing_date(now_us)
    return Agreement(
        agreement=f"{region}-mutual-recognition",
        version=1,
        parties=tuple(parties),
        modes=MODES,
        kinds=(),
        valid_from=today.replace(month=1, day=1).isoformat(),
        valid_until=today.replace(year=today.year + YEARS, month=12, day=31).isoformat(),
        decision_days=20,
        answer_days=10,
    )


def _signed(agreement: Agreement, signers: Mapping[str, FileSigner]) -> bytes:
    content = propose(agreement)
    for party in agreement.parties:
        content = sign_agreement(content, signers[party])
    return content


def _by_threshold(draft: Draft, view: RegistryView, signers: Mapping[str, FileSigner]) -> Draft:
    region = view.regions[draft.role]
    for province in region.provinces[: region.threshold]:
        draft = sign_draft(draft, signers[province])
    return draft
