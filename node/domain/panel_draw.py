"""Drawing a panel so that nobody can choose its members, and anybody can check it.

Two parties who do not trust each other make the seed. First the bank publishes a notice, signed
and logged: the digest of the list of eligible experts, the digest of a secret of its own, and the
number of the registry's next timestamp, which does not exist yet. When that timestamp appears,
the bank shows its secret. The seed is made of notice, secret and timestamp. The bank fixed list
and secret before the timestamp was known; the coordinator, who signs the timestamp, does not know
the secret. A bank that dislikes the result can only refuse to show the secret, and the notice in
its log shows that it did. One notice stands for one round of one case.

The experts are ranked by HMAC-SHA256 of their name under the seed, and seated in that order, save
that the last seats are kept for other institutions while too few are represented. Whoever must
leave is followed by the next in rank who keeps that balance.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass

from federation.base.errors import Breach, Refusal
from node.domain.canonical import digest_of, plain, read_canonical, spell, value_of
from node.domain.experts import Expert, folded

LEAST_SEATS = 3
LEAST_INSTITUTIONS = 2
MOST_SEATS = 15
SECRET_SIZE = 32
_SECRET = b"creditbank panel secret v1\x00"
_SEED = b"creditbank panel seed v1\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawNotice:
    """What is published before the seed exists.

    Attributes:
        draw_round: 1, and more where a panel must be drawn anew.
        roster: SHA-256 of the list of eligible experts.
        secret: SHA-256 of the bank's secret behind a label.
        beacon: version of the registry's timestamp that is still to come.
    """

    province: str
    case: str
    draw_round: int
    roster: str
    seats: int
    institutions: int
    secret: str
    beacon: int

    def document(self) -> bytes:
        """Return the notice in its one spelling, as it is signed and logged."""
        return spell(plain(self))


def read_notice(document: bytes) -> DrawNotice:
    """Return the notice that a document is.

    Raises:
        Breach: PANEL_SEED when it is none.
    """
    content = read_canonical(document, reason="PANEL_SEED")
    notice = value_of(DrawNotice, content, reason="PANEL_SEED")
    assert isinstance(notice, DrawNotice)
    _check_sizes(notice.seats, notice.institutions)
    return notice


def announce(
    experts: tuple[Expert, ...],
    *,
    province: str,
    case: str,
    draw_round: int,
    seats: int,
    institutions: int,
    secret: bytes,
    newest_timestamp: int,
) -> DrawNotice:
    """Return the notice of a draw among eligible experts.

    Args:
        newest_timestamp: version of the registry's newest timestamp; the next one is waited for.

    Raises:
        Refusal: PANEL_TOO_FEW or PANEL_INSTITUTIONS where the list cannot fill the seats.
        Breach: PANEL_SEED for fewer seats or institutions than a panel has, or a short secret.
    """
    _check_sizes(seats, institutions)
    _check_list(experts, seats, institutions)
    if len(secret) != SECRET_SIZE:
        raise Breach("PANEL_SEED", detail="length of the secret")
    return DrawNotice(
        province=province,
        case=case,
        draw_round=draw_round,
        roster=roster_digest(experts),
        seats=seats,
        institutions=institutions,
        secret=_secret_digest(secret),
        beacon=newest_timestamp + 1,
    )


def roster_digest(experts: tuple[Expert, ...]) -> str:
    """Return the digest of a list of experts: their names and institutions, in order of name."""
    listed = sorted((expert.expert, expert.institution) for expert in experts)
    return digest_of(spell([list(one) for one in listed]))


def seed_of(notice: DrawNotice, *, secret: bytes, beacon: int, timestamp: bytes) -> bytes:
    """Return the seed of a draw, 32 bytes.

    Args:
        beacon: version of the timestamp given.
        timestamp: its bytes as the registry published them, verified before.

    Raises:
        Breach: PANEL_SEED where secret or version is not what the notice names.
    """
    if not hmac.compare_digest(_secret_digest(secret), notice.secret):
        raise Breach("PANEL_SEED", detail="the secret is not the one of the notice")
    if beacon != notice.beacon:
        raise Breach("PANEL_SEED", detail="the timestamp is not the one of the notice")
    made_of = (notice.document(), secret, timestamp)
    return hashlib.sha256(
        _SEED + b"".join(hashlib.sha256(one).digest() for one in made_of)
    ).digest()


def draw(experts: tuple[Expert, ...], notice: DrawNotice, seed: bytes) -> tuple[str, ...]:
    """Return the members drawn, in order of rank.

    Raises:
        Breach: PANEL_SEED where the list is not the one of the notice.
        Refusal: PANEL_TOO_FEW or PANEL_INSTITUTIONS where it cannot fill the seats.
    """
    if roster_digest(experts) != notice.roster:
        raise Breach("PANEL_SEED", detail="the list is not the one of the notice")
    _check_list(experts, notice.seats, notice.institutions)
    seated: list[Expert] = []
    for expert in _ranked(experts, seed):
        missing = notice.institutions - len({folded(one.institution) for one in seated})
        is_new = folded(expert.institution) not in {folded(one.institution) for one in seated}
        if len(seated) < notice.seats and (is_new or notice.seats - len(seated) > missing):
            seated.append(expert)
    return tuple(expert.expert for expert in seated)


def substitute(
    experts: tuple[Expert, ...],
    notice: DrawNotice,
    seed: bytes,
    *,
    members: tuple[str, ...],
    leaving: str,
    gone: Collection[str] = (),
) -> tuple[str, ...]:
    """Return the members with the next in rank in the seat of one who leaves.

    Args:
        gone: those who left before or have an objection by now.

    Raises:
        Refusal: PANEL_TOO_FEW where nobody is left who keeps the institutions apart.
    """
    institution = {expert.expert: folded(expert.institution) for expert in experts}
    staying = [member for member in members if member != leaving]
    for expert in _ranked(experts, seed):
        if expert.expert in members or expert.expert in gone:
            continue
        mixed = {institution[one] for one in (*staying, expert.expert)}
        if len(mixed) >= notice.institutions:
            return tuple(expert.expert if one == leaving else one for one in members)
    raise Refusal("PANEL_TOO_FEW")


def _ranked(experts: tuple[Expert, ...], seed: bytes) -> list[Expert]:
    def rank(expert: Expert) -> bytes:
        return hmac.digest(seed, expert.expert.encode(), "sha256")

    return sorted(experts, key=rank)


def _secret_digest(secret: bytes) -> str:
    return hashlib.sha256(_SECRET + secret).hexdigest()


def _check_sizes(seats: int, institutions: int) -> None:
    if not (LEAST_SEATS <= seats <= MOST_SEATS and LEAST_INSTITUTIONS <= institutions <= seats):
        raise Breach("PANEL_SEED", detail="seats and institutions")


def _check_list(experts: tuple[Expert, ...], seats: int, institutions: int) -> None:
    if len({expert.expert for expert in experts}) != len(experts):
        raise Breach("PANEL_SEED", detail="an expert stands twice on the list")
    if len({expert.person for expert in experts}) < seats or len(experts) < seats:
        raise Refusal("PANEL_TOO_FEW")
    if len({folded(expert.institution) for expert in experts}) < institutions:
        raise Refusal("PANEL_INSTITUTIONS")
