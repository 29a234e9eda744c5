"""Unit tests at the root of a repository, whose suites for a running program lie below it."""

from __future__ import annotations

from pathlib import Path

import pytest

import node_program  # noqa: F401  which Node
from builders import the_catalogue
from hummingbird.core.component import Component, Suite
from hummingbird.workloads.test_runners import run_tests

UNIT = {"test_unit.py": "def test_unit():\n    pass\n"}
ASKS = {"delivery/functional/test_asks.py": "def test_asks():\n    raise OSError('nobody serves')\n"}
NODE_UNIT = {"unit.test.mjs": 'import { test } from "node:test";\ntest("unit", () => {});\n'}
NODE_ASKS = {"delivery/functional/asks.test.mjs": "throw new Error('nobody serves');\n"}
PYTHON, JAVASCRIPT = ["python"], ["javascript"]


def a_component(languages: list[str]) -> Component:
    suites = {"functional": Suite(path="delivery/functional")}
    return the_catalogue().component("order-gateway").model_copy(
        update={"languages": languages, "unit_tests": ".", "suites": suites}
    )  # fmt: skip


def a_checkout(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / "checkout" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder / "checkout"


@pytest.mark.parametrize(("languages", "files"), [(PYTHON, UNIT | ASKS), (JAVASCRIPT, NODE_UNIT | NODE_ASKS)])
def test_a_suite_below_is_no_part_of_the_unit_tests(
    tmp_path: Path, languages: list[str], files: dict[str, str]
) -> None:
    component = a_component(languages)
    told = run_tests(component, a_checkout(tmp_path, files), component.unit_tests, tmp_path, seconds=60)
    assert told.counts.green, told.failures
    assert told.counts.total == 1


@pytest.mark.parametrize(("languages", "files"), [(PYTHON, UNIT | ASKS), (JAVASCRIPT, NODE_UNIT | NODE_ASKS)])
def test_the_suite_itself_still_runs(tmp_path: Path, languages: list[str], files: dict[str, str]) -> None:
    component = a_component(languages)
    path = component.suites["functional"].path
    told = run_tests(component, a_checkout(tmp_path, files), path, tmp_path, seconds=60)
    assert (told.counts.total, told.counts.failed) == (1, 1)


def test_with_nothing_but_suites_below_there_are_no_unit_tests_and_nothing_is_green(tmp_path: Path) -> None:
    component = a_component(PYTHON)
    told = run_tests(component, a_checkout(tmp_path, ASKS), component.unit_tests, tmp_path, seconds=60)
    assert told.counts.total == 0
    assert not told.counts.green
