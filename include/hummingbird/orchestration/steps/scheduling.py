"""Last task of a path without a story: what became of the run, in its note and in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.sdk import TriggerRule, get_current_context, task

from hummingbird.core.canonical import sha256_hex
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.outcome import Outcome, outcome_line
from hummingbird.orchestration import current, wiring
from hummingbird.orchestration.notes import note_scheduled
from hummingbird.orchestration.outcome import RUN_KEY, XCOM_KEY, say
from hummingbird.orchestration.refusal import Ended, Refused

BAD = ("failed", "upstream_failed")


@task(task_id="conclude", trigger_rule=TriggerRule.ALL_DONE)
def conclude_scheduled(summed_up: Sequence[str] = ()) -> None:
    """Say how the run ended, everywhere once; a run with a failed task ends failed.

    `summed_up` names tasks that another one answers for: their failure is none when that one says it is done.
    """
    line = _line(summed_up)
    _record(line)
    note_scheduled(line)
    sentence = line.partition(": ")[2]
    if not line.startswith(Outcome.DONE):
        raise Refused(sentence) if line.startswith(Outcome.REFUSED) else Ended(sentence)
    say(sentence)


def _line(summed_up: Sequence[str]) -> str:
    context = get_current_context()
    ti, run = context["ti"], context["dag_run"]
    states: dict[str, Any] = ti.get_task_states(dag_id=run.dag_id, run_ids=[run.run_id]).get(run.run_id, {})
    said = [str(one) for name in context["dag"].task_ids if (one := ti.xcom_pull(task_ids=name, key=RUN_KEY))]
    failed = [name for name, state in states.items() if state in BAD and name != ti.task_id]
    if said and said[-1].startswith(Outcome.DONE):
        failed = [one for one in failed if not any(one == n or one.startswith(f"{n}_") for n in summed_up)]
    if said and (not failed or not said[-1].startswith(Outcome.DONE)):
        return said[-1]
    if not failed:
        return outcome_line(Outcome.DONE, f"{run.dag_id.replace('_', ' ')} is complete")
    lines = []
    for name in context["dag"].task_ids:
        told = ti.xcom_pull(task_ids=name, key=XCOM_KEY)
        lines += [str(one) for one in (told if isinstance(told, list) else [told]) if one]
    broken = [line for line in lines if line.startswith(Outcome.BROKEN)]
    silent = outcome_line(
        Outcome.BROKEN, f"{', '.join(failed)} failed without saying why; open the task's log"
    )
    return (broken or lines or [silent])[0]


def _record(line: str) -> None:
    run = get_current_context()["dag_run"]
    name = current.name()
    wiring.notary().append(
        DeliveryEvent(
            kind=EventKind.RUN_FINISHED,
            key=f"run-finished:{name}:{sha256_hex(line.encode())[:12]}",
            subject=name,
            run=name,
            actor="platform",
            data={"line": line, "started_at": run.start_date.isoformat(), "parent": None},
        )
    )
