"""How this node stands: facts from registry, database and process, told as findings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from federation.base.clock import DAY, HOUR
from federation.base.errors import CreditBankError, Unavailable
from federation.trust.ladder import permits
from federation.trust.lifetimes import lifetimes
from federation.trust.members import Member
from federation.trust.registry import RegistryView
from federation.trust.revocations import REVOCATIONS
from node.domain.condition import RESTING, Facts, FailingPeer, Finding, Term, TermKind
from node.usecases.contacts import Contact
from node.usecases.office import Office
from node.usecases.ports import PeerLag, Reading
from node.usecases.quarantine import read_quarantine

_EPOCH = date(1970, 1, 1).toordinal()
_BEIJING_US = 8 * HOUR
_KEYS = {
    "message": TermKind.MESSAGE_KEY,
    "log": TermKind.LOG_KEY,
    "governance": TermKind.GOVERNANCE_KEY,
    "recovery": TermKind.RECOVERY_KEY,
}
_ROLES = {
    "root": TermKind.ROOT,
    "targets": TermKind.TARGETS,
    "snapshot": TermKind.SNAPSHOT,
    "timestamp": TermKind.TIMESTAMP,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerStanding:
    """Another province as seen from here.

    Attributes:
        standing: ACTIVE, SUSPENDED or RETIRED in the registry; empty for one it does not list.
        contact: what this process knows.
        lag: what waits for it; None when nothing does.
    """

    peer: str
    standing: str
    contact: Contact
    lag: PeerLag | None

    @property
    def reachability(self) -> str:
        """YES, NO, or UNKNOWN while nobody has called anybody."""
        known = self.contact.reachability
        waits_in_vain = self.lag is not None and self.lag.failure == "UNREACHABLE"
        # A process that has just started knows from the database at least.
        return "NO" if known == "UNKNOWN" and waits_in_vain else known


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What the database says of a node."""

    lags: tuple[PeerLag, ...] = ()
    log_size: int = 0
    exchanges: Mapping[str, int]
    lots_deposited: int = 0
    rule: str = ""
    recovery: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What is known neither from the registry nor from the database.

    Attributes:
        contacts: returns what this process knows of peers.
        certificates: returns when this node's certificates end.
        storage: returns why the last write failed, or nothing.
        others: returns findings of other parts of the node.
    """

    contacts: Callable[[], Mapping[str, Contact]] = dict
    certificates: Callable[[], Sequence[Term]] = tuple
    storage: Callable[[], str] = str
    others: Callable[[], Sequence[Finding]] = tuple


def read_stored(reading: Reading, office: Office) -> Stored:
    """Return what the database says, on one state."""
    try:
        office.judge(reading)
        rule = ""
    except CreditBankError as error:
        rule = error.reason
    kept = read_quarantine(reading)
    recovery = "" if office.hold.may_sign() else "RECALL"
    return Stored(
        lags=tuple(reading.lags()),
        log_size=reading.log_state().checkpoint.size,
        exchanges=reading.exchange_counts(),
        lots_deposited=reading.deposit_count(),
        rule=rule,
        recovery=(kept.blocked or kept.cause) if kept is not None else recovery,
    )


def known_view(office: Office) -> RegistryView | None:
    """Return the registry as verified last, or None before the first."""
    try:
        return office.registry.view()
    except Unavailable:
        return None


def gather(
    office: Office,
    view: RegistryView | None,
    stored: Stored,
    outside: Outside,
    unreadable: str = "",
) -> Facts:
    """Return the facts that findings are made of.

    Args:
        unreadable: why the database could not be read, or empty.
    """
    now_us, province = office.clock.now_us(), office.province
    return Facts(
        now_us=now_us,
        has_registry=view is not None,
        is_member=view is not None and province in view.members,
        rung=permits(now_us, view).cause if view is not None else "",
        storage=unreadable or outside.storage(),
        serves_reads=not unreadable,
        rule=stored.rule,
        recovery=stored.recovery,
        peers=[
            FailingPeer(peer=one.peer, reason=one.failure, since_us=one.first_failure_us)
            for one in sorted(stored.lags, key=lambda one: one.first_failure_us)
            if one.first_failure_us
        ],
        terms=(*terms_of(view, province, now_us), *outside.certificates()),
        others=outside.others(),
    )


def terms_of(view: RegistryView | None, province: str, now_us: int) -> list[Term]:
    """Return what ends of what a registry says of a province and of itself."""
    if view is None:
        return []
    agreements = [one for one in view.agreements if province in one.agreement.parties]
    roles = {one.agreement.role for one in agreements} | {REVOCATIONS}
    terms = [
        Term(kind=_ROLES.get(one.role, TermKind.ROLE), name=_name(one.role), ends_us=one.expires_us)
        for one in lifetimes(view)
        if one.role in _ROLES or one.role in roles
    ]
    member = view.members.get(province)
    if member is not None:
        terms += _key_terms(member, now_us)
    terms += [
        Term(
            kind=TermKind.AGREEMENT,
            name=f"{one.agreement.agreement} v{one.agreement.version}",
            ends_us=_end_of_day_us(one.agreement.valid_until),
            state=RESTING if one.is_resting else "",
        )
        for one in agreements
    ]
    return terms


def peers_of(
    view: RegistryView | None,
    province: str,
    lags: Collection[PeerLag],
    contacts: Mapping[str, Contact],
) -> tuple[PeerStanding, ...]:
    """Return every other member, and whoever else something waits for, in the order of names."""
    members = view.members if view is not None else {}
    waiting = {one.peer: one for one in lags}
    return tuple(
        PeerStanding(
            peer=peer,
            standing=members[peer].status.value if peer in members else "",
            contact=contacts.get(peer, Contact()),
            lag=waiting.get(peer),
        )
        for peer in sorted({*members, *waiting} - {province})
    )


def _key_terms(member: Member, now_us: int) -> list[Term]:
    return [
        Term(
            kind=_KEYS[key.use],
            name=key.key.keyid,
            ends_us=key.revoked_at_us or key.verify_only_from_us or 0,
            state=key.state_at(now_us).value,
        )
        for key in member.keys
    ]


def _name(role: str) -> str:
    return "" if role in _ROLES else role


def _end_of_day_us(day: str) -> int:
    """Return the end of a day in Beijing; no year is too late for it."""
    return (date.fromisoformat(day).toordinal() - _EPOCH + 1) * DAY - _BEIJING_US
