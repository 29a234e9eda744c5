"""Containers as processes of this machine, which outlive the sandbox and are found again by it."""
