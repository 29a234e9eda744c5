"""Every rule of ours finds its planted defect, and nothing in clean code that looks alike."""

from __future__ import annotations

import subprocess

import pytest
import yaml

from hummingbird.core.finding import Finding
from hummingbird.scanners.scanner import RULES
from hummingbird.scanners.semgrep import FILES, Semgrep
from hummingbird.workloads.scan_view import build_view
from hummingbird.workloads.scanning import Scanned, scan
from scanner_programs import needs_semgrep
from unit.scanners import planted

pytestmark = needs_semgrep

DEFECTS = [
    (planted.PYTHON_DEFECTS, "py"),
    (planted.JAVASCRIPT_DEFECTS, "js"),
    (planted.JAVA_DEFECTS, "java"),
]


def file_of(rule: str, suffix: str) -> str:
    return f"{rule.replace('-', '_')}.{suffix}"


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    """One Semgrep run over all fixtures: starting it costs seconds, a file nothing."""
    root = tmp_path_factory.mktemp("planted")
    # Views lie in the state folder, which may lie in a clone that ignores it.
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    (root / ".gitignore").write_text("/view/\n", "utf-8")
    source = root / "source"
    (source / "tests").mkdir(parents=True)
    (source / "tests" / "late.py").write_text("def f(path):\n    return open(path).read()\n", "utf-8")
    for defects, suffix in DEFECTS:
        for rule, text in defects.items():
            (source / file_of(rule, suffix)).write_text(text, "utf-8")
    (source / "clean.py").write_text(planted.PYTHON_CLEAN, "utf-8")
    (source / "clean.js").write_text(planted.JAVASCRIPT_CLEAN, "utf-8")
    (source / "clean.java").write_text(planted.JAVA_CLEAN, "utf-8")
    (source / "suppressed.py").write_text(
        "def f(path):\n    return open(path).read()  # nosemgrep\n", "utf-8"
    )
    names = sorted(str(path.relative_to(source)) for path in source.rglob("*") if path.is_file())
    build_view(source, names, [Semgrep()], root / "view")
    return scan(Semgrep(), names, root / "view", root)


def found_in(scanned: Scanned, name: str) -> list[Finding]:
    return [finding for finding in scanned.findings if finding.path == name]


def test_tests_are_scanned_also_when_the_view_lies_in_a_repository_that_ignores_it(scanned: Scanned) -> None:
    assert found_in(scanned, "tests/late.py")


def test_every_rule_has_a_planted_defect() -> None:
    rules = [rule for name in FILES for rule in yaml.safe_load((RULES / name).read_text("utf-8"))["rules"]]
    planted_rules = {rule for defects, _ in DEFECTS for rule in defects}
    assert {rule["id"] for rule in rules} == planted_rules
    categories = {rule["metadata"]["category"] for rule in rules}
    assert categories == {"resource-leak", "null-dereference", "concurrency", "security"}


def test_every_planted_defect_is_found(scanned: Scanned) -> None:
    for defects, suffix in DEFECTS:
        for rule in defects:
            rules = {finding.rule for finding in found_in(scanned, file_of(rule, suffix))}
            assert rule in rules, f"{rule} did not find its defect, found {rules}"


def test_clean_code_that_looks_alike_has_no_finding(scanned: Scanned) -> None:
    for name in ("clean.py", "clean.js", "clean.java"):
        assert found_in(scanned, name) == []


def test_a_suppression_has_no_force_and_is_named(scanned: Scanned) -> None:
    (finding,) = found_in(scanned, "suppressed.py")
    assert "without an owner" in finding.message


def test_the_run_proves_itself(scanned: Scanned) -> None:
    assert scanned.run.version == "1.182.0"
    assert scanned.run.rules == Semgrep().rules().count > 20
    assert scanned.run.files == sum(len(defects) for defects, _ in DEFECTS) + 5
