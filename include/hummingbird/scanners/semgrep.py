"""Semgrep with our own rules, for every language: resource leaks, null dereferences, concurrency, security.

It runs offline, without settings of the scanned repository. Found as `semgrep` on PATH or by HB_SEMGREP,
as its libraries do not fit beside the platform's: it lives in a virtual environment of its own.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

import yaml

from hummingbird.core.canonical import content_hash
from hummingbird.core.errors import Garbled
from hummingbird.core.finding import Severity
from hummingbird.scanners.report_files import inside, json_report, sarif_run
from hummingbird.scanners.scanner import RULES, RULES_VARIABLE, Command, Hit, Reading, Rules

FILES = ("python.yaml", "javascript.yaml", "java.yaml")
_SEVERITIES = {"ERROR": Severity.HIGH, "WARNING": Severity.MEDIUM, "INFO": Severity.LOW}
NOT_READ = "hb-file-not-read"
"""Our rule name for a file that Semgrep could not parse: what is not read is not clean."""


class Semgrep:
    """Rules by file: the file of a rule is part of the command that reproduces it."""

    name = "semgrep"
    suffixes = frozenset({".py", ".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".java"})

    # Without a file of its own, Semgrep takes a built-in list that leaves out tests.
    of_project = False
    settings: ClassVar[dict[str, str]] = {".semgrepignore": ""}

    def takes(self, name: str) -> bool:
        """Files of its languages."""
        return PurePosixPath(name).suffix in self.suffixes

    def rules(self) -> Rules:
        """All rules of our files."""
        documents = [yaml.safe_load((RULES / name).read_text("utf-8")) for name in FILES]
        return Rules(sum(len(document["rules"]) for document in documents), content_hash(documents))

    def commands(self, reports: Path) -> list[Command]:
        """One run over the view that writes SARIF (rules, results) and JSON (files read, errors)."""
        argv = [
            _program(),
            "scan",
            "--metrics=off",
            "--quiet",
            "--oss-only",
            "--disable-nosem",
            "--no-git-ignore",
            # Else Semgrep takes a git repository around the view as its root, and that one's ignore file.
            "--project-root=.",
            "--max-target-bytes=0",
            "--timeout=60",
            "--jobs=2",
            f"--sarif-output={reports / 'semgrep.sarif'}",
            f"--json-output={reports / 'semgrep.json'}",
        ]
        argv += [f"--config={RULES / name}" for name in FILES]
        return [Command([*argv, "."], frozenset({0, 1}), _quiet(reports))]

    def version_command(self) -> Command:
        """`semgrep --version`."""
        return Command([_program(), "--version"], frozenset({0}), _quiet(None))

    def read(self, view: Path, reports: Path, messages: str) -> Reading:
        """Results and rule count from SARIF; files, skipped rules and errors from JSON."""
        run = sarif_run(reports / "semgrep.sarif", self.name)
        told = json_report(reports / "semgrep.json", self.name)
        if told.get("skipped_rules"):
            raise Garbled(f"semgrep skipped rules: {str(told['skipped_rules'])[:300]}")
        try:
            driver = run["tool"]["driver"]
            hits = [_hit(view, result) for result in told["results"]]
            hits += [_unread(view, error) for error in told["errors"]]
            if len(run["results"]) != len(told["results"]):
                raise Garbled("semgrep tells other numbers of findings in SARIF and in JSON")
            scanned = frozenset(inside(view, path) for path in told["paths"]["scanned"])
            return Reading(driver["semanticVersion"], scanned, hits, len(driver["rules"]))
        except (KeyError, TypeError) as error:
            raise Garbled(f"semgrep wrote a report without {error}; {messages[-300:]}") from error

    def reproduce(self, hit: Hit) -> str:
        """Semgrep on one file with the rules file that holds the rule."""
        language = hit.rule.split("-")[1] if hit.rule != NOT_READ else "python"
        return (
            f'semgrep scan --metrics=off --disable-nosem --config "${RULES_VARIABLE}/{language}.yaml" '
            f"{shlex.quote(hit.path)}"
        )


def _program() -> str:
    return os.environ.get("HB_SEMGREP") or "semgrep"


def _quiet(reports: Path | None) -> dict[str, str]:
    """No call home, and no file in a home folder that may be read-only."""
    quiet = {"SEMGREP_ENABLE_VERSION_CHECK": "0", "SEMGREP_SEND_METRICS": "off"}
    if reports is not None:
        quiet["SEMGREP_SETTINGS_FILE"] = str(reports / "semgrep-settings.yml")
        quiet["SEMGREP_LOG_FILE"] = str(reports / "semgrep.log")
    return quiet


def _hit(view: Path, result: dict[str, Any]) -> Hit:
    rule = str(result["check_id"]).rpartition(".")[2]  # Semgrep puts the rules file's folder before it
    extra = result["extra"]
    severity = _SEVERITIES.get(extra["severity"], Severity.HIGH)
    path = inside(view, result["path"])
    return Hit(rule, severity, path, int(result["start"]["line"]), " ".join(str(extra["message"]).split()))


def _unread(view: Path, error: dict[str, Any]) -> Hit:
    """A file that was not read whole; an error without a file is Semgrep's own failure."""
    path = error.get("path")
    message = " ".join(str(error.get("message", "")).split())[:300]
    if not path:
        raise Garbled(f"semgrep failed: {message}")
    spans = error.get("spans") or [{}]
    line = int((spans[0].get("start") or {}).get("line", 1))
    return Hit(NOT_READ, Severity.MEDIUM, inside(view, path), line, f"Semgrep could not read it: {message}")
