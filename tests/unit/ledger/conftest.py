"""The ledger is tested on a real PostgreSQL."""

from postgres import empty_database, ledger_database, ledger_template, writer

__all__ = ["empty_database", "ledger_database", "ledger_template", "writer"]
