"""The node's durable memory: one SQLAlchemy Core schema, written in sets."""
