"""Enrol learners in programmes of study, let them leave, and show where they stand.

A learner is enrolled in one published version of a programme; another version of it takes its
place. What was decided before stays as it was: a decision states the programme that it was for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from federation.base.errors import Refusal, Unavailable
from node.domain.cap_standing import CapStanding, FloorStanding, standing
from node.domain.publication import Publication, PublicationState
from node.domain.study_programme import Enrolment, StudyProgramme
from node.usecases.office import Office, beijing_day
from node.usecases.ports import Reading, Transaction
from node.usecases.programmes import Programmes
from node.usecases.publications import PROGRAMME


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a learner stands under the rule in force.

    Attributes:
        programme: the one that shares and floors are told for, or None.
        rule: its name; empty while no rule is in force.
        caps: every cap with its arithmetic.
        floors: every floor of the programme with what is missing.
    """

    account: str
    programme: StudyProgramme | None
    rule: str
    rule_version: int
    caps: tuple[CapStanding, ...]
    floors: tuple[FloorStanding, ...]


class Enrolments:
    """What a province does with its learners' programmes."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def enrol(self, account: str, programme: str, version: str = "", *, by: str) -> Enrolment:
        """Enrol a learner; the same version again changes nothing.

        Args:
            version: empty for the version published last.

        Raises:
            Refusal: ACCOUNT, ACCOUNT_ERASED, or PUBLICATION where no such version is published.
        """
        now_us = self._office.clock.now_us()

        def work(tx: Transaction) -> Enrolment:
            _check_learner(tx, account)
            wanted = _published(tx, programme, version)
            past = tx.past_enrolments(account)
            for one in past:
                if one.programme == programme and not one.left_us:
                    if one.digest == wanted.digest:
                        return one
                    tx.end_enrolment(one, now_us)
            newest_us = past[0].enrolled_us if past else 0
            made = Enrolment(
                account=account,
                programme=programme,
                version=wanted.version,
                digest=wanted.digest,
                enrolled_by=by,
                # Of two within one tick of the clock the later one is still the newer.
                enrolled_us=max(now_us, newest_us + 1),
            )
            tx.enrol(made)
            return made

        return self._office.store.transact(work)

    def leave(self, account: str, programme: str) -> Enrolment:
        """End an enrolment.

        Raises:
            Refusal: ACCOUNT, or NOT_ENROLLED.
        """
        now_us = self._office.clock.now_us()

        def work(tx: Transaction) -> Enrolment:
            _check_learner(tx, account)
            for one in tx.past_enrolments(account):
                if one.programme == programme and not one.left_us:
                    left_us = max(now_us, one.enrolled_us)
                    tx.end_enrolment(one, left_us)
                    return replace(one, left_us=left_us)
            raise Refusal("NOT_ENROLLED", detail=programme[:80])

        return self._office.store.transact(work)

    def list(self, account: str) -> Sequence[Enrolment]:
        """Return every enrolment of a learner, the newest first.

        Raises:
            Refusal: ACCOUNT, ACCOUNT_ERASED.
        """

        def read(reading: Reading) -> Sequence[Enrolment]:
            _check_learner(reading, account)
            return reading.past_enrolments(account)

        return self._office.store.read(read)

    def standing(self, account: str, programme: str = "") -> Standing:
        """Return where a learner stands today under the rule in force.

        Args:
            programme: name of the one to tell for; empty for the one enrolled in last.

        Raises:
            Refusal: ACCOUNT, ACCOUNT_ERASED, NOT_ENROLLED.
        """
        return self._office.store.read(lambda reading: self._standing(reading, account, programme))

    def _standing(self, reading: Reading, account: str, name: str) -> Standing:
        _check_learner(reading, account)
        enrolled = Programmes(self._office.programmes, reading).enrolled(account)
        chosen = [one for one in enrolled if name in ("", one.name)]
        if name and not chosen:
            raise Refusal("NOT_ENROLLED", detail=name[:80])
        programme = chosen[0] if chosen else None
        now_us = self._office.clock.now_us()
        try:
            judge = self._office.judge(reading)
        except Unavailable:
            return Standing(
                account=account, programme=programme, rule="", rule_version=0, caps=(), floors=()
            )
        books = reading.cap_books([account])
        book = books[account].expire(now_us) if account in books else None
        given = programme.as_given if programme else None
        caps, floors = standing(judge.caps, book, given, on=beijing_day(now_us))
        rule, version, _ = judge.rule
        return Standing(
            account=account,
            programme=programme,
            rule=rule,
            rule_version=version,
            caps=caps,
            floors=floors,
        )


def _check_learner(reading: Reading, account: str) -> None:
    learner = reading.learners([account]).get(account)
    if learner is None:
        raise Refusal("ACCOUNT")
    if learner.is_erased:
        raise Refusal("ACCOUNT_ERASED")


def _published(reading: Reading, name: str, version: str) -> Publication:
    found = [
        one
        for one in reading.publications(PROGRAMME, name)
        if one.state is PublicationState.PUBLISHED and version in ("", one.version)
    ]
    if not name or not found:
        raise Refusal("PUBLICATION", detail=f"{name[:80]} {version[:64]}")
    return found[-1]
