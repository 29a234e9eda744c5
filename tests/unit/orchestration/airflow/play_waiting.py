"""Run in Airflow's environment: which running runs its scheduler asks for, alone and with our listener."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import Any
from uuid import uuid4

from airflow.jobs.job import Job
from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
from airflow.models.dag import DagModel
from airflow.models.dagbundle import DagBundleModel
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from airflow.sdk.execution_time.task_runner import TaskRunnerMarker
from airflow.utils import timezone
from airflow.utils.db import initdb
from airflow.utils.session import create_session
from sqlalchemy import insert, select

from hummingbird.orchestration.waiting_runs import on_starting

NOW = timezone.utcnow()
CROWD = 25
"""More than a loop looks at."""
RUNS: dict[str, tuple[list[str | None], int | None]] = {
    "waits": (["success", "awaiting_input", None], 5),
    "waits, not looked at yet": (["awaiting_input"], None),
    "waits, looked at long ago": (["awaiting_input"], 301),
    "works": (["success", "running", None], 4),
    "answered": (["success", "scheduled", None], 3),
    "waits and works": (["awaiting_input", "running"], 3),
    "waits and tries again": (["awaiting_input", "up_for_retry"], 3),
    "waits and is deferred": (["awaiting_input", "deferred"], 3),
    "between two tasks": (["success", None], 3),
    **{f"crowd {number}": (["success", "awaiting_input", None], 60) for number in range(CROWD)},
}


def seed() -> None:
    """A DAG and its runs."""
    with create_session() as session:
        session.add(DagBundleModel(name="dags"))
        session.flush()
        session.add(DagModel(dag_id="approval", bundle_name="dags", is_paused=False, is_stale=False))
        session.flush()
        for name, (states, age) in RUNS.items():
            run = {
                "dag_id": "approval",
                "run_id": name,
                "run_type": "manual",
                "state": "running",
                "run_after": NOW - timedelta(hours=1),
                "last_scheduling_decision": None if age is None else NOW - timedelta(seconds=age),
            }
            session.execute(insert(DagRun).values(**run))
            for number, state in enumerate(states):
                task = {
                    "id": uuid4(),
                    "dag_id": "approval",
                    "run_id": name,
                    "task_id": f"task-{number}",
                    "map_index": -1,
                    "try_number": 1,
                    "max_tries": 1,
                    "pool": "default_pool",
                    "pool_slots": 1,
                    "state": state,
                }
                session.execute(insert(TaskInstance).values(**task))


def examined() -> list[str]:
    """The runs that a loop of the scheduler would look at, in its order."""
    with create_session() as session:
        found = [run.run_id for run in DagRun.get_running_dag_runs_to_examine(session=session)]
        everyone = len(session.scalars(select(DagRun)).all())
        assert everyone == len(RUNS), "the session's other questions are answered as before"
        return found


def play() -> dict[str, Any]:
    """What is asked for as Airflow comes, in a task, and in a scheduler."""
    initdb()
    seed()
    told = {"as it comes": examined()}
    on_starting(TaskRunnerMarker())
    told["in a task"] = examined()
    SchedulerJobRunner(job=Job())  # Airflow calls its listeners itself
    told["in a scheduler"] = examined()
    asked = DagRun.get_running_dag_runs_to_examine
    Job()
    told["wrapped once"] = [str(asked is DagRun.get_running_dag_runs_to_examine)]
    return told


sys.stdout.write("answer " + json.dumps(play()) + "\n")
