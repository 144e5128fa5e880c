"""The schema, the same for both engines. Constraints repeat the invariants of the domain.

Bytes stand for identity and evidence; times are UTC microseconds, amounts hundredths. What changes
here is made in a database by a file in ``migrations/versions``.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from node.storage import (
    accreditation_tables,
    cap_tables,
    enrolment_tables,
    publication_tables,
    review_tables,
)
from node.storage.evidence_tables import (
    evidence_file,
    evidence_reading,
    exchange_evidence,
    lot_evidence,
)
from node.storage.metadata import metadata, serial
from node.storage.mirror_tables import (
    mirror,
    mirror_leaves,
    mirror_spend,
    misconduct,
    open_case,
    peer_fence,
    witnessed_checkpoint,
)

__all__ = [
    "accreditation_tables",
    "balance",
    "cap_tables",
    "checkpoint",
    "contradiction",
    "counter",
    "enrolment_tables",
    "entry",
    "evidence_file",
    "evidence_reading",
    "exchange",
    "exchange_evidence",
    "exchange_lot",
    "fact",
    "import_progress",
    "import_rejected",
    "inbox",
    "learner",
    "learner_reference",
    "log_leaf",
    "log_node",
    "lot",
    "lot_evidence",
    "message",
    "metadata",
    "mirror",
    "mirror_leaves",
    "mirror_spend",
    "misconduct",
    "open_case",
    "outbox",
    "peer_fence",
    "posting",
    "publication_tables",
    "registry_view",
    "review_tables",
    "seal",
    "transfer_code",
    "witnessed_checkpoint",
]

fact = Table(
    "fact",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

counter = Table(
    "counter",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

learner = Table(
    "learner",
    metadata,
    Column("account", String(20), primary_key=True),
    Column("name", Text, nullable=False),
    Column("document_type", String(20), nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("blind_index", LargeBinary, nullable=True, unique=True),
    Column("opened_us", BigInteger, nullable=False),
    Column("erased_us", BigInteger, nullable=False),
)

learner_reference = Table(
    "learner_reference",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("reference", String(128), primary_key=True),
    Column("account", String(20), ForeignKey("learner.account"), nullable=False),
)

balance = Table(
    "balance",
    metadata,
    Column("account", String(32), primary_key=True),
    Column("hundredths", BigInteger, nullable=False),
    CheckConstraint("hundredths >= 0", name="balance_not_negative"),
)

lot = Table(
    "lot",
    metadata,
    Column("lot_id", LargeBinary(16), primary_key=True),
    Column("place", serial, nullable=False, unique=True),
    Column("account", String(20), ForeignKey("learner.account"), nullable=False),
    Column("state", String(12), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("secret", LargeBinary(32), nullable=False),
    Column("openings", LargeBinary, nullable=False),
    Column("commitment", LargeBinary(32), nullable=False),
    Column("peer", String(8), nullable=False),
    Column("exchange_id", LargeBinary, nullable=False),
    Column("origin", LargeBinary, nullable=False),
    Column("source", String(64), nullable=True),
    Column("reference", String(128), nullable=True),
    # Why the lot may not be used, whatever its state: FROZEN, REVOKED, EXPIRED, DISPUTED; or empty.
    Column("hold", String(16), nullable=False, server_default=""),
    UniqueConstraint("source", "reference"),
    CheckConstraint("amount > 0", name="lot_positive"),
    CheckConstraint("state in ('AVAILABLE', 'LOCKED', 'SPENT')", name="lot_state"),
    CheckConstraint("(state = 'AVAILABLE') = (peer = '')", name="lot_held_by_an_exchange"),
    Index("lot_of_account", "account", "place"),
)

exchange = Table(
    "exchange",
    metadata,
    Column("place", serial, primary_key=True, autoincrement=True),
    Column("peer", String(8), nullable=False),
    Column("exchange_id", LargeBinary(16), nullable=False),
    Column("role", String(12), nullable=False),
    Column("mode", Integer, nullable=False),
    Column("state", Integer, nullable=False),
    Column("account", String(20), nullable=False),
    Column("reference", String(128), nullable=True, unique=True),
    Column("hashes", LargeBinary, nullable=False),
    Column("last_sent", LargeBinary, nullable=False),
    Column("lock_until_us", BigInteger, nullable=False),
    Column("accept_until_us", BigInteger, nullable=False),
    Column("agrees_to_whole_grant", Integer, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("begun_us", BigInteger, nullable=False),
    Column("changed_us", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    # The exchange that this one returns or appeals.
    Column("relates_to", LargeBinary, nullable=True),
    Column("consent_withdrawn_us", BigInteger, nullable=False, server_default="0"),
    # When a quorum of witnesses was seen to cover its COMMIT; zero until then.
    Column("witnessed_us", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("peer", "exchange_id"),
    Index("exchange_by_state", "state", "lock_until_us"),
    Index("exchange_of_account", "account"),
    # How many are open with a peer, and since when.
    Index("exchange_with_peer", "peer", "role", "state", "begun_us"),
)
Index(
    "exchange_unwitnessed",
    exchange.c.peer,
    sqlite_where=text("witnessed_us = 0 and state = 6"),
    postgresql_where=text("witnessed_us = 0 and state = 6"),
)

exchange_lot = Table(
    "exchange_lot",
    metadata,
    Column("peer", String(8), primary_key=True),
    Column("exchange_id", LargeBinary(16), primary_key=True),
    Column("position", Integer, primary_key=True),
    # The peer that a lot comes from, empty for ours: one source never stands in another's way.
    Column("source", String(8), nullable=False),
    Column("lot_id", LargeBinary(16), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("verdict", Integer, nullable=False),
    Column("granted", BigInteger, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("is_committed", Integer, nullable=False),
    Column("nullifier", LargeBinary, nullable=True),
    UniqueConstraint("source", "nullifier"),
    CheckConstraint("amount > 0", name="exchange_lot_positive"),
    CheckConstraint("granted >= 0", name="grant_not_negative"),
    CheckConstraint("is_committed = 0 or granted > 0", name="committed_lot_was_granted"),
)
Index(
    "lot_committed_once",
    exchange_lot.c.source,
    exchange_lot.c.lot_id,
    unique=True,
    sqlite_where=text("is_committed = 1"),
    postgresql_where=text("is_committed = 1"),
)

entry = Table(
    "entry",
    metadata,
    Column("entry_id", serial, primary_key=True, autoincrement=True),
    Column("kind", String(12), nullable=False),
    Column("peer", String(8), nullable=False),
    Column("subject", LargeBinary, nullable=False),
    Column("decision", LargeBinary, nullable=False),
    Column("time_us", BigInteger, nullable=False),
    UniqueConstraint("kind", "peer", "subject"),
)

posting = Table(
    "posting",
    metadata,
    Column("entry_id", serial, ForeignKey("entry.entry_id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("debit", String(40), nullable=False),
    Column("credit", String(40), nullable=False),
    Column("unit", String(8), nullable=False),
    Column("hundredths", BigInteger, nullable=False),
    CheckConstraint("hundredths > 0", name="posting_positive"),
    CheckConstraint("debit <> credit", name="posting_moves"),
    Index("posting_by_debit", "debit", "entry_id"),
    Index("posting_by_credit", "credit", "entry_id"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("peer", String(8), primary_key=True),
    Column("exchange_id", LargeBinary(16), primary_key=True),
    Column("type", String(64), primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("digest", LargeBinary(32), nullable=False),
    Column("answer", LargeBinary, nullable=False),
)

seal = Table(
    "seal",
    metadata,
    Column("seal_id", LargeBinary(16), primary_key=True),
    Column("statement", LargeBinary, nullable=False),
    Column("keyid", String(64), nullable=False),
    Column("algorithm", String(32), nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("checkpoint", LargeBinary, nullable=False),
)

message = Table(
    "message",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("is_sent", Integer, nullable=False),
    Column("peer", String(8), nullable=False),
    Column("exchange_id", LargeBinary(16), nullable=False),
    Column("type", String(64), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("openings", LargeBinary, nullable=False),
    Column("is_erased", Integer, nullable=False, default=0),
    Column("created_us", BigInteger, nullable=False),
    Column("seal_id", LargeBinary, nullable=True),
    Column("batch_index", Integer, nullable=False),
    Column("batch_proof", LargeBinary, nullable=False),
    Column("log_index", BigInteger, nullable=False),
    Column("log_proof", LargeBinary, nullable=False),
    Index("message_of_exchange", "peer", "exchange_id"),
    # The newest place of a peer's log that we hold a signature for.
    Index("message_by_place", "peer", "is_sent", "log_index"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("peer", String(8), nullable=False),
    Column("exchange_id", LargeBinary(16), nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("due_us", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_failure_us", BigInteger, nullable=False),
    Column("failure", String(64), nullable=False),
    Index("outbox_due", "peer", "due_us"),
    Index("outbox_of_exchange", "peer", "exchange_id"),
)

contradiction = Table(
    "contradiction",
    metadata,
    Column("contradiction_id", serial, primary_key=True, autoincrement=True),
    Column("peer", String(8), nullable=False),
    Column("exchange_id", LargeBinary(16), nullable=False),
    Column("type", String(64), nullable=False),
    Column("step", Integer, nullable=False),
    Column("applied", LargeBinary(32), nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("payload", LargeBinary, nullable=False),
    Column("seal_id", LargeBinary, nullable=False),
    Column("batch_index", Integer, nullable=False),
    Column("batch_proof", LargeBinary, nullable=False),
    Column("log_index", BigInteger, nullable=False),
    Column("log_proof", LargeBinary, nullable=False),
    Column("seen_us", BigInteger, nullable=False),
)

log_leaf = Table(
    "log_leaf",
    metadata,
    Column("leaf_id", serial, primary_key=True, autoincrement=True),
    Column("subject", LargeBinary, nullable=False, unique=True),
    Column("entry", LargeBinary, nullable=False),
    Column("log_index", BigInteger, nullable=True, unique=True),
    # Leaf hash of an entry whose content was lost with the node's disk; then the entry is empty.
    Column("opaque_hash", LargeBinary, nullable=True),
)
Index(
    "log_leaf_unsequenced",
    log_leaf.c.leaf_id,
    sqlite_where=text("log_index is null"),
    postgresql_where=text("log_index is null"),
)

log_node = Table(
    "log_node",
    metadata,
    Column("level", Integer, primary_key=True),
    Column("place", BigInteger, primary_key=True),
    Column("hash", LargeBinary(32), nullable=False),
    sqlite_with_rowid=False,
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("note", LargeBinary, nullable=False),
)

transfer_code = Table(
    "transfer_code",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("account", String(20), ForeignKey("learner.account"), nullable=False),
    Column("peer", String(8), nullable=False),
    Column("reference", String(128), nullable=False, index=True),
    Column("expires_us", BigInteger, nullable=False),
    Column("used_by", LargeBinary, nullable=False),
)

import_progress = Table(
    "import_progress",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("line", BigInteger, nullable=False),
)

import_rejected = Table(
    "import_rejected",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("line", BigInteger, primary_key=True),
    Column("reference", String(128), nullable=False),
    Column("reason", String(64), nullable=False),
)

registry_view = Table(
    "registry_view",
    metadata,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(128), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
