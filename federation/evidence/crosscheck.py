"""Transcripts against logs: whatever one of them names, the other must hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from federation.evidence.cases import Case, CaseKey, Exported
from federation.evidence.chain import Chain
from federation.evidence.examiner import Examiner, Proven
from federation.evidence.findings import Findings
from federation.evidence.follow_ups import corrections, reissued_lots
from federation.evidence.logbook import Logbook
from federation.log.checkpoint import Checkpoint
from federation.protocol.messages import MessageType, Mode, Prepare, Vote
from federation.wire.entries import deposit_entry, message_entry

_SOURCE_SPEAKS = frozenset(
    {
        MessageType.PREPARE,
        MessageType.SUPPLEMENT,
        MessageType.COMMIT,
        MessageType.ABORT,
        MessageType.NOTICE,
    }
)


class CrossCheck:
    """Holds transcripts against the logs of both parties.

    Args:
        logbooks: the logs that hold, by province; a missing one is noted already.
    """

    def __init__(
        self, logbooks: Mapping[str, Logbook], examiner: Examiner, findings: Findings
    ) -> None:
        self._logbooks = logbooks
        self._examiner = examiner
        self._findings = findings
        self._continued: dict[Checkpoint, bool] = {}

    def check_transcripts(self, exported: Iterable[Exported]) -> None:
        """Check that every message, checkpoint and deposit shown is in its sender's log."""
        for one in exported:
            for proven in one.chain.messages:
                logbook = self._logbooks.get(proven.message.header.src)
                if logbook is not None:
                    self._check_message(one, proven, logbook)

    def check_complete(self, exported: Sequence[Exported]) -> None:
        """Check that a source's own transcripts show every step that its log says it took."""
        shown = {(one.holder, proven.digest) for one in exported for proven in one.chain.messages}
        for province, logbook in self._logbooks.items():
            for index, entry in enumerate(logbook.entries):
                if entry.kind not in _SOURCE_SPEAKS or (province, entry.message_hash) in shown:
                    continue
                place = f"{province} log {index}"
                detail = f"no transcript of this {entry.kind.name}"
                self._findings.add(place, "EVIDENCE_INCOMPLETE", detail, province=province)

    def check_nullifiers(self) -> None:
        """Check that no lot was spent twice in the whole federation."""
        spent: dict[bytes, str] = {}
        for province, logbook in self._logbooks.items():
            for index, entry in enumerate(logbook.entries):
                for mark in entry.nullifiers:
                    place = f"{province} log {index}"
                    first = spent.setdefault(mark, place)
                    if first != place or entry.nullifiers.count(mark) > 1:
                        self._findings.add(place, "DOUBLE_GRANT", first, province=province)

    def check_origins(self, cases: Iterable[Case]) -> None:
        """Check that destinations deposited once what each COMMIT credits, and nothing else."""
        brought = {
            province: Counter(entry.origin for entry in logbook.entries if entry.origin)
            for province, logbook in self._logbooks.items()
        }
        gathered = list(cases)
        added = _added_on_appeal(gathered)
        for case in gathered:
            counts = brought.get(case.chain.destination)
            if counts is not None:
                self._check_brought(case, counts, added[case.copies[0].key])
        for province, counts in brought.items():
            for origin in counts:
                detail = f"a deposit of COMMIT {origin.hex()[:16]}, which nobody shows"
                place = f"{province} log"
                self._findings.add(place, "EVIDENCE_INCOMPLETE", detail, province=province)

    def _check_brought(self, case: Case, counts: Counter[bytes], added: int) -> None:
        chain = case.chain
        proven, commit = chain.proven(MessageType.COMMIT), chain.commit
        if proven is None or commit is None:
            return
        deposited = counts.pop(proven.digest, 0)
        # Between COMMIT and RECEIPT the destination may have booked it already, or not yet.
        # A corrected lot was issued anew, in the name of the same COMMIT. The destination may have
        # answered more than the copies show, for answers may still be on their way. What an appeal
        # added is deposited in the name of that COMMIT too.
        reissued = reissued_lots(chain.messages)
        credited = chain.lots_credited
        least = credited + reissued
        most = credited + len(commit.lots) * corrections(chain.messages) + added
        is_sound = least <= deposited <= most
        if not is_sound and (chain.receipt is not None or deposited):
            detail = f"{credited} lots to credit, {deposited} deposited"
            place = f"{chain.destination} log, {case.copies[0].place}"
            self._findings.add(place, "LOG_DIFFERS", detail, pair=case.pair)

    def _check_message(self, exported: Exported, proven: Proven, logbook: Logbook) -> None:
        place, chain = f"{exported.place}, {proven.kind.name}", exported.chain
        entry = message_entry(proven.kind, proven.digest, proven.message)
        if not logbook.has_at(proven.evidence.item.log_index, entry):
            self._note(place, "the log has another entry in its place", chain)
        self._check_continued(place, proven.checkpoint, logbook, chain)
        if isinstance(proven.message, Prepare):
            self._check_deposits(place, proven.message, logbook, chain)

    def _check_deposits(self, place: str, prepare: Prepare, logbook: Logbook, chain: Chain) -> None:
        member = self._examiner.member(prepare.header.src)
        checkpoint = self._examiner.open_checkpoint(prepare.checkpoint, member)
        self._check_continued(place, checkpoint, logbook, chain)
        for lot in prepare.lots:
            entry = deposit_entry(lot.deposit_commitment, lot.deposit_origin)
            if not logbook.has_at(lot.deposit_index, entry):
                self._note(place, "the log lacks a deposit", chain)

    def _check_continued(
        self, place: str, checkpoint: Checkpoint, logbook: Logbook, chain: Chain
    ) -> None:
        if checkpoint not in self._continued:
            self._continued[checkpoint] = logbook.continues(checkpoint)
        if not self._continued[checkpoint]:
            self._note(place, "the log does not continue its checkpoint", chain)

    def _note(self, place: str, detail: str, chain: Chain) -> None:
        self._findings.add(place, "LOG_DIFFERS", detail, pair=(chain.source, chain.destination))


def _added_on_appeal(cases: Iterable[Case]) -> Counter[CaseKey]:
    """Return by exchange how many lots appeals against its decision may have added at most."""
    added: Counter[CaseKey] = Counter()
    for case in cases:
        chain = case.chain
        prepare, vote = chain.prepare, chain.vote
        is_on_moved = prepare is not None and prepare.is_appeal and chain.mode is Mode.RECOGNISE
        if prepare is not None and vote is not None and is_on_moved:
            added[chain.source, chain.destination, prepare.relates_to] += _targets(vote)
    return added


def _targets(vote: Vote) -> int:
    """Return how many lots a decision credits: one for each target of each group."""
    if vote.groups:
        return sum(len(group.grants) for group in vote.groups)
    return len(vote.accepted)
