"""Answer the parked parent as the platform, and close prompts that are decided without their answer."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta

from airflow.sdk import get_current_context

from hummingbird.core.approval import RequestState, RequestStatus
from hummingbird.core.errors import Conflict, NotFound, Retryable
from hummingbird.orchestration import wiring
from hummingbird.orchestration.prompts import APPROVE, REJECT
from hummingbird.paths.runs import split_run_name

log = logging.getLogger("hummingbird.waking")
SETTLE = timedelta(seconds=5)
"""Airflow 3.3.2 can lose an answer that comes within about a second of parking; people never hit it."""
PATIENCE_SECONDS = 120
ENDED = ("success", "failed", "skipped", "upstream_failed", "removed")


def wake_parent(status: RequestStatus) -> None:
    """Answer the run that asked until it takes the answer; Retryable when that takes over two minutes.

    Which run asked is in the ledger's request; what this run's conf says about a parent counts for nothing.
    """
    dag_id, run_id = split_run_name(status.request.asked_by)
    api = wiring.airflow_api()
    chosen = APPROVE if status.state is RequestState.APPROVED else REJECT
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            task = api.task_instance(dag_id, run_id, "await_people")
        except NotFound:
            log.info("%s/%s is no longer in Airflow: nobody waits", dag_id, run_id)
            return
        if task["state"] in ENDED:
            return
        parked = task["state"] == "awaiting_input" and task["start_date"]
        if parked and datetime.now(UTC) - datetime.fromisoformat(task["start_date"]) > SETTLE:
            try:
                api.answer_hitl(dag_id, run_id, "await_people", -1, [chosen], {"reason": status.why[:500]})
            except Conflict as error:
                log.info("answered a moment ago and being taken: %s", error)
        time.sleep(0.5)  # Airflow tells nobody when a task parks or resumes
    raise Retryable(f"{dag_id}/{run_id} has not taken the answer yet")


def close_prompts(why: str) -> None:
    """Answer, as the platform, prompts that nobody needs to answer; such an answer never counts."""
    run = get_current_context()["dag_run"]
    api = wiring.airflow_api()
    for prompt in api.open_prompts(run.dag_id, run.run_id):
        task = prompt["task_instance"]
        try:
            api.answer_hitl(
                run.dag_id, run.run_id, task["task_id"], task["map_index"], [REJECT], {"reason": why[:500]}
            )
        except Conflict as error:
            log.info(
                "the prompt of %s[%s] was answered meanwhile: %s", task["task_id"], task["map_index"], error
            )
