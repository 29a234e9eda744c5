"""Cases under a real pytest, one by one: what passes, fails, hangs, dies, is not collected, what it logs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hummingbird.core.component import Suite
from hummingbird.core.regression import CaseOutcome
from hummingbird.workloads.cases import pytest_process
from hummingbird.workloads.cases.feeding import hummingbird_feeder
from hummingbird.workloads.cases.pytest_cases import PytestCases
from hummingbird.workloads.cases.runner import CaseSession, SuitePlace, TakenAway, unwatched

SUITE = """
import logging, os, signal, subprocess, sys, time, unittest
from ddt import data, ddt

MADE = []

@ddt
class Orders(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        MADE.append(cls)

    @data(100, 200)
    def test_lot(self, lot):
        logging.getLogger("http.requests").info("POST /orders {\\"lot\\": %s} -> 201 in 3 ms", lot)
        self.assertEqual(len(MADE), 1, "another case's class fixture is still there")
        MADE.clear()

    def test_fails(self):
        print("the book is empty")
        logging.getLogger("http.requests").info("GET /book -> 200 in 1 ms")
        self.assertEqual(1, 2)

    def test_hangs(self):
        time.sleep(60)

    def test_dies(self):
        os.kill(os.getpid(), signal.SIGKILL)

    def test_leaves(self):
        os._exit(7)

    def test_is_skipped(self):
        self.skipTest("no quotes today")

    def test_in_parts(self):
        for part in (1, 2, 3):
            with self.subTest(part=part):
                self.assertNotEqual(part, 2)

    @data("x" * 900)
    def test_long(self, text):
        self.assertEqual(len(text), 900)

    def test_child_holds_no_pipe(self):
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])

class Broken(unittest.TestCase):
    def setUp(self):
        raise RuntimeError("no database")

    def test_never(self):
        pass
