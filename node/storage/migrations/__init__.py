"""Alembic's folder: every version of the schema that a program in use has had."""
