"""One release after the other: first come, first served; called when it is their turn and the window open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from hummingbird.core.event import EventKind
from hummingbird.notary import usher
from unit.notary.delivery_samples import a_bundle, deploy_report, open_warrant
from unit.notary.releases_in_line import NEWER, OLDER, RUN, SECOND, THIRD, agreed, holding, message, ready
from unit.notary.scene import Scene

__all__ = ["ready"]


def set_calendar(scene: Scene, text: dict[str, Any], **environments: str) -> None:
    """Give the catalogue a calendar `ours`, and environments that name it."""
    calendars, file = scene.folder / "calendars.yaml", scene.folder / "environments.yaml"
    known = yaml.safe_load(calendars.read_text("utf-8"))
    calendars.write_text(yaml.safe_dump(known | {"ours": text}, allow_unicode=True), "utf-8")
    stages = yaml.safe_load(file.read_text("utf-8"))
    for field, environment in environments.items():
        stages[environment][field] = "ours"
    file.write_text(yaml.safe_dump(stages, allow_unicode=True), "utf-8")


def opens_in(seconds: float) -> dict[str, Any]:
    """A calendar that is frozen for some seconds more, and open then."""
    now = datetime.now(UTC)
    freeze = {
        "reason": "settlement",
        "begins": (now - timedelta(hours=1)).isoformat(),
        "ends": (now + timedelta(seconds=seconds)).isoformat(),
    }
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return {"timezone": "UTC", "weekly": {day: ["00:00-24:00"] for day in days}, "freezes": [freeze]}


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tasks count as parked at once."""
    monkeypatch.setattr(usher, "SETTLE", timedelta(0))
    yield


def test_a_second_release_waits_until_the_first_one_s_run_has_ended(ready: Scene) -> None:
    signed = holding(ready)
    second = agreed(ready, SECOND, NEWER)
    assert "in_turn: 1 in front: HB-101 (test_deploy/HB-101.1), at work since" in message(
        ready.post("/warrants", second)
    )
    job = ready.deploy_job(signed, "test")
    token = ready.ticket(job, run=RUN).json()["token"]
    assert ready.consume(token, open_warrant(signed).id, "test").json()["state"] == "granted"
    ready.put(token, deploy_report(job, open_warrant(signed), "deployed"))
    assert "in_turn" in message(ready.warrant(NEWER, "test", SECOND, approval=second["approval"])), "suites"
    ready.finish(RUN)
    granted = ready.warrant(NEWER, "test", SECOND, approval=second["approval"])
    assert granted.status_code == 201, granted.text
    assert open_warrant(granted.json()).predecessors == {"test": {"order-gateway": a_bundle().sha256}}


def test_who_waits_is_told_once_with_who_is_in_front(ready: Scene) -> None:
    holding(ready)
    second = agreed(ready, SECOND, NEWER)
    for _ in range(3):
        ready.post("/warrants", second)
    (waiting,) = ready.get("/events", kind=EventKind.RELEASE_WAITING.value).json()
    assert waiting["event"]["run"] == SECOND
    assert waiting["event"]["data"]["in_front"] == [RUN]
    assert "1 in front" in waiting["event"]["data"]["sentence"]


def test_the_one_that_came_first_goes_first_however_often_the_other_asks(ready: Scene) -> None:
    holding(ready)
    second, third = agreed(ready, SECOND, NEWER), agreed(ready, THIRD)
    ready.post("/warrants", second)
    ready.post("/warrants", third)
    ready.finish(RUN)
    assert "1 in front: HB-101 (test_deploy/HB-102.1), waits since" in message(ready.post("/warrants", third))
    assert ready.post("/warrants", second).status_code == 201
    assert "at work since" in message(ready.post("/warrants", third))


