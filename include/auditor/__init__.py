"""Checks what the platform hands to auditors; imports nothing of it."""
