"""The judge that a published rule is, whichever its form.

A table of equivalences (form 1) judges every lot for itself; a rule of form 2 judges the case as a
whole. A rule that cannot decide grants nothing, and says so for every lot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from federation.base.errors import CreditBankError
from node.domain.caps import Cap
from node.domain.judgement import (
    Case,
    CatalogueUsed,
    Grant,
    GroupJudgement,
    Judge,
    Judgement,
    Share,
    TableJudge,
)
from node.domain.likeness import like_name
from node.domain.rule_conditions import CaseLot
from node.domain.rule_form import parse_rule
from node.domain.rule_judgement import HELD, CaseJudgement, Group, LotVerdict, judge
from node.domain.rule_missing import Shortfall
from node.domain.rule_view import Case as RuleCase
from node.domain.rulebook import Catalogue, Rulebook, courses
from node.domain.rulebook_form import parse_rulebook
from node.domain.rules import REJECT

_EARLIEST = "1900-01-01"
_FIRST_FORM = b'{"equivalences":'


@dataclass(frozen=True, slots=True)
class RulebookJudge:
    """Judges a case as a whole by a rule of form 2."""

    book: Rulebook

    @property
    def rule(self) -> tuple[str, int, str]:
        """Name, version and digest of the rule."""
        return self.book.name, self.book.version, self.book.digest

    @property
    def caps(self) -> tuple[Cap, ...]:
        """Caps of the rule."""
        return self.book.caps

    @property
    def asks_people(self) -> bool:
        """Whether some entries leave the decision to people."""
        return self.book.asks_people

    def judge(self, case: Case) -> Judgement:
        """Return what the rule says of a case."""
        return self._judgement(case, self._said(case, tells_missing=False))

    def consider(self, case: Case) -> tuple[Judgement, tuple[Shortfall, ...]]:
        """Return what the rule says of a case, and what is missing for what it does not grant."""
        said = self._said(case, tells_missing=True)
        return self._judgement(case, said), said.missing

    def _judgement(self, case: Case, said: CaseJudgement) -> Judgement:
        names = {lot.lot: like_name(lot.facts.title) for lot in case.lots}
        return Judgement(
            groups=tuple(_group(at, one) for at, one in enumerate(said.groups, start=1)),
            unused={one.lot_id: one.reasons for one in said.lots if one.verdict == REJECT},
            held={one.lot_id: one.reasons for one in said.lots if one.verdict == HELD},
            contents={lot: name for lot, name in names.items() if name},
            catalogues=tuple(_used(one) for one in self._cited(case) if one.digest),
        )

    def _cited(self, case: Case) -> list[Catalogue]:
        """Return what is cited by the entries that speak of a lot of the case, granted or not."""
        spoke = {
            naming.entry_at
            for lot in case.lots
            for naming in self.book.namings(
                source=lot.source,
                issuer=lot.facts.issuer,
                catalogue=lot.facts.catalogue,
                code=lot.facts.code,
            )
        }
        cited: dict[str, Catalogue] = {}
        for at in spoke:
            entry = self.book.entries[at]
            required = (course.catalogue for course in courses(entry.requires))
            granted = (grant.catalogue for grant in entry.grants if grant.catalogue is not None)
            cited |= {one.key: one for one in (*required, *granted)}
        return [cited[key] for key in sorted(cited)]

    def _said(self, case: Case, *, tells_missing: bool) -> CaseJudgement:
        try:
            asked = RuleCase(
                lots=tuple(
                    CaseLot(
                        lot_id=lot.lot,
                        source=lot.source,
                        facts=lot.facts,
                        amount_hundredths=lot.amount_hundredths,
                        is_converted=lot.is_converted,
                    )
                    for lot in case.lots
                ),
                on=case.on,
                wanted=frozenset(case.wanted),
            )
            return judge(self.book, asked, tells_missing=tells_missing)
        except CreditBankError as error:
            why = (error.reason,)
            return CaseJudgement(
                (), tuple(LotVerdict(lot.lot, REJECT, "", 0, why) for lot in case.lots), ()
            )


def _used(cited: Catalogue) -> CatalogueUsed:
    return CatalogueUsed(
        source=cited.source, name=cited.name, version=cited.version, sha256=cited.digest
    )


def _group(at: int, group: Group) -> GroupJudgement:
    return GroupJudgement(
        group=f"{at:03d}/{group.entry_id}",
        entry=group.entry_id,
        lots=group.lot_ids,
        grants=tuple(
            Grant(
                target=one.target,
                catalogue=one.catalogue,
                hundredths=one.hundredths,
                level=one.level,
                grade=group.grade_written,
                category=one.course_category,
            )
            for one in group.grants
        ),
        shares=tuple(
            Share(lot=share.lot_id, target=one.target, hundredths=share.hundredths)
            for one in group.grants
            for share in one.shares
        ),
        track=group.track,
    )


def open_rule(rule: bytes, catalogues: Mapping[str, bytes] | None = None) -> Judge:
    """Return the judge that a rule document of either form is.

    Catalogues are cited by their digests within the rule and are not read again to judge.

    Raises:
        RuleFormBreach: RULE_FORM where the document is no rule.
    """
    # In the one spelling the keys are sorted; another spelling is refused under either form.
    if rule.startswith(_FIRST_FORM):
        return TableJudge(parse_rule(rule))
    return RulebookJudge(parse_rulebook(rule))


def whenever(judge: Judge) -> Judge:
    """Return a rule's judge as if the rule had been in force on every day; its entries keep theirs.

    So a rule for the year to come can be tried on the cases of the past.
    """
    if isinstance(judge, RulebookJudge):
        return RulebookJudge(replace(judge.book, valid_from=_EARLIEST, valid_until=""))
    if isinstance(judge, TableJudge):
        return TableJudge(replace(judge.table, valid_from=_EARLIEST, valid_until=""))
    return judge
