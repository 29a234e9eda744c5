"""F10: the other side acted and its answer was lost: one comment, tag, pipeline, note, status, release."""

from __future__ import annotations

import itertools
from contextlib import closing
from typing import Any

import gitlab
import pytest
import requests

from faulty import applied, fault
from hummingbird.clients.apollo import Apollo
from hummingbird.clients.gitlab import GitLab
from hummingbird.clients.jira import JiraTracker
from hummingbird.core.component import ApolloNamespace
from hummingbird.core.errors import Unreachable
from hummingbird.core.story import StoryKey
from sandbox_world import SandboxWorld

PROJECT = "trading/order-gateway"
STORY = StoryKey("HB-101")
_number = itertools.count(1)
LOST = pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("drop_answer", {}),
        ("reset", {"bytes": 0}),
        ("status", {"status": 502, "acting": True, "body": "html"}),
        ("html", {"acting": True}),
    ],
)


def _comments(seeded: SandboxWorld, marker: str) -> list[str]:
    answer = requests.get(
        f"{seeded.url('jira')}/rest/api/2/issue/{STORY}/comment",
        auth=("platform", seeded.secret("jira.platform")),
        timeout=10,
    )
    return [each["body"] for each in answer.json()["comments"] if marker in each["body"]]


@LOST
def test_one_comment(seeded: SandboxWorld, jira: JiraTracker, kind: str, settings: dict[str, Any]) -> None:
    marker = f"hummingbird:fault:{next(_number)}"
    with fault(seeded.world, "jira", kind, {"method": "POST", "count": 1}, **settings) as made:
        jira.comment_once(STORY, marker, "Delivered")
        jira.comment_once(STORY, marker, "Delivered")
    assert len(applied(seeded.world, made)) == 1
    assert len(_comments(seeded, marker)) == 1


def test_a_comment_that_was_not_made_is_an_error_and_made_by_the_next_try(
    seeded: SandboxWorld, jira: JiraTracker
) -> None:
    marker = f"hummingbird:fault:{next(_number)}"
    match = {"method": "POST", "count": 1}
    with fault(seeded.world, "jira", "upload_cut", match), pytest.raises(Unreachable):
        jira.comment_once(STORY, marker, "Delivered")
    assert _comments(seeded, marker) == []
    jira.comment_once(STORY, marker, "Delivered")
    assert len(_comments(seeded, marker)) == 1


@LOST
def test_one_transition(seeded: SandboxWorld, jira: JiraTracker, kind: str, settings: dict[str, Any]) -> None:
    present = jira.story(STORY).status
    target = "In Test" if present != "In Test" else "In Progress"
    with fault(seeded.world, "jira", kind, {"method": "POST", "path": "transitions", "count": 1}, **settings):
        jira.move_to(STORY, target)
    assert jira.story(STORY).status == target


@pytest.fixture
def head(code: GitLab) -> str:
    return code.branch(PROJECT, "develop").commit


@LOST
def test_one_tag(seeded: SandboxWorld, code: GitLab, head: str, kind: str, settings: dict[str, Any]) -> None:
    name = f"v0.0.{next(_number)}"
    with fault(seeded.world, "gitlab", kind, {"method": "POST", "path": "tags", "count": 1}, **settings):
        code.tag_once(PROJECT, name, head, "a release")
    code.tag_once(PROJECT, name, head, "a release")


@pytest.mark.parametrize(
    ("kind", "settings"), [("drop_answer", {}), ("status", {"status": 502, "acting": True})]
)
def test_one_pipeline(
    seeded: SandboxWorld, developer: gitlab.Gitlab, kind: str, settings: dict[str, Any]
) -> None:
    seeded.with_runner()
    branch, project = f"feature/HB-101-{next(_number)}", developer.projects.get(PROJECT)
    action = {"action": "create", "file_path": f"{branch}.txt", "content": "1"}
    commit = project.commits.create(
        {"branch": branch, "start_branch": "develop", "commit_message": "HB-101", "actions": [action]}
    ).id
    code = GitLab(seeded.url("gitlab"), seeded.secret("gitlab.platform"))  # a pipeline takes a while to make
    with closing(code):
        match = {"method": "POST", "path": "/pipeline", "count": 1}
        with fault(seeded.world, "gitlab", kind, match, **settings) as made:
            first = code.find_or_start_pipeline(PROJECT, branch, commit)
        assert len(applied(seeded.world, made)) == 1
    found = project.pipelines.list(sha=commit, get_all=True)
    assert [each.id for each in found] == [first.id]
    project.pipelines.get(first.id).cancel()


@LOST
def test_one_note_and_one_status(
    seeded: SandboxWorld, code: GitLab, developer: gitlab.Gitlab, kind: str, settings: dict[str, Any]
) -> None:
    branch, project = f"feature/HB-101-{next(_number)}", developer.projects.get(PROJECT)
    action = {"action": "create", "file_path": f"{branch}.txt", "content": "1"}
    commit = project.commits.create(
        {"branch": branch, "start_branch": "develop", "commit_message": "HB-101", "actions": [action]}
    ).id
    request = project.mergerequests.create(
        {"source_branch": branch, "target_branch": "develop", "title": "HB-101"}
    )
    with fault(seeded.world, "gitlab", kind, {"method": "POST", "path": "/notes", "count": 1}, **settings):
        code.note_once(PROJECT, request.iid, "hummingbird:scan", "findings")
    with fault(seeded.world, "gitlab", kind, {"method": "POST", "path": "/statuses", "count": 1}, **settings):
        code.set_status(PROJECT, commit, "hummingbird/scan", "success", "clean", "https://x.example")
    assert len([each for each in request.notes.list(get_all=True) if not each.system]) == 1
    assert len(project.commits.get(commit).statuses.list(get_all=True)) == 1


@LOST
def test_one_release_of_a_configuration(
    seeded: SandboxWorld, apollo: Apollo, kind: str, settings: dict[str, Any]
) -> None:
    place, number = ApolloNamespace(app="order-gateway"), next(_number)
    before = apollo.release("DEV", place, {"limit": f"before {number}"}, "HB-101", "")
    with fault(seeded.world, "apollo", kind, {"method": "POST", "path": "/items", "count": 1}, **settings):
        apollo.bring_to("DEV", place, {"limit": f"before {number}", f"new{number}": "1"})
    wanted = {"limit": f"after {number}"}
    with fault(seeded.world, "apollo", kind, {"method": "POST", "path": "/releases", "count": 1}, **settings):
        released = apollo.release("DEV", place, wanted, "HB-101", "")
    assert released.id == before.id + 1
    assert apollo.release("DEV", place, wanted, "HB-101", "").id == released.id
    with fault(seeded.world, "apollo", kind, {"method": "PUT", "path": "/rollback", "count": 1}, **settings):
        back = apollo.rollback("DEV", place, before.id)
    assert back.id == before.id
