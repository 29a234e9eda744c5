"""Hummingbird: a story travels from commit to production, and the ledger remembers why it was allowed."""
