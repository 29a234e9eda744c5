"""People answer in Jira: the same checks as in Airflow, whichever comes first counts once."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from hummingbird.core.approval_rule import ApprovalRule
from hummingbird.core.errors import Conflict
from hummingbird.core.story import StoryKey
from hummingbird.notary import usher
from hummingbird.notary.issue_answers import read_answers, take_from_issue
from hummingbird.notary.messengers import Messengers
from hummingbird.notary.prompt import Unusable
from postgres import LedgerDatabase
from sandbox.jira import create
from sandbox.world import World
from stand_ins import free_world, served
from unit.notary.answer_desk import CLOUD, DATA_CENTER, EDITIONS, HOOK_SECRET, Jira, shown
from unit.notary.delivery_samples import FINDING, a_bundle
from unit.notary.scene import Scene
from unit.notary.test_notary_notices import make_due
from waiting import until

RUN = "prod_deploy/HB-101.1"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with served(free_world(tmp_path_factory.mktemp("home"), "jira"), create) as running:
        jira = Jira(running, DATA_CENTER)
        fields = {"project": {"key": "HB"}, "issuetype": {"name": "Story"}, "summary": "限价单校验"}
        assert jira.call("developer", "POST", "issue", {"fields": fields})["key"] == "HB-101"
        yield running


@pytest.fixture(params=[DATA_CENTER])
def jira(world: World, request: pytest.FixtureRequest) -> Iterator[Jira]:
    made = Jira(world, request.param)
    made.notify("")
    yield made
    made.notify("")


@pytest.fixture
def messengers(jira: Jira) -> Iterator[Messengers]:
    tracker = jira.tracker()
    yield Messengers(desk=tracker, desk_url=jira.url, hook_secret=HOOK_SECRET)
    tracker.close()


@pytest.fixture
def asking(scene: Scene, jira: Jira, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A bundle that runs in test; people have their accounts of this edition of Jira."""
    monkeypatch.setattr(usher, "SETTLE", timedelta(0))
    roles = scene.folder / "roles.yaml"
    text = roles.read_text("utf-8")
    for name in scene.catalogue.persons:
        text = text.replace(f"jira: {name},", f'jira: "{jira.edition.account(name)}",')
    roles.write_text(text, "utf-8")
    scene.through_test(a_bundle())
    scene.promote(a_bundle(), "prod")
    scene.admit(RUN, bundle=a_bundle().sha256, environment="prod")
    return scene


def ask(scene: Scene, run: str = RUN) -> tuple[str, dict[int, str]]:
    """A question for production, and the issues of its two signatures."""
    answer = scene.ask(a_bundle(), "prod", run)
    assert answer.status_code == 201, answer.text
    identity = str(answer.json()["id"])
    return identity, shown(scene, identity, 2)


def status(scene: Scene, identity: str) -> dict[str, Any]:
    return dict(scene.get(f"/approvals/{identity}").json())


def refused(scene: Scene, issue: str) -> str:
    """Take the answer, and why it does not count."""
    taken = take_from_issue(scene.office, StoryKey(issue))
    assert isinstance(taken, Unusable), taken
    return taken.why


@pytest.mark.parametrize("jira", EDITIONS.values(), ids=EDITIONS, indirect=True)
def test_two_people_sign_by_moving_their_issues_and_the_webhook_tells(asking: Scene, jira: Jira) -> None:
    jira.notify(str(asking.client.base_url))
    identity, issues = ask(asking)
    buttons = [asking.airflow.prompt(identity, n, subject=f"[{identity[:12]}-{n}]") for n in (1, 2)]
    asking.airflow.park(RUN, "await_people")
    jira.move("release_approver", issues[1], "Approved", "looked at it")
    until(lambda: len(status(asking, identity)["approvals"]) == 1)
    until(lambda: len(asking.airflow.open_prompts("approval")) == 1)
    (left,) = asking.airflow.open_prompts("approval")
    assert left["task_instance"]["map_index"] == buttons[1]["map_index"]
    jira.move("operations_approver", issues[2], "Approved")
    until(lambda: status(asking, identity)["state"] == "approved")
    first, second = status(asking, identity)["approvals"]
    assert (first["person"], first["reason"]) == ("release_approver", "looked at it")
    assert (second["person"], second["source"]) == ("operations_approver", f"{jira.url}/browse/{issues[2]}")
    until(lambda: asking.airflow.answers == [("prod_deploy", "HB-101.1", "await_people", ("Approve",))])
    until(lambda: not asking.airflow.open_prompts("approval"))
    asking.deploy(a_bundle(), "prod", RUN, approval=identity)


