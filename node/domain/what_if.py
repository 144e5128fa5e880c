"""What outcomes would count as, asked by nobody in particular.

The answer is made as a decision is: the judge of the rule in force, then the caps of that rule.
The caps are counted on the question alone, for what a learner has already is not known here.
Beside it stands the smallest rest that is missing for what is not granted. It is advice: no claim
is reserved, nothing is promised.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from federation.base.amounts import check_amount
from federation.base.errors import Breach
from federation.base.names import is_province
from federation.protocol.grouping import check_targets
from node.domain.decision_record import Authority, Decided, Given, GivenLot, Struck, compose
from node.domain.judgement import Judge, TableJudge
from node.domain.outcomes import OutcomeFacts, is_code
from node.domain.rule_judge import RulebookJudge
from node.domain.rule_missing import Shortfall
from node.domain.rule_ways import RULE_TOO_COMPLEX
from node.domain.rulebook import ANY, Catalogue, Entry, courses
from node.domain.rulebook_first import from_first_form

MOST_OUTCOMES = 100
_MONTH_LENGTH = len("YYYY-MM")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedOutcome:
    """An outcome as a rule looks at it, and nobody's.

    Attributes:
        source: province that holds it, or would.
        form: form of the outcome within its kind, or empty.
        is_converted: whether the credits came of a conversion.
        is_month: whether only the month of ``facts.earned`` is known; its day is then the first.

    Raises:
        Breach: PROVINCE_UNKNOWN, BAD_TEXT or AMOUNT.
    """

    source: str
    amount_hundredths: int
    facts: OutcomeFacts
    form: str = ""
    is_converted: bool = False
    is_month: bool = False

    def __post_init__(self) -> None:
        if not is_province(self.source):
            raise Breach("PROVINCE_UNKNOWN")
        if self.form and not is_code(self.form):
            raise Breach("BAD_TEXT", detail="form")
        check_amount(self.amount_hundredths)

    @property
    def at_months_end(self) -> AskedOutcome:
        """The same, earned on the last day that its month leaves open."""
        if not self.is_month:
            return self
        first = date.fromisoformat(self.facts.earned)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        end = min(last.isoformat(), self.facts.expires or last.isoformat())
        return replace(self, facts=replace(self.facts, earned=end))


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Outcomes, and the codes of targets wished for; none for any.

    Raises:
        Breach: WHAT_IF_EMPTY where nothing is asked, TOO_MANY_ITEMS, TARGETS, BAD_TEXT.
    """

    outcomes: tuple[AskedOutcome, ...]
    wanted: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.outcomes and not self.wanted:
            raise Breach("WHAT_IF_EMPTY")
        if len(self.outcomes) > MOST_OUTCOMES:
            raise Breach("TOO_MANY_ITEMS")
        check_targets(self.wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """When and under which agreements a question is judged.

    Attributes:
        province: which is asked.
        on: day of judgement, YYYY-MM-DD.
        kinds: kinds of outcome that the agreement with a source covers, none for all; sources
            without an agreement are absent.
    """

    province: str
    on: str
    kinds: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What would be granted; lots are named by their place in the question, from ``0``.

    Attributes:
        rule: name, version and SHA-256 of the rule.
        decided: what a decision would say.
        missing: the smallest rest for targets that are not granted.
        entries: the entries named in either, by name.
        depends_on_day: whether another day of a month that was named could change the answer.
    """

    rule: tuple[str, int, str]
    judged_on: str
    decided: Decided
    missing: tuple[Shortfall, ...]
    entries: Mapping[str, Entry]
    depends_on_day: bool

    @property
    def catalogues(self) -> tuple[Catalogue, ...]:
        """The versions of catalogues that the entries cite, in order."""
        cited = {one for entry in self.entries.values() for one in _cited(entry)}
        return tuple(sorted(cited, key=lambda one: (one.source, one.name, one.version)))

    @property
    def targets(self) -> frozenset[tuple[str, str]]:
        """Catalogue version and code of every target of the entries."""
        return frozenset(
            (grant.catalogue.version, grant.target)
            for entry in self.entries.values()
            for grant in entry.grants
            if grant.catalogue
        )


class Adviser:
    """A rule in force, ready to be asked; made once for each document."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        # Both forms judge alike in the terms of form 2, which name what is missing too.
        self._terms = terms_of(judge)
        self._entries = {entry.entry_id: entry for entry in self._terms.book.entries}

    def advise(self, question: Question, circumstances: Circumstances) -> Advice:
        """Return what would be granted; the same arguments give the same advice for ever."""
        given = self._given(question, circumstances)
        judgement, missing = self._terms.consider(given.case)
        if self._terms is not self.judge:
            judgement = self.judge.judge(given.case)
        decided = compose(given, judgement, self.judge.caps, used={}).decided
        named = {group.entry for group in decided.groups} | {one.entry_id for one in missing}
        return Advice(
            rule=self.judge.rule,
            judged_on=circumstances.on,
            decided=decided,
            missing=missing,
            entries={name: self._entries[name] for name in sorted(named)},
            depends_on_day=self._depends_on_day(question, circumstances, decided),
        )

    def _given(self, question: Question, circumstances: Circumstances) -> Given:
        named = [(str(at), one) for at, one in enumerate(question.outcomes)]
        rule, version, digest = self.judge.rule
        return Given(
            exchange="",
            source="",
            destination=circumstances.province,
            decided_on=circumstances.on,
            track="RULE",
            authority=Authority(rule=rule, rule_version=version, rule_digest=digest),
            catalogues=(),
            programme=None,
            wanted=tuple(sorted(question.wanted)),
            lots=tuple(
                GivenLot(
                    lot=name,
                    source=one.source,
                    amount_hundredths=one.amount_hundredths,
                    facts=one.facts,
                    form=one.form,
                    is_converted=one.is_converted,
                )
                for name, one in named
            ),
            struck=tuple(
                Struck(lot=name, reasons=(reason,))
                for name, one in named
                if (reason := _obstacle(one, circumstances))
            ),
            valid_until_us=0,
            appeal_until_us=0,
        )

    def _depends_on_day(
        self, question: Question, circumstances: Circumstances, decided: Decided
    ) -> bool:
        if is_too_complex(decided) or not any(one.is_month for one in question.outcomes):
            return False
        late = tuple(one.at_months_end for one in question.outcomes)
        given = self._given(replace(question, outcomes=late), circumstances)
        judgement = self.judge.judge(given.case)
        return compose(given, judgement, self.judge.caps, used={}).decided != decided


def is_too_complex(decided: Decided) -> bool:
    """Tell whether judging was given up, as far as it may go."""
    return any(RULE_TOO_COMPLEX in lot.reasons for lot in decided.lots)


def terms_of(judge: Judge) -> RulebookJudge:
    """Return a judge in the terms of form 2, by which one of form 1 judges alike."""
    if isinstance(judge, RulebookJudge):
        return judge
    assert isinstance(judge, TableJudge), "a rule in force is of form 1 or 2"
    return RulebookJudge(from_first_form(judge.table))


def _obstacle(outcome: AskedOutcome, circumstances: Circumstances) -> str:
    """Return what keeps an outcome from being offered at all, or nothing."""
    kinds = circumstances.kinds.get(outcome.source)
    if kinds and outcome.facts.kind not in kinds:
        return "AGREEMENT_SCOPE"
    expires = outcome.facts.expires
    return "CREDIT_EXPIRED" if expires and expires < circumstances.on else ""


def _cited(entry: Entry) -> Iterable[Catalogue]:
    yield from (grant.catalogue for grant in entry.grants if grant.catalogue)
    for course in courses(entry.requires):
        if course.catalogue.version != ANY:
            yield course.catalogue


def read_outcome(
    *, source: str, amount_hundredths: int, facts: Mapping[str, str], form: str, is_converted: bool
) -> AskedOutcome:
    """Return the outcome that texts spell; the day earned may be a month.

    Raises:
        Breach: as :class:`AskedOutcome` and :class:`OutcomeFacts`.
    """
    earned = facts.get("earned", "")
    is_month = len(earned) == _MONTH_LENGTH
    return AskedOutcome(
        source=source,
        amount_hundredths=amount_hundredths,
        facts=OutcomeFacts.from_fields({**facts, "earned": earned + "-01" * is_month}),
        form=form,
        is_converted=is_converted,
        is_month=is_month,
    )
