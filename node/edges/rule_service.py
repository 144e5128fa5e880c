"""Rules against the cases decided here: translation, nothing more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from federation.base.errors import Breach
from node.domain.rule_revision import Gap
from node.domain.rule_trial import CaseChange
from node.edges.local_door import LocalDoor, served_stream
from node.edges.local_services import unhex
from node.usecases.publications import LARGEST_DOCUMENT
from node.usecases.rule_trials import RuleTrials, Trial
from node.v1 import rule_service_pb2 as pb
from node.v1.operation_service_pb2 import ExchangeName
from node.v1.rule_service_pb2_grpc import RuleServiceServicer

_CHUNK = 256 * 1024
_ROWS = 200


class RuleServicer(RuleServiceServicer):
    """Trials of rules."""

    def __init__(self, door: LocalDoor, trials: RuleTrials) -> None:
        self.door = door
        self._trials = trials

    @served_stream(operators_only=True)
    def DryRun(
        self, parts: Iterable[pb.DryRunRequest], account: str
    ) -> Iterator[pb.DryRunResponse]:
        """Stream what a rule would change."""
        document = bytearray()
        for part in parts:
            document += part.chunk
            if len(document) > LARGEST_DOCUMENT:
                raise Breach("TOO_LARGE")
        changes: list[pb.CaseChange] = []
        for one in self._trials.dry_run(bytes(document)):
            if isinstance(one, Trial):
                yield pb.DryRunResponse(changes=changes, sums=_sums(one))
                return
            changes.append(_change(one))
            if len(changes) == _ROWS:
                yield pb.DryRunResponse(changes=changes)
                changes = []

    @served_stream(operators_only=True)
    def ListGaps(self, request: pb.ListGapsRequest, account: str) -> Iterator[pb.ListGapsResponse]:
        """Stream what was refused, most learners first."""
        rows = map(_gap, self._trials.gaps())
        while page := list(islice(rows, _ROWS)):
            yield pb.ListGapsResponse(gaps=page)

    @served_stream(operators_only=True)
    def DraftRule(
        self, request: pb.DraftRuleRequest, account: str
    ) -> Iterator[pb.DraftRuleResponse]:
        """Stream the next version of the rule in force."""
        document = self._trials.draft((request.name.peer, unhex(request.name.exchange)))
        for at in range(0, len(document), _CHUNK):
            yield pb.DraftRuleResponse(chunk=document[at : at + _CHUNK])


def _change(one: CaseChange) -> pb.CaseChange:
    return pb.CaseChange(
        name=ExchangeName(peer=one.peer, exchange=one.exchange),
        decided_on=one.decided_on,
        track=one.track,
        targets=[
            pb.TargetChange(
                target=of.target, before_hundredths=of.before, after_hundredths=of.after
            )
            for of in one.targets
        ],
        lots=[
            pb.LotChange(
                lot=of.lot,
                before=of.before,
                after=of.after,
                reasons_before=of.reasons_before,
                reasons_after=of.reasons_after,
            )
            for of in one.lots
        ],
    )


def _sums(trial: Trial) -> pb.DryRunSums:
    sums = trial.sums
    return pb.DryRunSums(
        cases=sums.cases,
        changed=sums.changed,
        learners=sums.learners,
        unrecorded=trial.unrecorded,
        more_hundredths=sums.more_hundredths,
        less_hundredths=sums.less_hundredths,
        entries=[
            pb.EntryChange(
                entry=of.entry,
                cases_before=of.cases_before,
                cases_after=of.cases_after,
                before_hundredths=of.before,
                after_hundredths=of.after,
            )
            for of in sums.entries
        ],
        reasons=[
            pb.ReasonChange(reason=of.reason, lots_before=of.lots_before, lots_after=of.lots_after)
            for of in sums.reasons
        ],
    )


def _gap(one: Gap) -> pb.Gap:
    return pb.Gap(
        source=one.source,
        issuer=one.issuer,
        code=one.code,
        title=one.title,
        target=one.target,
        learners=one.learners,
        reasons=[pb.GapReason(reason=reason, learners=many) for reason, many in one.reasons],
    )
