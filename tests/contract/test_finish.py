"""Finishing against the sandbox's GitLab: real branches, real conflicts, real merges, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gitlab
import pytest

from builders import a_bundle, a_component, a_story, the_catalogue
from hummingbird.clients import gitlab_merging
from hummingbird.clients.gitlab import GitLab
from hummingbird.core.bundle import Bundle
from hummingbird.core.errors import Conflict, Denied, NotFound, Retryable
from hummingbird.core.finishing import How, Return
from hummingbird.core.plan import Plan, PlannedComponent
from hummingbird.paths.admit import Refusal, Request, record
from hummingbird.paths.finish import finish
from hummingbird.paths.hotfix import keeps_hotfixes
from sandbox_world import SandboxWorld, sandbox_world
from unit.paths.releases import Releases, admitted, planned, refused
from unit.sandbox.gitlab.gitlab_world import Clone

PROJECT = "trading/order-gateway"
CATALOGUE = the_catalogue()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxWorld]:
    """A GitLab of these tests alone: they move master and develop."""
    with sandbox_world(tmp_path_factory.mktemp("finish")) as made:
        yield made.seeded("gitlab")


@pytest.fixture
def code(world: SandboxWorld) -> Iterator[GitLab]:
    client = GitLab(world.url("gitlab"), world.secret("gitlab.platform"))
    yield client
    client.close()


@pytest.fixture(scope="module")
def developer(world: SandboxWorld) -> Iterator[Any]:
    api = gitlab.Gitlab(world.url("gitlab"), private_token=world.secret("gitlab.developer"))
    yield api.projects.get(PROJECT)
    api.session.close()


def commit(project: Any, branch: str, start: str, message: str, **files: str) -> str:
    """A commit on a branch, which begins at `start` when it is new; `a_b` writes notes/a_b.txt."""
    there = {head.name for head in project.branches.list(get_all=True)}
    actions = []
    for name, content in files.items():
        path = f"notes/{name}.txt"
        try:
            project.files.get(path, ref=branch if branch in there else start)
            action = "update"
        except gitlab.GitlabGetError:
            action = "create"
        actions.append({"action": action, "file_path": path, "content": content})
    fields: dict[str, Any] = {"branch": branch, "commit_message": message, "actions": actions}
    if branch not in there:
        fields["start_branch"] = start
    return str(project.commits.create(fields).id)


def into_develop(project: Any, message: str, **files: str) -> None:
    """Work of a feature branch, merged into develop by the developer."""
    branch = f"feature/{'-'.join(files)}"
    commit(project, branch, "develop", message, **files)
    fields = {"source_branch": branch, "target_branch": "develop", "title": message}
    project.mergerequests.create(fields).merge()


class Delivery:
    """One story's commit, as if production served it."""

    def __init__(self, code: GitLab, story: str, version: str, branch: str, at: str) -> None:
        self.code = code
        self.releases = Releases(code=code)  # type: ignore[arg-type]
        self.story, self.branch, self.at = story, branch, at
        self.bundle = self._delivered(version)

    def _delivered(self, version: str) -> Bundle:
        request = Request(dag_id="test_deploy", run_id="r", story=self.story, requester="release_manager")
        plan = Plan(
            dag_id="test_deploy",
            run_id="r",
            story=a_story(self.story),
            requester="release_manager",
            environment="test",
            components=[PlannedComponent(name="order-gateway", branch=self.branch, commit=self.at)],
            policy_version=CATALOGUE.policy_version,
        )
        record(self.releases.notary, request, plan)
        bundle = a_bundle(
            a_component(version=version, commit=self.at, stories=[self.story]), story=self.story
        )
        self.releases.deployed(bundle, "prod", CATALOGUE.production.clusters)
        return bundle

    def finish(self) -> dict[str, Return]:
        """Finish it: what became of each target."""
        world = self.releases
        returns, _ = finish(CATALOGUE, self.code, world.tracker, world.notary, self.bundle, "prod_deploy/p")
        return {each.target: each for each in returns}

    def next_release(self, branch: str) -> Plan | Refusal:
        """What the door of test_deploy says to HB-102 on a branch."""
        at = self.code.branch(PROJECT, branch).commit
        asked = Plan(
            dag_id="test_deploy",
            run_id="next",
            story=a_story("HB-102"),
            requester="release_manager",
            components=[PlannedComponent(name="order-gateway", branch=branch, commit=at)],
            policy_version=CATALOGUE.policy_version,
        )
        return keeps_hotfixes(CATALOGUE, self.code, self.releases.notary, asked)

    def requests(self) -> list[tuple[str, str]]:
        """Target and state of the merge requests from the branch."""
        return sorted((r.target_branch, r.state) for r in self.code.merge_requests(PROJECT, self.branch))