"""
TESTS = "tests_regression/test_orders.py"


@pytest.fixture
def place(tmp_path: Path) -> SuitePlace:
    checkout, scratch = tmp_path / "checkout", tmp_path / "scratch"
    (checkout / "tests_regression").mkdir(parents=True)
    scratch.mkdir()
    (checkout / TESTS).write_text(SUITE)
    suite = Suite(path="tests_regression", nightly=True)
    return SuitePlace(checkout, suite, scratch, {"QUOTE_SERVICE_SERVICE_HOST": "127.0.0.1"})


@pytest.fixture
def session(place: SuitePlace) -> Iterator[CaseSession]:
    opened = PytestCases().open(place, "pod-1")
    yield opened
    opened.close()


def run(session: CaseSession, name: str, seconds: float = 20.0, beat: Callable[[], None] = unwatched):
    return session.run(f"{TESTS}::{name}", seconds, beat)


def test_every_case_is_selected_once_in_the_order_of_the_file(place: SuitePlace) -> None:
    found = PytestCases().select(place)
    assert all(one.problem is None for one in found)
    names = [one.name.removeprefix(f"{TESTS}::") for one in found]
    assert names[:2] == ["Orders::test_child_holds_no_pipe", "Orders::test_dies"]
    assert {"Orders::test_lot_1_100", "Orders::test_lot_2_200", "Broken::test_never"} < set(names)
    assert len(names) == len(set(names)) == 11


def test_what_cannot_be_collected_is_a_case_with_a_problem_and_the_others_are_there(
    place: SuitePlace,
) -> None:
    (place.checkout / "tests_regression/test_typo.py").write_text("import nowhere\n")
    found = PytestCases().select(place)
    assert len(found) == 12
    assert found[-1].name == "tests_regression/test_typo.py"
    assert "No module named 'nowhere'" in str(found[-1].problem)


def test_a_missing_folder_an_empty_one_and_one_outside_are_told_not_passed_over(place: SuitePlace) -> None:
    (place.checkout / "empty").mkdir()
    for path, told in (
        ("nowhere", "the commit has no folder nowhere"),
        ("empty", "empty holds no test"),
        ("../scratch", "the commit has no folder ../scratch"),
    ):
        suite = place.suite.model_copy(update={"path": path})
        [one] = PytestCases().select(SuitePlace(place.checkout, suite, place.scratch, {}))
        assert one.name == path
        assert told in str(one.problem)


def test_a_process_that_dies_while_it_collects_is_told(place: SuitePlace) -> None:
    (place.checkout / "tests_regression/conftest.py").write_text("import os; os._exit(9)\n")
    [one] = PytestCases().select(place)
    assert "pytest ended with exit code 9" in str(one.problem)


def test_cases_run_in_any_order_each_with_its_class_s_own_fixtures(session: CaseSession) -> None:
    second, first = run(session, "Orders::test_lot_2_200"), run(session, "Orders::test_lot_1_100")
    assert [second.outcome, first.outcome] == [CaseOutcome.PASSED] * 2
    assert second.requests == ['POST /orders {"lot": 200} -> 201 in 3 ms']
    assert (first.log, first.message, first.pod) == ("", "", "pod-1")


def test_a_case_with_a_very_long_name_has_a_short_one_by_which_it_runs(
    place: SuitePlace, session: CaseSession
) -> None:
    [long] = [one.name for one in PytestCases().select(place) if "test_long" in one.name]
    assert len(long) < 300
    assert session.run(long, 20.0, unwatched).outcome is CaseOutcome.PASSED


def test_a_failure_has_its_sentence_traceback_output_and_requests(session: CaseSession) -> None:
    failed = run(session, "Orders::test_fails")
    assert failed.outcome is CaseOutcome.FAILED
    assert "1 != 2" in failed.message
    assert "test_orders.py:" in failed.log
    assert "the book is empty" in failed.log
    assert failed.requests == ["GET /book -> 200 in 1 ms"]
    again = run(session, "Orders::test_fails")
    assert again.outcome is CaseOutcome.FAILED
    assert again.requests == failed.requests


@pytest.mark.parametrize(
    ("name", "outcome", "told"),
    [
        ("Orders::test_is_skipped", CaseOutcome.SKIPPED, "no quotes today"),
        ("Orders::test_in_parts", CaseOutcome.FAILED, "2 == 2"),
        ("Broken::test_never", CaseOutcome.FAILED, "no database"),
        ("Orders::test_nowhere", CaseOutcome.ERROR, "it was not collected here"),
    ],
)
def test_other_ends_are_told_apart(session: CaseSession, name: str, outcome: CaseOutcome, told: str) -> None:
    attempt = run(session, name)
    assert attempt.outcome is outcome
    assert told in attempt.message


def test_a_case_that_hangs_is_stopped_where_it_was_and_the_next_one_runs(session: CaseSession) -> None:
    beats = []
    began = time.monotonic()
    hung = run(session, "Orders::test_hangs", 1.5, lambda: beats.append(1))
    assert hung.outcome is CaseOutcome.TIMED_OUT
    assert time.monotonic() - began < 20
    assert "did not end within 1.5 s" in hung.message
    assert "in test_hangs" in hung.log
    assert beats
    assert run(session, "Orders::test_lot_1_100").outcome is CaseOutcome.PASSED


@pytest.mark.parametrize(
    ("name", "told"), [("Orders::test_dies", "by SIGKILL"), ("Orders::test_leaves", "with exit code 7")]
)
def test_a_case_that_ends_the_process_is_an_error_and_the_next_one_runs(
    session: CaseSession, name: str, told: str
) -> None:
    died = run(session, name)
    assert died.outcome is CaseOutcome.ERROR
    assert told in died.message
    assert run(session, "Orders::test_lot_1_100").outcome is CaseOutcome.PASSED


def test_a_program_that_a_case_leaves_behind_holds_nothing_up_and_is_ended(session: CaseSession) -> None:
    assert run(session, "Orders::test_child_holds_no_pipe").outcome is CaseOutcome.PASSED
    began = time.monotonic()
    session.close()
    assert time.monotonic() - began < 5


def test_a_case_that_is_taken_away_is_ended(session: CaseSession) -> None:
    def gone() -> None:
        raise TakenAway

    with pytest.raises(TakenAway):
        run(session, "Orders::test_hangs", 30, gone)
    assert run(session, "Orders::test_lot_1_100").outcome is CaseOutcome.PASSED


def test_the_code_under_test_sees_addresses_and_no_ticket(
    place: SuitePlace, session: CaseSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HB_TICKET", "secret")
    (place.checkout / TESTS).write_text(
        "import os\ndef test_it():\n    print(*sorted(os.environ)); assert False\n"
    )
    seen = run(session, "test_it")
    assert "QUOTE_SERVICE_SERVICE_HOST" in seen.log
    assert "HB_TICKET" not in seen.log
    assert pytest_process.FDS not in seen.log


def test_plugin_and_parent_speak_of_the_same_variable() -> None:
    assert hummingbird_feeder.FDS == pytest_process.FDS
    assert pytest_process.FDS not in os.environ
