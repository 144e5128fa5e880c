"""Two provinces in one process: real stores, keys, gates and use cases on one hand-moved clock.

Batches travel as bytes through the real peer client, gate and peer service; only the socket is
missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from federation.base.clock import MINUTE
from federation.protocol.commitments import Openings
from federation.protocol.lots import WantedLot
from federation.protocol.messages import ExchangeMessage, MessageType, Mode
from federation.signing.dsse import message_hash
from federation.signing.keystore import FileSigner, create_key
from federation.trust.agreements import Agreement, Listing
from federation.trust.members import Member, MemberKey, MemberStatus
from federation.trust.registry import CoordinatorRecord, RegistryView
from federation.wire import codec
from federation.wire.delivery import DeliveryOutcome
from federation.wire.entries import message_entry
from node.domain.changes import Changes, SentMessage
from node.domain.exchange import Role
from node.domain.national_id import RESIDENT_ID, check_character
from node.usecases.accounts import CodeWanted, NewLearner
from node.usecases.applications import Application
from node.usecases.deposits import OutcomeRow
from tests.node.province import (
    DESTINATION,
    FACTS,
    LMS,
    NOON,
    PASSPHRASE,
    SOURCE,
    HandClock,
    Province,
    Wire,
)
from tests.node.published import publish_rule
from tests.node.rule_documents import DOCUMENT, ENTRY, spelled

AGREEMENT = Agreement(
    agreement="mutual",
    version=1,
    parties=(SOURCE, DESTINATION),
    modes=("RECOGNISE", "TRANSFER"),
    kinds=(),
    valid_from="2020-01-01",
    valid_until="2099-12-31",
    decision_days=10,
    answer_days=5,
)


@dataclass(frozen=True)
class Person:
    """A learner with an account in both provinces."""

    name: str
    number: str
    accounts: dict[str, str]


class TwoProvinces:
    """The rig: a source, a destination, and the wire between them."""

    def __init__(
        self, home: Path, seed: int = 1, databases: Mapping[str, str] | None = None
    ) -> None:
        self.clock = HandClock()
        self.wire = Wire()
        self._serial = iter(range(1, 1000))
        names = (SOURCE, DESTINATION)
        keys = {
            name: [create_key(home / f"{name}-{use}", PASSPHRASE) for use in ("message", "log")]
            for name in names
        }
        self.view = make_view({name: make_member(name, *keys[name]) for name in names})
        self.source, self.destination = (
            Province(
                name,
                home,
                keys=keys[name],
                view=self.view,
                clock=self.clock,
                wire=self.wire,
                seed=seed,
                database=(databases or {}).get(name, ""),
            )
            for name in names
        )
        for one in self.both:
            document = DOCUMENT | {
                "rule": f"{one.name}/general",
                "equivalences": [ENTRY | {"code": "CS-*"}],
            }
            publish_rule(one.office, spelled(document))

    @property
    def both(self) -> tuple[Province, Province]:
        return self.source, self.destination

    def close(self) -> None:
        for one in self.both:
            one.close()

    def person(self, name: str = "赵一") -> Person:
        """Open an account in both provinces for someone new."""
        serial = next(self._serial)
        stem = f"11010119900307{serial:03d}"
        number = stem + check_character(stem)
        return Person(
            name, number, {one.name: open_account(one, name, number) for one in self.both}
        )

    def lot(
        self, person: Person, hundredths: int = 300, *, code: str = "CS-101", **facts: str
    ) -> WantedLot:
        """Deposit an outcome at the source."""
        return deposit(self.source, person, f"o{next(self._serial)}", hundredths, code, **facts)

    def transfer_code(self, person: Person, role: Role = Role.SOURCE) -> bytes:
        """Fetch a code from the side where the learner does not apply."""
        issuer, user = reversed(self.both) if role is Role.SOURCE else self.both
        wanted = CodeWanted(
            account=person.accounts[issuer.name], peer=user.name, reference=f"c{next(self._serial)}"
        )
        return issuer.accounts.issue_codes([wanted])[0].code

    def application(
        self,
        person: Person,
        *lots: WantedLot,
        role: Role = Role.SOURCE,
        mode: Mode = Mode.TRANSFER,
        whole: bool = True,
        code: bytes | None = None,
    ) -> Application:
        """Return an application at the source, or at the destination by ``role``."""
        here, there = self.both if role is Role.SOURCE else reversed(self.both)
        return Application(
            reference=f"a{next(self._serial)}",
            account=person.accounts[here.name],
            peer=there.name,
            role=role,
            lots=lots,
            code=self.transfer_code(person, role) if code is None else code,
            mode=mode,
            has_consent=True,
            agrees_to_whole_grant=whole,
        )

    def apply(self, person: Person, *lots: WantedLot, **options: Any) -> bytes:
        """Begin an exchange and return its identifier."""
        application = self.application(person, *lots, **options)
        here = self.source if application.role is Role.SOURCE else self.destination
        (opened,) = here.applications.open([application])
        assert not opened.reason, opened.reason
        return opened.exchange_id

    def run(self, rounds: int = 12) -> None:
        """Deliver what is due, minute by minute, until nothing is left or nothing moves."""
        for _ in range(rounds):
            if not self.step():
                return
            self.clock.advance(MINUTE)

    def forge(
        self, liar: Province, message: ExchangeMessage, shown: Openings | None = None
    ) -> DeliveryOutcome:
        """Let a province sign, log and deliver whatever it likes."""
        other = self.destination if liar is self.source else self.source
        kind, payload = codec.encode(message)
        digest = message_hash(kind, payload)
        sent = SentMessage(
            digest=digest,
            type=kind.value,
            payload=payload,
            openings=codec.encode_openings(shown or Openings()),
            peer=other.name,
            exchange_id=message.header.exchange_id,
            entry=message_entry(kind, digest, message),
            created_us=self.clock.us,
            due_us=self.clock.us,
        )
        liar.store.transact(lambda tx: tx.apply(Changes(sent=[sent])))
        batch = liar.sealing.seal(other.name, [digest])
        return liar.peers.deliver(batch, self.view.members[other.name])

    def message(self, province: Province, exchange_id: bytes, kind: MessageType) -> Any:
        """Return a message of an exchange as stored at a province."""
        digest = province.exchange(exchange_id).hashes[kind]
        (row,) = province.rows("select type, payload from message where digest = ?", digest)
        return codec.decode(*row)

    def states(self, exchange_id: bytes) -> tuple[str, str]:
        """Return how far an exchange has come at source and destination."""
        ours, theirs = (one.exchange(exchange_id).state.name for one in self.both)
        return ours, theirs

    def answer(self, exchange_id: bytes, *, accepts: bool) -> str:
        """Book the learner's answer at the source; return the reason of a refusal."""
        key = (self.destination.name, exchange_id)
        return self.source.applications.answer([(key, accepts)])[0].reason

    def step(self) -> int:
        """Let each side deliver once and return how many messages still wait."""
        for one, other in (self.both, self.both[::-1]):
            one.delivery.deliver(other.name)
        return sum(one.waiting() for one in self.both)


