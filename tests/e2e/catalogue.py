"""Every kind of bad input, what it is answered with, and the tests that show it.

Tests of running nodes (``test_bad_input_*``) run on SQLite and on PostgreSQL. The rows of the
registry touch no database of a node. A reason is empty where nobody is told one.
"""

from __future__ import annotations

from tests.e2e.catalogue_row import Row

_FORM, _IDENTITY, _STEPS, _PROOFS, _VALUES, _IMPORT, _LIMITS, _RULES = (
    f"tests/e2e/test_bad_input_{one}.py"
    for one in ("form", "identity", "steps", "proofs", "values", "import", "limits", "rules")
)
_UNUSABLE = (_VALUES, "test_lots_that_cannot_be_used_are_refused_to_an_applicant")
_ALIKE = (_RULES, "test_a_row_is_answered_alike_under_a_rule_of_form_2")
_BEYOND_A_CAP = (
    "tests/node/test_vote_record.py",
    "test_a_record_that_states_more_than_its_own_cap_allows_is_refused",
)
_ROW_63 = tuple((_RULES, f"test_row_63_under_a_rule_of_form_{form}") for form in (1, 2))
_REFRESH = "tests/federation/test_trust_refresh.py"
_APPLICATIONS = "tests/node/test_applications.py"
_VERSIONS = "tests/node/test_wire_versions.py"
_WITNESSES = "tests/federation/test_witness.py"
_RECOVERY = "tests/e2e/test_restored.py"


