"""Bandit and Ruff over planted defects and a clean control, as the scan pod runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hummingbird.core.errors import Garbled
from hummingbird.core.finding import Severity
from hummingbird.scanners.bandit import Bandit
from hummingbird.scanners.ruff import Ruff, severity_of
from hummingbird.scanners.scanner import Scanner
from hummingbird.workloads.scan_view import build_view
from hummingbird.workloads.scanning import Scanned, scan

CLEAN = "def add(a, b):\n    return a + b\n"
SHELL = "import subprocess\n\n\ndef f(x):\n    subprocess.run(x, shell=True)  # nosec\n"
UNKNOWN = "def f():\n    return undefined_name  # noqa\n"


def scan_of(scanner: Scanner, files: dict[str, str], root: Path) -> Scanned:
    source = root / "source"
    for name, text in files.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    build_view(source, sorted(files), [scanner], root / "view")
    names = [name for name in sorted(files) if name.endswith(".py")]
    return scan(scanner, names, root / "view", root)


@pytest.mark.parametrize(("scanner", "text", "rule"), [(Bandit(), SHELL, "B602"), (Ruff(), UNKNOWN, "F821")])
def test_a_planted_defect_is_found_even_where_the_source_suppresses_it(
    scanner: Scanner, text: str, rule: str, tmp_path: Path
) -> None:
    scanned = scan_of(scanner, {"pkg/bad.py": text, "pkg/clean.py": CLEAN}, tmp_path)
    (finding,) = scanned.findings
    assert (finding.rule, finding.path, finding.severity) == (rule, "pkg/bad.py", Severity.HIGH)
    assert "without an owner" in finding.message
    assert finding.path in finding.reproduce
    assert scanned.run.files == 2
    assert scanned.run.rules == scanner.rules().count > 30
    assert scanned.run.version[0].isdigit()


@pytest.mark.parametrize("scanner", [Bandit(), Ruff()])
def test_clean_code_has_no_finding(scanner: Scanner, tmp_path: Path) -> None:
    assert (
        scan_of(scanner, {"a.py": CLEAN, "tests/test_a.py": "def test():\n    assert 1\n"}, tmp_path).findings
        == []
    )


@pytest.mark.parametrize("scanner", [Bandit(), Ruff()])
def test_a_file_that_cannot_be_parsed_is_a_finding(scanner: Scanner, tmp_path: Path) -> None:
    scanned = scan_of(scanner, {"broken.py": "def f(:\n"}, tmp_path)
    assert scanned.findings
    assert scanned.run.files == 1


def test_a_repository_cannot_switch_off_its_scan(tmp_path: Path) -> None:
    files = {
        "bad.py": UNKNOWN,
        "pyproject.toml": '[tool.ruff]\nexclude = ["*"]\n[tool.ruff.lint]\nselect = []\n',
        "ruff.toml": 'exclude = ["bad.py"]\n',
        "ruff/__main__.py": "raise SystemExit(0)\n",
    }
    assert [finding.rule for finding in scan_of(Ruff(), files, tmp_path).findings] == ["F821"]


def test_a_scanner_without_files_still_proves_that_it_is_there(tmp_path: Path) -> None:
    scanned = scan_of(Ruff(), {"readme.md": "x"}, tmp_path)
    assert (scanned.run.files, scanned.findings) == (0, [])
    assert scanned.run.rules > 30


def test_an_unknown_bandit_check_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Garbled, match="does not know a check"):
        Bandit().read(tmp_path, tmp_path, "WARNING Unknown test found in profile: B999")


def test_severity_follows_what_happens_when_the_line_is_reached() -> None:
    assert severity_of("F821") is Severity.HIGH
    assert severity_of("invalid-syntax") is Severity.HIGH
    assert severity_of("B006") is Severity.MEDIUM
    assert severity_of("F401") is Severity.LOW