def contains(code: GitLab, target: str, commit: str) -> bool:
    return code.is_ancestor(PROJECT, commit, target)


@pytest.fixture(autouse=True)
def no_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """`Releases` writes first commits into a code host in memory; the real one has its own."""
    monkeypatch.setattr(Releases, "__post_init__", lambda self: self.tracker.add(a_story("HB-107")))


def test_a_hotfix_is_merged_into_both_branches_tagged_and_not_twice(code: GitLab, developer: Any) -> None:
    into_develop(developer, "HB-102 beside", beside="1")
    head = commit(developer, "hotfix/1.0.1", "master", "HB-107 urgent", urgent="1")
    delivery = Delivery(code, "HB-107", "1.0.1", "hotfix/1.0.1", head)
    assert {t: r.how for t, r in delivery.finish().items()} == {"master": How.MERGED, "develop": How.MERGED}
    assert contains(code, "master", head)
    assert contains(code, "develop", head)
    assert code.commit(PROJECT, "v1.0.1").id == head
    heads = {name: code.branch(PROJECT, name).commit for name in ("master", "develop")}
    merge = code.commit(PROJECT, "master")
    assert merge.author_name == "Platform"
    assert "HB-" not in merge.message
    assert {r.how for r in delivery.finish().values()} == {How.CONTAINED}
    assert {name: code.branch(PROJECT, name).commit for name in heads} == heads
    assert delivery.requests() == [("develop", "merged"), ("master", "merged")]


def test_a_real_conflict_stays_open_is_told_once_and_refuses_the_next_release(
    world: SandboxWorld, code: GitLab, developer: Any, tmp_path: Path
) -> None:
    commit(developer, "hotfix/1.0.2", "master", "HB-107 begin", own="1")
    head = commit(developer, "hotfix/1.0.2", "master", "HB-107 urgent", clash="ours")
    into_develop(developer, "HB-102 other way", clash="theirs", quiet="1")
    delivery = Delivery(code, "HB-107", "1.0.2", "hotfix/1.0.2", head)
    for _ in range(2):
        returns = delivery.finish()
        assert returns["develop"].how is How.LEFT_OPEN
        assert returns["develop"].files == ["notes/clash.txt"]
    assert contains(code, "master", head)
    assert not contains(code, "develop", head)
    assert delivery.requests() == [("develop", "opened"), ("master", "merged")]
    (text,) = delivery.releases.tracker.comments.values()
    assert "changed on both sides: notes/clash.txt" in text

    commit(developer, "release/1.1.0", "develop", "HB-102 notes", release="1")
    why = refused(delivery.next_release("release/1.1.0"))
    assert f"develop does not contain hotfix 1.0.2 (HB-107, hotfix/1.0.2 at {head[:8]})" in why
    assert f"merge !{returns['develop'].merge_request} ({returns['develop'].url})" in why

    resolve(world, tmp_path / "one", "develop", "feature/HB-107-back", head)
    fields = {"source_branch": "feature/HB-107-back", "target_branch": "develop", "title": "HB-107 back"}
    developer.mergerequests.create(fields).merge()
    why = refused(delivery.next_release("release/1.1.0"))
    assert "release/1.1.0 of order-gateway lacks hotfix 1.0.2" in why

    resolve(world, tmp_path / "two", "release/1.1.0", "release/1.1.0", head)
    admitted(delivery.next_release("release/1.1.0"))
    assert delivery.finish()["develop"].how is How.CONTAINED