@pytest.mark.parametrize("jira", EDITIONS.values(), ids=EDITIONS, indirect=True)
def test_a_rejection_carries_its_reason_and_closes_the_other_issue(asking: Scene, jira: Jira) -> None:
    identity, issues = ask(asking)
    asking.airflow.prompt(identity, 2)
    jira.move("release_approver", issues[1], "Rejected")
    assert refused(asking, issues[1]) == "a rejection needs a reason"
    assert jira.status(issues[1]) == "Waiting"
    assert "It does not count: a rejection needs a reason" in jira.comments(issues[1])
    hostile = "收盘前不上线 {{ var.value.token }} <script>x</script> [~administrator]"
    jira.move("release_approver", issues[1], "Rejected", hostile)
    read_answers(asking.office)
    told = status(asking, identity)
    assert told["state"] == "rejected"
    assert "{{ var.value.token }} ‹script›x‹/script›" in told["approvals"][0]["reason"]
    until(lambda: jira.status(issues[2]) == "Closed")
    until(lambda: not asking.airflow.open_prompts("approval"))
    assert jira.status(issues[1]) == "Rejected"


@pytest.mark.parametrize("jira", EDITIONS.values(), ids=EDITIONS, indirect=True)
def test_the_issue_says_what_the_ledger_says_and_nothing_in_it_is_markup(asking: Scene, jira: Jira) -> None:
    _, issues = ask(asking)
    fields = jira.call("auditor", "GET", f"issue/{issues[1]}")["fields"]
    told = json.dumps(fields["description"], ensure_ascii=False)
    assert fields["summary"] == "HB-101 → prod: deploy asks release_approver"
    plain = told.replace("\\\\", "")
    assert "What changes: HB-101 限价单校验: order-gateway 1.4.0" in plain
    assert "What could hurt: first deployment: there is nothing to roll back to" in plain
    assert a_bundle().sha256 in plain
    mention = jira.edition.account("release_approver")
    assert (f"[~{mention}]" if jira.edition is DATA_CENTER else f'"id": "{mention}"') in told
    if jira.edition is CLOUD:
        kinds = {node["type"] for block in fields["description"]["content"] for node in block["content"]}
        assert kinds == {"text", "mention"}
    links = jira.call("auditor", "GET", "issue/HB-101/remotelink")
    assert f"Answer as release_approver: {issues[1]}" in [one["object"]["title"] for one in links]


def test_the_first_answer_counts_and_the_other_place_hears_it(asking: Scene, jira: Jira) -> None:
    identity, issues = ask(asking)
    assert asking.sign(identity, 1, "release_approver").status_code == 200
    assert take_from_issue(asking.office, StoryKey(issues[1])) is None
    until(lambda: "release_approver answered in Airflow" in jira.comments(issues[1]))
    assert jira.status(issues[1]) == "Closed"
    jira.move("operations_approver", issues[2], "Approved")
    read_answers(asking.office)
    late = asking.sign(identity, 2, "compliance", "Reject")
    assert late.json()["state"] == "approved"
    assert [one["person"] for one in status(asking, identity)["approvals"]] == [
        "release_approver",
        "operations_approver",
    ]
    assert asking.kinds(subject=identity).count("APPROVAL_ANSWERED") == 2


def test_whoever_may_not_sign_in_airflow_may_not_in_jira(asking: Scene, jira: Jira) -> None:
    roles = asking.folder / "roles.yaml"
    roles.write_text(roles.read_text("utf-8").replace('jira: "developer2", ', ""), "utf-8")
    identity, issues = ask(asking)
    strangers = {
        "compliance": "compliance does not have the role release_approver now",
        "release_manager": "release_manager does not have the role release_approver now",
        "platform": "Jira account platform is no person of the catalogue",
        "developer2": "Jira account developer2 is no person of the catalogue",
    }
    for user, why in strangers.items():
        jira.move(user, issues[1], "Approved")
        read_answers(asking.office)
        assert status(asking, identity)["approvals"] == []
        assert jira.status(issues[1]) == "Waiting"
        assert why in jira.comments(issues[1])
    assert asking.kinds(subject=identity).count("APPROVAL_REFUSED") == len(strangers)
    jira.move("release_approver", issues[1], "Approved")
    read_answers(asking.office)
    assert [one["person"] for one in status(asking, identity)["approvals"]] == ["release_approver"]


