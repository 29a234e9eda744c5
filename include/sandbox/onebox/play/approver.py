"""The approvers: each answers the prompts that are theirs, one after the other, as they show up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.onebox.airflow_api import AirflowApi, Refused
from sandbox.onebox.lifecycle import Say
from sandbox.onebox.place import Place

APPROVERS = ("test_lead", "release_approver", "operations_approver", "compliance")
SETTLED = timedelta(seconds=5)
"""Airflow 3.3.2 can lose an answer that comes within a second of the prompt; people are never that quick."""
PROMPTS = "/dags/approval/dagRuns/~/hitlDetails"


class Approvers:
    """Everybody who is asked for a signature."""

    def __init__(self, place: Place, story: str, say: Say) -> None:
        self._place = place
        self._story = story
        self._say = say
        self._sessions: dict[str, AirflowApi] = {}

    def answer_next(self) -> bool:
        """Answer one prompt that somebody is waited for; whether there was one."""
        for account in APPROVERS:
            for prompt in self._open(account):
                if self._is_theirs(prompt, account):
                    self._approve(account, prompt)
                    return True
        return False

    def _open(self, account: str) -> list[dict[str, Any]]:
        query = {"response_received": "false", "state": "awaiting_input", "limit": 100}
        found: list[dict[str, Any]] = self._session(account).get(PROMPTS, **query)["hitl_details"]
        return found

    def _is_theirs(self, prompt: dict[str, Any], account: str) -> bool:
        task = prompt["task_instance"]
        parked = datetime.fromisoformat(task["start_date"])
        return (
            any(account == user["id"] for user in prompt["assigned_users"])
            and task["dag_run_id"].startswith(f"{self._story}.")
            and datetime.now(UTC) - parked > SETTLED
        )

    def _approve(self, account: str, prompt: dict[str, Any]) -> None:
        task = prompt["task_instance"]
        path = f"/dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}/taskInstances/{task['task_id']}"
        body = {"chosen_options": ["Approve"], "params_input": {"reason": "Read the three lines; agreed."}}
        try:
            self._session(account).patch(f"{path}/{task['map_index']}/hitlDetails", body)
        except Refused as refused:
            if refused.status != 409:  # answered meanwhile by somebody at the screen
                raise
            return
        self._say(f"{account} approves: {prompt['subject']}")

    def _session(self, account: str) -> AirflowApi:
        if account not in self._sessions:
            self._sessions[account] = AirflowApi.login(self._place, account)
        return self._sessions[account]
