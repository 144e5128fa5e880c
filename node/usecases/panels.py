"""Panels: drawn so that nobody could choose, voting, and the minute of what they decide."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from federation.base.errors import Refusal, Unavailable
from federation.trust.registry import TIMESTAMP
from node.domain import review_case as rules
from node.domain.exchange import ExchangeKey
from node.domain.experts import Expert, eligible, objections
from node.domain.panel import MEMBER_WITHDREW, Ballot, Substitute
from node.domain.panel_draw import (
    LEAST_INSTITUTIONS,
    LEAST_SEATS,
    SECRET_SIZE,
    announce,
    draw,
    read_notice,
    seed_of,
    substitute,
)
from node.domain.panel_seats import check_leaving, reseat, unseat
from node.domain.review_case import ReviewState
from node.domain.review_form import Review
from node.usecases.office import beijing_day
from node.usecases.ports import Transaction
from node.usecases.review_cases import checked, expert_of, minute_of
from node.usecases.review_desk import ReviewDesk


class Panels(ReviewDesk):
    """What is done with a case that a panel decides."""

    def draw(self, key: ExchangeKey) -> Review:
        """Announce the draw of a panel; once the timestamp it waits for is there, seat it.

        Raises:
            Refusal: REVIEW, CASE_STATE, PANEL_TOO_FEW, PANEL_INSTITUTIONS.
            Unavailable: REGISTRY_MISSING without a timestamp.
        """
        document = self._office.registry.view().files.get(TIMESTAMP, b"")
        if not document:
            raise Unavailable("REGISTRY_MISSING")
        newest = int(json.loads(document)["signed"]["version"])

        def move(tx: Transaction, known: Review, now_us: int) -> Review:
            if known.case.state is not ReviewState.PANEL_WANTED:
                raise Refusal("CASE_STATE", detail=known.case.state)
            able = _able(tx, known, now_us)
            draws = tx.draws(key)
            if draws and not draws[-1][2]:
                notice_document, secret, _, _ = draws[-1]
                notice = read_notice(notice_document)
                if newest < notice.beacon:
                    return known
                if newest == notice.beacon:
                    seed = seed_of(notice, secret=secret, beacon=newest, timestamp=document)
                    names = set(draw(able, notice, seed))
                    tx.keep_draw(key, notice.draw_round, (notice_document, secret, seed, document))
                    tx.keep_roster(key, notice.draw_round, able)
                    seated = [one for one in able if one.expert in names]
                    return replace(known, case=rules.seat_panel(known.case, seated, now_us=now_us))
            # The first round, or one whose timestamp nobody here saw: it is announced anew.
            secret = self._office.entropy.token(SECRET_SIZE)
            notice = announce(
                able,
                province=self._office.province,
                case=known.case.parties.case,
                draw_round=len(draws) + 1,
                seats=LEAST_SEATS,
                institutions=LEAST_INSTITUTIONS,
                secret=secret,
                newest_timestamp=newest,
            )
            tx.keep_draw(key, len(draws) + 1, (notice.document(), secret, b"", b""))
            return known

        return self._move(key, move)

    def replace_member(self, key: ExchangeKey, expert: str, *, reason: str) -> Review:
        """Seat the next of the draw for a member who leaves; without one the panel is drawn anew.

        Raises:
            Refusal: REVIEW, CASE_STATE, PANEL_MEMBERS; CASE_CLAIMED where a silent member still
                has time.
            Breach: REASON_FORM.
        """

        def move(tx: Transaction, known: Review, now_us: int) -> Review:
            check_leaving(known.case, expert, reason, self._policy, now_us=now_us)
            return self._replaced(tx, key, known, (expert, reason), now_us)

        return self._move(key, move)

    def leave(self, key: ExchangeKey, *, by: str) -> Review:
        """Leave the panel of a case as one of its members.

        Raises:
            Refusal: REVIEW, EXPERT, CASE_STATE, PANEL_MEMBERS.
        """

        def move(tx: Transaction, known: Review, now_us: int) -> Review:
            expert = expert_of(tx, by).expert
            check_leaving(known.case, expert, MEMBER_WITHDREW, self._policy, now_us=now_us)
            return self._replaced(tx, key, known, (expert, MEMBER_WITHDREW), now_us)

        return self._move(key, move)

    def vote(
        self, key: ExchangeKey, ballots: Sequence[Ballot], *, declares: bool, by: str
    ) -> Review:
        """Cast a member's ballots, in the place of earlier ones until the minute is made.

        Raises:
            Refusal: REVIEW, EXPERT, CASE_STATE, PANEL_MEMBERS for others, PANEL_DECLARATION
                without the declaration of no interest, EXPERT_CONFLICT where one came to light,
                BALLOT, RULE_LIMIT, REASON_MISSING.
        """

        def move(tx: Transaction, known: Review, now_us: int) -> Review:
            member = expert_of(tx, by)
            if known.case.state is not ReviewState.VOTING:
                raise Refusal("CASE_STATE", detail=known.case.state)
            if member.expert not in known.case.members:
                raise Refusal("PANEL_MEMBERS")
            if not declares:
                raise Refusal("PANEL_DECLARATION")
            if against := objections(member, known.case.parties, on=beijing_day(now_us)):
                raise Refusal("EXPERT_CONFLICT", detail=", ".join(against))
            cast = checked(known.questions, ballots, member.expert)
            tx.cast(key, len(tx.draws(key)), cast, now_us)
            return known

        return self._move(key, move)

    def minute(self, key: ExchangeKey) -> Review:
        """Add the ballots up, log the minute and send what it decides.

        Raises:
            Refusal: REVIEW, CASE_STATE; BALLOT while a member has not voted on everything.
        """

        def move(tx: Transaction, known: Review, now_us: int) -> Review:
            exchange = tx.exchanges([key])[key]
            made, sheet = minute_of(tx, self._office, exchange, known, now_us)
            case = rules.record_minute(
                known.case, [one.expert for one in made.members], made.digest
            )
            tx.keep_ballot_sheet(key, sheet.document())
            return self._settle(tx, key, replace(known, case=case), made)

        return self._move(key, move, wakes=True)

    def _replaced(
        self,
        tx: Transaction,
        key: ExchangeKey,
        known: Review,
        leaving: tuple[str, str],
        now_us: int,
    ) -> Review:
        expert, reason = leaving
        case, draws = known.case, tx.draws(key)
        notice_document, _, seed, _ = draws[-1]
        roster = tx.roster(key, len(draws)) or frozenset()
        able = _able(tx, known, now_us)
        listed = {one.expert: one for one in tx.experts().values()}
        # Who was on the list when the seed was made; nobody can be put there afterwards.
        drawn = tuple(listed[name] for name in sorted(roster) if name in listed)
        gone = {one.expert for one in drawn} - {one.expert for one in able} | {expert}
        try:
            members = substitute(
                drawn,
                read_notice(notice_document),
                seed,
                members=case.members,
                leaving=expert,
                gone=gone,
            )
        except Refusal:
            change = Substitute(leaving=expert, reason=reason, joining="")
            return replace(known, case=unseat(case, change))
        (joining,) = set(members) - set(case.members)
        change = Substitute(leaving=expert, reason=reason, joining=joining)
        return replace(known, case=reseat(case, members, change, now_us=now_us))


def _able(tx: Transaction, known: Review, now_us: int) -> tuple[Expert, ...]:
    """Return who may be drawn: those without objection who did not leave the panel before."""
    fit = eligible(tx.experts().values(), known.case.parties, on=beijing_day(now_us))
    return tuple(one for one in fit if one.expert not in known.case.left)
