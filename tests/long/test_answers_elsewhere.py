"""People answer in Jira instead of Airflow, and take back what they asked for: the runs that wait hear it."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.onebox import OneBox
from long.delivery import Delivery
from long.people import Signing, develop, start
from long.test_windows import brought, over
from long.watch import Watch, until
from sandbox.onebox.place import Place
from sandbox.seed.api import Api

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.full]
FIRST_STORY = 85
ISSUE_SECONDS, PARK_SECONDS, END_SECONDS = 120, 300, 600
ANSWERED = "dev.cdeventsx.hummingbird-approval.updated"


def test_a_release_whose_people_all_answer_in_jira_reaches_production(box: OneBox, tmp_path: Path) -> None:
    """In test the answer comes as soon as the issue is there, in production when the run already waits."""
    delivery = Delivery(box, develop(box, FIRST_STORY))
    story, watch = delivery.story, delivery.watch
    first, second = f"{story}.1__test_deploy", f"{story}.1__prod_deploy"
    with delivery.telling():
        start(box, "test_deploy", first, story)
        approve(box.place, "test_lead", story, "test")
        assert (
            until(lambda: over(watch, first, "test_deploy"), f"the end of {first}", END_SECONDS) == "success"
        )
        start(box, "prod_deploy", second, story)
        until(lambda: parked(watch, second), f"{second} waits for people", PARK_SECONDS)
        for person in ("operations_approver", "release_approver"):
            approve(box.place, person, story, "prod")
        assert until(lambda: over(watch, second), f"the end of {second}", END_SECONDS) == "success"
        for run in (f"test_deploy/{first}", f"prod_deploy/{second}"):
            sources = [answer["approval"]["source"] for answer in watch.told(run, ANSWERED)]
            assert sources, run
            assert all(one.startswith(f"{box.place.world.url('jira')}/browse/APR-") for one in sources), (
                sources
            )
        until(lambda: watch.waiting("approval") == 0 or None, "the end of every prompt", PARK_SECONDS)
        verdict = delivery.judged(tmp_path)
        assert verdict.clean, str(verdict)


def test_a_question_that_its_asker_takes_back_ends_the_run_and_a_new_one_asks_again(
    box: OneBox, tmp_path: Path
) -> None:
    delivery = Delivery(box, develop(box, FIRST_STORY + 1))
    story, watch = delivery.story, delivery.watch
    run_id, again = f"{story}.1__prod_deploy", f"{story}.2__prod_deploy"
    with delivery.telling():
        with Signing(box, story):
            brought(box, watch, story)
        start(box, "prod_deploy", run_id, story)
        until(lambda: parked(watch, run_id), f"{run_id} waits for people", PARK_SECONDS)
        approve(box.place, "release_approver", story, "prod")
        assert take_back(box, watch, "operations_approver", story).startswith(
            f"REFUSED: operations_approver has nothing to take back of {story}"
        )
        assert watch.state("prod_deploy", run_id) == "running"
        taken = take_back(box, watch, "release_manager", story)
        assert taken.startswith("DONE: "), taken
        assert until(lambda: over(watch, run_id), f"the end of {run_id}", END_SECONDS) == "failed"
        note = note_of(box, "prod_deploy", run_id)
        assert note.startswith("REFUSED: "), note
        assert "release_manager" in note, note
        assert not watch.warrants(f"prod_deploy/{run_id}")
        with Signing(box, story):
            start(box, "prod_deploy", again, story)
            assert until(lambda: over(watch, again), f"the end of {again}", END_SECONDS) == "success"
        verdict = delivery.judged(tmp_path)
        assert verdict.clean, str(verdict)


def parked(watch: Watch, run_id: str) -> bool | None:
    """Whether the run waits for people."""
    assert over(watch, run_id) is None, f"{run_id} ended instead of waiting"
    return watch.is_in(run_id, "prod_deploy", "await_people", "awaiting_input") or None


def approve(place: Place, person: str, story: str, environment: str) -> None:
    """Move the issue that asks this person, once it is there."""
    account = (person, place.world.secret(f"jira.{person}"))
    with Api(place.world.url("jira"), auth=account) as jira:
        issue = until(lambda: asked(jira, f"{story} → {environment}:", person), "the issue", ISSUE_SECONDS)
        ways = jira.call("GET", f"/rest/api/2/issue/{issue}/transitions").json()["transitions"]
        (way,) = [one["id"] for one in ways if one["to"]["name"] == "Approved"]
        jira.call("POST", f"/rest/api/2/issue/{issue}/transitions", {"transition": {"id": way}})


def asked(jira: Api, title: str, person: str) -> str | None:
    """The issue of a signature that mentions the person and waits."""
    query = {"jql": "project=APR AND status=Waiting", "fields": "summary,description", "maxResults": "100"}
    for issue in jira.call("GET", "/rest/api/2/search", query=query).json()["issues"]:
        fields = issue["fields"]
        if fields["summary"].startswith(title) and f"[~{person}]" in fields["description"]:
            return str(issue["key"])
    return None


def take_back(box: OneBox, watch: Watch, account: str, story: str) -> str:
    """Start `withdraw` as a person; the note it ends with."""
    run_id = f"{story}.{account}__withdraw"
    conf = {"story": story, "environment": "prod", "reason": "换一个版本再上线"}
    box.airflow(account).post(
        "/dags/withdraw/dagRuns", {"logical_date": None, "dag_run_id": run_id, "conf": conf}
    )
    until(lambda: over(watch, run_id, "withdraw"), f"the end of {run_id}", END_SECONDS)
    return note_of(box, "withdraw", run_id)


def note_of(box: OneBox, path: str, run_id: str) -> str:
    """What a run says of itself."""
    return str(box.airflow("auditor").get(f"/dags/{path}/dagRuns/{run_id}")["note"])
