"""The door of scan, build and dev_deploy: one commit of one component, from a webhook or from a person."""

from __future__ import annotations

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.code_host import BranchHead, CodeHost
from hummingbird.core.component import Component
from hummingbird.core.errors import NotFound
from hummingbird.core.gitflow import MASTER, BranchKind, branch_kind, flow_of, new_work
from hummingbird.core.plan import Plan, PlannedComponent
from hummingbird.core.ports import Tracker
from hummingbird.core.record import Record
from hummingbird.core.story import StoryKey, mentioned_stories
from hummingbird.paths.admit import Refusal, Request, read_story, requester_of


class Change(Record):
    """What the run's conf says about the change; checked against the code host before it counts."""

    component: str | None = None
    branch: str | None = None
    commit: str | None = None
    base: str | None = None
    merge_request: int | None = None
    mode: str = "full"


def admit_change(
    catalogue: Catalogue, tracker: Tracker, code: CodeHost, request: Request, change: Change
) -> Plan | Refusal:
    """The plan of one commit; a person may name the story alone, then its newest branch is taken."""
    requester = requester_of(catalogue, request.requester)
    # What returns to develop after its delivery, as a hotfix does, belongs to a story that is closed by then.
    returned = requester is None and branch_kind(change.branch or "") is BranchKind.DEVELOP
    story = read_story(catalogue, tracker, request.story, closed_too=returned)
    if isinstance(story, Refusal):
        return story
    planned = _named(catalogue, code, change) if change.commit else _newest(catalogue, code, story.key)
    if isinstance(planned, Refusal):
        return planned
    if request.dag_id == "build" and branch_kind(planned.branch) is BranchKind.MASTER:
        return Refusal(why=f"{planned.branch} {flow_of(planned.branch).says}; build the branch it came from")
    return Plan(
        dag_id=request.dag_id,
        run_id=request.run_id,
        story=story,
        requester=requester,
        mode=change.mode,
        components=[planned],
        policy_version=catalogue.policy_version,
    )


def _named(catalogue: Catalogue, code: CodeHost, change: Change) -> PlannedComponent | Refusal:
    if change.component not in catalogue.components:
        return Refusal(why=f"component {ascii(change.component)[:60]} is not in the catalogue")
    component = catalogue.component(change.component)
    project = component.gitlab_project
    try:
        commit = code.commit(project, str(change.commit))
    except NotFound:
        return Refusal(why=f"{project} has no commit {ascii(change.commit)[:60]}")
    untrue = _not_on_branch(code, project, commit.id, change.branch) if change.branch else None
    if untrue is not None:
        return untrue
    base = change.base
    if base is not None and not code.is_ancestor(project, base, commit.id):
        base = None  # a force-push: nothing to compare with, so everything is looked at
    return PlannedComponent(
        name=component.name,
        branch=change.branch or "",
        commit=commit.id,
        base=base,
        merge_request=_open_request(code, project, change),
    )


def _not_on_branch(code: CodeHost, project: str, commit: str, branch: str) -> Refusal | None:
    """A branch decides what is built and deployed, so the code host is asked, not the one who named it."""
    try:
        head = code.branch(project, branch).commit
    except NotFound:
        return Refusal(why=f"{project} has no branch {ascii(branch)[:80]} now; what it held is not looked at")
    if code.is_ancestor(project, commit, head):
        return None
    return Refusal(
        why=f"{branch} of {project} is at {head[:8]} and does not contain {commit[:8]}; "
        "the push of its present commit has a run of its own"
    )


def _open_request(code: CodeHost, project: str, change: Change) -> int | None:
    """The merge request that was named, if the code host knows it as open and from this branch."""
    if change.merge_request is None or not change.branch:
        return None
    known = code.merge_requests(project, change.branch)
    return next((r.iid for r in known if r.iid == change.merge_request and r.state == "opened"), None)


def _newest(catalogue: Catalogue, code: CodeHost, key: StoryKey) -> PlannedComponent | Refusal:
    for component in catalogue.components.values():
        branch = _branch_of(code, component, key)
        if branch is not None:
            requests = code.merge_requests(component.gitlab_project, branch.name)
            iid = requests[0].iid if requests else None
            return PlannedComponent(
                name=component.name, branch=branch.name, commit=branch.commit, merge_request=iid
            )
    return Refusal(why=f"{key} has no branch named after it and no commit on a release branch or develop")


def _branch_of(code: CodeHost, component: Component, key: StoryKey) -> BranchHead | None:
    branches = code.branches(component.gitlab_project)
    named = [branch for branch in branches if key in mentioned_stories(branch.name)]
    if named:
        return named[0]
    long_lived = [branch for branch in branches if flow_of(branch.name).built]
    for branch in sorted(long_lived, key=lambda b: b.name, reverse=True):
        commits = new_work(code.commits_between(component.gitlab_project, MASTER, branch.name))
        if any(key in mentioned_stories(commit.message) for commit in commits):
            return branch
    return None
