"""Verifying a transcript offline: no node, no database, no clock; a root pinned from outside.

Order: the file's one spelling; the registry under the pinned root, byte by byte; each message by
itself, as its receiver's gate judged it; then the messages together, through the same table of
states that both sides obey. The first part that fails is named.
"""

from __future__ import annotations

from dataclasses import replace

from federation.base.errors import Breach
from federation.evidence.chain import Chain, link_up
from federation.evidence.examiner import Examiner, Proven
from federation.evidence.parts import PartFailed, part
from federation.evidence.report import Report, failure_report, success_report
from federation.evidence.transcript import Transcript, WitnessedPlace, decode
from federation.evidence.witnessing import Witnessed, open_exactly
from federation.protocol.messages import MessageType
from federation.trust.exactness import check_exact
from federation.trust.registry import RegistryView, verify_view
from federation.wire import proof


class Verifier:
    """Verifies many transcripts under one verified registry.

    Attributes:
        examiner: examines single messages and checkpoints.
    """

    def __init__(self, view: RegistryView) -> None:
        self.examiner = Examiner(view)
        self._opened: dict[tuple[str, bytes], tuple[Witnessed, list[str]]] = {}

    def verify(self, transcript: Transcript, proven: list[Proven] | None = None) -> Chain:
        """Return the exchange of a transcript whose registry is verified already.

        Args:
            transcript: as read.
            proven: gathers the messages that hold, for whoever tells of a failure.

        Raises:
            PartFailed: naming the first part that fails.
        """
        gathered: list[Proven] = [] if proven is None else proven
        for position, link in enumerate(transcript.links, start=1):
            gathered.append(self.examiner.examine(link, position))
        chain = link_up(gathered, transcript.rule_document, transcript.documents)
        if transcript.witnessed is None:
            return chain
        with part("witnesses"):
            return replace(chain, witnesses=self._witnesses(chain, transcript.witnessed))

    def _witnesses(self, chain: Chain, place: WitnessedPlace) -> tuple[str, ...]:
        """Return who cosigned the source's log with the COMMIT in it.

        Raises:
            Breach: CHECKPOINT_INVALID, QUORUM or PROOF_INVALID.
        """
        known = (chain.source, place.note)
        if known not in self._opened:
            self._opened[known] = open_exactly(place.note, chain.source, self.examiner.view)
        witnessed, names = self._opened[known]
        for one in chain.messages:
            if one.kind is MessageType.COMMIT:
                item = replace(one.evidence.item, log_proof=place.proof)
                proof.check_logged(item, one.message, witnessed.checkpoint)
                return tuple(names)
        raise Breach("PROOF_INVALID", detail="witnesses without a COMMIT")


def verify_transcript(
    encoded: bytes, *, pinned_root: bytes, registry: RegistryView | None = None
) -> Report:
    """Check a transcript and report what holds.

    Args:
        encoded: the file.
        pinned_root: the root that the reader trusts from elsewhere.
        registry: a view verified under that root, for a transcript that embeds none.
    """
    proven: list[Proven] = []
    try:
        with part("form"):
            transcript = decode(encoded)
        with part("registry"):
            view = _registry(transcript, pinned_root, registry)
        return success_report(Verifier(view).verify(transcript, proven))
    except PartFailed as failure:
        return failure_report(failure, proven)


def _registry(
    transcript: Transcript, pinned_root: bytes, given: RegistryView | None
) -> RegistryView:
    if not transcript.registry:
        if given is None:
            raise Breach("REGISTRY_MISSING", detail="neither embedded nor given")
        return given
    # Files that are embedded count, whatever else is given: no byte may go unread.
    view = verify_view(pinned_root, transcript.registry)
    check_exact(view)
    return view
