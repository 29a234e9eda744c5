"""The scanners by name; a new one is a file and a line here (and its name in names.py)."""

from __future__ import annotations

from hummingbird.core.errors import NotFound
from hummingbird.scanners.bandit import Bandit
from hummingbird.scanners.dependencies import Dependencies
from hummingbird.scanners.eslint import Eslint
from hummingbird.scanners.names import SCANNER_NAMES
from hummingbird.scanners.ruff import Ruff
from hummingbird.scanners.scanner import Scanner
from hummingbird.scanners.semgrep import Semgrep

SCANNERS: dict[str, Scanner] = {
    scanner.name: scanner for scanner in (Semgrep(), Bandit(), Ruff(), Eslint(), Dependencies())
}


def scanner(name: str) -> Scanner:
    """A scanner by name; NotFound names those that exist."""
    if name not in SCANNERS:
        raise NotFound(f"scanner {name} does not exist; there are {', '.join(SCANNER_NAMES)}")
    return SCANNERS[name]
