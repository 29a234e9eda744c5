"""How a run without a story ends: by what its summing task said, by what failed, or simply complete."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from hummingbird.orchestration.outcome import RUN_KEY, XCOM_KEY
from hummingbird.orchestration.steps import scheduling

TASKS = ["admit", "select_cases", "open_queue", "run_cases", "report_night", "conclude"]
GREEN = "DONE: test: 206 of 206 passed"
RED = "REFUSED: test: 205 of 206 passed, 1 failed"


class Instance:
    """What the task asks of Airflow's own: states of the run's tasks, and what they left."""

    task_id = "conclude"

    def __init__(self, states: dict[str, str], left: dict[tuple[str, str], Any]) -> None:
        self.states = states
        self.left = left

    def get_task_states(self, dag_id: str, run_ids: list[str]) -> dict[str, Any]:
        return {run_ids[0]: self.states}

    def xcom_pull(self, task_ids: str, key: str) -> Any:
        return self.left.get((task_ids, key))


def line(
    patch: pytest.MonkeyPatch, states: dict[str, str], left: dict[tuple[str, str], Any] | None = None
) -> str:
    run = SimpleNamespace(dag_id="nightly_regression", run_id="scheduled__x")
    context = {"ti": Instance(states, left or {}), "dag_run": run, "dag": SimpleNamespace(task_ids=TASKS)}
    patch.setattr(scheduling, "get_current_context", lambda: context)
    return scheduling._line(["run_cases"])


def test_the_summing_task_speaks_for_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {("report_night", RUN_KEY): GREEN}
    assert line(monkeypatch, {"report_night": "success"}, said) == GREEN
    red = {("report_night", RUN_KEY): RED, ("report_night", XCOM_KEY): RED}
    assert line(monkeypatch, {"report_night": "failed"}, red) == RED


def test_a_pod_lost_for_good_is_no_failure_of_a_night_that_is_complete(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = {("report_night", RUN_KEY): GREEN, ("run_cases", XCOM_KEY): ["BROKEN: pod x was deleted"]}
    states = {"run_cases_0": "failed", "run_cases_1": "success", "report_night": "success"}
    assert line(monkeypatch, states, said) == GREEN
    unheard = {("run_cases", XCOM_KEY): ["BROKEN: pod x was deleted"], ("report_night", RUN_KEY): None}
    assert line(monkeypatch, states | {"report_night": "failed"}, unheard) == "BROKEN: pod x was deleted"


def test_another_failure_beside_a_done_summary_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {("report_night", RUN_KEY): GREEN, ("open_queue", XCOM_KEY): "REFUSED: marked"}
    assert line(monkeypatch, {"open_queue": "failed", "report_night": "success"}, said) == "REFUSED: marked"


def test_machinery_is_told_before_rules_and_silence_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {("admit", XCOM_KEY): "REFUSED: no", ("open_queue", XCOM_KEY): "BROKEN: the notary is away"}
    states = {"admit": "failed", "open_queue": "failed"}
    assert line(monkeypatch, states, said) == "BROKEN: the notary is away"
    silent = line(monkeypatch, {"admit": "success", "select_cases_0": "failed"})
    assert silent.startswith("BROKEN: select_cases_0 failed without saying why")


def test_a_run_in_which_nothing_was_to_do_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = "DONE: nothing that runs in test brings nightly suites"
    states = {"admit": "success", "select_cases": "skipped", "report_night": "skipped"}
    assert line(monkeypatch, states, {("admit", RUN_KEY): nothing}) == nothing
    assert line(monkeypatch, {"admit": "success"}) == "DONE: nightly regression is complete"
