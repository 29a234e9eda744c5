"""GitLab's deliveries: recorded once, a scan started once, strangers kept out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import text

from hummingbird.notary.outbox import back_off, dispatch_due, seconds_until_due
from unit.notary.airflow_stand_in import AirflowStandIn
from unit.notary.delivery_samples import COMMIT, OLD_COMMIT
from unit.notary.scene import WEBHOOK, Scene
from unit.notary.webhook_samples import a_push
from waiting import until

NOTHING = "0" * 40


def deliver(scene: Scene, payload: Any, delivery: str = "delivery-1", token: str = WEBHOOK) -> Response:
    content = payload if isinstance(payload, (bytes, str)) else json.dumps(payload)
    headers = {"X-Gitlab-Token": token, "Idempotency-Key": delivery, "Content-Type": "application/json"}
    return scene.client.post("/webhooks/gitlab", content=content, headers=headers)


def settled(scene: Scene) -> bool:
    return seconds_until_due(scene.office.writer) is None


def test_a_push_starts_one_scan_of_its_commit(scene: Scene, airflow: AirflowStandIn) -> None:
    answer = deliver(scene, a_push())
    assert answer.status_code == 202
    assert answer.json() == {"recorded": 1, "repeated": False, "run": f"scan/HB-101.{COMMIT[:8]}__scan"}
    until(lambda: settled(scene))
    assert airflow.triggered == [
        {
            "dag_id": "scan",
            "dag_run_id": f"HB-101.{COMMIT[:8]}__scan",
            "logical_date": None,
            "conf": {
                "story": "HB-101",
                "component": "order-gateway",
                "branch": "feature/HB-101-limit",
                "commit": COMMIT,
                "base": OLD_COMMIT,
                "merge_request": None,
                "mode": "incremental",
            },
            "note": "HB-101",
        }
    ]


def test_a_repeated_delivery_starts_nothing_twice(scene: Scene, airflow: AirflowStandIn) -> None:
    deliver(scene, a_push())
    assert deliver(scene, a_push()).json()["repeated"] is True
    until(lambda: settled(scene))
    assert len(airflow.triggered) == 1
    assert scene.kinds() == ["WEBHOOK_RECEIVED"]


def test_the_same_commit_pushed_again_starts_nothing(scene: Scene, airflow: AirflowStandIn) -> None:
    deliver(scene, a_push(), "delivery-1")
    deliver(scene, a_push(), "delivery-2")
    until(lambda: settled(scene))
    assert len(airflow.triggered) == 1
    assert scene.kinds() == ["WEBHOOK_RECEIVED", "WEBHOOK_RECEIVED"]


def test_a_run_that_airflow_has_already_counts_as_started(scene: Scene, airflow: AirflowStandIn) -> None:
    airflow.runs[("scan", f"HB-101.{COMMIT[:8]}__scan")] = {"state": "running"}
    deliver(scene, a_push())
    until(lambda: settled(scene))
    with scene.office.reading() as connection:
        assert connection.execute(text("SELECT outcome FROM ledger.outbox")).scalar_one() == "existed"


def test_a_scan_that_could_not_be_started_is_tried_again(scene: Scene, airflow: AirflowStandIn) -> None:
    airflow.failures = [404]
    deliver(scene, a_push())
    until(lambda: len(airflow.triggered) == 1)
    until(lambda: settled(scene))
    with scene.office.reading() as connection:
        assert connection.execute(text("SELECT attempts FROM ledger.outbox")).scalar_one() == 2


def test_a_start_survives_a_dispatcher_that_died(scene: Scene, airflow: AirflowStandIn) -> None:
    airflow.failures = [404] * 50
    deliver(scene, a_push())
    until(lambda: len(airflow.failures) < 50)
    airflow.failures = []
    with scene.office.writing() as connection:
        connection.execute(text("UPDATE ledger.outbox SET next_at = clock_timestamp()"))
    dispatch_due(scene.office.writer, scene.office.airflow)
    until(lambda: len(airflow.triggered) == 1)


def test_the_story_is_the_branch_s_else_the_newest_commit_s_of_this_project(
    scene: Scene, airflow: AirflowStandIn
) -> None:
    commits = [
        {"id": OLD_COMMIT, "message": "HB-7 old"},
        {"id": COMMIT, "message": "UTF-8, OPS-3, HB-102"},
    ]
    assert deliver(scene, a_push("develop", commits=commits)).json()["run"].startswith("scan/HB-102.")
    other = a_push("release/1.4 x".replace(" ", "_"), commits=[], after="c" * 40)
    assert deliver(scene, other, "delivery-2").json()["run"] == "scan/release-1.4_x.cccccccc__scan"
    until(lambda: settled(scene))
    assert [t["conf"]["story"] for t in airflow.triggered] == ["HB-102", None]
    assert airflow.triggered[1]["note"] == "release/1.4_x"


def test_template_braces_of_a_branch_and_a_message_stay_what_they_are(
    scene: Scene, airflow: AirflowStandIn
) -> None:
    branch = "feature/HB-101-{{conn.harbor_default.password}}-{%raw%}"
    commits = [{"id": COMMIT, "message": "HB-101 {{ var.value.get('x') }} ${jndi:ldap://x} $(id)"}]
    assert deliver(scene, a_push(branch, commits=commits)).status_code == 202
    until(lambda: settled(scene))
    assert airflow.triggered[0]["conf"]["branch"] == branch
    assert airflow.triggered[0]["dag_run_id"] == f"HB-101.{COMMIT[:8]}__scan"
    recorded = scene.get("/events").json()[0]["event"]["data"]["commits"][0]["message"]
    assert recorded == commits[0]["message"]


def test_a_new_branch_has_no_base_and_its_merge_request_is_known(
    scene: Scene, airflow: AirflowStandIn
) -> None:
    request = {
        "object_kind": "merge_request",
        "project": {"path_with_namespace": "trading/order-gateway"},
        "object_attributes": {
            "iid": 12,
            "state": "opened",
            "source_branch": "feature/HB-101-limit",
            "target_branch": "develop",
        },
    }
    assert "run" not in deliver(scene, request, "delivery-0").json()
    deliver(scene, a_push(before=NOTHING))
    until(lambda: settled(scene))
    assert (airflow.triggered[0]["conf"]["base"], airflow.triggered[0]["conf"]["merge_request"]) == (None, 12)


@pytest.mark.parametrize(
    "payload",
    [
        a_push(after=NOTHING),
        a_push() | {"object_kind": "tag_push", "ref": "refs/tags/v1.4.0"},
    ],
    ids=["deleted branch", "tag"],
)
def test_what_starts_nothing_is_recorded_all_the_same(
    scene: Scene, airflow: AirflowStandIn, payload: dict[str, Any]
) -> None:
    answer = deliver(scene, payload)
    assert answer.status_code == 202
    assert "run" not in answer.json()
    assert scene.kinds() == ["WEBHOOK_RECEIVED"]
    assert settled(scene)


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (a_push() | {"object_kind": "pipeline"}, "'pipeline' events start nothing"),
        (a_push(project={"path_with_namespace": "stranger/thing"}), "project 'stranger/thing' is not in the"),
    ],
)
def test_what_is_not_ours_is_ignored_with_a_reason(scene: Scene, payload: dict[str, Any], why: str) -> None:
    answer = deliver(scene, payload)
    assert answer.status_code == 202
    assert why in answer.json()["ignored"]
    assert scene.kinds() == []


@pytest.mark.parametrize("token", ["", "wrong", WEBHOOK + " x"])
def test_without_the_token_nothing_is_looked_at(scene: Scene, token: str) -> None:
    assert deliver(scene, b"not even json", token=token).status_code == 401
    assert scene.kinds() == []


@pytest.mark.parametrize(
    "content",
    [
        b"not json",
        b"[]",
        b"\xff\xfe",
        b'{"object_kind": "push", "object_kind": "tag_push"}',
        b'{"object_kind": NaN}',
        b'{"a":' * 60 + b"1" + b"}" * 60,
        b"[" * 100_000,
        json.dumps(a_push(ref="refs/heads/-o")),
        json.dumps(a_push(ref="refs/heads/a b")),
        json.dumps(a_push(ref="refs/heads/a\nb")),
        json.dumps(a_push(ref="refs/heads/" + "a" * 400)),
        json.dumps(a_push(ref="refs/remotes/x")),
        json.dumps(a_push(after="abc")),
        json.dumps(a_push(after=None)),
    ],
    ids=range(14),
)
def test_a_malformed_delivery_is_422_and_leaves_nothing(scene: Scene, content: bytes) -> None:
    answer = deliver(scene, content)
    assert answer.status_code == 422, answer.text
    assert scene.kinds() == []


@pytest.mark.parametrize("delivery", ["short", "with space in it", "x" * 201])
def test_a_delivery_needs_a_name(scene: Scene, delivery: str) -> None:
    assert deliver(scene, a_push(), delivery).status_code == 422


def test_the_same_name_with_another_body_is_a_conflict(scene: Scene) -> None:
    deliver(scene, a_push())
    assert deliver(scene, a_push(after="c" * 40)).status_code == 409


def test_waiting_doubles_to_a_minute_and_honours_what_was_asked() -> None:
    assert 0.5 <= back_off(1) <= 1
    assert 4 <= back_off(4) <= 8
    assert back_off(40) <= 60
    assert back_off(1, after=90) == 90
