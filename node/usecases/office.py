"""What every use case of a node works with: who we are, the moment, the ports."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from federation.base.clock import DAY, Clock
from federation.base.entropy import Entropy
from federation.base.errors import Breach, Unavailable
from federation.base.working_days import WEEKDAYS, Calendar, beijing_date
from federation.protocol.messages import Mode
from federation.signing.vault import Vault
from federation.trust.agreements import Agreement, find
from federation.trust.ladder import permits
from federation.trust.members import Member, MemberStatus
from node.domain.judgement import Judge
from node.domain.learner import Learner
from node.domain.step import Moment
from node.usecases.ports import Reading, Registry, Store
from node.usecases.programmes import ProgrammeShelf
from node.usecases.quarantine import Hold, read_quarantine
from node.usecases.rule_shelf import RuleShelf

_DOCUMENT = b"learner document"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Periods of this node, in days."""

    lock_days: int
    accept_days: int
    appeal_days: int
    code_days: int


@dataclass(slots=True, kw_only=True)
class Office:
    """The node as its use cases see it.

    Attributes:
        wake: called with the peers for whom messages were made.
        hold: holds this process's signatures until it knows what its peers know of it.
        reviews_by_person: whether an offer is held for a person, or judged by rule at once.
        checks_catalogues: whether deposits are held against the catalogues published here.
        calendar: the working days by which people's time to decide is counted.
        rules: the rules that this process has opened.
        programmes: the programmes of study that it has read.
    """

    province: str
    store: Store
    registry: Registry
    vault: Vault
    clock: Clock
    entropy: Entropy
    terms: Terms
    wake: Callable[[Collection[str]], None] = lambda peers: None
    hold: Hold = field(default_factory=Hold)
    reviews_by_person: bool = False
    checks_catalogues: bool = False
    calendar: Calendar = WEEKDAYS
    rules: RuleShelf = field(default_factory=RuleShelf)
    programmes: ProgrammeShelf = field(default_factory=ProgrammeShelf)

    def moment(self) -> Moment:
        """Return the present, judged by the registry verified last."""
        now_us = self.clock.now_us()
        return Moment(
            province=self.province,
            now_us=now_us,
            today=beijing_day(now_us),
            registry_version=self.registry.view().version,
            entropy=self.entropy,
        )

    def peer(self, province: str) -> Member:
        """Return a member that exchanges may be begun with.

        Raises:
            Breach: NOT_MEMBER, SUSPENDED or SELF_TRANSFER.
        """
        if province == self.province:
            raise Breach("SELF_TRANSFER")
        member = self.registry.view().members.get(province)
        if member is None or member.status is MemberStatus.RETIRED:
            raise Breach("NOT_MEMBER")
        if member.status is not MemberStatus.ACTIVE:
            raise Breach("SUSPENDED")
        return member

    def agreement(self, *, src: str, dst: str, mode: Mode, signed_us: int) -> Agreement:
        """Return the agreement under which an exchange may begin.

        It is asked for once, where an exchange begins, by the day on which the first message was
        signed. Its end stops nothing that began: open exchanges may be committed until their
        ``accept_until``, and committed work always completes.

        Raises:
            Unavailable: SNAPSHOT_EXPIRED while nothing new may begin.
            Breach: NO_AGREEMENT.
        """
        view, now_us = self.registry.view(), self.clock.now_us()
        permissions = permits(now_us, view)
        if not permissions.begins_exchanges:
            raise Unavailable(permissions.cause, retry_after_ms=60_000)
        agreement = self.agreement_on(src=src, dst=dst, mode=mode, day_us=signed_us)
        if agreement is None:
            raise Breach("NO_AGREEMENT", detail=f"{src} {dst} {mode.name}")
        return agreement

    def agreement_on(self, *, src: str, dst: str, mode: Mode, day_us: int) -> Agreement | None:
        """Return what is agreed for a day, whether or not anything may begin."""
        return find(
            self.registry.view().agreements,
            src=src,
            dst=dst,
            mode=mode.name,
            day=beijing_day(day_us),
            now_us=self.clock.now_us(),
        )

    def lock_until_us(self, agreement: Agreement, moment: Moment) -> int:
        """Return until when lots are held: this node's term, and never below the agreement's."""
        agreed_us = WEEKDAYS.deadline_us(moment.now_us, agreement.working_days)
        return max(self.days_from_now(moment, self.terms.lock_days), agreed_us)

    def may_speak(self) -> bool:
        """Tell whether this node may sign something new."""
        return self.hold.may_sign() and self.store.read(read_quarantine) is None

    def judge(self, reading: Reading) -> Judge:
        """Return the rule in force as a judge: the one published last and not retired.

        It was opened once by this process, and is kept.

        Raises:
            Unavailable: NO_RULE before any was published.
        """
        return self.rules.in_force(reading)

    def document_number(self, learner: Learner) -> str:
        """Open a learner's document number; it never leaves the node."""
        if learner.is_erased:
            return ""
        return self.vault.open(learner.document, context=document_context(learner.account)).decode()

    def days_from_now(self, moment: Moment, days: int) -> int:
        """Return a moment some days ahead, UTC microseconds."""
        return moment.now_us + days * DAY


def document_context(account: str) -> bytes:
    """Return what a sealed document number is bound to."""
    return _DOCUMENT + account.encode()


def beijing_day(now_us: int) -> str:
    """Return the day in Beijing, YYYY-MM-DD."""
    return beijing_date(now_us).isoformat()
