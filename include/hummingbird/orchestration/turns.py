"""The task that asks for the warrant, and waits for turn and window while holding nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator

from hummingbird.core.gate import Verdict
from hummingbird.core.turn import GO, TASK
from hummingbird.gates.registry import only_time_is_missing
from hummingbird.orchestration import outcome, wiring
from hummingbird.orchestration.notes import note_waiting
from hummingbird.orchestration.prompts import LONGEST_WAIT
from hummingbird.orchestration.refusal import Refused

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


class ObtainWarrant(HITLOperator):
    """Ask the notary, which asks every gate; park while only time is missing, until the notary calls.

    Parked it holds no worker, no trigger and no pool slot. Being called opens nothing: it asks again.
    """

    def __init__(self, *, ask: Callable[[], list[str] | Verdict], **kwargs: Any) -> None:
        super().__init__(
            task_id=TASK,
            subject="[platform, nothing to do] {{ dag_run.conf.get('story') }} waits for turn or window",
            body="Answered by the notary when nobody is in front and the window is open.",
            options=[GO],
            response_timeout=LONGEST_WAIT,
            **kwargs,
        )
        self.ask = ask

    def execute(self, context: Context) -> Any:
        found = self.ask()
        if not isinstance(found, Verdict):
            return found
        if not only_time_is_missing(found):
            raise Refused(found.sentence)
        platform = wiring.catalogue().platform_account
        self.assigned_users = [{"id": platform, "name": platform}]
        note_waiting(found.sentence)
        outcome.waiting(found.sentence)
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        super().execute_complete(context, event)
        return self.execute(context)