def resolve(world: SandboxWorld, folder: Path, start: str, branch: str, commit: str) -> None:
    """What a developer does by hand: merge a commit, settle the conflict, push."""
    port, token = world.world.port("gitlab"), world.secret("gitlab.developer")
    clone = Clone(folder, f"http://developer:{token}@127.0.0.1:{port}/{PROJECT}.git")
    clone.git("fetch", "--quiet", "origin")
    clone.git("checkout", "--quiet", "-b", branch, f"origin/{start}")
    clone.git("merge", "--quiet", "--strategy-option=theirs", "--message", "HB-107 back", commit)
    clone.git("push", "--quiet", "origin", branch)


def test_only_the_delivered_commit_is_merged_when_the_branch_moved_on(code: GitLab, developer: Any) -> None:
    head = commit(developer, "hotfix/1.0.3", "master", "HB-107 urgent", third="1")
    later = commit(developer, "hotfix/1.0.3", "master", "HB-108 not delivered", fourth="1")
    delivery = Delivery(code, "HB-107", "1.0.3", "hotfix/1.0.3", head)
    assert delivery.finish()["master"].how is How.MERGED
    assert contains(code, "master", head)
    assert not contains(code, "master", later)
    assert delivery.requests() == []
    assert ("master", "merged") in {
        (r.target_branch, r.state) for r in code.merge_requests(PROJECT, "finish/v1.0.3")
    }


def test_a_person_s_account_cannot_finish(world: SandboxWorld, developer: Any) -> None:
    head = commit(developer, "hotfix/1.0.4", "master", "HB-107 urgent", fifth="1")
    as_developer = GitLab(world.url("gitlab"), world.secret("gitlab.developer"))
    delivery = Delivery(as_developer, "HB-107", "1.0.4", "hotfix/1.0.4", head)
    with pytest.raises(Denied, match="merging"):
        delivery.finish()
    assert not contains(as_developer, "master", head)
    as_developer.close()


def test_committers_and_mergers_are_told(code: GitLab, developer: Any) -> None:
    before = code.branch(PROJECT, "develop").commit
    into_develop(developer, "HB-101 eighth", eighth="1")
    work = code.commits_between(PROJECT, before, "develop")
    assert {one.committer_email for one in work} == {"developer@hummingbird.example"}
    since = min(one.authored_at for one in work)
    (request,) = code.merged(PROJECT, [one.id for one in work], since)
    assert (request.merged_by, request.source_branch) == ("developer", "feature/eighth")
    assert code.merged(PROJECT, ["f" * 40], since) == []


def test_a_merge_request_is_found_or_opened_and_files_and_branches_are_told(
    code: GitLab, developer: Any
) -> None:
    head = commit(developer, "feature/HB-101-x", "develop", "HB-101", sixth="1")
    first = code.find_or_open(PROJECT, "feature/HB-101-x", "develop", "HB-101", "text")
    assert code.find_or_open(PROJECT, "feature/HB-101-x", "develop", "other", "text").iid == first.iid
    assert code.merge_request(PROJECT, first.iid).status == "mergeable"
    assert code.changed_files(PROJECT, "develop", head) == ["notes/sixth.txt"]
    assert code.accept(PROJECT, first.iid, "1" * 40, "m").state == "opened"
    code.branch_once(PROJECT, "finish/v9", head)
    code.branch_once(PROJECT, "finish/v9", head)
    with pytest.raises(Conflict, match="finish/v9"):
        code.branch_once(PROJECT, "finish/v9", code.branch(PROJECT, "master").commit)
    with pytest.raises(NotFound):
        code.merge_request(PROJECT, 999)


