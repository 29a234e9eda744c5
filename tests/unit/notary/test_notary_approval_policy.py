"""Who must sign and who may not is data: panels, classes of components, parts that people had."""

from __future__ import annotations

from typing import Any

import pytest

from hummingbird.core.event import EventKind
from unit.notary.delivery_samples import a_bundle
from unit.notary.scene import Scene

RUN = "test_deploy/HB-101.1"
TEST_RULE = "approval: {roles: [test_lead], valid_hours: 24}"
LEAD = "email: test_lead@hummingbird.example, roles: [test_lead]"


@pytest.fixture
def ready(scene: Scene) -> Scene:
    """A bundle that people can be asked about for test."""
    scene.admit(RUN)
    scene.ready(a_bundle())
    return scene


def edit(scene: Scene, file: str, before: str, after: str) -> None:
    path = scene.folder / file
    content = path.read_text("utf-8")
    assert before in content, before
    path.write_text(content.replace(before, after, 1), "utf-8")


def asked(scene: Scene) -> dict[str, Any]:
    answer = scene.ask(a_bundle(), "test", RUN)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def refusal(answer: Any) -> str:
    assert answer.status_code == 409, answer.text
    return str(answer.json()["error"]["message"])


def touched(scene: Scene, part: str, system: str, account: str) -> None:
    bundle = a_bundle().sha256
    hands = {
        "component": "order-gateway",
        "hands": [{"part": part, "system": system, "account": account}],
    }
    event = {
        "kind": EventKind.BUNDLE_TOUCHED.value,
        "key": f"touched:{bundle}:{part}",
        "subject": bundle,
        "bundle": bundle,
        "actor": "platform",
        "data": {"touched": hands},
    }
    assert scene.post("/events", event).status_code == 201


def test_two_of_three_roles_sign_in_any_order(ready: Scene) -> None:
    panel = "{any_of: [test_lead, compliance, release_approver], people: 2}"
    edit(ready, "environments.yaml", TEST_RULE, f"approval: {{panels: [{panel}]}}")
    request = asked(ready)
    assert {s["role"] for s in request["request"]["signatures"]} == {
        "compliance or release_approver or test_lead"
    }
    assert request["request"]["signatures"][0]["candidates"] == [
        "test_lead",
        "release_approver",
        "compliance",
    ]
    identity = request["id"]
    assert "does not have the role" in refusal(ready.sign(identity, 1, "operations_approver"))
    assert ready.sign(identity, 1, "compliance").json()["state"] == "open"
    assert "signed this request already" in refusal(ready.sign(identity, 2, "compliance"))
    assert ready.sign(identity, 2, "test_lead").json()["state"] == "approved"
    ready.promote(a_bundle(), "test")
    assert ready.warrant(a_bundle(), "test", RUN, approval=identity).status_code == 201


def test_a_class_of_components_needs_a_signature_more(ready: Scene) -> None:
    rule = "approval: {roles: [test_lead], classes: {order_flow: {roles: [compliance]}}}"
    edit(ready, "environments.yaml", TEST_RULE, rule)
    assert [s["role"] for s in asked(ready)["request"]["signatures"]] == ["test_lead"]
    edit(
        ready,
        "components.yaml",
        "jira_project: HB\n",
        "jira_project: HB\n  component_class: order_flow\n",
    )
    assert [s["role"] for s in asked(ready)["request"]["signatures"]] == ["test_lead", "compliance"]


@pytest.mark.parametrize(
    ("part", "system", "account", "told"),
    [
        ("committer", "email", "Test_Lead@hummingbird.example", "test_lead committed to this bundle"),
        ("merger", "gitlab", "test_lead", "test_lead merged commits of this bundle"),
        ("builder", "gitlab", "test_lead", "test_lead started a build of this bundle"),
        ("committer", "email", "bot@hummingbird.example", "test_lead owns a robot that had a part"),
        ("builder", "gitlab", "bot@hummingbird.example", "test_lead owns a robot that had a part"),
    ],
)
def test_whoever_had_a_hand_in_it_does_not_sign(
    ready: Scene, part: str, system: str, account: str, told: str
) -> None:
    edit(ready, "roles.yaml", LEAD, f"robots: [Bot@hummingbird.example], {LEAD}")
    edit(ready, "roles.yaml", "roles: [compliance]", "roles: [compliance, test_lead]")
    touched(ready, part, system, account)
    request = asked(ready)
    assert request["request"]["signatures"][0]["candidates"] == ["compliance"]
    assert told in refusal(ready.sign(request["id"], 1, "test_lead"))
    assert ready.sign(request["id"], 1, "compliance").json()["state"] == "approved"


def test_what_comes_to_light_after_the_signature_takes_it_back(ready: Scene) -> None:
    identity = asked(ready)["id"]
    assert ready.sign(identity, 1, "test_lead").json()["state"] == "approved"
    ready.promote(a_bundle(), "test")
    touched(ready, "merger", "gitlab", "test_lead")
    told = refusal(ready.warrant(a_bundle(), "test", RUN, approval=identity))
    assert "test_lead signed this and is its merger; another person must sign" in told


def test_a_policy_may_let_a_committer_sign(ready: Scene) -> None:
    rule = "approval: {roles: [test_lead], not_by: [requester, author]}"
    edit(ready, "environments.yaml", TEST_RULE, rule)
    touched(ready, "committer", "email", "test_lead@hummingbird.example")
    assert ready.sign(asked(ready)["id"], 1, "test_lead").json()["state"] == "approved"


def test_two_accounts_of_one_person_are_one_signature(ready: Scene) -> None:
    edit(ready, "environments.yaml", TEST_RULE, "approval: {roles: [test_lead, test_lead]}")
    edit(ready, "roles.yaml", LEAD, f"also: {{airflow: [zhaomin, ZM]}}, {LEAD}")
    edit(ready, "roles.yaml", "roles: [compliance]", "roles: [compliance, test_lead]")
    identity = asked(ready)["id"]
    assert ready.sign(identity, 1, "test_lead").status_code == 200
    assert "test_lead signed this request already" in refusal(ready.sign(identity, 2, "zm"))
    assert ready.sign(identity, 2, "compliance").json()["state"] == "approved"


def test_people_are_not_asked_in_vain(ready: Scene) -> None:
    touched(ready, "merger", "gitlab", "test_lead")
    told = refusal(ready.ask(a_bundle(), "test", RUN))
    assert told == "approvers: nobody may sign as test_lead: all who hold the role are part of this"
    edit(ready, "environments.yaml", TEST_RULE, "approval: {roles: [compliance, compliance]}")
    assert "approvers: 2 people must sign and compliance may" in refusal(ready.ask(a_bundle(), "test", RUN))


def test_an_edit_that_names_nothing_of_it_voids_nothing_and_a_membership_does(ready: Scene) -> None:
    identity = asked(ready)["id"]
    edit(ready, "roles.yaml", "roles: [auditor]", "roles: [operations]")
    assert ready.ask(a_bundle(), "test", RUN).json()["id"] == identity
    edit(ready, "roles.yaml", "roles: [compliance]", "roles: [compliance, test_lead]")
    told = refusal(ready.sign(identity, 1, "test_lead"))
    assert told.endswith(
        "the policy changed since people were asked; this request is void, a new run asks again"
    )
