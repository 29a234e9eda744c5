"""However many runs wait for people, the scheduler looks at those that may move."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from unit.orchestration.airflow.scene import INCLUDE, airflow_environment, played

MOVING = [
    "waits, not looked at yet",
    "waits, looked at long ago",
    "works",
    "answered",
    "waits and works",
    "waits and tries again",
    "waits and is deferred",
    "between two tasks",
]


@pytest.fixture(scope="module")
def told(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp("airflow")
    environment = airflow_environment(folder, module_database, folder / "none.json")
    environment["AIRFLOW__CORE__PLUGINS_FOLDER"] = str(INCLUDE.parent / "plugins")
    return played(environment, "play_waiting.py")


def test_a_crowd_that_waits_keeps_airflow_by_itself_from_what_moves(told: Any) -> None:
    """The reason for all this; when an upgrade of Airflow fails here, look whether it is still needed."""
    assert len(told["as it comes"]) == 20
    assert "works" not in told["as it comes"]


def test_a_scheduler_looks_at_everything_that_may_move_and_at_nothing_else(told: Any) -> None:
    assert sorted(told["in a scheduler"]) == sorted(MOVING)


def test_what_was_never_looked_at_still_comes_first_and_then_the_oldest(told: Any) -> None:
    assert told["in a scheduler"][:3] == MOVING[:3]


def test_a_task_changes_nothing_and_a_second_job_nothing_more(told: Any) -> None:
    assert told["in a task"] == told["as it comes"]
    assert told["wrapped once"] == ["True"]
