"""Push, tag and merge-request events: GitLab's payload and headers, never lost, in order."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from stand_ins import free_world
from unit.sandbox.gitlab.gitlab_process import Served
from unit.sandbox.gitlab.gitlab_world import Clone, Receiver, Running
from waiting import until


@pytest.fixture
def hook(running: Running, maintainer: Clone, project: Any, receiver: Receiver) -> Any:
    """A hook for everything, set by the platform after the first push."""
    switches = {"push_events": True, "tag_push_events": True, "merge_requests_events": True}
    owner = running.api("platform").projects.get(project.id)
    return owner.hooks.create({"url": receiver.url, "token": "s3cret", **switches})


def test_a_push_arrives_with_gitlabs_payload_and_headers(
    running: Running, hook: Any, developer: Clone, receiver: Receiver
) -> None:
    before = developer.git("rev-parse", "HEAD").stdout.strip()
    developer.git("push", "--quiet", "origin", "feature/HB-101")
    commit = developer.commit("feat(HB-101): 限价单\n\n正文", {"src/app.py": "2", "src/新.py": "3"})
    developer.git("push", "--quiet", "origin", "feature/HB-101")

    _, created = receiver.next()
    assert (created["before"], created["after"], created["commits"]) == ("0" * 40, before, [])

    headers, push = receiver.next()
    assert headers["X-Gitlab-Event"] == "Push Hook"
    assert headers["X-Gitlab-Token"] == "s3cret"
    assert headers["Content-Type"] == "application/json"
    assert {"X-Gitlab-Event-Uuid", "Idempotency-Key", "X-Gitlab-Webhook-Uuid"} <= {
        name.title() for name in headers
    }
    assert push["object_kind"] == push["event_name"] == "push"
    assert (push["before"], push["after"], push["checkout_sha"]) == (before, commit, commit)
    assert push["ref"] == "refs/heads/feature/HB-101"
    assert push["user_username"] == "developer"
    assert push["project"]["path_with_namespace"] == "trading/order-gateway"
    assert push["project"]["web_url"] == f"{running.world.url('gitlab')}/trading/order-gateway"
    assert push["project"]["git_http_url"].endswith("/trading/order-gateway.git")
    assert push["total_commits_count"] == 1
    (listed,) = push["commits"]
    assert listed["id"] == commit
    assert listed["title"] == "feat(HB-101): 限价单"
    assert listed["author"] == {"name": "Developer", "email": "developer@example.invalid"}
    assert (listed["added"], listed["modified"], listed["removed"]) == (["src/新.py"], ["src/app.py"], [])


def test_a_push_of_many_commits_lists_twenty_and_counts_all(
    hook: Any, developer: Clone, receiver: Receiver
) -> None:
    for number in range(23):
        last = developer.commit(f"step {number}", {"step": str(number)})
    developer.git("push", "--quiet", "origin", "feature/HB-101")
    _, push = receiver.next()
    assert push["total_commits_count"] == 23
    assert [one["title"] for one in push["commits"]] == [f"step {number}" for number in range(3, 23)]
    assert push["commits"][-1]["id"] == last


def test_a_tag_and_a_deleted_branch_have_their_events(
    hook: Any, maintainer: Clone, developer: Clone, receiver: Receiver
) -> None:
    maintainer.git("tag", "-a", "v1.0.0", "-m", "第一版")
    maintainer.git("push", "--quiet", "origin", "v1.0.0")
    headers, tag = receiver.next()
    assert headers["X-Gitlab-Event"] == "Tag Push Hook"
    assert (tag["object_kind"], tag["ref"], tag["message"]) == ("tag_push", "refs/tags/v1.0.0", "第一版")
    assert tag["checkout_sha"] == maintainer.git("rev-parse", "HEAD").stdout.strip()

    developer.git("push", "--quiet", "origin", "feature/HB-101")
    receiver.next()
    developer.git("push", "--quiet", "origin", ":feature/HB-101")
    _, gone = receiver.next()
    assert (gone["after"], gone["checkout_sha"], gone["commits"]) == ("0" * 40, None, [])


def test_a_refused_push_sends_nothing(hook: Any, developer: Clone, receiver: Receiver) -> None:
    developer.commit("bypass", {"a": "1"})
    assert developer.git("push", "origin", "HEAD:refs/heads/master", check=False).returncode != 0
    developer.git("push", "--quiet", "origin", "HEAD:refs/heads/feature/HB-102")
    _, only = receiver.next()
    assert only["ref"] == "refs/heads/feature/HB-102"


def test_a_failing_receiver_gets_the_same_delivery_again(
    hook: Any, developer: Clone, receiver: Receiver
) -> None:
    receiver.answers = [500, 503]
    developer.commit("one", {"a": "1"})
    developer.git("push", "--quiet", "origin", "feature/HB-101")
    deliveries = [receiver.next() for _ in range(3)]
    assert len({headers["Idempotency-Key"] for headers, _ in deliveries}) == 1
    assert deliveries[0][1] == deliveries[1][1] == deliveries[2][1]
    assert receiver.received.empty()


def test_a_receiver_that_says_no_is_not_asked_again(hook: Any, developer: Clone, receiver: Receiver) -> None:
    receiver.answers = [401]
    developer.git("push", "--quiet", "origin", "feature/HB-101")
    receiver.next()
    developer.commit("two", {"a": "2"})
    developer.git("push", "--quiet", "origin", "feature/HB-101")
    _, second = receiver.next()
    assert second["commits"][0]["title"] == "two"
    # The receiver has a delivery before its answer is noted.
    until(lambda: states(hook) == ["delivered", "failed"], seconds=10)


def states(hook: Any) -> list[str]:
    """Of the hook's deliveries, newest first."""
    events = hook.manager.gitlab.http_get(f"{hook.manager.path}/{hook.id}/events")
    return [event["state"] for event in events]


