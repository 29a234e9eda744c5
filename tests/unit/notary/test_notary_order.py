"""Neither an older commit nor what was rolled back is brought over what runs, unless a person asks anew."""

from __future__ import annotations

from datetime import UTC, datetime

from hummingbird.core.event import EventKind
from unit.notary.delivery_samples import a_bundle
from unit.notary.releases_in_line import NEWER, OLDER, RUN, SECOND, THIRD, agreed, holding, message, ready
from unit.notary.scene import Scene

__all__ = ["ready"]


def test_an_older_commit_is_not_brought_over_a_newer_one(ready: Scene) -> None:
    holding(ready)
    ready.deploy(a_bundle(), "test", RUN, approval=str(ready.ask(a_bundle(), "test", RUN).json()["id"]))
    ready.ready(OLDER)
    ready.behind.add(("b" * 40, "a" * 40))
    ready.finish(RUN)
    refused = message(ready.warrant(OLDER, "test", THIRD))
    assert "not_outdated: test runs order-gateway aaaaaaaa" in refused
    assert "which contains bbbbbbbb already; going back to it is a rollback" in refused
    run = "test_deploy/HB-103.2"
    ready.admit(run)
    assert "not_outdated" in message(ready.ask(OLDER, "test", run)), "people are not asked in vain"


def test_without_git_s_word_nothing_goes_over_another_commit(ready: Scene) -> None:
    holding(ready)
    ready.deploy(a_bundle(), "test", RUN, approval=str(ready.ask(a_bundle(), "test", RUN).json()["id"]))
    ready.finish(RUN)
    question = ready.question(NEWER, "test", SECOND)
    answer = ready.post("/warrants", question)
    states = {a["gate"]: a["state"] for a in answer.json()["verdict"]["answers"]}
    assert states["not_outdated"] == "waiting"
    forged = {
        "kind": EventKind.LINEAGE_READ.value,
        "key": f"lineage:order-gateway:{'c' * 40}:{'a' * 40}",
        "subject": "c" * 40,
        "component": "order-gateway",
        "actor": "platform",
        "data": {
            "lineage": {
                "component": "order-gateway",
                "commit": "f" * 40,
                "other": "a" * 40,
                "relation": "ahead",
            }
        },
    }
    assert ready.post("/events", forged).status_code == 422


def test_what_was_rolled_back_comes_again_when_a_person_asks_anew(ready: Scene) -> None:
    holding(ready)
    ready.deploy(a_bundle(), "test", RUN, approval=str(ready.ask(a_bundle(), "test", RUN).json()["id"]))
    ready.finish(RUN)
    waiting = "test_deploy/HB-102.2"
    ready.admit(waiting)
    before = agreed(ready, waiting, NEWER)
    second = agreed(ready, SECOND, NEWER)
    ready.post("/warrants", second)
    ready.deploy(NEWER, "test", SECOND, "rolled_back", approval=second["approval"])
    ready.finish(SECOND)
    refused = message(ready.post("/warrants", before))
    assert f"rolled back in test at {datetime.now(UTC):%Y-%m-%d}" in refused
    assert "after this run was asked for; start the path again" in refused
    robot = "test_deploy/HB-102.3"
    ready.admit(robot, requester=None)
    assert "nothing brings it again by itself" in message(ready.ask(NEWER, "test", robot))
    anew = "test_deploy/HB-102.4"
    ready.admit(anew)
    assert ready.post("/warrants", agreed(ready, anew, NEWER)).status_code == 201
