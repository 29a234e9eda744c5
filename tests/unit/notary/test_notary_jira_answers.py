"""People answer in Jira: the same checks as in Airflow, whichever comes first counts once."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from hummingbird.core.approval_rule import ApprovalRule
from hummingbird.core.story import StoryKey
from hummingbird.notary.issue_answers import read_answers, take_from_issue
from postgres import LedgerDatabase
from unit.notary.answer_desk import CLOUD, DATA_CENTER, EDITIONS, Jira
from unit.notary.asking_in_jira import RUN, ask, asking, jira, messengers, refused, status, world
from unit.notary.delivery_samples import FINDING, a_bundle
from unit.notary.scene import Scene
from waiting import until

__all__ = ["asking", "jira", "messengers", "world"]


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
