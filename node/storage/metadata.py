"""The one collection of tables, and what their columns share."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, MetaData

metadata = MetaData()
# Numbers that the database gives out; SQLite does so for its INTEGER only.
serial = BigInteger().with_variant(Integer, "sqlite")
