"""The GitLab client against the sandbox's GitLab: real git, REST v4, real pipelines."""

from __future__ import annotations

from collections.abc import Iterator

import gitlab
import pytest

from hummingbird.clients.gitlab import GitLab
from hummingbird.core.code_host import CodeHost
from hummingbird.core.errors import Conflict, Denied, Invalid, NotFound
from sandbox_world import SandboxWorld

PROJECT = "trading/order-gateway"


@pytest.fixture(scope="module")
def world(sandbox: SandboxWorld) -> SandboxWorld:
    return sandbox.seeded("harbor", "artifactory", "gitlab")


@pytest.fixture
def code(world: SandboxWorld) -> Iterator[GitLab]:
    client = GitLab(world.url("gitlab"), world.secret("gitlab.platform"))
    yield client
    client.close()


@pytest.fixture(scope="module")
def developer(world: SandboxWorld) -> Iterator[gitlab.Gitlab]:
    api = gitlab.Gitlab(world.url("gitlab"), private_token=world.secret("gitlab.developer"))
    yield api
    api.session.close()


def commit(developer: gitlab.Gitlab, branch: str, message: str, content: str) -> str:
    project = developer.projects.get(PROJECT)
    made = project.commits.create(
        {
            "branch": branch,
            "start_branch": "develop",
            "commit_message": message,
            "actions": [{"action": "create", "file_path": f"notes/{content}.txt", "content": content}],
        }
    )
    return str(made.id)


@pytest.fixture(scope="module")
def feature(developer: gitlab.Gitlab) -> tuple[str, str]:
    return "feature/HB-101-tick", commit(developer, "feature/HB-101-tick", "HB-101 最小变动价位", "tick")


def test_branches_and_their_heads_are_told(code: CodeHost, feature: tuple[str, str]) -> None:
    assert {"master", "develop", feature[0]} <= {branch.name for branch in code.branches(PROJECT)}
    assert code.branch(PROJECT, feature[0]).commit == feature[1]


def test_a_missing_branch_project_and_commit_are_not_found(code: CodeHost) -> None:
    with pytest.raises(NotFound, match="branch feature/none of"):
        code.branch(PROJECT, "feature/none")
    with pytest.raises(NotFound):
        code.branches("trading/none")
    with pytest.raises(NotFound):
        code.commit(PROJECT, "0" * 40)


def test_commits_between_name_what_a_branch_adds(code: CodeHost, feature: tuple[str, str]) -> None:
    added = code.commits_between(PROJECT, "develop", feature[0])
    assert [(each.id, each.title) for each in added] == [(feature[1], "HB-101 最小变动价位")]
    everything = code.commits_between(PROJECT, None, feature[0])
    assert everything[0].id == feature[1]
    assert len(everything) > 1
    assert code.commits_between(PROJECT, feature[0], "develop") == []


def test_an_unknown_base_is_not_read_as_nothing_changed(code: CodeHost) -> None:
    with pytest.raises(NotFound):
        code.commits_between(PROJECT, "1" * 40, "develop")
    with pytest.raises(NotFound):
        code.is_ancestor(PROJECT, "1" * 40, "develop")


def test_ancestry_is_told_both_ways(code: CodeHost, feature: tuple[str, str]) -> None:
    assert code.is_ancestor(PROJECT, "develop", feature[1])
    assert code.is_ancestor(PROJECT, feature[1], feature[1])
    assert not code.is_ancestor(PROJECT, feature[1], "develop")


def test_a_file_is_read_at_a_commit(code: CodeHost, feature: tuple[str, str]) -> None:
    assert code.file(PROJECT, "notes/tick.txt", feature[1]) == b"tick"
    with pytest.raises(NotFound, match=r"notes/tick\.txt"):
        code.file(PROJECT, "notes/tick.txt", "develop")


def test_a_note_is_written_once_and_updated_in_place(
    code: CodeHost, developer: gitlab.Gitlab, feature: tuple[str, str]
) -> None:
    project = developer.projects.get(PROJECT)
    made = project.mergerequests.create(
        {"source_branch": feature[0], "target_branch": "develop", "title": "HB-101 最小变动价位"}
    )
    found = code.merge_requests(PROJECT, feature[0])
    assert [(each.iid, each.commit, each.state) for each in found] == [(made.iid, feature[1], "opened")]
    code.note_once(PROJECT, made.iid, "hummingbird:scan", "one finding")
    code.note_once(PROJECT, made.iid, "hummingbird:scan", "no finding")
    code.note_once(PROJECT, made.iid, "hummingbird:scan", "no finding")
    bodies = [note.body for note in made.notes.list(get_all=True) if not note.system]
    assert bodies == ["no finding\n\n<!-- hummingbird:scan -->"]
    assert code.merge_requests(PROJECT, "feature/none") == []


def test_a_status_is_set_and_the_same_again_changes_nothing(
    code: CodeHost, developer: gitlab.Gitlab, feature: tuple[str, str]
) -> None:
    page = "http://reports.example/1"
    for state, sentence in (("running", "scan"), ("success", "x" * 400), ("success", "x" * 400)):
        code.set_status(PROJECT, feature[1], "hummingbird/scan", state, sentence, page)
    commits = developer.projects.get(PROJECT).commits
    statuses = commits.get(feature[1]).statuses.list(get_all=True)
    assert [(each.name, each.status) for each in statuses].count(("hummingbird/scan", "success")) == 1
    assert len(statuses) <= 2


def test_a_tag_is_given_once_and_never_moved(code: CodeHost, feature: tuple[str, str]) -> None:
    code.tag_once(PROJECT, "v9.9.9", feature[1], "HB-101")
    code.tag_once(PROJECT, "v9.9.9", feature[1], "HB-101")
    with pytest.raises(Conflict, match="given to one commit only"):
        code.tag_once(PROJECT, "v9.9.9", code.branch(PROJECT, "develop").commit, "HB-101")


def test_a_tag_on_an_unknown_commit_fails(code: CodeHost) -> None:
    with pytest.raises(Invalid, match="tagging"):
        code.tag_once(PROJECT, "v9.9.8", "1" * 40, "HB-101")


def test_a_wrong_token_is_denied(world: SandboxWorld) -> None:
    client = GitLab(world.url("gitlab"), "wr0ng")
    with pytest.raises(Denied) as raised:
        client.branches(PROJECT)
    client.close()
    assert "wr0ng" not in str(raised.value)


def test_a_pipeline_is_started_once_for_a_commit(code: CodeHost, world: SandboxWorld) -> None:
    world.with_runner()
    head = code.branch(PROJECT, "develop").commit
    first = code.find_or_start_pipeline(PROJECT, "develop", head)
    assert code.find_or_start_pipeline(PROJECT, "develop", head).id == first.id
    assert code.pipeline(PROJECT, first.id).commit == head
    assert first.url.startswith(world.url("gitlab"))
    with pytest.raises(NotFound, match=r"expected an artifact none\.json"):
        code.pipeline_file(PROJECT, first.id, "none.json")


def test_a_pipeline_of_a_branch_that_moved_on_is_a_conflict(code: CodeHost) -> None:
    overwritten = "1" * 40
    with pytest.raises(Conflict, match="has moved on"):
        code.find_or_start_pipeline(PROJECT, "develop", overwritten)
