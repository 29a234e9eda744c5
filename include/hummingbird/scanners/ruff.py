"""Ruff, the correctness checks of rules/ruff.toml, for Python: unknown names, lost errors, traps."""

from __future__ import annotations

import shlex
import sys
import tomllib
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from hummingbird.core.canonical import content_hash
from hummingbird.core.errors import Garbled
from hummingbird.core.finding import Severity
from hummingbird.scanners.report_files import inside, sarif_run
from hummingbird.scanners.scanner import RULES, RULES_VARIABLE, Command, Hit, Reading, Rules

FILE = RULES / "ruff.toml"
_FAILS_WHEN_REACHED = ("invalid-syntax", "F5", "F6", "F7", "F82", "PLE", "E9")
_MISLEADS = ("B", "ASYNC", "F811", "E722")


class Ruff:
    """Rules by full code; a code that Ruff does not know stops it."""

    name = "ruff"
    suffixes = frozenset({".py"})
    of_project = False
    settings: ClassVar[dict[str, str]] = {}

    def takes(self, name: str) -> bool:
        """Files of its languages."""
        return PurePosixPath(name).suffix in self.suffixes

    def rules(self) -> Rules:
        """The codes of our file."""
        document = tomllib.loads(FILE.read_text("utf-8"))
        return Rules(len(document["lint"]["select"]), content_hash(document))

    def commands(self, reports: Path) -> list[Command]:
        """Version, the files it would read, then the check itself; settings of the repository are ignored."""
        check = [*_RUFF, "check", "--no-cache", f"--config={FILE}", "--no-respect-gitignore"]
        version = self.version_command()
        sarif = ["--output-format=sarif", f"--output-file={reports / 'ruff.sarif'}", "--ignore-noqa", "."]
        return [
            Command(version.argv, version.ran, stdout=reports / "ruff.version"),
            Command([*check, "--show-files", "."], frozenset({0}), stdout=reports / "ruff.files"),
            Command([*check, *sarif], frozenset({0, 1})),
        ]

    def version_command(self) -> Command:
        """`ruff --version`."""
        return Command([*_RUFF, "--version"], frozenset({0}))

    def read(self, view: Path, reports: Path, messages: str) -> Reading:
        """Results from SARIF, files from the list."""
        run = sarif_run(reports / "ruff.sarif", self.name)
        try:
            hits = [_hit(view, result) for result in run["results"]]
        except (KeyError, TypeError, IndexError) as error:
            raise Garbled(f"ruff wrote a report without {error}; {messages[-300:]}") from error
        files = (reports / "ruff.files").read_text("utf-8").splitlines()
        scanned = frozenset(inside(view, path) for path in files if path)
        version = (reports / "ruff.version").read_text("utf-8").split()[-1]
        return Reading(version, scanned, hits)

    def reproduce(self, hit: Hit) -> str:
        """Ruff with our rules on one file."""
        return f'ruff check --ignore-noqa --config "${RULES_VARIABLE}/ruff.toml" {shlex.quote(hit.path)}'


_RUFF = (sys.executable, "-I", "-m", "ruff")


def _hit(view: Path, result: dict[str, Any]) -> Hit:
    place = result["locations"][0]["physicalLocation"]
    rule = str(result["ruleId"])
    path = inside(view, place["artifactLocation"]["uri"])
    return Hit(rule, severity_of(rule), path, int(place["region"]["startLine"]), result["message"]["text"])


def severity_of(rule: str) -> Severity:
    """High: fails when it is reached. Medium: does something else than it says. Low: the rest."""
    if rule.startswith(_FAILS_WHEN_REACHED):
        return Severity.HIGH
    return Severity.MEDIUM if rule.startswith(_MISLEADS) else Severity.LOW
