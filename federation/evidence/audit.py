"""Auditing a run: every figure derived once more from exported evidence alone.

Nothing of a node is asked or imported. Trust begins at the pinned root; then the registry, each
province's log under its signed checkpoint, each transcript, and what these say of each other. An
audit never stops at the first difference: it lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from federation.base.errors import Breach
from federation.evidence.cases import gather_cases, read_transcripts
from federation.evidence.crosscheck import CrossCheck
from federation.evidence.examiner import Examiner
from federation.evidence.findings import AuditReport, Figures, Findings
from federation.evidence.folder import EVIDENCE, ROOT, EvidenceFiles, read_evidence
from federation.evidence.logbook import Logbook, open_logbook
from federation.evidence.tally import compare, tally, tally_pairs
from federation.evidence.verify import Verifier
from federation.trust.exactness import check_exact
from federation.trust.members import MemberStatus
from federation.trust.registry import RegistryView, verify_view


def audit(directory: Path, pinned_root: bytes | None = None) -> AuditReport:
    """Audit an evidence folder.

    Args:
        directory: the folder of a run.
        pinned_root: the root that the auditor trusts; without one, that of the folder is taken,
            and then the audit says only that the folder agrees with itself.

    Raises:
        Breach: EVIDENCE_FORM when it is no evidence folder.
    """
    return audit_files(read_evidence(directory), pinned_root)


def audit_files(files: EvidenceFiles, pinned_root: bytes | None = None) -> AuditReport:
    """Audit evidence as read."""
    findings = Findings()
    root = files.pinned_root if pinned_root is None else pinned_root
    if root != files.pinned_root:
        findings.add(f"{EVIDENCE}/{ROOT}", "REGISTRY_INVALID", "not the root that is trusted")
    try:
        view = verify_view(root, files.registry)
        check_exact(view)
    except Breach as breach:
        findings.add("registry", breach.reason, breach.detail)
        return AuditReport(
            figures=Figures(), pairs=(), differences=tuple(findings.differences), not_derivable=()
        )
    return _audit(files, view, findings)


def _audit(files: EvidenceFiles, view: RegistryView, findings: Findings) -> AuditReport:
    verifier = Verifier(view)
    provinces = _provinces(files, view, findings)
    logbooks = _logbooks(files, view, verifier.examiner, findings)
    exported = read_transcripts(files, verifier, findings)
    cases = gather_cases(exported, findings)
    check = CrossCheck(logbooks, verifier.examiner, findings)
    check.check_transcripts(exported)
    check.check_complete(exported)
    check.check_nullifiers()
    check.check_origins(cases)
    pairs = tally_pairs(provinces, cases, findings)
    figures = tally(logbooks, exported, cases, pairs, provinces=len(provinces))
    not_derivable = compare(figures, files.figures, findings)
    return AuditReport(
        figures=figures,
        pairs=pairs,
        differences=tuple(findings.differences),
        not_derivable=not_derivable,
    )


def _provinces(files: EvidenceFiles, view: RegistryView, findings: Findings) -> list[str]:
    """Return the members that have evidence; strangers and missing members are noted."""
    for stranger in sorted(files.provinces.keys() - view.members.keys()):
        findings.add(f"{EVIDENCE}/{stranger}", "NOT_MEMBER")
    active = {
        province
        for province, member in view.members.items()
        if member.status is MemberStatus.ACTIVE
    }
    for missing in sorted(active - files.provinces.keys()):
        findings.add(f"{EVIDENCE}/{missing}", "EVIDENCE_FORM", "missing", province=missing)
    return sorted(files.provinces.keys() & view.members.keys())


def _logbooks(
    files: EvidenceFiles, view: RegistryView, examiner: Examiner, findings: Findings
) -> Mapping[str, Logbook]:
    logbooks = {}
    for province, one in files.provinces.items():
        member = view.members.get(province)
        if member is None:
            continue
        try:
            if one.log is None or one.checkpoint is None:
                raise Breach("EVIDENCE_FORM", detail="log or checkpoint is missing")
            logbook = open_logbook(member, one.log, one.checkpoint, examiner)
            logbooks[province] = logbook
            if logbook.lost:
                said = "named by a RECOVERY entry" if logbook.is_loss_declared else "undeclared"
                detail = f"{logbook.lost} entries, {said}"
                findings.add(f"{province} log", "LOG_CONTENT_LOST", detail, province=province)
        except Breach as breach:
            findings.add(f"{province} log", breach.reason, breach.detail, province=province)
    return logbooks
