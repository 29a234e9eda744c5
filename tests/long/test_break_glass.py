"""Production is frozen and something burns: two people bring the mend, and a third looks at it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from e2e.onebox import OneBox
from long.delivery import Delivery
from long.people import Signing, develop
from long.test_windows import brought, frozen, over
from long.watch import until
from sandbox.onebox.airflow_api import Refused
from sandbox.seed.api import Api

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.full]
FIRST_STORY = 75
END_SECONDS, PROMPT_SECONDS = 600, 120
SETTLED = timedelta(seconds=6)
REASON, FOUND = "客户无法撤单，每分钟都有损失", "确有故障，补上回归用例后合并"
PROMPTS = "/dags/emergency_review/dagRuns/~/hitlDetails"
USED = "dev.cdeventsx.hummingbird-emergency.used"
REVIEWED = "dev.cdeventsx.hummingbird-emergency.reviewed"


def test_an_emergency_goes_into_a_frozen_production_once_and_a_third_person_looks_at_it(
    box: OneBox, tmp_path: Path
) -> None:
    delivery = Delivery(box, develop(box, FIRST_STORY))
    story, watch = delivery.story, delivery.watch
    run_id = f"{story}.1__emergency_deploy"
    run, review = f"emergency_deploy/{run_id}", f"{run_id}__emergency_review"
    with delivery.telling():
        with Signing(box, story):
            brought(box, watch, story)
            with frozen(box, "production", "settlement of the day"):
                with pytest.raises(Refused, match="403"):
                    ask(box, "developer", run_id, story, "OPS-8")
                ask(box, "release_manager", f"{story}.0__emergency_deploy", story, "OPS-8")
                over_already = until(
                    lambda: over(watch, f"{story}.0__emergency_deploy", "emergency_deploy"),
                    "the refusal of an incident that is over",
                    PROMPT_SECONDS,
                )
                assert over_already == "failed"
                ask(box, "release_manager", run_id, story, incident(box))
                state = until(
                    lambda: over(watch, run_id, "emergency_deploy"), f"the end of {run_id}", END_SECONDS
                )
        note = box.airflow("auditor").get(f"/dags/emergency_deploy/dagRuns/{run_id}")["note"]
        assert (state, note.partition(":")[0]) == ("success", "DONE"), note
        assert watch.events(run, USED) == 1
        prompt = until(lambda: asked(box, review), "the question to the reviewer", PROMPT_SECONDS)
        users = {user["id"] for user in prompt["assigned_users"]}
        assert not users & {"release_manager", "release_approver", "platform"}, users
        with pytest.raises(Refused, match="403"):
            look_at(box, "release_approver", prompt)
        look_at(box, "compliance", prompt)
        ended = until(lambda: over(watch, review, "emergency_review"), f"the end of {review}", END_SECONDS)
        assert ended == "success"
        assert watch.events(run, REVIEWED) == 1
        verdict = delivery.judged(tmp_path)
        assert verdict.clean, str(verdict)


def incident(box: OneBox) -> str:
    """An open incident, filed by operations."""
    account = ("operations", box.place.world.secret("jira.operations"))
    fields = {"project": {"key": "OPS"}, "issuetype": {"name": "Incident"}, "summary": "撤单失败"}
    with Api(box.place.world.url("jira"), auth=account) as jira:
        return str(jira.call("POST", "/rest/api/2/issue", {"fields": fields}).json()["key"])


def ask(box: OneBox, account: str, run_id: str, story: str, key: str) -> None:
    """A person starts the path."""
    conf = {"story": story, "incident": key, "reason": REASON}
    body = {"logical_date": None, "dag_run_id": run_id, "conf": conf}
    box.airflow(account).post("/dags/emergency_deploy/dagRuns", body)


def asked(box: OneBox, run_id: str) -> dict[str, Any] | None:
    """The reviewer's prompt once it is settled."""
    query = {"response_received": "false", "state": "awaiting_input", "limit": 100}
    for prompt in box.airflow("compliance").get(PROMPTS, **query)["hitl_details"]:
        task = prompt["task_instance"]
        parked = datetime.fromisoformat(task["start_date"])
        if task["dag_run_id"] == run_id and datetime.now(UTC) - parked > SETTLED:
            found: dict[str, Any] = prompt
            return found
    return None


def look_at(box: OneBox, account: str, prompt: dict[str, Any]) -> None:
    """A person answers it."""
    task = prompt["task_instance"]
    path = f"/dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}/taskInstances/{task['task_id']}"
    body = {"chosen_options": ["Justified"], "params_input": {"reason": FOUND}}
    box.airflow(account).patch(f"{path}/{task['map_index']}/hitlDetails", body)
