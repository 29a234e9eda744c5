"""Take back: what the user who started the run signed or asked, as the notary reads it from Airflow."""

from __future__ import annotations

from airflow.sdk import get_current_context, task

from hummingbird.core.errors import Conflict
from hummingbird.orchestration import outcome, wiring
from hummingbird.orchestration.refusal import Refused


@task
def withdraw() -> None:
    """Have the notary take it back; refused where nothing of it is this person's, or all of it is used."""
    run = get_current_context()["dag_run"]
    try:
        taken = wiring.notary().withdraw(run.dag_id, run.run_id)
    except Conflict as error:
        raise Refused(str(error)) from None
    outcome.say("; ".join(f"{status.request.environment}: {status.why}" for status in taken))
