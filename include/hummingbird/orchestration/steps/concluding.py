"""Last task of every path: what became of the run, on the story, in its note and in the ledger."""

from __future__ import annotations

from typing import Any

from airflow.sdk import TriggerRule, get_current_context, task

from hummingbird.core.canonical import sha256_hex
from hummingbird.core.errors import NotFound
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.outcome import Outcome, outcome_line
from hummingbird.core.plan import Plan
from hummingbird.orchestration import current, outcome, wiring
from hummingbird.orchestration.notes import note_end
from hummingbird.orchestration.outcome import RUN_KEY, XCOM_KEY
from hummingbird.orchestration.refusal import Ended, Refused
from hummingbird.paths import close
from hummingbird.paths import finish as gitflow_finish

BAD = ("failed", "upstream_failed")
POD_TASKS = "deploy"
SUMMING = ("report_deployments", "report_later_waves")
"""Begin of the names of pod tasks, and the tasks that sum those up."""


@task(trigger_rule=TriggerRule.NONE_FAILED)
def finish() -> None:
    """Bring what was delivered into master and develop, and tag it; a conflict is told and stops nothing."""
    bundle = wiring.notary().bundle(current.bundle_sha256())
    returns, tags = gitflow_finish.finish(
        wiring.catalogue(), wiring.code_host(), wiring.tracker(), wiring.notary(), bundle, current.name()
    )
    outcome.say("; ".join([f"tagged {', '.join(tags)}", *(each.sentence for each in returns)]))


@task(trigger_rule=TriggerRule.NONE_FAILED)
def close_story() -> None:
    """Comment once, and bring every delivered story to done."""
    notary = wiring.notary()
    bundle = notary.bundle(current.bundle_sha256())
    closed = close.close_stories(wiring.catalogue(), wiring.tracker(), notary, bundle, current.name())
    outcome.say(f"{', '.join(closed)} done")


@task(trigger_rule=TriggerRule.ALL_DONE)
def conclude() -> None:
    """Say how the run ended, everywhere once; a run with a failed task ends failed."""
    line = _line()
    plan = _plan()
    if plan is not None:
        _record(plan, line)
        note_end(line, plan)
    if not line.startswith(Outcome.DONE):
        sentence = line.partition(": ")[2]
        raise Refused(sentence) if line.startswith(Outcome.REFUSED) else Ended(sentence)
    outcome.say(line.partition(": ")[2])


def _plan() -> Plan | None:
    try:
        return current.plan()
    except NotFound:  # refused at the door: the refusal is recorded and noted there
        return None


def _line() -> str:
    context = get_current_context()
    ti, run = context["ti"], context["dag_run"]
    states: dict[str, Any] = ti.get_task_states(dag_id=run.dag_id, run_ids=[run.run_id]).get(run.run_id, {})
    failed = [name for name, state in states.items() if state in BAD and name != ti.task_id]
    summing = [name for name in SUMMING if name in states]
    summed = [said for name in summing if (said := ti.xcom_pull(task_ids=name, key=RUN_KEY))]
    if summed and not summed[-1].startswith(Outcome.DONE):
        return str(summed[-1])
    if summed:  # a pod whose task lost sight of it may have reported all the same
        failed = [name for name in failed if not name.startswith(POD_TASKS)]
    if not failed:
        plan = _plan()
        about = f"{plan.story.key} {plan.story.title}: " if plan else ""
        return outcome_line(Outcome.DONE, f"{about}{run.dag_id.replace('_', ' ')} is complete")
    lines = []
    for task_id in context["dag"].task_ids:
        said = ti.xcom_pull(task_ids=task_id, key=XCOM_KEY)
        lines += [str(one) for one in (said if isinstance(said, list) else [said]) if one]
    if lines:
        broken = [line for line in lines if line.startswith(Outcome.BROKEN)]
        return (broken or lines)[0]
    return outcome_line(Outcome.BROKEN, f"{', '.join(failed)} failed without saying why; open the task's log")


def _record(plan: Plan, line: str) -> None:
    context = get_current_context()
    run = current.name()
    wiring.notary().append(
        DeliveryEvent(
            kind=EventKind.RUN_FINISHED,
            key=f"run-finished:{run}:{sha256_hex(line.encode())[:12]}",
            subject=run,
            story=plan.story.key,
            bundle=plan.bundle,
            environment=plan.environment,
            run=run,
            actor="platform",
            data={
                "line": line,
                "started_at": context["dag_run"].start_date.isoformat(),
                "parent": current.parent(),
            },
        )
    )
