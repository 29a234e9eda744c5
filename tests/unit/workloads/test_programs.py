"""What a project says it needs is found; its own test command counts; what is installed is in the bill."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from hummingbird.core.errors import Invalid
from hummingbird.workloads.build_program import shell_line
from hummingbird.workloads.programs.installing import sources
from hummingbird.workloads.programs.requirements import pip_arguments
from hummingbird.workloads.programs.sbom import bill
from hummingbird.workloads.programs.tests_run import run_command
from hummingbird.workloads.programs.world import prepare

PROJECT = """
[project]
name = "shop"
dependencies = ["flask"]
[project.optional-dependencies]
mainapp = ["gunicorn"]
test = ["pytest-asyncio"]
[dependency-groups]
dev = ["ddt", {include-group = "other"}]
"""
BUILD = '\n[build-system]\nrequires = ["setuptools"]\n'


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def test_requirement_files_come_before_the_manifest(
    tmp_path: Path,
) -> None:
    files = {"requirements.txt": "flask\n", "requirements-dev.txt": "ddt\n", "pyproject.toml": PROJECT}
    folder = write(tmp_path, files)
    assert pip_arguments(folder, tests=False) == ["-r", str(folder / "requirements.txt")]
    assert pip_arguments(folder, tests=True)[2:] == ["-r", str(folder / "requirements-dev.txt")]


def test_a_file_of_comments_asks_for_nothing(tmp_path: Path) -> None:
    folder = write(
        tmp_path, {"requirements.txt": "# the standard library alone\n\n", "pyproject.toml": PROJECT}
    )
    assert pip_arguments(folder, tests=True) == []


def test_a_list_without_a_build_is_installed_by_name(tmp_path: Path) -> None:
    folder = write(tmp_path, {"pyproject.toml": PROJECT})
    assert pip_arguments(folder, tests=False) == ["flask", "gunicorn"]
    assert pip_arguments(folder, tests=True) == ["flask", "gunicorn", "pytest-asyncio", "ddt"]


def test_a_package_is_installed_by_its_own_build_with_the_extras_that_it_offers(tmp_path: Path) -> None:
    folder = write(tmp_path, {"pyproject.toml": PROJECT + BUILD})
    assert pip_arguments(folder, tests=False) == [f"{folder}[mainapp]"]
    assert pip_arguments(folder, tests=True) == [f"{folder}[mainapp,test]", "ddt"]


def test_a_manifest_that_is_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"pyproject\.toml: not TOML"):
        pip_arguments(write(tmp_path, {"pyproject.toml": "["}), tests=False)


def test_a_checkout_that_needs_nothing_gets_its_folders_alone(tmp_path: Path) -> None:
    tree, scratch = tmp_path / "tree", tmp_path / "scratch"
    scratch.mkdir()
    world = prepare(write(tree, {"src/a.py": ""}), ["python", "javascript"], scratch, tests=True)
    assert not world.brings_packages
    assert world.env == {"PYTHONPATH": f"{tree / 'src'}:{tree}"}


def ran(tmp_path: Path, script: str, seconds: float = 20.0) -> tuple[int, int, list[str]]:
    command = [sys.executable, "-c", script]
    told = run_command(tmp_path, command, tmp_path, seconds=seconds, env={})
    return told.counts.total, told.counts.failed, told.failures


def test_without_a_report_the_exit_code_is_one_test(tmp_path: Path) -> None:
    assert ran(tmp_path, "pass") == (1, 0, [])
    total, failed, why = ran(tmp_path, "raise SystemExit('three are red')")
    assert (total, failed) == (1, 1)
    assert "ended with 1: three are red" in why[0]


def test_a_report_that_the_command_leaves_counts(tmp_path: Path) -> None:
    report = '<testsuite><testcase name="a"/><testcase name="b"/></testsuite>'
    assert ran(tmp_path, f"open('junit.xml', 'w').write({report!r})") == (2, 0, [])


def test_a_report_without_a_failure_does_not_make_a_failed_command_green(tmp_path: Path) -> None:
    report = '<testsuite><testcase name="a"/></testsuite>'
    assert ran(tmp_path, f"open('junit.xml', 'w').write({report!r}); raise SystemExit(3)")[1] == 1


def test_a_report_that_the_repository_brings_along_is_not_believed(tmp_path: Path) -> None:
    write(tmp_path, {"junit.xml": '<testsuite><testcase name="a"/><testcase name="b"/></testsuite>'})
    assert ran(tmp_path, "pass") == (1, 0, [])


def test_a_command_without_end_is_a_failure(tmp_path: Path) -> None:
    assert "did not end within" in ran(tmp_path, "import time; time.sleep(60)", seconds=0.5)[2][0]


def test_the_bill_names_what_lies_there(tmp_path: Path) -> None:
    metadata = "Metadata-Version: 2.1\nName: Flask_Thing\nVersion: 3.1\n"
    packages = write(tmp_path / "packages", {"flask_thing-3.1.dist-info/METADATA": metadata})
    own = json.dumps({"name": "@scope/a", "version": "1.0.0"})
    files = {"node_modules/@scope/a/package.json": own, "node_modules/@scope/a/test/package.json": "{}"}
    document = json.loads(bill("shop", "1.0", packages, write(tmp_path / "tree", files)))
    assert [part["purl"] for part in document["components"]] == [
        "pkg:npm/%40scope/a@1.0.0",
        "pkg:pypi/flask-thing@3.1",
    ]


def test_signals_reach_a_plain_command_itself() -> None:
    assert shell_line("gunicorn app:app") == "exec gunicorn app:app"
    assert shell_line("DEBUG=0 node app.js") == "exec env DEBUG=0 node app.js"
    assert shell_line("cd app && node .") == "cd app && node ."


def test_only_where_packages_come_from_is_passed_on() -> None:
    given = {"PIP_INDEX_URL": "https://index.example", "HB_TICKET": "secret", "NPM_CONFIG_REGISTRY": "r"}
    assert sources(given) == {"PIP_INDEX_URL": "https://index.example", "NPM_CONFIG_REGISTRY": "r"}
