"""The last word of every task: one line that begins with its outcome."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from airflow.sdk import get_current_context

from hummingbird.core.outcome import Outcome, outcome_line
from hummingbird.orchestration.refusal import Ended, Refused

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

log = logging.getLogger("hummingbird.outcome")
SAID = "hummingbird_said"
XCOM_KEY = "outcome"
RUN_KEY = "run_outcome"
"""What a task knows about the whole run: it speaks for the tasks that it sums up."""


def say(sentence: str) -> None:
    """Set the sentence of this task's outcome line; the last one said counts."""
    get_current_context()[SAID] = sentence


def say_of_the_run(outcome: Outcome, sentence: str) -> None:
    """Set the outcome line of the whole run, as far as this task sums it up."""
    get_current_context()["ti"].xcom_push(key=RUN_KEY, value=outcome_line(outcome, sentence))


def waiting(sentence: str) -> None:
    """Log the outcome line of a task that now waits for a person."""
    log.info(outcome_line(Outcome.WAITING, sentence))


def on_success(context: Context) -> None:
    """Airflow's success callback: the sentence said, or that the task is done."""
    sentence = context.get(SAID) or f"{context['ti'].task_id.replace('_', ' ')} is done"
    log.info(outcome_line(Outcome.DONE, str(sentence)))


def on_skipped(context: Context) -> None:
    """Airflow's skip callback."""
    log.info(outcome_line(Outcome.DONE, f"{context['ti'].task_id.replace('_', ' ')} was not needed"))


def on_retry(context: Context) -> None:
    """Airflow's retry callback: broken, and tried again."""
    ti = context["ti"]
    why = _explained(context) or outcome_line(Outcome.BROKEN, _why(context))
    log.warning("%s", f"{why}; try {ti.try_number} of {ti.max_tries + 1}")


def on_failure(context: Context) -> None:
    """Airflow's failure callback: refused or broken, kept for the run's note as well."""
    exception = context.get("exception")
    outcome = Outcome.REFUSED if isinstance(exception, Refused) else Outcome.BROKEN
    line = outcome_line(outcome, _why(context))
    if not isinstance(exception, Refused):
        line = _explained(context) or line
    context["ti"].xcom_push(key=XCOM_KEY, value=line)
    log.error(line)


def _explained(context: Context) -> str | None:
    """What the operator knows better than its exception, as an outcome line."""
    explain = getattr(context["task"], "explain_failure", None)
    return explain(context) if explain is not None else None


def _why(context: Context) -> str:
    exception: Any = context.get("exception")
    if isinstance(exception, (Refused, Ended)):
        return exception.sentence
    if exception is None:
        return "the task ended without saying why"
    return f"{exception}" or type(exception).__name__
