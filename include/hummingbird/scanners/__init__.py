"""Scanners: one a file; each finds problems in a checkout and proves that it ran."""