def make_member(name: str, message_key: FileSigner, log_key: FileSigner, **changes: Any) -> Member:
    """Return a member with these keys."""
    values: dict[str, Any] = {
        "province": name,
        "status": MemberStatus.ACTIVE,
        "endpoint": f"{name.lower()}.example:7000",
        "wire_min": 1,
        "wire_max": 1,
        "tls_ca_pem": f"authority of {name}",
        "keys": (
            MemberKey(message_key.public, "message", valid_from_us=0),
            MemberKey(log_key.public, "log", valid_from_us=0),
        ),
    }
    return Member(**values | changes)


def make_view(members: dict[str, Member], version: int = 1) -> RegistryView:
    """Return a registry with these members."""
    return RegistryView(
        version=version,
        members=members,
        coordinator=CoordinatorRecord("coordinator.example:7000", ""),
        is_demo=True,
        timestamp_expires_us=NOON * 2,
        snapshot_expires_us=NOON * 2,
        files={},
        regions={},
        agreements=(Listing(AGREEMENT, "", role_expires_us=NOON * 2, is_resting=False),),
        revocations={},
    )


def open_account(province: Province, name: str, number: str, reference: str = "") -> str:
    """Open an account and return its number."""
    learner = NewLearner(
        line=1,
        reference=reference or f"ref {number[-8:]}",
        name=name,
        document_type=RESIDENT_ID,
        document_number=number,
    )
    (opened,) = province.accounts.open(LMS, [learner])
    assert not opened.reason, opened.reason
    return opened.account


def outcome(
    account: str, reference: str, credits: str, *, line: int = 1, **facts: str
) -> OutcomeRow:
    """Return an outcome to deposit."""
    return OutcomeRow(
        line=line,
        reference=reference,
        learner=account,
        credits=credits,
        facts=FACTS | {"code": "CS-101", "title": "数据库原理"} | facts,
    )


def deposit(
    province: Province, person: Person, reference: str, hundredths: int, code: str, **facts: str
) -> WantedLot:
    """Deposit an outcome and return its lot as an application names it."""
    account = person.accounts[province.name]
    credits = f"{hundredths // 100}.{hundredths % 100:02d}"
    row = outcome(account, reference, credits, code=code, **facts)
    done = province.deposits.deposit(LMS, [row])
    assert done.deposited == 1, done
    lot = province.accounts.archive(account).lots[-1]
    return WantedLot(lot_id=lot.lot_id, amount_hundredths=lot.amount_hundredths)


def rig(
    home: Path, seed: int = 1, databases: Mapping[str, str] | None = None
) -> Iterator[TwoProvinces]:
    """Yield a rig and close it: the body of a fixture."""
    two = TwoProvinces(home, seed, databases)
    try:
        yield two
    finally:
        two.close()
