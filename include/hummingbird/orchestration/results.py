"""What pods posted, read from the notary; XCom only says which job."""

from __future__ import annotations

from typing import TypeVar

from airflow.sdk import get_current_context

from hummingbird.core.errors import NotFound
from hummingbird.core.record import Record
from hummingbird.orchestration import wiring

R = TypeVar("R", bound=Record)


def result_of(task_id: str, kind: type[R]) -> R:
    """The result of an unmapped pod task; NotFound when it posted none."""
    return results_of(task_id, kind)[0]


def results_of(task_id: str, kind: type[R]) -> list[R]:
    """The results of a pod task in map order; NotFound when there is none at all."""
    pulled = get_current_context()["ti"].xcom_pull(task_ids=task_id, key="job")
    named = pulled if isinstance(pulled, list) else [pulled]
    jobs = [str(job) for job in named if job]
    if not jobs:
        raise NotFound(f"task {task_id} names no job; a task that was marked by hand has no result")
    found = []
    for job in jobs:
        result = wiring.notary().result(job)
        if result is None:
            raise NotFound(f"job {job[:12]} of task {task_id} has no result in the ledger")
        found.append(kind.model_validate(result))
    return found
