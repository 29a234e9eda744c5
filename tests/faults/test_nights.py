"""A night over real pods: one is killed, one case hangs, and the report is complete and correct."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.night_world import RUN, NightWorld, commit_with, night_world
from hummingbird.core.errors import Conflict, Retryable
from hummingbird.core.event import EventKind
from hummingbird.core.night_queue import StoredNight
from hummingbird.core.regression import CaseOutcome
from postgres import LedgerDatabase
from sandbox_world import SandboxWorld
from waiting import until

SUITE = """
import logging, os, time, unittest
from ddt import data, ddt

TRIED = []

@ddt
class Orders(unittest.TestCase):
    @data(*range(8))
    def test_lot(self, lot):
        time.sleep(0.4)

    def test_hangs(self):
        time.sleep(600)

    def test_fails(self):
        logging.getLogger("http.requests").info("GET /book -> 500")
        self.fail("the book is empty")

    def test_flaky(self):
        TRIED.append(1)
        self.assertEqual(len(TRIED), 2, "the cache is cold")

    def test_dies(self):
        os._exit(3)
"""
STORED = StoredNight(report_url="u", report_sha256="a" * 64, junit_url="j", junit_sha256="b" * 64)


@pytest.fixture
def world(
    sandbox: SandboxWorld, ledger_database: LedgerDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[NightWorld]:
    with night_world(sandbox, ledger_database, tmp_path, monkeypatch) as made:
        made.bring(commit_with(sandbox, {"tests_night/test_orders.py": SUITE}))
        yield made


def in_background(what: threading.Thread) -> threading.Thread:
    what.start()
    return what


@pytest.mark.long
def test_a_killed_pod_and_a_hanging_case_leave_a_complete_and_correct_report(world: NightWorld) -> None:
    world.select()
    assert world.notary.open_night(RUN) == 12
    lost: list[BaseException] = []

    def first_pod() -> None:
        try:
            world.pull(0)
        except BaseException as error:  # noqa: BLE001 - what a task raised is looked at below
            lost.append(error)

    first = in_background(threading.Thread(target=first_pod))
    until(lambda: world.report().totals.executed >= 1)
    killed = str(until(lambda: world.holder("run_cases[0]")))
    world.kill(killed)
    second = in_background(threading.Thread(target=world.pull, args=(1,)))
    first.join(60)
    assert isinstance(lost[0], Retryable), lost
    with pytest.raises(Conflict, match="selected cases were not executed"):
        world.notary.close_night(RUN, STORED)
    second.join(120)

    report = world.report()
    assert report.totals.complete
    assert report.totals.selected == 12
    outcomes = {one.case.name.rpartition("::")[2]: one.result.outcome for one in report.cases if one.result}
    assert outcomes["test_hangs"] is CaseOutcome.TIMED_OUT
    assert outcomes["test_fails"] is CaseOutcome.FAILED
    assert outcomes["test_flaky"] is CaseOutcome.FLAKY
    assert outcomes["test_dies"] is CaseOutcome.ERROR
    assert list(outcomes.values()).count(CaseOutcome.PASSED) == 8
    [failed] = [one.result for one in report.cases if one.case.name.endswith("test_fails")]
    assert failed is not None
    assert [attempt.requests for attempt in failed.attempts] == [["GET /book -> 500"]] * 2
    losses = [loss for one in report.cases for loss in one.losses]
    assert [loss.job for loss in losses] == [killed]
    assert world.notary.close_night(RUN, STORED).event.data["executed"] == 12
    assert len(world.notary.events(kinds=[EventKind.REGRESSION_FINISHED], run=RUN)) == 1
