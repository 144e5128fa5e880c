"""How Alembic runs here: on the connection and in the transaction of whoever asks for it."""

from __future__ import annotations

from alembic import context

from node.storage import tables as t

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=t.metadata,
    # SQLite cannot alter most of a table in place.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
