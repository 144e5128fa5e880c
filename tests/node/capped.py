"""Two provinces of which one has a rule of form 2 with caps, and programmes to study for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from federation.protocol.grouping import record_in
from federation.protocol.lots import WantedLot
from federation.protocol.messages import MessageType, Mode, Verdict
from federation.wire import codec
from node.domain.cap_book import CapBook
from node.domain.decision_record import Record
from node.domain.decision_seals import read_record
from node.domain.exchange import Role
from node.domain.recompute import Documents, Recomputation, recompute
from node.domain.rule_judge import open_rule
from node.domain.rulebook_form import canonical_document
from node.usecases.accounts import CodeWanted
from node.usecases.applications import Application
from node.usecases.enrolments import Enrolments
from node.usecases.publications import PROGRAMME
from tests.node.province import DESTINATION
from tests.node.published import publish, publish_rule
from tests.node.rulebook_documents import course, entry, grant
from tests.node.rulebook_documents import document as second_form
from tests.node.two_provinces import Person, TwoProvinces

NAME = f"{DESTINATION}/general"
COURSES = tuple(f"C-{at:02d}" for at in range(1, 41))
HOME = {"key": "gd", "source": DESTINATION, "name": "本省目录", "version": "*"}
ABROAD = {"key": "zj", "source": "*", "name": "各省目录", "version": "*"}


def target_of(code: str) -> str:
    """What a course counts as."""
    return code.replace("C-", "T-")


def rule_of(
    caps: Sequence[Mapping[str, Any]] = (),
    *,
    version: int = 1,
    entries: Sequence[dict[str, Any]] = (),
    courses: Sequence[str] = COURSES,
    category: str = "COMPULSORY",
    **change: Any,
) -> bytes:
    """A rule by which every course counts as one of ours, credit for credit."""
    each = [
        entry(course(code), grant(target_of(code), course_category=category)) for code in courses
    ]
    content = second_form(*entries, *each, rule=NAME, version=version, caps=list(caps), **change)
    content["catalogues"] = [HOME, ABROAD]
    return canonical_document(json.dumps(content).encode())


def programme_text(
    code: str = "BA-CS",
    *,
    version: str = "1",
    award: str = "BACHELOR",
    targets: Sequence[str] = (),
    **totals: str,
) -> bytes:
    """A programme as a person writes it."""
    lines = [
        f'name = "{DESTINATION}/{code.lower()}"',
        f'version = "{version}"',
        f'code = "{code}"',
        'title_zh = "软件工程"',
        'title_en = "Software engineering"',
        f'award = "{award}"',
        f"targets = {json.dumps(sorted(targets))}",
        "example = true",
        "[totals]",
        *(f'{name} = "{amount}"' for name, amount in totals.items()),
    ]
    return "\n".join(lines).encode()


@dataclass
class Capped:
    """The rig, with what is done to it in words of caps."""

    two: TwoProvinces
    rules: dict[str, bytes] = field(default_factory=dict)

    def put_in_force(self, caps: Sequence[Mapping[str, Any]] = (), **change: Any) -> None:
        """Publish the next version of the destination's rule."""
        self.two.clock.advance(1)
        document = rule_of(caps, version=len(self.rules) + 2, **change)
        digest = publish_rule(self.two.destination.office, document).digest
        self.rules[digest] = document

    @property
    def enrolments(self) -> Enrolments:
        return Enrolments(self.two.destination.office)

    def enrol(self, person: Person, code: str = "BA-CS", **change: Any) -> None:
        """Publish a programme, if it is new, and enrol somebody."""
        made = publish(self.two.destination.office, PROGRAMME, programme_text(code, **change))
        account = person.accounts[DESTINATION]
        self.enrolments.enrol(account, made.name, made.version, by="operator-li")

    def lot(self, person: Person, at: int, hundredths: int, **facts: str) -> WantedLot:
        """Deposit an outcome of the course at a place, under a title of its own."""
        return self.two.lot(
            person, hundredths, code=COURSES[at - 1], **{"title": f"课程 {at}"} | facts
        )

    def decided(self, person: Person, *lots: WantedLot, **options: Any) -> list[tuple[str, ...]]:
        """Ask for lots and return the reasons for each: none where it was granted."""
        exchange_id = self.two.apply(person, *lots, **{"whole": False} | options)
        self.two.run(3)
        return self.reasons(exchange_id)

    def transferred(self, person: Person, *lots: WantedLot, **options: Any) -> bytes:
        """Move lots for good; all must be granted."""
        exchange_id = self.two.apply(person, *lots, **options)
        self.two.run()
        assert self.two.states(exchange_id) == ("CLOSED", "CREDITED"), self.reasons(exchange_id)
        return exchange_id

    def recognised(self, person: Person, *lots: WantedLot) -> bytes:
        """Have lots recognised; all must be granted."""
        exchange_id = self.two.apply(person, *lots, mode=Mode.RECOGNISE)
        self.two.run()
        assert self.two.states(exchange_id) == ("RECOGNISED", "RECOGNISED")
        assert not any(self.reasons(exchange_id))
        return exchange_id

    def citing(self, person: Person, cites: bytes, *lots: WantedLot, whole: bool = True) -> Any:
        """Apply for a transfer that cites a recognition."""
        application = self.two.application(person, *lots, whole=whole)
        changed = {name: getattr(application, name) for name in application.__slots__}
        (opened,) = self.two.source.applications.open([Application(**changed | {"cites": cites})])
        return opened

    def reasons(self, exchange_id: bytes) -> list[tuple[str, ...]]:
        vote = self.vote(exchange_id)
        for lot in vote.lots:
            assert bool(lot.reasons) is (lot.verdict is Verdict.REJECT)
        return [lot.reasons for lot in vote.lots]

    def vote(self, exchange_id: bytes) -> Any:
        return self.two.message(self.two.destination, exchange_id, MessageType.VOTE)

    def record_document(self, exchange_id: bytes) -> bytes:
        """The record as it travelled beside the VOTE."""
        digest = self.two.destination.exchange(exchange_id).hashes[MessageType.VOTE]
        ((openings,),) = self.two.destination.rows(
            "select openings from message where digest = ?", digest
        )
        return record_in(codec.decode_openings(openings))

    def record(self, exchange_id: bytes) -> Record:
        return read_record(self.record_document(exchange_id))

    def recomputed(self, exchange_id: bytes) -> Recomputation:
        """Judge a decision again from its record and the rule that it names."""
        rule = self.rules[self.record(exchange_id).given.authority.rule_digest]
        return recompute(
            self.record_document(exchange_id),
            Documents(rule=rule),
            open_rule,
            named=self.vote(exchange_id).record_digest.hex(),
        )

    def book(self, person: Person) -> CapBook:
        account = person.accounts[DESTINATION]
        found = self.two.destination.store.read(lambda reading: reading.cap_books([account]))
        return found.get(account, CapBook())

    def uses(self, person: Person) -> list[tuple[str, int, str]]:
        """What counts already: target, hundredths, state."""
        return sorted(
            (use.part.target, use.part.hundredths, use.state.value)
            for use in self.book(person).uses
        )

    def give_back(self, person: Person, exchange_id: bytes, at: int = 0) -> bytes:
        """Return a lot that an exchange brought, by its place in the archive."""
        here, there = self.two.destination, self.two.source
        account = person.accounts[here.name]
        lot = here.accounts.archive(account).lots[at]
        reference = f"back {exchange_id.hex()[:8]} {at} {self.two.clock.us}"
        wanted = CodeWanted(
            account=person.accounts[there.name], peer=here.name, reference=reference
        )
        application = Application(
            reference=reference,
            account=account,
            peer=there.name,
            role=Role.SOURCE,
            lots=(WantedLot(lot_id=lot.lot_id, amount_hundredths=lot.amount_hundredths),),
            code=there.accounts.issue_codes([wanted])[0].code,
            mode=Mode.TRANSFER,
            has_consent=True,
            agrees_to_whole_grant=True,
            returns=exchange_id,
        )
        (opened,) = here.applications.open([application])
        assert not opened.reason, opened.reason
        self.two.run()
        return opened.exchange_id
