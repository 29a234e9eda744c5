"""Alembic's scripts; run by `hummingbird ledger migrate`."""
