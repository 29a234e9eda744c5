"""Which commit of which branch is a story's release candidate, and what travels with it."""

from __future__ import annotations

from hummingbird.core.code_host import BranchHead, CodeHost, CommitInfo
from hummingbird.core.component import Component
from hummingbird.core.errors import NotFound
from hummingbird.core.gitflow import MASTER, flow_of, new_work
from hummingbird.core.plan import PlannedComponent
from hummingbird.core.ports import Notary
from hummingbird.core.record import Record
from hummingbird.core.story import StoryKey, mentioned_stories
from hummingbird.paths.running import running_bundles


class Candidate(Record):
    """A branch head that carries the story, and the commits that travel with it."""

    planned: PlannedComponent
    commits: list[CommitInfo]

    @property
    def stories(self) -> list[StoryKey]:
        """Every story named in the travelling commits, each once, newest first."""
        return list(
            dict.fromkeys(key for commit in self.commits for key in mentioned_stories(commit.message))
        )

    @property
    def authors(self) -> list[str]:
        """E-mail addresses of the authors, sorted."""
        return sorted({commit.author_email for commit in self.commits})


def find_candidate(
    code: CodeHost, notary: Notary, component: Component, story: StoryKey, clusters: list[str]
) -> Candidate | str:
    """The candidate of a component, or the sentence why there is none.

    `clusters` are those of production: commits between what runs there and the candidate travel.
    """
    base = released_commit(code, notary, component, clusters)
    found = []
    for branch in code.branches(component.gitlab_project):
        if not flow_of(branch.name).delivered:
            continue
        commits = new_work(code.commits_between(component.gitlab_project, base, branch.name))
        if any(story in mentioned_stories(commit.message) for commit in commits):
            found.append((branch, commits))
    if not found:
        return (
            f"{story} has no undelivered commit on a release or hotfix branch of {component.gitlab_project}; "
            "cut a release branch that contains it, or it is in production already"
        )
    branch, commits = _newest(code, component, found)
    requests = code.merge_requests(component.gitlab_project, branch.name)
    planned = PlannedComponent(
        name=component.name,
        branch=branch.name,
        commit=branch.commit,
        base=base,
        merge_request=requests[0].iid if requests else None,
    )
    return Candidate(planned=planned, commits=commits)


def released_commit(code: CodeHost, notary: Notary, component: Component, clusters: list[str]) -> str | None:
    """The commit that runs in production, else master's head, else None.

    Where clusters run different ones, the oldest: what some cluster still misses travels there.
    """
    running = running_bundles(notary, component.name, clusters).values()
    carried = [one for bundle in running if bundle and (one := bundle.component(component.name))]
    if carried:
        oldest = carried[0].commit
        for commit in dict.fromkeys(one.commit for one in carried[1:]):
            if commit != oldest and code.is_ancestor(component.gitlab_project, commit, oldest):
                oldest = commit
        return oldest
    return master_commit(code, component)


def master_commit(code: CodeHost, component: Component) -> str | None:
    """Master's head, None where there is no master."""
    try:
        return code.branch(component.gitlab_project, MASTER).commit
    except NotFound:
        return None


def _newest(
    code: CodeHost, component: Component, found: list[tuple[BranchHead, list[CommitInfo]]]
) -> tuple[BranchHead, list[CommitInfo]]:
    best = found[0]
    for other in found[1:]:
        if code.is_ancestor(component.gitlab_project, best[0].commit, other[0].commit):
            best = other
    return best
