"""ESLint, the security and correctness rules of rules/eslint.json, for JavaScript.

Found as `eslint` on PATH or by HB_ESLINT: npm's lock in `scanners/node` says which one, and it is installed
when the toolbox is built. It runs without network, and takes neither settings nor
comments of the repository.
"""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from hummingbird.core.canonical import content_hash, sha256_hex
from hummingbird.core.errors import Garbled
from hummingbird.core.finding import Severity
from hummingbird.scanners.report_files import inside, json_report
from hummingbird.scanners.scanner import RULES, RULES_VARIABLE, Command, Hit, Reading, Rules

FILE = RULES / "eslint.json"
SETTINGS = RULES / "eslint.config.mjs"
NOT_READ = "hb-file-not-read"
"""Our rule name for a file that ESLint could not parse: what is not read is not clean."""


class Eslint:
    """Rules by name; a name that ESLint does not know stops it."""

    name = "eslint"
    suffixes = frozenset({".js", ".jsx", ".mjs", ".cjs"})
    of_project = False
    settings: ClassVar[dict[str, str]] = {}

    def takes(self, name: str) -> bool:
        """Files of its languages."""
        return PurePosixPath(name).suffix in self.suffixes

    def rules(self) -> Rules:
        """The rules of our file; how they are applied is part of their hash."""
        document = json.loads(FILE.read_text("utf-8"))
        return Rules(len(document["rules"]), content_hash([document, sha256_hex(SETTINGS.read_bytes())]))

    def commands(self, reports: Path) -> list[Command]:
        """The version first, because the report lacks it; then all JavaScript files of the view."""
        argv = [_program(), "--no-config-lookup", f"--config={SETTINGS}", "--no-inline-config"]
        argv += ["--format=json-with-metadata", f"--output-file={reports / 'eslint.json'}", "."]
        version = self.version_command()
        told = Command(version.argv, version.ran, stdout=reports / "eslint.version")
        return [told, Command(argv, frozenset({0, 1}))]

    def version_command(self) -> Command:
        """`eslint --version`."""
        return Command([_program(), "--version"], frozenset({0}))

    def read(self, view: Path, reports: Path, messages: str) -> Reading:
        """Results and files; what ESLint could not parse is a hit."""
        document = json_report(reports / "eslint.json", self.name)
        rules = json.loads(FILE.read_text("utf-8"))["rules"]
        severities = {name: rule["severity"] for name, rule in rules.items()}
        try:
            hits = [
                _hit(view, file, message, severities)
                for file in document["results"]
                for message in file["messages"]
            ]
            scanned = frozenset(inside(view, file["filePath"]) for file in document["results"])
        except (KeyError, TypeError) as error:
            raise Garbled(f"eslint wrote a report without {error}; {messages[-300:]}") from error
        version = (reports / "eslint.version").read_text("utf-8").split()[-1].removeprefix("v")
        return Reading(version, scanned, hits)

    def reproduce(self, hit: Hit) -> str:
        """ESLint with our rules on one file."""
        rules = f'--config "${RULES_VARIABLE}/eslint.config.mjs"'
        return f"eslint --no-config-lookup --no-inline-config {rules} {shlex.quote(hit.path)}"


def _program() -> str:
    return os.environ.get("HB_ESLINT") or "eslint"


def _hit(view: Path, file: dict[str, Any], message: dict[str, Any], severities: dict[str, str]) -> Hit:
    path, line = inside(view, file["filePath"]), int(message.get("line") or 1)
    text = str(message["message"])
    if message["ruleId"] is None:
        return Hit(NOT_READ, Severity.MEDIUM, path, line, f"ESLint could not read it: {text}")
    rule = str(message["ruleId"])
    return Hit(rule, Severity(severities[rule]), path, line, text)