CATALOGUE: dict[int, Row] = {
    1: Row("empty body", "EMPTY", ((_FORM, "test_an_empty_body_is_refused"),)),
    2: Row("random bytes", "MALFORMED", ((_FORM, "test_random_bytes_are_refused"),)),
    3: Row(
        "truncated message",
        "MALFORMED",
        (
            (_FORM, "test_only_one_spelling_is_read"),
            (_FORM, "test_every_truncation_of_a_call_is_refused"),
        ),
    ),
    4: Row("length prefix past the end", "MALFORMED", ((_FORM, "test_only_one_spelling_is_read"),)),
    5: Row("varint of eleven bytes", "MALFORMED", ((_FORM, "test_only_one_spelling_is_read"),)),
    6: Row("padded varint", "NON_CANONICAL", ((_FORM, "test_only_one_spelling_is_read"),)),
    7: Row("fields swapped", "NON_CANONICAL", ((_FORM, "test_only_one_spelling_is_read"),)),
    8: Row("singular field doubled", "NON_CANONICAL", ((_FORM, "test_only_one_spelling_is_read"),)),
    9: Row("unknown field", "UNKNOWN_FIELD", ((_FORM, "test_only_one_spelling_is_read"),)),
    10: Row("group", "UNKNOWN_FIELD", ((_FORM, "test_only_one_spelling_is_read"),)),
    11: Row("nested beyond a hundred", "MALFORMED", ((_FORM, "test_only_one_spelling_is_read"),)),
    12: Row("text that is not UTF-8", "MALFORMED", ((_FORM, "test_only_one_spelling_is_read"),)),
    13: Row(
        "NUL or control character in an identifier",
        "BAD_TEXT",
        ((_FORM, "test_an_identifier_with_forbidden_characters_is_refused"),),
    ),
    14: Row(
        "bidirectional override",
        "BAD_TEXT",
        (
            (_FORM, "test_an_identifier_with_forbidden_characters_is_refused"),
            (_IMPORT, "test_every_bad_row_is_listed_and_skipped_and_all_others_are_stored"),
        ),
    ),
    15: Row(
        "identifier that is not NFC; names keep their code points",
        "BAD_TEXT",
        ((_FORM, "test_an_identifier_with_forbidden_characters_is_refused"),),
    ),
    16: Row(
        "payload over 256 KiB, batch over 4 MiB",
        "TOO_LARGE",
        (
            (_FORM, "test_a_message_over_its_limit_is_refused"),
            (_FORM, "test_a_batch_over_its_limit_is_refused"),
            (_FORM, "test_a_call_over_the_frame_is_refused_before_it_is_read"),
        ),
    ),
    17: Row(
        "metadata of 16 KiB; beyond 64 KiB the library hangs up without a reason",
        "METADATA_TOO_LARGE",
        ((_LIMITS, "test_metadata_over_its_limit_is_refused"),),
    ),
    18: Row(
        "compressed bomb",
        "TOO_LARGE",
        ((_FORM, "test_a_compressed_bomb_is_refused_and_costs_no_memory"),),
    ),
    19: Row(
        "more than 100 lots",
        "TOO_MANY_LOTS",
        ((_FORM, "test_more_lots_than_a_message_may_hold_are_refused"),),
    ),
    20: Row("unknown method", "METHOD", ((_FORM, "test_an_unknown_method_is_refused"),)),
    21: Row(
        "another wire version",
        "VERSION_UNSUPPORTED",
        (
            (_IDENTITY, "test_another_wire_version_is_refused"),
            (_VERSIONS, "test_a_peer_that_speaks_otherwise_is_waited_for"),
        ),
    ),
    22: Row(
        "no client certificate",
        "",
        ((_IDENTITY, "test_a_caller_without_a_certificate_never_gets_through"),),
    ),
    23: Row(
        "expired certificate, or of an unknown authority",
        "",
        (
            (_IDENTITY, "test_an_expired_certificate_never_gets_through"),
            (_IDENTITY, "test_a_certificate_of_an_unknown_authority_never_gets_through"),
        ),
    ),
    24: Row(
        "certificate of another province",
        "IDENTITY_MISMATCH",
        (
            (_IDENTITY, "test_a_signer_other_than_the_caller_is_refused"),
            (_IDENTITY, "test_an_envelope_in_the_name_of_another_member_is_refused"),
        ),
    ),
    25: Row(
        "province that is no member",
        "NOT_MEMBER",
        ((_IDENTITY, "test_strangers_are_all_told_the_same"),),
    ),
    26: Row("suspended member", "SUSPENDED", ((_IDENTITY, "test_a_suspended_member_is_refused"),)),
    27: Row(
        "no signature", "SIGNATURE_MISSING", ((_IDENTITY, "test_a_missing_signature_is_refused"),)
    ),
    28: Row(
        "one flipped bit",
        "SIGNATURE_INVALID",
        ((_IDENTITY, "test_a_flipped_bit_is_answered_as_an_invalid_signature"),),
    ),
    29: Row(
        "Ed25519 with S beyond the order",
        "SIGNATURE_INVALID",
        ((_IDENTITY, "test_a_bent_signature_is_refused"),),
    ),
    30: Row(
        "signature of 63 or 65 bytes",
        "SIGNATURE_INVALID",
        ((_IDENTITY, "test_a_bent_signature_is_refused"),),
    ),
    31: Row(
        "signature of zeros",
        "SIGNATURE_INVALID",
        ((_IDENTITY, "test_a_bent_signature_is_refused"),),
    ),
    32: Row(
        "signed as another type",
        "SIGNATURE_INVALID",
        (
            (_IDENTITY, "test_a_statement_signed_as_another_type_is_refused"),
            (_IDENTITY, "test_a_payload_delivered_as_another_type_is_refused"),
        ),
    ),
    33: Row("unknown key", "KEY_UNKNOWN", ((_IDENTITY, "test_an_unknown_key_is_refused"),)),
    34: Row("revoked key", "KEY_REVOKED", ((_IDENTITY, "test_a_revoked_key_signs_nothing_more"),)),
    35: Row(
        "key that is not valid yet",
        "KEY_NOT_VALID",
        ((_IDENTITY, "test_a_key_signs_nothing_before_its_time"),),
    ),
    36: Row(
        "algorithm other than the registry's",
        "ALGORITHM_MISMATCH",
        ((_IDENTITY, "test_an_algorithm_other_than_the_registered_is_refused"),),
    ),
    37: Row(
        "SM2, which no key of the registry has: refused by its name, whatever it signed",
        "ALGORITHM_MISMATCH",
        ((_IDENTITY, "test_an_algorithm_other_than_the_registered_is_refused"),),
    ),
    38: Row(
        "two signatures", "DUPLICATE_SIGNER", ((_IDENTITY, "test_two_signatures_are_refused"),)
    ),
    39: Row(
        "for another node",
        "WRONG_DESTINATION",
        (
            (_IDENTITY, "test_a_batch_for_another_node_is_refused"),
            (_IDENTITY, "test_a_message_for_another_node_is_refused"),
        ),
    ),
    40: Row("to oneself", "SELF_TRANSFER", ((_IDENTITY, "test_a_batch_to_oneself_is_refused"),)),
    41: Row(
        "question about others' exchange: UNKNOWN alike for foreign and absent",
        "",
        ((_STEPS, "test_anothers_exchange_is_as_unknown_as_an_absent_one"),),
    ),
    42: Row(
        "exact replay: the stored answer",
        "",
        (
            (_STEPS, "test_an_exact_replay_gets_the_stored_answer"),
            (_STEPS, "test_the_same_payload_in_another_batch_gets_the_stored_answer"),
        ),
    ),
    43: Row(
        "another payload under a used name",
        "EQUIVOCATION",
        ((_STEPS, "test_another_payload_under_a_used_name_is_refused_and_both_are_kept"),),
    ),
    44: Row("unknown cause", "CHAIN_BROKEN", ((_STEPS, "test_an_unknown_cause_is_refused"),)),
    45: Row(
        "out of order: there is no sequence, a step names its cause",
        "CHAIN_BROKEN",
        ((_STEPS, "test_a_known_message_that_may_not_be_the_cause_is_refused"),),
    ),
    46: Row(
        "VOTE without PREPARE",
        "NO_SUCH_STEP",
        ((_STEPS, "test_a_vote_without_an_offer_is_refused"),),
    ),
    47: Row(
        "COMMIT after a rejection",
        "EQUIVOCATION",
        ((_STEPS, "test_a_commit_after_a_rejection_is_refused"),),
    ),
    48: Row(
        "COMMIT after ABORT", "EQUIVOCATION", ((_STEPS, "test_a_commit_after_an_abort_is_refused"),)
    ),
    49: Row(
        "COMMIT signed after accept_until",
        "COMMIT_TOO_LATE",
        ((_STEPS, "test_a_commit_signed_after_the_acceptance_ended_is_refused"),),
    ),
    50: Row(
        "RECEIPT of no party", "NOT_PARTY", ((_STEPS, "test_a_receipt_of_no_party_is_refused"),)
    ),
    51: Row(
        "REQUEST of ten minutes ago",
        "STALE",
        ((_PROOFS, "test_a_question_out_of_its_time_is_refused"),),
    ),
    52: Row(
        "REQUEST of ten minutes ahead",
        "CLOCK_SKEW",
        ((_PROOFS, "test_a_question_out_of_its_time_is_refused"),),
    ),
    53: Row("no nonce", "NONCE", ((_PROOFS, "test_a_question_without_its_nonce_is_refused"),)),
    54: Row(
        "amount of zero", "AMOUNT", ((_VALUES, "test_an_amount_that_is_none_is_refused_to_a_peer"),)
    ),
    55: Row(
        "negative amount",
        "AMOUNT",
        ((_VALUES, "test_an_amount_that_is_none_is_refused_to_a_peer"),),
    ),
    56: Row(
        "amount beyond any",
        "AMOUNT",
        ((_VALUES, "test_an_amount_that_is_none_is_refused_to_a_peer"),),
    ),
    57: Row(
        "amount as text that is none",
        "AMOUNT",
        ((_IMPORT, "test_every_bad_row_is_listed_and_skipped_and_all_others_are_stored"),),
    ),
    58: Row(
        "more than is held",
        "INSUFFICIENT",
        (
            _UNUSABLE,
            (_VALUES, "test_lots_that_cannot_be_used_are_refused_to_a_peer_by_a_signed_answer"),
        ),
    ),
    59: Row("lot that is locked", "LOT_LOCKED", (_UNUSABLE,)),
    60: Row("lot that was transferred", "LOT_SPENT", (_UNUSABLE,)),
    61: Row("lot named twice", "DUPLICATE_LOT", ((_VALUES, "test_a_lot_named_twice_is_refused"),)),
    62: Row("unknown lot", "LOT", (_UNUSABLE, _ALIKE)),
    63: Row(
        "credit that has expired",
        "CREDIT_EXPIRED",
        ((_APPLICATIONS, "test_an_expired_outcome_is_not_offered"), *_ROW_63),
    ),
    64: Row(
        "rule that cannot be the voter's, or no version of it",
        "RULE_UNKNOWN",
        ((_STEPS, "test_a_vote_by_no_rule_or_beyond_any_is_refused"), _ALIKE),
    ),
    65: Row(
        "grant beyond any rule, or beyond a cap of its own that its record states",
        "RULE_LIMIT",
        ((_STEPS, "test_a_vote_by_no_rule_or_beyond_any_is_refused"), _ALIKE, _BEYOND_A_CAP),
    ),
    66: Row(
        "no consent",
        "LEGAL_BASIS",
        (
            (_VALUES, "test_nothing_moves_without_a_legal_basis"),
            (_VALUES, "test_an_application_without_consent_is_refused"),
        ),
    ),
    67: Row(
        "day that the calendar does not have",
        "DATE",
        ((_VALUES, "test_a_day_that_the_calendar_does_not_have_is_refused"),),
    ),
    68: Row(
        "document number with a wrong check character",
        "LEARNER_ID",
        ((_VALUES, "test_a_document_with_an_impossible_number_opens_no_account"),),
    ),
    69: Row(
        "checkpoint smaller than known, where inconsistent",
        "LOG_ROLLBACK",
        ((_WITNESSES, "test_row_69_only_an_inconsistent_smaller_checkpoint_is_a_rollback"),),
    ),
    70: Row(
        "checkpoint of the same size with another root",
        "EQUIVOCATION",
        ((_WITNESSES, "test_row_70_another_root_of_the_same_size_is_kept_as_proof"),),
    ),
    71: Row(
        "consistency proof that does not hold",
        "PROOF_INVALID",
        ((_WITNESSES, "test_rows_71_and_72_a_bad_proof_or_one_too_long_is_refused"),),
    ),
    72: Row(
        "consistency proof of more than 63 lines",
        "PROOF_INVALID",
        ((_WITNESSES, "test_rows_71_and_72_a_bad_proof_or_one_too_long_is_refused"),),
    ),
    73: Row(
        "quorum that is not met",
        "QUORUM",
        ((_WITNESSES, "test_row_73_a_quorum_note_that_is_none_is_refused"),),
    ),
    74: Row(
        "second COMMIT with the same nullifier",
        "DOUBLE_GRANT",
        ((_PROOFS, "test_a_lot_credited_once_is_not_credited_again"),),
    ),
    75: Row(
        "registry older than ours, where it is announced",
        "REGISTRY_ROLLBACK",
        ((_REFRESH, "test_a_rolled_back_registry_is_refused"),),
    ),
    76: Row(
        "registry that has expired",
        "REGISTRY_EXPIRED",
        ((_REFRESH, "test_expired_metadata_is_not_newly_accepted_and_verifies_offline"),),
    ),
    77: Row(
        "root with too few signatures",
        "THRESHOLD",
        ((_REFRESH, "test_a_file_that_too_few_have_signed_is_refused"),),
    ),
    78: Row(
        "root that skips a version",
        "ROOT_VERSION",
        ((_REFRESH, "test_a_root_out_of_order_is_refused"),),
    ),
    79: Row(
        "flood from one peer",
        "RATE_LIMIT",
        ((_LIMITS, "test_a_flood_is_put_off_and_told_until_when"),),
    ),
    80: Row(
        "a thousand open calls",
        "CONCURRENCY",
        ((_LIMITS, "test_a_thousand_open_calls_leave_room_for_others"),),
    ),
    81: Row(
        "deadline absent or beyond 60 s",
        "DEADLINE",
        ((_LIMITS, "test_a_call_without_an_end_in_sight_is_refused"),),
    ),
    82: Row("database busy", "RETRY", ((_LIMITS, "test_a_busy_database_is_waited_for"),)),
    83: Row(
        "disk full: reads are served",
        "STORAGE",
        ((_LIMITS, "test_a_full_disk_stops_writing_and_not_reading"),),
    ),
    84: Row(
        "node in quarantine",
        "RECOVERING",
        (
            (
                _RECOVERY,
                "test_a_node_restored_from_before_its_commit_is_held_and_reconciles_to_zero",
            ),
        ),
    ),
    85: Row(
        "HTTP/1 or garbage on the port: hung up on",
        "",
        ((_FORM, "test_a_caller_that_speaks_something_else_is_hung_up_on"),),
    ),
}
