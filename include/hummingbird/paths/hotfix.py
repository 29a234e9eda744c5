"""What runs in production, a hotfix above all, is in every later release, or that one is refused by name."""

from __future__ import annotations

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.code_host import CodeHost
from hummingbird.core.component import Component
from hummingbird.core.errors import NotFound
from hummingbird.core.event import EventKind
from hummingbird.core.finishing import Origin
from hummingbird.core.gitflow import DEVELOP, BranchKind, branch_kind, finish_branch, flow_of
from hummingbird.core.plan import Plan, PlannedComponent
from hummingbird.core.ports import Notary
from hummingbird.core.story import StoryKey
from hummingbird.paths.admit import Refusal
from hummingbird.paths.running import running_bundles


def origin_of(
    notary: Notary, component: str, commit: str, story: StoryKey, version: str = ""
) -> Origin | None:
    """The release or hotfix branch that a commit was tested from; None for one that came otherwise.

    The ledger knows it twice: by the story's admitted runs and, once it is tagged, by the tag.
    """
    for recorded in reversed(notary.events(kinds=[EventKind.RUN_ADMITTED], story=story)):
        for planned in Plan.model_validate(recorded.event.data["plan"]).components:
            if (planned.name, planned.commit) == (component, commit) and flow_of(planned.branch).delivered:
                return Origin(
                    component=component, version=version, commit=commit, branch=planned.branch, story=story
                )
    for recorded in reversed(notary.events(kinds=[EventKind.RELEASE_TAGGED], component=component)):
        data = recorded.event.data
        if data["commit"] == commit and data.get("branch") and recorded.event.story is not None:
            return Origin(
                component=component,
                version=version,
                commit=commit,
                branch=data["branch"],
                story=recorded.event.story,
            )
    return None


def keeps_hotfixes(
    catalogue: Catalogue, code: CodeHost, notary: Notary, decided: Plan | Refusal
) -> Plan | Refusal:
    """The plan, unless it would take a hotfix out of production again; then the refusal that names it."""
    if isinstance(decided, Refusal):
        return decided
    why = hotfix_missing(catalogue, code, notary, decided)
    return Refusal(why=why) if why else decided


def hotfix_missing(catalogue: Catalogue, code: CodeHost, notary: Notary, plan: Plan) -> str | None:
    """What runs in production and a planned commit lacks, and what to do; None when it lacks nothing."""
    for planned in plan.components:
        component = catalogue.component(planned.name)
        for running in _running(catalogue, notary, planned.name):
            if running.commit == planned.commit:
                continue
            branch = planned.branch or _branch_of(notary, plan, planned)
            why = _lacks(code, component, planned.commit, branch, running)
            if why is not None:
                return why
    return None


def _running(catalogue: Catalogue, notary: Notary, component: str) -> list[Origin]:
    """Where the versions came from that serve in production now, each once."""
    clusters = catalogue.production.clusters
    found = {}
    for bundle in running_bundles(notary, component, clusters).values():
        carried = bundle.component(component) if bundle else None
        if bundle is not None and carried is not None:
            origin = origin_of(notary, component, carried.commit, bundle.story, carried.version)
            if origin is not None:
                found[origin.commit] = origin
    return list(found.values())


def _lacks(code: CodeHost, component: Component, commit: str, branch: str, running: Origin) -> str | None:
    contained = code.is_ancestor(component.gitlab_project, running.commit, commit)
    # A release comes from develop, so the one after it would lack the hotfix again; a hotfix does not.
    asks_develop = running.is_hotfix and branch_kind(branch) is BranchKind.RELEASE
    in_develop = not asks_develop or _in_develop(code, component, running)
    if contained and in_develop:
        return None
    which = f"{branch or commit[:8]} of {component.name}"
    named = (
        f"{branch_kind(running.branch)} {running.version} ({running.story}, {running.branch} at "
        f"{running.commit[:8]}), which runs in production"
    )
    into = f"merge {running.branch} into {branch or 'it'} and start test_deploy again"
    if in_develop:
        return f"{which} lacks {named}: {into}"
    first = f"{which} waits: {DEVELOP} does not contain {named}: {_how_to_merge(code, component, running)}"
    return f"{first}, then {'start this again' if contained else into}"


def _branch_of(notary: Notary, plan: Plan, planned: PlannedComponent) -> str:
    """The branch of a commit on its way to production, whose plan names no branch any more."""
    stories = [plan.story.key, *(story.key for story in plan.travelling)]
    if plan.bundle is not None:
        stories.insert(0, notary.bundle(plan.bundle).story)
    found = (origin_of(notary, planned.name, planned.commit, story) for story in stories)
    return next((origin.branch for origin in found if origin is not None), "")


def _in_develop(code: CodeHost, component: Component, hotfix: Origin) -> bool:
    try:
        head = code.branch(component.gitlab_project, DEVELOP).commit
    except NotFound:
        return False
    return code.is_ancestor(component.gitlab_project, hotfix.commit, head)


def _how_to_merge(code: CodeHost, component: Component, hotfix: Origin) -> str:
    project = component.gitlab_project
    sources = (hotfix.branch, finish_branch(hotfix.version))
    requests = [request for source in sources for request in code.merge_requests(project, source)]
    waiting = [r for r in requests if r.target_branch == DEVELOP and r.state == "opened"]
    if waiting:
        return f"merge !{waiting[0].iid} ({waiting[0].url})"
    return f"open a merge request from {hotfix.branch} to {DEVELOP} and merge it"