def test_the_requester_and_an_author_with_every_role_may_not_sign_in_jira(asking: Scene, jira: Jira) -> None:
    roles = asking.folder / "roles.yaml"
    text = roles.read_text("utf-8")
    for name in ("release_manager", "developer"):
        text = text.replace(f"roles: [{name}]", "roles: [release_approver, operations_approver]")
    roles.write_text(text, "utf-8")
    _, issues = ask(asking)
    jira.move("release_manager", issues[1], "Approved")
    assert refused(asking, issues[1]) == "release_manager asked for this; another person must sign"
    jira.move("developer", issues[1], "Approved")
    assert "developer wrote commits of this bundle" in refused(asking, issues[1])


def test_one_person_does_not_sign_once_here_and_once_there(asking: Scene, jira: Jira) -> None:
    roles = asking.folder / "roles.yaml"
    both = "roles: [release_approver, operations_approver]"
    roles.write_text(roles.read_text("utf-8").replace("roles: [release_approver]", both), "utf-8")
    identity, issues = ask(asking)
    asking.sign(identity, 1, "release_approver")
    jira.move("release_approver", issues[2], "Approved")
    assert "release_approver signed this request already" in refused(asking, issues[2])


def test_an_entry_of_the_changelog_counts_once_however_often_it_is_told(asking: Scene, jira: Jira) -> None:
    identity, issues = ask(asking)
    jira.move("compliance", issues[1], "Approved")
    refused(asking, issues[1])
    # The role comes later; what was said before it does not count by that.
    body = json.dumps({"webhookEvent": "jira:issue_updated", "issue": {"key": issues[1]}}).encode()
    for _ in range(2):
        answer = asking.client.post("/webhooks/jira", content=body, headers=signed(body))
        assert answer.json() == {"ignored": f"{issues[1]} holds no new answer"}
    jira.move("release_approver", issues[1], "Approved")
    for _ in range(2):
        assert asking.client.post("/webhooks/jira", content=body, headers=signed(body)).status_code == 202
    assert asking.kinds(subject=identity).count("APPROVAL_ANSWERED") == 1
    second = "prod_deploy/HB-101.2"
    asking.admit(second, bundle=a_bundle().sha256, environment="prod")
    again, others = ask(asking, second)
    assert set(others.values()).isdisjoint(issues.values())
    read_answers(asking.office)
    assert status(asking, again)["approvals"] == []


def test_an_issue_that_is_not_this_question_s_answers_nothing(asking: Scene, jira: Jira) -> None:
    identity, issues = ask(asking)
    fields = {
        "project": {"key": "APR"},
        "issuetype": {"name": "Approval"},
        "summary": f"HB-101 → prod: deploy asks release_approver [{identity[:12]}-1]",
        "labels": [f"hummingbird-{identity}-1"],
    }
    lookalike = jira.call("release_approver", "POST", "issue", {"fields": fields})["key"]
    jira.move("release_approver", lookalike, "Approved")
    jira.move("release_approver", issues[2], "Approved")
    read_answers(asking.office)
    assert status(asking, identity)["approvals"] == []
    assert "does not have the role operations_approver" in jira.comments(issues[2])
    assert take_from_issue(asking.office, StoryKey(lookalike)) is None
    jira.move("developer", "HB-101", "In Progress")
    assert take_from_issue(asking.office, StoryKey("HB-101")) is None


def test_an_issue_that_somebody_prepared_is_not_taken_for_ours(asking: Scene, jira: Jira) -> None:
    tracker, where = jira.tracker(), asking.catalogue.answers
    assert where is not None
    fields = {
        "project": {"key": "APR"},
        "issuetype": {"name": "Approval"},
        "summary": "something harmless",
        "labels": ["hummingbird-prepared-1"],
    }
    theirs = jira.call("compliance", "POST", "issue", {"fields": fields})["key"]
    ours = tracker.question_once(where, "hummingbird-prepared-1", "the question", ["What changes: x"], [])
    assert ours != theirs
    assert tracker.question_once(where, "hummingbird-prepared-1", "the question", ["y"], []) == ours
    tracker.close()


