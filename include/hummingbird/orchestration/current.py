"""The run a step is in: who asked, for what, and its frozen plan."""

from __future__ import annotations

from typing import Any

from airflow.sdk import get_current_context

from hummingbird.core.errors import NotFound
from hummingbird.core.plan import Plan
from hummingbird.orchestration import wiring
from hummingbird.paths.admit import Request, plan_of
from hummingbird.paths.runs import run_name, split_run_name


def conf() -> dict[str, Any]:
    """The run's validated params: what conf says, defaults where it is silent."""
    return dict(get_current_context()["params"])


def request() -> Request:
    """The request of this run; the requester is Airflow's own record of who triggered."""
    run = get_current_context()["dag_run"]
    return Request(
        dag_id=run.dag_id,
        run_id=run.run_id,
        story=conf().get("story"),
        requester=getattr(run, "triggering_user_name", None),
    )


def name() -> str:
    """`dag_id/run_id` of this run."""
    run = get_current_context()["dag_run"]
    return run_name(run.dag_id, run.run_id)


def parent() -> dict[str, Any] | None:
    """`dag_id` and `run_id` of the run that started this one; of an approval the ledger says which asked."""
    told = conf()
    if told.get("request"):
        asked_by = wiring.notary().request(str(told["request"])).request.asked_by
        dag_id, run_id = split_run_name(asked_by)
        return {"dag_id": dag_id, "run_id": run_id}
    said = told.get("parent")
    return said if isinstance(said, dict) else None


def plan() -> Plan:
    """The frozen plan, from the ledger."""
    run = get_current_context()["dag_run"]
    return plan_of(wiring.notary(), run.dag_id, run.run_id)


def bundle_sha256() -> str:
    """The bundle this run is about: frozen in the plan, or sealed by this run's task `seal_bundle`.

    The task's result is a pointer and no evidence: approvals and warrants are bound to the bundle itself.
    """
    frozen = plan().bundle
    pointed = frozen or get_current_context()["ti"].xcom_pull(task_ids="seal_bundle")
    if not pointed:
        raise NotFound(f"run {name()} sealed no bundle; its task seal_bundle must run before this one")
    return str(pointed)
