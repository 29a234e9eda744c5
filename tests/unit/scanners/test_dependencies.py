"""The scanner of dependencies over planted problems and clean checkouts, as the scan pod runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from hummingbird.core.finding import Severity
from hummingbird.scanners.declared import problem
from hummingbird.scanners.dependencies import FILE, Dependencies
from hummingbird.scanners.scanner import RULES
from hummingbird.workloads.scan_view import belonging, build_view, given_to
from hummingbird.workloads.scanning import Scanned, scan
from sandbox.onebox.place import REPOSITORY

SEEDS = REPOSITORY / "include" / "sandbox" / "seed" / "components"
GIT = "flask @ git+https://git.example/flask\n"
PLANTED = {
    "requirements.txt": "--extra-index-url https://b.example\nflask\n",
    "deploy/requirements/prod.txt": "--trusted-host b.example\n../../../lib\n",
    "constraints-ci.txt": GIT,
    "pyproject.toml": '[project]\nname = "a"\ndependencies = [\n  "flask @ https://a.example/f.whl",\n]\n',
    "web/package.json": '{"dependencies": {\n"left": "a/left"}}',
    "web/package-lock.json": (
        '{"packages": {\n"node_modules/left": {"resolved": "https://b.example/l", "integrity": "sha1-A"},\n'
        '"node_modules/right": {"version": "1.0.0"}}}'
    ),
    "web/.npmrc": "registry=https://b.example\n",
    "npm-shrinkwrap.json": "{",
}


def scan_of(files: dict[str, str], root: Path) -> Scanned:
    source, scanner = root / "source", Dependencies()
    for name, text in files.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    names = sorted(files)
    build_view(source, names, [scanner], root / "view")
    return scan(scanner, given_to(scanner, names), root / "view", root)


def test_every_planted_problem_is_found_at_its_line_and_every_rule_has_one(tmp_path: Path) -> None:
    scanned = scan_of({**PLANTED, "web/node_modules/x/package.json": "{", "notes.txt": GIT}, tmp_path)
    assert {(one.path, one.line, one.rule) for one in scanned.findings} == {
        ("requirements.txt", 1, problem.OTHER_SOURCE),
        ("deploy/requirements/prod.txt", 1, problem.UNVERIFIED_HOST),
        ("deploy/requirements/prod.txt", 2, problem.OUTSIDE),
        ("constraints-ci.txt", 1, problem.DIRECT),
        ("pyproject.toml", 4, problem.DIRECT),
        ("web/package.json", 2, problem.DIRECT),
        ("web/package-lock.json", 2, problem.RESOLVED_ELSEWHERE),
        ("web/package-lock.json", 3, problem.NO_INTEGRITY),
        ("web/.npmrc", 1, problem.OTHER_SOURCE),
        ("npm-shrinkwrap.json", 1, problem.NOT_READ),
    }
    rules = yaml.safe_load(FILE.read_text("utf-8"))["rules"]
    assert {one.rule for one in scanned.findings} == set(rules)
    assert {one.rule: one.severity for one in scanned.findings} == {
        name: Severity(rule["severity"]) for name, rule in rules.items()
    }
    assert (scanned.run.files, scanned.run.rules) == (len(PLANTED), len(rules))
    assert scanned.run.version[0].isdigit()


@pytest.mark.parametrize("component", sorted(path.name for path in SEEDS.iterdir()))
def test_the_sample_components_are_clean(component: str, tmp_path: Path) -> None:
    root = SEEDS / component
    names = [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]
    mine = {name: (root / name).read_text("utf-8") for name in given_to(Dependencies(), names)}
    assert mine
    assert scan_of(mine, tmp_path).findings == []


def test_a_scanner_without_files_still_proves_that_it_is_there(tmp_path: Path) -> None:
    scanned = scan_of({"readme.md": "x"}, tmp_path)
    assert (scanned.run.files, scanned.findings) == (0, [])
    assert scanned.run.version[0].isdigit()


def test_a_change_of_one_file_means_all_that_are_read_with_it() -> None:
    files = ["a.py", "base/requirements.txt", "package-lock.json", "package.json"]
    scanners = [Dependencies()]
    assert belonging(scanners, ["a.py"], files) == ["a.py"]
    assert belonging(scanners, ["a.py", "package.json"], files) == files


def test_a_finding_is_reproduced_by_the_command_that_it_names(tmp_path: Path) -> None:
    scanned = scan_of({"a b/requirements.txt": GIT, "requirements.txt": "flask\n"}, tmp_path)
    (finding,) = scanned.findings
    command = finding.reproduce.replace("python3", sys.executable)
    variables = {"HUMMINGBIRD_RULES": str(RULES), "PATH": "/usr/bin:/bin"}

    def again(line: str) -> subprocess.CompletedProcess[str]:
        where = tmp_path / "source"
        return subprocess.run(
            ["sh", "-c", line], cwd=where, env=variables, capture_output=True, text=True, check=False
        )

    assert (again(command).returncode, again(command).stdout.startswith("a b/requirements.txt:1: flask")) == (
        1,
        True,
    )
    assert again(command.replace("'a b/requirements.txt'", "requirements.txt")).returncode == 0
    assert again(command.replace("'a b/requirements.txt'", "readme.md")).returncode == 2
