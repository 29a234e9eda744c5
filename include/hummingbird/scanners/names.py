"""The scanners that exist, by name: light enough for the catalogue to check against."""

from __future__ import annotations

SCANNER_NAMES = ("semgrep", "bandit", "ruff", "eslint", "dependencies")
