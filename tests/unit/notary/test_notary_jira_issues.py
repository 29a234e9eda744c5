"""The issues in which people answer: whose they are, what they say, and that each is judged once."""

from __future__ import annotations

import json

import pytest

from hummingbird.core.errors import Conflict
from hummingbird.core.story import StoryKey
from hummingbird.notary.issue_answers import read_answers, take_from_issue
from postgres import LedgerDatabase
from unit.notary.answer_desk import Jira
from unit.notary.asking_in_jira import ask, asking, jira, messengers, refused, signed, status, world
from unit.notary.delivery_samples import a_bundle
from unit.notary.scene import Scene
from unit.notary.test_notary_notices import make_due
from waiting import until

__all__ = ["asking", "jira", "messengers", "world"]


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
