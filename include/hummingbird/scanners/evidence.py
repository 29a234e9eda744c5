"""From a reading to findings and the proof that the scanner really looked. In doubt it is an error."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from pathlib import Path

from hummingbird.core.canonical import content_hash
from hummingbird.core.errors import Garbled
from hummingbird.core.finding import Finding, ScannerRun
from hummingbird.scanners.scanner import Hit, Reading, Scanner

_SUPPRESSED = re.compile(r"(#|//|/\*).*\b(nosec|nosemgrep|nosem|noqa|NOSONAR|eslint-disable[a-z-]*)\b")
NO_OWNER = "(suppressed in the source without an owner: it counts)"
LONGEST_MESSAGE = 500


def proof(scanner: Scanner, reading: Reading, given: Collection[str], seconds: float) -> ScannerRun:
    """What the scanner did; raises Garbled when rules are missing or a file was not looked at."""
    rules = scanner.rules()
    if rules.count == 0:
        raise Garbled(f"{scanner.name} has no rules; a scan without rules proves nothing")
    if reading.rules is not None and reading.rules != rules.count:
        raise Garbled(f"{scanner.name} ran {reading.rules} rules where {rules.count} are given")
    missed = sorted(set(given) - reading.scanned)
    if missed:
        raise Garbled(f"{scanner.name} left out {len(missed)} of {len(given)} files, such as {missed[0]}")
    if not reading.version:
        raise Garbled(f"{scanner.name} does not tell its version")
    return ScannerRun(
        scanner=scanner.name,
        version=reading.version,
        rules=rules.count,
        rules_hash=rules.sha256,
        files=len(given),
        seconds=round(seconds, 3),
    )


def findings(scanner: Scanner, reading: Reading, view: Path) -> list[Finding]:
    """The hits as findings, by path and line."""
    seen: Counter[str] = Counter()
    found = []
    for hit in sorted(reading.hits, key=lambda hit: (hit.path, hit.line, hit.rule, hit.message)):
        lines = _lines(view / hit.path)
        text = lines[hit.line - 1] if 0 < hit.line <= len(lines) else ""
        place = content_hash([scanner.name, hit.rule, hit.path, " ".join(text.split())])
        seen[place] += 1
        found.append(_finding(scanner, hit, content_hash([place, seen[place]])[:32], lines))
    return found


def _finding(scanner: Scanner, hit: Hit, fingerprint: str, lines: list[str]) -> Finding:
    message = " ".join(hit.message.split())[:LONGEST_MESSAGE]
    around = lines[max(0, hit.line - 2) : hit.line]
    if any(_SUPPRESSED.search(line) for line in around):
        message = f"{message} {NO_OWNER}"
    return Finding(
        scanner=scanner.name,
        rule=hit.rule,
        severity=hit.severity,
        path=hit.path,
        line=max(hit.line, 1),
        message=message,
        fingerprint=fingerprint,
        reproduce=scanner.reproduce(hit),
    )


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8", "replace").splitlines() if path.is_file() else []
