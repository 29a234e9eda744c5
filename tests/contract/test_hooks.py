"""What the stand-in of GitLab delivers is what the notary reads: pushes and merge requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gitlab
import pytest

from hummingbird.notary.push import Hook, base_of, read_hook
from sandbox_world import SandboxWorld, sandbox_world
from unit.sandbox.gitlab.gitlab_world import Receiver

PROJECT = "trading/order-gateway"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxWorld]:
    with sandbox_world(tmp_path_factory.mktemp("hooks")) as made:
        yield made.seeded("gitlab")


def project(world: SandboxWorld, account: str) -> Any:
    api = gitlab.Gitlab(world.url("gitlab"), private_token=world.secret(f"gitlab.{account}"))
    return api.projects.get(PROJECT)


def next_hook(receiver: Receiver) -> Hook:
    hook = read_hook(receiver.next()[1])
    assert hook is not None
    return hook


def test_a_request_s_life_is_read_as_it_is_told(world: SandboxWorld, receiver: Receiver) -> None:
    project(world, "platform").hooks.create(
        {"url": receiver.url, "push_events": True, "merge_requests_events": True}
    )
    mine = project(world, "developer")
    fields = {"branch": "feature/HB-101-x", "start_branch": "develop", "commit_message": "HB-101 x"}
    action = {"action": "create", "file_path": "notes/x.txt", "content": "x"}
    first = mine.commits.create({**fields, "actions": [action]}).id
    push = next_hook(receiver)
    assert (push.kind, push.commit, base_of(push)) == ("push", first, None)

    request = mine.mergerequests.create(
        {"source_branch": "feature/HB-101-x", "target_branch": "develop", "title": "HB-101 x"}
    )
    opened = next_hook(receiver)
    assert (opened.data["action"], opened.data["state"], opened.commit) == ("open", "opened", first)
    assert (opened.data["iid"], opened.data["from_fork"]) == (request.iid, False)

    change = {"action": "update", "file_path": "notes/x.txt", "content": "y"}
    second = mine.commits.create(
        {"branch": "feature/HB-101-x", "commit_message": "HB-101 y", "actions": [change]}
    ).id
    told = {hook.kind: hook for hook in (next_hook(receiver), next_hook(receiver))}
    assert told["push"].commit == told["merge_request"].commit == second
    assert base_of(told["push"]) == base_of(told["merge_request"]) == first

    request.merge()
    merged = [next_hook(receiver), next_hook(receiver)]
    by_kind = {hook.kind: hook for hook in merged}
    assert by_kind["push"].data["branch"] == "develop"
    assert by_kind["merge_request"].data["action"] == "merge"
    assert by_kind["merge_request"].data["merged_as"] == by_kind["push"].commit