def test_a_check_that_takes_too_long_is_for_another_try(
    code: GitLab, developer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(developer, "feature/HB-101-slow", "develop", "HB-101", slow="1")
    request = code.find_or_open(PROJECT, "feature/HB-101-slow", "develop", "HB-101", "text")
    into_develop(developer, "HB-102 beside", meanwhile="1")  # nobody has checked against this one yet
    monkeypatch.setattr(gitlab_merging, "_PATIENCE_SECONDS", -1.0)
    with pytest.raises(Retryable, match="still 'checking'"):
        code.merge_request(PROJECT, request.iid)
    monkeypatch.undo()
    assert code.merge_request(PROJECT, request.iid).status == "mergeable"


def test_a_hotfix_cut_from_master_carries_its_own_story_and_not_those_that_came_back(
    code: GitLab, developer: Any
) -> None:
    head = commit(developer, "hotfix/1.0.6", "master", "HB-107 urgent", eighth="1")
    delivery = Delivery(code, "HB-107", "1.0.6", "hotfix/1.0.6", head)
    delivery.finish()
    tracker = delivery.releases.tracker
    tracker.add(a_story("HB-107", closed=True, status="Done"), a_story("HB-109"))
    commit(developer, "hotfix/1.0.7", "master", "HB-109 more", ninth="1")
    plan = admitted(delivery.releases.test("HB-109"))
    assert (planned(plan).branch, plan.travelling) == ("hotfix/1.0.7", [])
    assert [c.title for c in code.commits_between(PROJECT, head, "hotfix/1.0.7")][-1].startswith(
        "Merge order"
    )


def test_the_step_of_prod_deploy_says_what_became_of_it(
    code: GitLab, developer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hummingbird.orchestration import current, outcome, wiring
    from hummingbird.orchestration.steps import concluding

    head = commit(developer, "hotfix/1.0.5", "master", "HB-107 urgent", seventh="1")
    delivery = Delivery(code, "HB-107", "1.0.5", "hotfix/1.0.5", head)
    said: list[str] = []
    monkeypatch.setattr(wiring, "code_host", lambda: code)
    monkeypatch.setattr(wiring, "notary", lambda: delivery.releases.notary)
    monkeypatch.setattr(wiring, "tracker", lambda: delivery.releases.tracker)
    monkeypatch.setattr(current, "bundle_sha256", lambda: delivery.bundle.sha256)
    monkeypatch.setattr(current, "name", lambda: "prod_deploy/HB-107.1__prod_deploy")
    monkeypatch.setattr(outcome, "say", said.append)
    for _ in range(2):
        concluding.finish.function()
    sentence = "order-gateway 1.0.5 is in master; order-gateway 1.0.5 is in develop"
    assert said == [f"tagged order-gateway v1.0.5; {sentence}"] * 2
    assert delivery.requests() == [("develop", "merged"), ("master", "merged")]


def test_every_component_is_finished_for_itself(world: SandboxWorld, code: GitLab, developer: Any) -> None:
    quotes = developer.manager.get("trading/quote-service")
    into_develop(developer, "HB-102 other way", both="theirs")
    gateway = commit(developer, "hotfix/1.0.8", "master", "HB-107 urgent", both="ours")
    quote = commit(quotes, "hotfix/2.0.1", "master", "HB-107 urgent", both="ours")
    releases = Releases(code=code)  # type: ignore[arg-type]
    plan = Plan(
        dag_id="test_deploy",
        run_id="r",
        story=a_story("HB-107"),
        requester="release_manager",
        components=[
            PlannedComponent(name="order-gateway", branch="hotfix/1.0.8", commit=gateway),
            PlannedComponent(name="quote-service", branch="hotfix/2.0.1", commit=quote),
        ],
        policy_version=CATALOGUE.policy_version,
    )
    record(releases.notary, Request(dag_id="test_deploy", run_id="r", story="HB-107"), plan)
    bundle = a_bundle(
        a_component(version="1.0.8", commit=gateway, stories=["HB-107"]),
        a_component(name="quote-service", version="2.0.1", commit=quote, stories=["HB-107"]),
        story="HB-107",
    )
    returns, tags = finish(CATALOGUE, code, releases.tracker, releases.notary, bundle, "prod_deploy/p")
    assert {(r.component, r.target): r.how for r in returns} == {
        ("order-gateway", "master"): How.MERGED,
        ("order-gateway", "develop"): How.LEFT_OPEN,
        ("quote-service", "master"): How.MERGED,
        ("quote-service", "develop"): How.MERGED,
    }
    assert tags == ["order-gateway v1.0.8", "quote-service v2.0.1"]
    assert code.commit("trading/quote-service", "v2.0.1").id == quote
    left_open = [marker for _, marker in releases.tracker.comments if "left-open" in marker]
    assert left_open == ["hummingbird:left-open:order-gateway:1.0.8:develop"]
