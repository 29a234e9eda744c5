"""What a scanner is: commands to run in a view of the checkout, and a reading of what they wrote.

A view is a folder that holds the scanned files and nothing else: a repository can not switch its own scan off
by a `.semgrepignore`, a `pyproject.toml` or a module named like one of the scanner's.

In-source suppressions (`nosec`, `nosemgrep`, `noqa`) have no force: they name neither owner nor expiry. Every
scanner runs with them switched off, and a finding on such a line says that it was suppressed and by nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

from hummingbird.core.finding import Severity

RULES = Path(__file__).with_name("rules")
RULES_VARIABLE = "HUMMINGBIRD_RULES"
"""A developer's shell variable: where the platform's rules folder lies, for `reproduce`."""


@dataclass(frozen=True)
class Command:
    """One process: `ran` are the exit codes that mean it came to its end, findings or not."""

    argv: Sequence[str]
    ran: frozenset[int]
    env: dict[str, str] = field(default_factory=dict)
    stdout: Path | None = None
    """File that takes the standard output; None when the scanner writes its report itself."""


@dataclass(frozen=True)
class Rules:
    """How many rules a scanner runs with, and the hash of their text."""

    count: int
    sha256: str


@dataclass(frozen=True)
class Hit:
    """One problem as a scanner tells it; `path` is relative to the view."""

    rule: str
    severity: Severity
    path: str
    line: int
    message: str


@dataclass(frozen=True)
class Reading:
    """What a scanner says of itself and of the files: `rules` None when it does not tell how many it ran."""

    version: str
    scanned: frozenset[str]
    hits: list[Hit]
    rules: int | None = None


class Scanner(Protocol):
    """One scanner. Errors are core.errors; nothing here starts a process."""

    name: str
    settings: ClassVar[dict[str, str]]
    """Files that the scanner wants in the view besides what it scans: name and content."""
    of_project: bool
    """It reads a project's few files together, not each of a language: a change of one means all, and to have
    none is no mistake."""

    def takes(self, name: str) -> bool:
        """Whether a file of the checkout is for it, by its name."""

    def rules(self) -> Rules:
        """The rules it runs with."""

    def commands(self, reports: Path) -> list[Command]:
        """What to run, with the view as current folder; reports go to the other folder."""

    def version_command(self) -> Command:
        """Prints the version: proof that the scanner is there when no file is for it."""

    def read(self, view: Path, reports: Path, messages: str) -> Reading:
        """Read the reports; `messages` is the end of what the commands wrote to standard error."""

    def reproduce(self, hit: Hit) -> str:
        """The command that shows a hit in a developer's checkout."""