def test_merge_requests_tell_of_opening_new_commits_and_merging(
    running: Running, hook: Any, project: Any, developer: Clone, receiver: Receiver
) -> None:
    first = developer.commit("one", {"a": "1"})
    developer.git("push", "--quiet", "origin", "feature/HB-101")
    receiver.next()
    requests = running.api("developer").projects.get(project.id).mergerequests
    request = requests.create(
        {"source_branch": "feature/HB-101", "target_branch": "develop", "title": "HB-101 限价"}
    )
    headers, opened = receiver.next()
    assert headers["X-Gitlab-Event"] == "Merge Request Hook"
    attributes = opened["object_attributes"]
    assert (attributes["action"], attributes["state"], attributes["title"]) == (
        "open",
        "opened",
        "HB-101 限价",
    )
    assert attributes["last_commit"]["id"] == first
    assert opened["user"]["username"] == "developer"

    developer.commit("two", {"a": "2"})
    developer.git("push", "--quiet", "origin", "feature/HB-101")
    kinds = [receiver.next()[1] for _ in range(2)]
    assert [kind["object_kind"] for kind in kinds] == ["push", "merge_request"]
    assert (kinds[1]["object_attributes"]["action"], kinds[1]["object_attributes"]["oldrev"]) == (
        "update",
        first,
    )

    request.merge()
    kinds = [receiver.next()[1] for _ in range(2)]
    assert kinds[0]["ref"] == "refs/heads/develop"
    assert kinds[1]["object_attributes"]["action"] == "merge"
    assert kinds[1]["object_attributes"]["merge_commit_sha"] == kinds[0]["after"]


def test_a_push_accepted_before_a_crash_is_told_after_it_and_only_once(
    running: Running, hook: Any, project: Any, developer: Clone, receiver: Receiver
) -> None:
    commit = developer.commit("one", {"a": "1"})
    developer.git("push", "--quiet", "origin", "feature/HB-101")
    receiver.next()
    running.stop()
    update = ["0" * 40, commit, "refs/heads/feature/HB-101"]
    left = json.dumps({"project": project.id, "user": "developer", "updates": [update]})
    for _ in range(2):
        (running.world.folder("gitlab") / "spool" / "00000000000000000001-1.json").write_text(left, "utf-8")
        running.start()
        running.stop()
    running.start()
    developer.git("push", "--quiet", "origin", ":feature/HB-101")
    told = {}
    while (delivery := receiver.next())[1]["after"] != "0" * 40:
        told[delivery[0]["Idempotency-Key"]] = delivery[1]
    assert [(push["after"], push["user_username"]) for push in told.values()] == [(commit, "developer")]


def test_an_undelivered_event_survives_the_death_of_the_sandbox(tmp_path: Path, receiver: Receiver) -> None:
    world = free_world(tmp_path / "home", "gitlab")
    url = world.url("gitlab")

    def call(path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"PRIVATE-TOKEN": world.secret("gitlab.administrator"), "Content-Type": "application/json"}
        request = urllib.request.Request(f"{url}/api/v4{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            return dict(json.load(response))

    with Served(world) as process:
        project = call("/projects", {"path": "p", "initialize_with_readme": True})
        receiver.answers = [503] * 3
        call(f"/projects/{project['id']}/hooks", {"url": receiver.url})
        call(f"/projects/{project['id']}/repository/branches", {"branch": "feature/x", "ref": "master"})
        first, _ = receiver.next()
        process.kill()
        process.wait()
    receiver.answers = []
    with Served(world) as process:
        again, payload = receiver.next()
        while again["Idempotency-Key"] != first["Idempotency-Key"]:
            again, payload = receiver.next()
        assert payload["ref"] == "refs/heads/feature/x"
    assert process.returncode == 0
