"""One Airflow prompt, re-read from Airflow itself: what was asked there, who answered, and what."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import quote

from pydantic import Field

from hummingbird.core.approval import Decision
from hummingbird.core.emergency import JUSTIFIED, NOT_JUSTIFIED, REVIEW_PATH
from hummingbird.core.errors import NotFound
from hummingbird.core.record import Record
from hummingbird.notary.office import Airflow
from hummingbird.notary.plain_text import plain

APPROVAL_DAG = "approval"
_REASON_LONGEST = 2000
_DECISIONS = {
    APPROVAL_DAG: {"Approve": Decision.APPROVED, "Reject": Decision.REJECTED},
    REVIEW_PATH: {JUSTIFIED: Decision.APPROVED, NOT_JUSTIFIED: Decision.REJECTED},
}
"""Path → what its prompts offer."""


class PromptPlace(Record):
    """Where a prompt stands in Airflow."""

    number: int = Field(ge=1)
    dag_id: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,250}$")
    run_id: str = Field(pattern=r"^[A-Za-z0-9_.~:+-]{1,250}$")
    task_id: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,250}$")
    map_index: int = Field(ge=-1)

    def page(self, airflow_url: str) -> str:
        """The prompt's page for people."""
        run, task = quote(self.run_id, safe=""), quote(self.task_id, safe="")
        mapped = f"/mapped/{self.map_index}" if self.map_index >= 0 else ""
        return f"{airflow_url}/dags/{self.dag_id}/runs/{run}/tasks/{task}{mapped}/required_actions"


class Answered(Record):
    """What a user answered in the prompt; nothing here has been judged yet."""

    system: Literal["airflow", "jira"] = "airflow"
    user: str
    user_id: str
    """The account's number in Airflow; in Jira the changelog's entry."""
    triggered_by: str | None
    decision: Decision
    reason: str
    responded_at: str

    @property
    def account(self) -> str:
        """Whose it is, in words."""
        if self.system == "jira":
            return f"Jira account {plain(self.user, 120)}"
        return f"Airflow user {plain(self.user or self.user_id, 120)}"


class Unusable(Record):
    """Why the prompt holds no answer to this request."""

    why: str


def read_prompt(
    airflow: Airflow,
    airflow_url: str,
    place: PromptPlace,
    request: str,
    path: str = APPROVAL_DAG,
    named: str = "request",
) -> Answered | Unusable:
    """Re-read the prompt of a path and its run; Unreachable when Airflow does not answer.

    `named`: under which name the run was told what it is about.
    """
    if place.dag_id != path:
        return Unusable(why=f"answers are given in DAG {path}, not in {place.dag_id}")
    try:
        run = airflow.dag_run(place.dag_id, place.run_id)
        detail = airflow.hitl_detail(place.dag_id, place.run_id, place.task_id, place.map_index)
    except NotFound:
        return Unusable(why=_unanswered(place, airflow_url))
    if (run.get("conf") or {}).get(named) != request:
        return Unusable(why=f"run {place.dag_id}/{place.run_id} asks about another {named}")
    if request[:12] not in str(detail.get("subject") or ""):
        return Unusable(why=f"the prompt's subject does not name this {named}")
    return _answer(detail, run, place, airflow_url)


def _answer(
    detail: dict[str, Any], run: dict[str, Any], place: PromptPlace, airflow_url: str
) -> Answered | Unusable:
    user = detail.get("responded_by_user")
    if not detail.get("response_received") or not isinstance(user, dict):
        return Unusable(why=_unanswered(place, airflow_url))
    chosen = detail.get("chosen_options") or []
    offered = _DECISIONS[place.dag_id]
    decision = offered.get(str(chosen[0])) if len(chosen) == 1 else None
    if decision is None:
        return Unusable(why=f"the answer {plain(str(chosen), 60)} is neither {' nor '.join(offered)}")
    reason = str((detail.get("params_input") or {}).get("reason") or "")
    return Answered(
        user=str(user.get("name") or ""),
        user_id=str(user.get("id") or ""),
        triggered_by=run.get("triggering_user_name"),
        decision=decision,
        reason=plain(reason, _REASON_LONGEST),
        responded_at=str(detail.get("responded_at") or ""),
    )


def _unanswered(place: PromptPlace, airflow_url: str) -> str:
    return f"marking is not an approval; answer here: {place.page(airflow_url)}"
