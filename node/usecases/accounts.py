"""Open accounts, issue transfer codes, show and erase a learner's archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from federation.base.accounts import make_account
from federation.base.clock import DAY
from federation.base.errors import Breach, CreditBankError, Refusal
from federation.base.names import is_clean_identifier, is_clean_text
from federation.protocol.commitments import CODE_SIZE, hash_code
from node.domain.changes import Changes
from node.domain.learner import Learner, LearnerReference, TransferCode
from node.domain.lot import Lot
from node.domain.national_id import check_document
from node.usecases.office import Office, beijing_day, document_context
from node.usecases.ports import Reading, Transaction

NONCE_SIZE = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLearner:
    """A learner to open an account for; ``line`` counts from one."""

    line: int
    reference: str
    name: str
    document_type: str
    document_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedAccount:
    """An account, or why there is none."""

    line: int
    reference: str
    account: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeWanted:
    """A transfer code wanted for use at a peer."""

    account: str
    peer: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeIssued:
    """A code, shown this once; empty where its permission was used, or with a reason."""

    reference: str
    code: bytes = b""
    reason: str = ""
    expires_us: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A learner's archive, balance in hundredths of a credit."""

    learner: Learner
    balance_hundredths: int
    lots: tuple[Lot, ...]


class Accounts:
    """Learners' accounts of this province."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def open(self, source: str, wanted: Sequence[NewLearner]) -> list[OpenedAccount]:
        """Open an account for each learner who has none, in one transaction."""
        return self._office.store.transact(lambda tx: self._open(tx, source, wanted))

    def issue_codes(self, wanted: Sequence[CodeWanted]) -> list[CodeIssued]:
        """Issue a one-time code for each; only its hash stays here."""
        return self._office.store.transact(lambda tx: self._issue(tx, wanted))

    def archive(self, account: str) -> Archive:
        """Return an archive.

        Raises:
            Refusal: ACCOUNT.
        """

        def read(tx: Reading) -> Archive:
            learner = tx.learners([account]).get(account)
            if learner is None:
                raise Refusal("ACCOUNT")
            return Archive(
                learner=learner,
                balance_hundredths=tx.balance(account),
                lots=tuple(tx.lots_of(account)),
            )

        return self._office.store.read(read)

    def erase(self, account: str) -> int:
        """Erase a learner's values and salts; return how many values.

        Raises:
            Refusal: ACCOUNT, or OPEN_EXCHANGES while one is under way.
        """

        def work(tx: Transaction) -> int:
            learner = tx.learners([account]).get(account)
            if learner is None:
                raise Refusal("ACCOUNT")
            if tx.open_exchanges(account):
                raise Refusal("OPEN_EXCHANGES")
            return 0 if learner.is_erased else tx.erase(account, self._office.clock.now_us())

        erased = self._office.store.transact(work)
        self._office.store.scrub()
        return erased

    def _open(
        self, tx: Transaction, source: str, wanted: Sequence[NewLearner]
    ) -> list[OpenedAccount]:
        admitted, refused = self._admit(wanted, beijing_day(self._office.clock.now_us()))
        known = dict(tx.learners_by_reference(source, {one.row.reference for one in admitted}))
        by_mark = dict(tx.learners_by_index({one.mark for one in admitted}))
        serial = tx.take_serials(len(admitted)) if admitted else 0
        changes, opened = Changes(), refused
        for one in admitted:
            learner, holder = known.get(one.row.reference), by_mark.get(one.mark)
            if learner and learner != holder and not learner.is_erased:
                # The reference names one learner and the document another.
                opened.append(_refused(one.row, "LEARNER_DIFFERS"))
                continue
            if learner is None:
                # One person has one account, by whichever system it was opened.
                learner = holder
                if learner is None:
                    learner = new_learner(
                        self._office,
                        serial,
                        name=one.row.name,
                        document_type=one.row.document_type,
                        number=one.number,
                        mark=one.mark,
                    )
                    serial += 1
                    changes.learners_new.append(learner)
                known[one.row.reference] = by_mark[one.mark] = learner
                changes.references_new.append(
                    LearnerReference(
                        source=source, reference=one.row.reference, account=learner.account
                    )
                )
            opened.append(
                OpenedAccount(
                    line=one.row.line, reference=one.row.reference, account=learner.account
                )
            )
        tx.apply(changes)
        return sorted(opened, key=lambda one: one.line)

    def _admit(
        self, wanted: Sequence[NewLearner], today: str
    ) -> tuple[list[_Admitted], list[OpenedAccount]]:
        admitted, refused = [], []
        for row in wanted:
            try:
                if not is_clean_identifier(row.reference) or not is_clean_text(row.name):
                    raise Breach("BAD_TEXT")
                number = check_document(row.document_type, row.document_number, today)
            except CreditBankError as error:
                refused.append(_refused(row, error.reason))
                continue
            mark = self._office.vault.blind_index(row.document_type, number)
            admitted.append(_Admitted(row, number, mark))
        return admitted, refused

    def _issue(self, tx: Transaction, wanted: Sequence[CodeWanted]) -> list[CodeIssued]:
        now_us = self._office.clock.now_us()
        expires_us = now_us + self._office.terms.code_days * DAY
        learners = tx.learners({one.account for one in wanted})
        known = dict(tx.codes_by_reference({one.reference for one in wanted}))
        changes, issued = Changes(), []
        for one in wanted:
            try:
                self._office.peer(one.peer)
                if one.account not in learners:
                    raise Refusal("ACCOUNT")
                if learners[one.account].is_erased:
                    raise Refusal("ACCOUNT_ERASED")
                before = known.get(one.reference)
                if before and (before.account, before.peer) != (one.account, one.peer):
                    # Codes of one reference are one permission: it cannot be two learners'.
                    raise Refusal("REFERENCE_DIFFERS")
            except CreditBankError as error:
                issued.append(CodeIssued(reference=one.reference, reason=error.reason))
                continue
            if before and before.used_by:
                issued.append(CodeIssued(reference=one.reference))
                continue
            code = self._office.entropy.token(CODE_SIZE)
            known[one.reference] = TransferCode(
                digest=hash_code(code),
                account=one.account,
                peer=one.peer,
                reference=one.reference,
                expires_us=expires_us,
            )
            changes.codes_new.append(known[one.reference])
            issued.append(CodeIssued(reference=one.reference, code=code, expires_us=expires_us))
        tx.apply(changes)
        return issued


def new_learner(
    office: Office, serial: int, *, name: str, document_type: str, number: str, mark: bytes
) -> Learner:
    """Return a learner with a new account.

    Args:
        serial: of the account, taken from the store.
        number: of the document, checked.
        mark: blind index of the document.
    """
    account = make_account(office.province, serial)
    return Learner(
        account=account,
        name=name,
        document_type=document_type,
        document=office.vault.seal(
            number.encode(),
            context=document_context(account),
            nonce=office.entropy.token(NONCE_SIZE),
        ),
        blind_index=mark,
        opened_us=office.clock.now_us(),
    )


@dataclass(frozen=True, slots=True)
class _Admitted:
    row: NewLearner
    number: str
    mark: bytes


def _refused(row: NewLearner, reason: str) -> OpenedAccount:
    return OpenedAccount(line=row.line, reference=row.reference, reason=reason)
