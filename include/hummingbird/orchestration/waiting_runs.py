"""The scheduler passes over runs in which nothing happens before somebody answers.

To Airflow 3.3.2 a run that waits for a person is a running one: its loop looks at 20 of those each time, tens
of milliseconds each, and everybody else's next step waits for that. A look at such a run finds nothing to do;
what changes one is told by its task's state (`next_look.py`), by a person who clears or marks, or by the
sweep of prompts whose time is over. docs/adr/0036-a-run-that-moves-is-looked-at-first.md
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from airflow.listeners import hookimpl

LONGEST_UNSEEN = timedelta(minutes=5)
"""After that it is looked at all the same: what was changed past Airflow's states is seen by then."""
WAITS = "awaiting_input"
MOVES = ("scheduled", "queued", "running", "restarting", "up_for_retry", "up_for_reschedule", "deferred")


@hookimpl
def on_starting(component: object) -> None:
    """Airflow's hook of a process that begins: one of its own jobs, or a task, which schedules nothing."""
    if type(component).__module__ == "airflow.jobs.job":
        pass_over_waiting_runs()


def pass_over_waiting_runs() -> None:
    """Ask for running runs as Airflow does, without those that wait; once in a process."""
    from airflow.models.dagrun import DagRun

    asked = DagRun.get_running_dag_runs_to_examine
    if not getattr(asked, "passes_over", False):
        DagRun.get_running_dag_runs_to_examine = _passing_over(asked)


def _passing_over(asked: Callable[..., Any]) -> Any:
    from sqlalchemy import event

    @wraps(asked)
    def examine(*, session: Any) -> Any:
        # Airflow's own statement, whatever it is, and one condition more.
        event.listen(session, "do_orm_execute", _without_waiting)
        try:
            return asked(session=session)
        finally:
            event.remove(session, "do_orm_execute", _without_waiting)

    examine.passes_over = True  # type: ignore[attr-defined]
    return staticmethod(examine)


def _without_waiting(execution: Any) -> None:
    from airflow.utils import timezone

    if execution.is_select and not (execution.is_relationship_load or execution.is_column_load):
        execution.statement = execution.statement.where(to_look_at(timezone.utcnow()))


def to_look_at(now: datetime) -> Any:
    """Condition on a run: never looked at, not for long, or something in it may go on without a person."""
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from sqlalchemy import or_, select, tuple_

    run = tuple_(DagRun.dag_id, DagRun.run_id)
    having = select(TaskInstance.dag_id, TaskInstance.run_id)
    return or_(
        DagRun.last_scheduling_decision.is_(None),
        DagRun.last_scheduling_decision < now - LONGEST_UNSEEN,
        # Two lists that are made once, not a search for each run.
        run.not_in(having.where(TaskInstance.state == WAITS)),
        run.in_(having.where(TaskInstance.state.in_(MOVES))),
    )
