"""Judging again every decision of a run, from its transcript and the documents it names.

What decided is not asked: only for rule, catalogues and minute, by the digests that the record
names, and a document of another digest is not taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from federation.base.errors import Breach
from federation.evidence.record_papers import RULE
from federation.evidence.transcript import Transcript, encode
from node.domain.canonical import digest_of
from node.domain.judgement import Judge
from node.domain.rule_judge import open_rule
from node.edges.decision_files import gather, judge_again, read_decision
from node.edges.demo.province_desk import ProvinceDesk


class Recomputing:
    """Judges decisions again, each document fetched and each rule opened once.

    Attributes:
        decisions: how many were made.
        agreeing: how many are the same when judged again.
    """

    def __init__(self, desks: Mapping[str, ProvinceDesk]) -> None:
        self._desks = desks
        self._papers: dict[str, bytes] = {}
        self._judges: dict[str, Judge] = {}
        self.decisions = 0
        self.agreeing = 0

    def check(self, transcript: bytes) -> list[str]:
        """Judge the decision in a transcript again, if there is one; return what differs."""
        try:
            file = read_decision(transcript)
        except Breach as breach:
            return [] if breach.reason == "NOT_DECIDED" else [f"DECISION {breach.reason}"]
        self.decisions += 1
        said = judge_again(gather(file, self._find), open_judge=self._open)
        if said.agrees:
            self.agreeing += 1
        return [f"DECISION {one.sentences[1]}" for one in said.differences]

    def complete(self, transcript: Transcript) -> Transcript:
        """Return a transcript with all the documents that its decision rests on."""
        try:
            file = gather(read_decision(encode(transcript)), self._find)
        except Breach:
            return transcript
        named = {digest: file.documents.get(digest, b"") for _, digest in file.papers}
        rules = [digest for kind, digest in file.papers if kind == RULE]
        beside = sorted(digest for digest in named.keys() - set(rules) if named[digest])
        return replace(
            transcript,
            rule_document=named[rules[0]] if rules else b"",
            documents=tuple(named[digest] for digest in beside),
        )

    def _find(self, kind: str, digest: str) -> bytes:
        for desk in self._desks.values():
            if digest not in self._papers and (found := desk.find(kind, digest)):
                self._papers[digest] = found
        return self._papers.get(digest, b"")

    def _open(self, rule: bytes, catalogues: Mapping[str, bytes]) -> Judge:
        digest = digest_of(rule)
        if digest not in self._judges:
            self._judges[digest] = open_rule(rule, catalogues)
        return self._judges[digest]