def test_a_rollback_goes_before_those_that_wait_and_not_into_a_rollout(ready: Scene) -> None:
    holding(ready)
    ready.deploy(a_bundle(), "test", RUN, approval=str(ready.ask(a_bundle(), "test", RUN).json()["id"]))
    ready.finish(RUN)
    assert ready.post("/warrants", agreed(ready, SECOND, NEWER)).status_code == 201
    ready.deploy(NEWER, "test", SECOND, approval=str(ready.ask(NEWER, "test", SECOND).json()["id"]))
    ready.ready(OLDER)
    ready.promote(OLDER, "test")
    waits = agreed(ready, THIRD, OLDER)
    assert "in_turn" in message(ready.post("/warrants", waits))
    back = "rollback/HB-102.1"
    ready.admit(back, bundle=NEWER.sha256, environment="test")
    undo = agreed(ready, back, NEWER, operation="rollback")
    assert f"({SECOND}), at work" in message(ready.post("/warrants", undo)), "its pods may still be at work"
    concluded = {
        "kind": EventKind.ROLLOUT_CONCLUDED.value,
        "key": f"rollout:{SECOND}:0",
        "subject": NEWER.sha256,
        "bundle": NEWER.sha256,
        "environment": "test",
        "run": SECOND,
        "actor": "platform",
        "data": {"operation": "deploy", "clusters": [{"cluster": "test", "state": "ok", "why": ""}]},
    }
    assert ready.post("/events", concluded).status_code == 201
    assert ready.post("/warrants", undo).status_code == 201, "suites need not end before a rollback"
    assert "2 in front" in message(ready.post("/warrants", waits))


def test_a_release_that_a_gate_refuses_leaves_the_line_to_the_next(ready: Scene) -> None:
    holding(ready)
    second, third = agreed(ready, SECOND, NEWER), agreed(ready, THIRD, a_bundle())
    ready.post("/warrants", second)
    ready.post("/warrants", third)
    ready.finish(RUN)
    roles = ready.folder / "roles.yaml"
    policy = roles.read_text("utf-8")
    roles.write_text(policy.replace("赵敏", "赵珉"), "utf-8")
    assert "the policy changed since people were asked" in message(ready.post("/warrants", second))
    roles.write_text(policy, "utf-8")
    assert ready.post("/warrants", third).status_code == 201


def test_a_release_whose_run_was_ended_by_hand_is_passed_over(ready: Scene, settled: None) -> None:
    holding(ready)
    second, third = agreed(ready, SECOND, NEWER), agreed(ready, THIRD, a_bundle())
    ready.post("/warrants", second)
    ready.post("/warrants", third)
    ready.airflow.runs[("test_deploy", "HB-101.1")] = {"state": "failed"}
    ready.airflow.runs.pop(("test_deploy", "HB-102.1"))
    usher.look(ready.office)
    assert ready.airflow.answers == [("test_deploy", "HB-103.1", "obtain_warrant", ("Go",))]
    assert ready.post("/warrants", third).status_code == 201


def test_the_next_is_called_when_the_one_in_front_ends_and_nobody_else_is(
    ready: Scene, settled: None
) -> None:
    holding(ready)
    second, third = agreed(ready, SECOND, NEWER), agreed(ready, THIRD, a_bundle())
    ready.post("/warrants", second)
    ready.post("/warrants", third)
    usher.look(ready.office)
    assert ready.airflow.answers == []
    ready.airflow.deaf = 1
    ready.finish(RUN)
    usher.look(ready.office)
    usher.look(ready.office)
    assert set(ready.airflow.answers) == {("test_deploy", "HB-102.1", "obtain_warrant", ("Go",))}
    assert ready.airflow.tasks[("test_deploy", "HB-102.1", "obtain_warrant")] == "running"
    assert len(ready.get("/events", kind=EventKind.RELEASE_CALLED.value).json()) == 1


def test_a_task_that_parked_a_moment_ago_is_not_answered_yet(ready: Scene) -> None:
    holding(ready)
    ready.post("/warrants", agreed(ready, SECOND, NEWER))
    ready.finish(RUN)
    pause = usher.look(ready.office)
    assert pause is not None
    assert 0 < pause <= 6.0
    assert ready.airflow.answers == []


def test_a_closed_window_holds_everybody_and_opens_for_one_at_a_time(ready: Scene, settled: None) -> None:
    set_calendar(ready, opens_in(12), calendar="test")
    first, second = agreed(ready, RUN), agreed(ready, SECOND, NEWER)
    told = message(ready.post("/warrants", first))
    assert "window_open: calendar ours is closed (frozen: settlement); opens 20" in told
    assert "in_turn" not in told
    ready.post("/warrants", second)
    pause = usher.look(ready.office)
    assert ready.airflow.answers == []
    assert pause is not None
    assert 0 < pause <= 12, "it looks again when the window opens, not later"
    waiting = [e["event"]["data"] for e in ready.get("/events", kind=EventKind.RELEASE_WAITING.value).json()]
    assert all(data["opens_at"] for data in waiting)
    set_calendar(ready, opens_in(-1), calendar="test")
    usher.look(ready.office)
    assert ready.airflow.answers == [("test_deploy", "HB-101.1", "obtain_warrant", ("Go",))]


