"""Proof and findings: in doubt an error, and fingerprints that survive moving code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from hummingbird.core.errors import Garbled, NotFound
from hummingbird.core.finding import Severity
from hummingbird.scanners.evidence import findings, proof
from hummingbird.scanners.names import SCANNER_NAMES
from hummingbird.scanners.registry import SCANNERS, scanner
from hummingbird.scanners.scanner import Command, Hit, Reading, Rules
from hummingbird.scanners.semgrep import Semgrep
from hummingbird.workloads.scanning import scan

SHA = "0" * 64


class AScanner:
    """A scanner whose command and reading a test chooses."""

    name = "a-scanner"
    settings: ClassVar[dict[str, str]] = {}
    of_project = False

    def __init__(self, argv: list[str] | None = None, rules: int = 2, **reading: Any) -> None:
        self.argv = argv or ["true"]
        self.count = rules
        self.reading = Reading(**{"version": "1", "scanned": frozenset({"a.py"}), "hits": [], **reading})

    def takes(self, name: str) -> bool:
        return name.endswith(".py")

    def rules(self) -> Rules:
        return Rules(self.count, SHA)

    def commands(self, reports: Path) -> list[Command]:
        return [Command(self.argv, frozenset({0}))]

    def version_command(self) -> Command:
        return self.commands(Path())[0]

    def read(self, view: Path, reports: Path, messages: str) -> Reading:
        return self.reading

    def reproduce(self, hit: Hit) -> str:
        return f"a-scanner {hit.path}"


def test_a_complete_reading_is_proof() -> None:
    told = proof(AScanner(), AScanner().reading, ["a.py"], 1.0)
    assert (told.rules, told.files, told.version) == (2, 1, "1")


@pytest.mark.parametrize(
    ("doubtful", "sentence"),
    [
        (lambda: AScanner(rules=0), "no rules"),
        (lambda: AScanner(scanned=frozenset()), "left out 1 of 1"),
        (lambda: AScanner(version=""), "version"),
        (lambda: AScanner(rules=3, **{"hits": []}), None),
    ],
)
def test_a_doubtful_reading_is_an_error(doubtful: Callable[[], AScanner], sentence: str | None) -> None:
    chosen = doubtful()
    reading = chosen.reading
    if sentence is None:
        reading = Reading("1", frozenset({"a.py"}), [], rules=2)
        sentence = "ran 2 rules where 3"
    with pytest.raises(Garbled, match=sentence):
        proof(chosen, reading, ["a.py"], 1.0)


def test_a_crashed_scanner_is_an_error_and_a_missing_one_too(tmp_path: Path) -> None:
    with pytest.raises(Garbled, match="ended with 1"):
        scan(AScanner(["false"]), ["a.py"], tmp_path, tmp_path)
    (tmp_path / "two").mkdir()
    with pytest.raises(NotFound, match="not installed"):
        scan(AScanner(["no-such-scanner"]), ["a.py"], tmp_path, tmp_path / "two")


def test_an_absent_or_foreign_semgrep_report_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Garbled, match="no report"):
        Semgrep().read(tmp_path, tmp_path, "")
    (tmp_path / "semgrep.sarif").write_text('{"version": "2.1.0", "runs": []}', "utf-8")
    with pytest.raises(Garbled, match="one run"):
        Semgrep().read(tmp_path, tmp_path, "")
    (tmp_path / "semgrep.sarif").write_text("<html>", "utf-8")
    with pytest.raises(Garbled, match="not JSON"):
        Semgrep().read(tmp_path, tmp_path, "")


def a_hit(line: int) -> Hit:
    return Hit("rule", Severity.LOW, "a.py", line, "message")


def test_a_fingerprint_survives_moving_lines_and_tells_twins_apart(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = f()\nx = f()\n", "utf-8")
    before = findings(AScanner(), Reading("1", frozenset(), [a_hit(1), a_hit(2)]), tmp_path)
    (tmp_path / "a.py").write_text(
        "# new first line\n\n  x  =  f()\nx = f()\n".replace("  =  ", " = "), "utf-8"
    )
    after = findings(AScanner(), Reading("1", frozenset(), [a_hit(3), a_hit(4)]), tmp_path)
    assert [finding.fingerprint for finding in before] == [finding.fingerprint for finding in after]
    assert before[0].fingerprint != before[1].fingerprint
    (tmp_path / "a.py").write_text("x = g()\n", "utf-8")
    (other,) = findings(AScanner(), Reading("1", frozenset(), [a_hit(1)]), tmp_path)
    assert other.fingerprint not in {finding.fingerprint for finding in before}


def test_the_registry_holds_exactly_the_named_scanners() -> None:
    assert tuple(SCANNERS) == SCANNER_NAMES
    assert scanner("ruff").name == "ruff"
    with pytest.raises(NotFound, match="semgrep, bandit, ruff"):
        scanner("spotbugs")
