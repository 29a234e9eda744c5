"""Running a commit's tests: results, failures, crashes, time-outs."""

from __future__ import annotations

from pathlib import Path

import pytest

from hummingbird.core.errors import Garbled, Invalid
from hummingbird.workloads.junit import read_junit
from hummingbird.workloads.python_tests import run_pytest


def a_checkout(root: Path, test: str) -> Path:
    checkout = root / "checkout"
    (checkout / "tests").mkdir(parents=True)
    (checkout / "src" / "thing").mkdir(parents=True)
    (checkout / "src" / "thing" / "__init__.py").write_text("VALUE = 1\n")
    (checkout / "tests" / "test_thing.py").write_text(test)
    return checkout


def test_tests_of_a_src_layout_are_counted(tmp_path: Path) -> None:
    test = (
        "import pytest, thing\n\n\ndef test_one():\n    assert thing.VALUE == 1\n\n\n"
        "def test_two():\n    assert thing.VALUE == 2, 'two is wanted'\n\n\n"
        "@pytest.mark.skip\ndef test_three():\n    pass\n"
    )
    ran = run_pytest(a_checkout(tmp_path, test), "tests", tmp_path, seconds=60)
    assert (ran.counts.total, ran.counts.failed, ran.counts.skipped) == (3, 1, 1)
    (failure,) = ran.failures
    assert "test_two" in failure
    assert "two is wanted" in failure


def test_no_tests_are_not_green(tmp_path: Path) -> None:
    ran = run_pytest(a_checkout(tmp_path, "VALUE = 1\n"), "tests", tmp_path, seconds=60)
    assert not ran.counts.green
    assert ran.counts.total == 0


@pytest.mark.parametrize(
    ("test", "sentence"),
    [
        ("import time\n\n\ndef test_slow():\n    time.sleep(60)\n", "did not end within 2 s"),
        (
            "import os, signal\n\n\ndef test_crash():\n    os.kill(os.getpid(), signal.SIGSEGV)\n",
            "by signal 11",
        ),
        ("import no_such_module\n", "no_such_module"),
    ],
)
def test_tests_that_break_off_are_failures(test: str, sentence: str, tmp_path: Path) -> None:
    seconds = 2 if "time" in test else 60
    ran = run_pytest(a_checkout(tmp_path, test), "tests", tmp_path, seconds=seconds)
    assert not ran.counts.green
    assert ran.counts.failed == 1
    assert sentence in ran.failures[0]


@pytest.mark.parametrize("folder", ["missing", "../outside"])
def test_a_folder_that_is_not_in_the_commit_is_refused(folder: str, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    with pytest.raises(Invalid, match="no folder"):
        run_pytest(a_checkout(tmp_path, ""), folder, tmp_path, seconds=10)


@pytest.mark.parametrize("content", ["", "<html>", '<!DOCTYPE x [<!ENTITY a "b">]><testsuites/>'])
def test_a_report_that_is_no_junit_is_an_error(content: str, tmp_path: Path) -> None:
    (tmp_path / "junit.xml").write_text(content)
    with pytest.raises(Garbled):
        read_junit(tmp_path / "junit.xml")


def test_many_failures_are_summed_up(tmp_path: Path) -> None:
    cases = "".join(f'<testcase name="t{n}"><failure message="m"/></testcase>' for n in range(70))
    (tmp_path / "junit.xml").write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    ran = read_junit(tmp_path / "junit.xml")
    assert ran.counts.failed == 70
    assert ran.failures[-1] == "and 20 more"
