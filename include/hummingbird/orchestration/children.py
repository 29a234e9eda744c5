"""One path starts another: found or created, never reset, and waited for without losing what it said."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DagRunState

from hummingbird.core.event import EventKind
from hummingbird.core.outcome import Outcome, outcome_line
from hummingbird.core.plan import Plan
from hummingbird.orchestration import current, outcome, wiring
from hummingbird.orchestration.refusal import Refused
from hummingbird.orchestration.retry import NoRetryPolicy
from hummingbird.paths.runs import child_run_id, run_name

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

Conf = dict[str, Any] | Callable[[Plan], dict[str, Any]]
Unless = Callable[[Plan, dict[str, Any]], str | None]

POKE_SECONDS = 1
POOL = "parents"


class ChildRun(TriggerDagRunOperator):
    """Start a path for this story once, and wait for it unless told not to.

    The stock operator fails for good when the run exists; this one looks first and joins the run that is
    there (Airflow 3.3.2, task_runner `_handle_trigger_dag_run`). `part` tells mapped children apart;
    `with_conf` is what the child is told, or a function of the plan that says it; `unless` may give a
    sentence why no child is needed.
    """

    template_fields = (*TriggerDagRunOperator.template_fields, "part", "note")

    def __init__(
        self,
        *,
        path: str,
        part: str = "",
        with_conf: Conf | None = None,
        wait: bool = True,
        unless: Unless | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            trigger_dag_id=path,
            logical_date=None,
            wait_for_completion=wait,
            poke_interval=POKE_SECONDS,
            **{"retry_policy": NoRetryPolicy(), "pool": POOL if wait else "default_pool", **kwargs},
        )
        self.part = part
        self.with_conf = with_conf or {}
        self.unless = unless

    def execute(self, context: Context) -> None:
        run = context["dag_run"]
        plan = current.plan()
        told = self.with_conf(plan) if callable(self.with_conf) else self.with_conf
        why_not = self.unless(plan, told) if self.unless is not None else None
        if why_not is not None:
            outcome.say(why_not)
            return
        run_id = child_run_id(plan.story.key, run.dag_id, run.run_id, self.trigger_dag_id, self.part)
        self.trigger_run_id = run_id
        self.note = f"{plan.story.key} {plan.story.title}"
        self.conf = {
            "story": plan.story.key,
            **told,
            "parent": {"dag_id": run.dag_id, "run_id": run.run_id, "task_id": self.task_id},
        }
        ended = "done" if self.wait_for_completion else "started"
        outcome.say(f"{self.trigger_dag_id} of {plan.story.key} is {ended}")
        context["ti"].xcom_push(key="trigger_run_id", value=run_id)
        if context["ti"].get_dr_count(dag_id=self.trigger_dag_id, run_ids=[run_id]):
            self.log.info("run %s of %s exists: joined, not started again", run_id, self.trigger_dag_id)
            self._join(context, run_id)
            return
        super().execute(context)

    def explain_failure(self, context: Context) -> str | None:  # noqa: ARG002 - outcome.on_failure calls it
        """The child's own outcome line, for this task's last log line."""
        run_id = self.trigger_run_id
        if run_id is None:
            return None
        return child_outcome(self.trigger_dag_id, str(run_id))

    def _join(self, context: Context, run_id: str) -> None:
        state = context["ti"].get_dagrun_state(self.trigger_dag_id, run_id)
        while self.wait_for_completion and state not in (DagRunState.SUCCESS, DagRunState.FAILED):
            time.sleep(self.poke_interval)  # the task SDK has no event for the end of a run
            state = context["ti"].get_dagrun_state(self.trigger_dag_id, run_id)
        if state == DagRunState.FAILED:
            raise Refused(child_outcome(self.trigger_dag_id, run_id))


def child_outcome(dag_id: str, run_id: str) -> str:
    """What a finished run said last, from the ledger; that it failed, when it said nothing."""
    said = wiring.notary().events(
        kinds=[EventKind.RUN_FINISHED, EventKind.RUN_REFUSED], run=run_name(dag_id, run_id)
    )
    if said and said[-1].event.data.get("line"):
        return f"{said[-1].event.data['line']} (run {dag_id}/{run_id})"
    if said and said[-1].event.data.get("why"):
        return outcome_line(Outcome.REFUSED, f"{said[-1].event.data['why']} (run {dag_id}/{run_id})")
    return outcome_line(Outcome.BROKEN, f"{dag_id}/{run_id} failed; open it to see where")
