"""Bandit, the security checks of rules/bandit.yaml, for Python.

Its SARIF needs two more libraries than it comes with, so its JSON is read; JSON also names the files it read.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

import yaml

from hummingbird.core.canonical import content_hash
from hummingbird.core.errors import Garbled
from hummingbird.core.finding import Severity
from hummingbird.scanners.report_files import inside, json_report
from hummingbird.scanners.scanner import RULES, Command, Hit, Reading, Rules

FILE = RULES / "bandit.yaml"
_SEVERITIES = {"HIGH": Severity.HIGH, "MEDIUM": Severity.MEDIUM, "LOW": Severity.LOW}
NOT_READ = "hb-file-not-read"


class Bandit:
    """Started in isolated mode, so that no module of the scanned repository is imported."""

    name = "bandit"
    suffixes = frozenset({".py"})
    of_project = False
    settings: ClassVar[dict[str, str]] = {}

    def takes(self, name: str) -> bool:
        """Files of its languages."""
        return PurePosixPath(name).suffix in self.suffixes

    def rules(self) -> Rules:
        """The checks named in our file."""
        document = yaml.safe_load(FILE.read_text("utf-8"))
        return Rules(len(document["tests"]), content_hash(document))

    def commands(self, reports: Path) -> list[Command]:
        """The version first, because the report lacks it; then all Python files of the view."""
        argv = [sys.executable, "-I", "-m", "bandit", "--quiet", "--recursive", "--ignore-nosec"]
        argv += ["--configfile", str(FILE), "--format=json", f"--output={reports / 'bandit.json'}", "."]
        version = self.version_command()
        told = Command(version.argv, version.ran, stdout=reports / "bandit.version")
        return [told, Command(argv, frozenset({0, 1}))]

    def version_command(self) -> Command:
        """`bandit --version`."""
        return Command([sys.executable, "-I", "-m", "bandit", "--version"], frozenset({0}))

    def read(self, view: Path, reports: Path, messages: str) -> Reading:
        """Results, files and errors; a check that Bandit does not know is an error."""
        if "Unknown test found" in messages:
            raise Garbled(f"bandit does not know a check of rules/bandit.yaml: {messages[-300:]}")
        document = json_report(reports / "bandit.json", self.name)
        try:
            hits = [_hit(view, result) for result in document["results"]]
            hits += [_unread(view, error) for error in document["errors"]]
            scanned = frozenset(inside(view, path) for path in document["metrics"] if path != "_totals")
        except (KeyError, TypeError) as error:
            raise Garbled(f"bandit wrote a report without {error}; {messages[-300:]}") from error
        version = (reports / "bandit.version").read_text("utf-8").splitlines()[0].split()[-1]
        return Reading(version, scanned, hits)

    def reproduce(self, hit: Hit) -> str:
        """Bandit with one check on one file."""
        check = "" if hit.rule == NOT_READ else f"--tests {hit.rule} "
        return f"bandit --ignore-nosec {check}{shlex.quote(hit.path)}"


def _hit(view: Path, result: dict[str, Any]) -> Hit:
    severity = _SEVERITIES.get(result["issue_severity"], Severity.HIGH)
    path = inside(view, result["filename"])
    return Hit(result["test_id"], severity, path, int(result["line_number"]), result["issue_text"])


def _unread(view: Path, error: dict[str, Any]) -> Hit:
    path = inside(view, error["filename"])
    return Hit(NOT_READ, Severity.MEDIUM, path, 1, f"Bandit could not read it: {error['reason']}")
