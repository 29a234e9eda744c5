"""Running a commit's JavaScript tests with Node's own runner, beside pytest by the component's languages."""

from __future__ import annotations

from pathlib import Path

import pytest

import node_program  # noqa: F401  which Node
from builders import the_catalogue
from hummingbird.core.component import Component
from hummingbird.core.errors import Invalid
from hummingbird.workloads.junit import TestRun
from hummingbird.workloads.test_runners import run_tests

WEB = the_catalogue().component("trade-web")
BOTH = WEB.model_copy(update={"languages": ["python", "javascript"]})
GREEN = 'import { test } from "node:test";\ntest("one", () => {});\n'
RED = 'import { test } from "node:test";\ntest("two", () => { throw new Error("it is wrong"); });\n'
SLOW = 'import { test } from "node:test";\ntest("slow", () => new Promise(() => setInterval(() => {}, 9)));\n'
SKIPPED = 'import { test } from "node:test";\ntest.skip("three", () => {});\n'


def ran(root: Path, component: Component = WEB, seconds: float = 60, **files: str) -> TestRun:
    tests = root / "checkout" / "tests"
    tests.mkdir(parents=True)
    for name, text in files.items():
        (tests / name.replace("_dot_", ".")).write_text(text, "utf-8")
    scratch = root / "scratch"
    scratch.mkdir()
    return run_tests(component, root / "checkout", "tests", scratch, seconds=seconds)


def test_tests_are_counted_and_a_failure_is_told(tmp_path: Path) -> None:
    told = ran(tmp_path, a_dot_test_dot_mjs=GREEN, b_dot_test_dot_mjs=RED, c_dot_test_dot_mjs=SKIPPED)
    assert (told.counts.total, told.counts.failed, told.counts.skipped) == (3, 1, 1)
    (failure,) = told.failures
    assert "two" in failure
    assert "it is wrong" in failure


def test_a_file_that_is_no_test_is_not_run(tmp_path: Path) -> None:
    told = ran(tmp_path, a_dot_test_dot_mjs=GREEN, samples_dot_mjs="throw new Error('not a test');\n")
    assert told.counts.green


def test_no_tests_are_not_green(tmp_path: Path) -> None:
    told = ran(tmp_path, samples_dot_mjs="export const one = 1;\n")
    assert not told.counts.green
    assert told.counts.total == 0


@pytest.mark.parametrize(
    ("text", "sentence", "seconds"),
    [
        ("import './nowhere.mjs';\n", "", 60),
        ("process.exit(3);\n", "", 60),
        (SLOW,
         "did not end within 2 s", 2),
    ],
)  # fmt: skip
def test_tests_that_break_off_are_failures(text: str, sentence: str, seconds: float, tmp_path: Path) -> None:
    told = ran(tmp_path, seconds=seconds, a_dot_test_dot_mjs=text)
    assert not told.counts.green
    assert told.counts.failed == 1
    assert sentence in told.failures[0]


def test_a_component_of_two_languages_has_the_tests_of_both(tmp_path: Path) -> None:
    told = ran(tmp_path, BOTH, a_dot_test_dot_mjs=GREEN, test_a_dot_py="def test_one():\n    assert True\n")
    assert (told.counts.total, told.counts.failed) == (2, 0)


def test_a_folder_that_is_not_there_or_outside_is_refused(tmp_path: Path) -> None:
    (tmp_path / "checkout").mkdir()
    for folder in ("tests", "../elsewhere"):
        with pytest.raises(Invalid, match="no folder"):
            run_tests(WEB, tmp_path / "checkout", folder, tmp_path, seconds=60)