def test_an_answer_to_other_words_than_the_ledger_s_does_not_count(asking: Scene, jira: Jira) -> None:
    identity, issues = ask(asking)
    for number, field, user in (
        (1, "summary", "release_approver"),
        (2, "description", "operations_approver"),
    ):
        jira.change("compliance", issues[number], **{field: "only a typo is mended"})
        jira.move(user, issues[number], "Approved")
        assert refused(asking, issues[number]) == f"compliance changed what {issues[number]} says"
    assert status(asking, identity)["approvals"] == []


def test_an_answer_after_the_question_was_void_does_not_count(
    asking: Scene, jira: Jira, ledger_database: LedgerDatabase
) -> None:
    identity, issues = ask(asking)
    report = asking.scan_report(a_bundle(), findings=(FINDING,))
    asking.work(asking.scan_job(a_bundle()), report, run="scan/HB-101.9")
    jira.move("release_approver", issues[1], "Approved")
    assert "the evidence changed since people were asked" in refused(asking, issues[1])
    assert status(asking, identity)["state"] == "void"
    until(lambda: jira.status(issues[2]) == "Closed")
    until(lambda: jira.status(issues[1]) == "Closed")


def test_an_answer_after_the_end_or_after_a_withdrawal_does_not_count(
    asking: Scene, jira: Jira, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity, issues = ask(asking)
    asking.take_back("release_manager")
    until(lambda: {jira.status(one) for one in issues.values()} == {"Closed"})
    assert take_from_issue(asking.office, StoryKey(issues[1])) is None
    monkeypatch.setattr(ApprovalRule, "validity", property(lambda _: timedelta(seconds=4)))
    second = "prod_deploy/HB-101.2"
    asking.admit(second, bundle=a_bundle().sha256, environment="prod")
    late, others = ask(asking, second)
    until(lambda: status(asking, late)["state"] == "expired")
    until(lambda: jira.status(others[2]) == "Closed")
    assert status(asking, identity)["approvals"] == status(asking, late)["approvals"] == []


def signed(body: bytes, secret: str = HOOK_SECRET) -> dict[str, str]:
    return {"X-Hub-Signature": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def test_a_hint_that_jira_did_not_sign_is_not_looked_at(scene: Scene) -> None:
    issue = b'{"issue": {"key": "APR-99999"}}'
    climbing = b'{"issue": {"key": "APR-1/../x"}}'
    for headers, body, code in (
        ({}, issue, 401),
        ({"X-Hub-Signature": "sha256="}, issue, 401),
        (signed(b"other"), issue, 401),
        (signed(issue, "another-secret-of-sb"), issue, 401),
        (signed(b"{}"), b"{}", 422),
        (signed(b"["), b"[", 422),
        (signed(climbing), climbing, 422),
        (signed(issue), issue, 202),
    ):
        answer = scene.client.post("/webhooks/jira", content=body, headers=headers)
        assert answer.status_code == code, (headers, body)


def test_a_question_is_shown_once_though_the_notary_died_before_it_said_so(
    asking: Scene, jira: Jira, ledger_database: LedgerDatabase
) -> None:
    identity, issues = ask(asking)
    before = jira.issues("APR")
    make_due(ledger_database, f"show:{identity}")
    until(lambda: asking.kinds(subject=identity).count("APPROVAL_SHOWN") == 2)
    where, tracker = asking.catalogue.answers, jira.tracker()
    assert where is not None
    found = tracker.question_once(where, f"hummingbird-{identity}-1", "again", ["again"], [])
    assert (found, jira.issues("APR")) == (issues[1], before)
    tracker.close()


def test_an_issue_that_cannot_be_put_back_is_judged_once_and_put_back_later(
    asking: Scene, jira: Jira, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity, issues = ask(asking)
    desk = asking.office.messengers.desk
    assert desk is not None

    def stuck(key: StoryKey, status: str) -> None:
        raise Conflict(f"{key}: no way to {status}")

    jira.move("compliance", issues[1], "Approved")
    with monkeypatch.context() as patch:
        patch.setattr(desk, "move_to", stuck)
        refused(asking, issues[1])
        read_answers(asking.office)
    assert jira.status(issues[1]) == "Approved"
    read_answers(asking.office)
    assert jira.status(issues[1]) == "Waiting"
    assert asking.kinds(subject=identity).count("APPROVAL_REFUSED") == 1
