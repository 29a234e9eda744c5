"""The append-only memory of every decision: PostgreSQL, hash-chained, with its own roles."""