def test_the_window_is_in_the_brief_and_one_that_never_opens_asks_nobody(ready: Scene) -> None:
    set_calendar(ready, opens_in(600), calendar="test")
    brief = ready.ask(a_bundle(), "test", RUN).json()["request"]["brief"]
    assert any("calendar ours is closed (frozen: settlement); opens" in line for line in brief["details"])
    set_calendar(ready, {"timezone": "UTC", "weekly": {}}, calendar="test")
    answer = ready.ask(NEWER, "test", SECOND)
    assert "does not open within 60 days" in message(answer)


def test_a_window_that_closes_before_the_pod_begins_stops_it(ready: Scene) -> None:
    signed = holding(ready)
    job = ready.deploy_job(signed, "test")
    token = ready.ticket(job, run=RUN).json()["token"]
    files = [ready.folder / name for name in ("calendars.yaml", "environments.yaml")]
    kept = {file: file.read_text("utf-8") for file in files}
    set_calendar(ready, opens_in(600), calendar="test")
    refused = ready.consume(token, open_warrant(signed).id, "test")
    assert refused.json()["error"]["kind"] == "Mismatch"
    assert "holds no more:" in message(refused)
    assert "window_open: calendar ours is closed (frozen: settlement); opens" in message(refused)
    for file, text in kept.items():
        file.write_text(text, "utf-8")
    assert ready.consume(token, open_warrant(signed).id, "test").json()["state"] == "granted"
    set_calendar(ready, opens_in(600), calendar="test")
    again = ready.ticket(job, run=RUN).json()["token"]
    assert ready.consume(again, open_warrant(signed).id, "test").json()["state"] == "granted", "it goes on"


def test_a_run_that_is_run_again_after_its_end_has_lost_its_turn(ready: Scene) -> None:
    signed = holding(ready)
    job = ready.deploy_job(signed, "test")
    token = ready.ticket(job, run=RUN).json()["token"]
    ready.finish(RUN)
    assert "it is not the turn of test_deploy/HB-101.1" in message(
        ready.consume(token, open_warrant(signed).id, "test")
    )
    second = agreed(ready, SECOND, NEWER)
    assert ready.post("/warrants", second).status_code == 201
    first = ready.question(a_bundle(), "test", RUN, approval=open_warrant(signed).approval)
    assert "in_turn: 1 in front" in message(ready.post("/warrants", first))
    assert "WARRANT_CONSUMED" not in ready.kinds(environment="test")


def test_rollbacks_have_a_window_of_their_own(ready: Scene) -> None:
    holding(ready)
    ready.deploy(a_bundle(), "test", RUN, approval=str(ready.ask(a_bundle(), "test", RUN).json()["id"]))
    ready.finish(RUN)
    second = agreed(ready, SECOND, NEWER)
    ready.post("/warrants", second)
    ready.deploy(NEWER, "test", SECOND, approval=second["approval"])
    ready.finish(SECOND)
    set_calendar(ready, opens_in(600), calendar="test")
    back = "rollback/HB-102.1"
    ready.admit(back, bundle=NEWER.sha256, environment="test")
    undo = agreed(ready, back, NEWER, operation="rollback")
    assert ready.post("/warrants", undo).status_code == 201, "the calendar of deployments is not asked"
    ready.finish(back)
    set_calendar(ready, opens_in(600), rollback_calendar="test")
    again = "rollback/HB-102.2"
    ready.admit(again, bundle=NEWER.sha256, environment="test")
    undo = agreed(ready, again, NEWER, operation="rollback")
    assert "window_open" in message(ready.post("/warrants", undo))


def test_in_dev_releases_of_other_components_do_not_wait(scene: Scene, tmp_path: Path) -> None:
    runs = {"dev_deploy/HB-101.1": "order-gateway", "dev_deploy/HB-102.1": "quote-service"}
    for run, name in runs.items():
        scene.admit(run, requester=None)
        bundle = a_bundle(name=name)
        if name == "order-gateway":
            scene.ready(bundle)
        else:
            scene.seal(bundle, run)
    first = scene.warrant(a_bundle(), "dev", "dev_deploy/HB-101.1")
    assert first.status_code == 201, first.text
    other = scene.warrant(a_bundle(name="quote-service"), "dev", "dev_deploy/HB-102.1")
    states = {a["gate"]: a["state"] for a in other.json()["verdict"]["answers"]}
    assert states["in_turn"] == "open"
    same = "dev_deploy/HB-101.2"
    scene.admit(same, requester=None)
    assert "in_turn: 1 in front" in message(scene.warrant(a_bundle(), "dev", same))
