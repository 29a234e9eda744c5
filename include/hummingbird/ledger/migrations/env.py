"""Alembic's entry: it gets an open connection from hummingbird.ledger.migrate and nothing from a file."""

from __future__ import annotations

from alembic import context

from hummingbird.ledger.metrics_schema import fact
from hummingbird.ledger.schema import SCHEMA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=fact.metadata,
    version_table="alembic_version",
    version_table_schema=SCHEMA,
    include_schemas=True,
)
with context.begin_transaction():
    context.run_migrations()
