"""What a hook leads to by the kind of its branch; a merge request is scanned once, by hook or by push."""

from __future__ import annotations

from typing import Any

import pytest

from unit.notary.airflow_stand_in import AirflowStandIn
from unit.notary.delivery_samples import COMMIT, OLD_COMMIT, a_bundle
from unit.notary.scene import Scene
from unit.notary.test_notary_webhooks import deliver, settled
from unit.notary.webhook_samples import a_push
from waiting import until

RUN = f"scan/HB-101.{COMMIT[:8]}__scan"


def a_request(branch: str = "feature/HB-101-limit", action: str = "open", **fields: Any) -> dict[str, Any]:
    attributes = {
        "iid": 12,
        "state": "opened",
        "action": action,
        "source_branch": branch,
        "target_branch": "develop",
        "source_project_id": 1,
        "target_project_id": 1,
        "last_commit": {"id": COMMIT, "message": "no key here", "author": {"email": "d@x"}},
    }
    project = {"path_with_namespace": "trading/order-gateway"}
    return {
        "object_kind": "merge_request",
        "project": project,
        "object_attributes": attributes | fields,
    }


@pytest.mark.parametrize(
    ("branch", "starts", "why"),
    [
        ("feature/HB-101-x", True, "is scanned only"),
        ("develop", True, "is scanned, built and deployed to dev"),
        ("release/1.4.0", True, "is scanned and built"),
        ("hotfix/1.4.1", True, "is scanned and built"),
        ("master", False, "is neither scanned nor built"),
        ("finish/v1.4.1", False, "is the platform's own"),
        ("bugfix/HB-101", False, "is no branch of the flow"),
    ],
)
def test_a_push_leads_to_what_its_branch_is_for_and_the_event_says_so(
    scene: Scene, branch: str, starts: bool, why: str
) -> None:
    answer = deliver(scene, a_push(branch)).json()
    assert ("run" in answer) is starts
    assert starts or why in answer["why"]
    (recorded,) = scene.get("/events").json()
    assert why in recorded["event"]["data"]["flow"]


@pytest.mark.parametrize("action", ["open", "reopen", "update"])
def test_a_merge_request_has_its_head_scanned_and_answered(
    scene: Scene, airflow: AirflowStandIn, action: str
) -> None:
    payload = a_request(action=action, oldrev=OLD_COMMIT if action == "update" else None)
    assert deliver(scene, payload).json()["run"] == RUN
    until(lambda: settled(scene))
    conf = airflow.triggered[0]["conf"]
    assert (conf["commit"], conf["merge_request"], conf["branch"]) == (COMMIT, 12, "feature/HB-101-limit")
    assert conf["base"] == (OLD_COMMIT if action == "update" else None)


def test_an_unknown_branch_is_scanned_once_it_asks_to_be_merged(scene: Scene) -> None:
    assert "run" in deliver(scene, a_request("bugfix/HB-101-limit")).json()


@pytest.mark.parametrize("first", ["push", "merge request"])
def test_push_and_merge_request_of_one_commit_start_one_scan(
    scene: Scene, airflow: AirflowStandIn, first: str
) -> None:
    # The push lists a commit that names the story, the merge request only the newest, which does not.
    commits = [{"id": OLD_COMMIT, "message": "HB-101"}, {"id": COMMIT, "message": "no key here"}]
    hooks = [a_push("feature/limit", commits=commits), a_request("feature/limit")]
    for number, payload in enumerate(hooks if first == "push" else reversed(hooks)):
        deliver(scene, payload, f"delivery-{number}")
    until(lambda: settled(scene))
    assert len(airflow.triggered) == 1


def test_a_commit_that_was_scanned_before_is_told_to_the_request_that_is_opened_later(
    scene: Scene, airflow: AirflowStandIn
) -> None:
    bundle = a_bundle()
    deliver(scene, a_push(), "delivery-1")
    scene.work(scene.scan_job(bundle), scene.scan_report(bundle))
    assert deliver(scene, a_request(), "delivery-2").json()["run"] == f"scan/HB-101.{COMMIT[:8]}.mr12__scan"
    deliver(scene, a_request(), "delivery-3")
    until(lambda: settled(scene))
    assert [t["dag_run_id"] for t in airflow.triggered] == [
        f"HB-101.{COMMIT[:8]}__scan",
        f"HB-101.{COMMIT[:8]}.mr12__scan",
    ]


@pytest.mark.parametrize(
    "payload",
    [
        a_request(action="merge", state="merged", merge_commit_sha="c" * 40),
        a_request(action="close", state="closed"),
        a_request(action="approved"),
        a_request(action="update"),
        a_request(action="open", state="merged"),
        a_request(source_project_id=2),
        a_request(last_commit=None),
        a_request("release/1.4.0"),
        a_request("hotfix/1.4.1"),
        a_request("master"),
    ],
    ids=[
        "merged",
        "closed",
        "approved",
        "title only",
        "merged by now",
        "fork",
        "no commit",
        "release",
        "hotfix",
        "master",
    ],
)
def test_what_needs_no_scan_is_recorded_only(scene: Scene, payload: dict[str, Any]) -> None:
    answer = deliver(scene, payload)
    assert answer.status_code == 202
    assert "run" not in answer.json()
    assert scene.kinds() == ["WEBHOOK_RECEIVED"]
    assert settled(scene)


def test_a_merge_is_recorded_with_who_went_where_and_as_what(scene: Scene) -> None:
    deliver(scene, a_request(action="merge", state="merged", merge_commit_sha="c" * 40))
    data = scene.get("/events").json()[0]["event"]["data"]
    assert (data["action"], data["branch"], data["target"]) == ("merge", "feature/HB-101-limit", "develop")
    assert data["merged_as"] == "c" * 40


@pytest.mark.parametrize(
    "fields",
    [
        {"last_commit": {"id": "abc"}},
        {"iid": 0},
        {"source_branch": ""},
        {"source_branch": "a\nb"},
        {"oldrev": "zz"},
        {"action": "x" * 60},
    ],
)
def test_a_malformed_merge_request_is_422(scene: Scene, fields: dict[str, Any]) -> None:
    assert deliver(scene, a_request(**fields)).status_code == 422
    assert scene.kinds() == []
