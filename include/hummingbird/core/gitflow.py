"""GitFlow in one place: which kinds of branches there are, and what follows for each."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from hummingbird.core.code_host import CommitInfo
from hummingbird.core.record import Record

DEVELOP = "develop"
MASTER = "master"
FINISH = "finish/"
"""The platform's own branches: a delivered commit whose release branch has moved on, until it is merged."""


class BranchKind(StrEnum):
    """What a branch is for, by its name."""

    FEATURE = "feature"
    DEVELOP = "develop"
    RELEASE = "release"
    HOTFIX = "hotfix"
    MASTER = "master"
    FINISH = "finish"
    OTHER = "other"


class Flow(Record):
    """What follows for one kind of branch."""

    kind: BranchKind
    scanned: bool = False
    """A push is scanned."""
    scanned_when_merged: bool = False
    """A merge request from it is scanned."""
    built: bool = False
    """A green push is built."""
    to_dev: bool = False
    """A build goes to the development environment by itself."""
    delivered: bool = False
    """Test and production take their candidates from it."""
    says: str
    """The rule in words, for runs and recorded events."""


FLOWS = {
    flow.kind: flow
    for flow in (
        Flow(
            kind=BranchKind.FEATURE,
            scanned=True,
            scanned_when_merged=True,
            says="is scanned only; develop, release and hotfix branches are built",
        ),
        Flow(
            kind=BranchKind.DEVELOP,
            scanned=True,
            built=True,
            to_dev=True,
            says="is scanned, built and deployed to dev",
        ),
        Flow(
            kind=BranchKind.RELEASE,
            scanned=True,
            built=True,
            delivered=True,
            says="is scanned and built; it goes to test on demand, only develop goes to dev by itself",
        ),
        Flow(
            kind=BranchKind.HOTFIX,
            scanned=True,
            built=True,
            delivered=True,
            says="is scanned and built; it goes to test on demand, only develop goes to dev by itself",
        ),
        Flow(
            kind=BranchKind.MASTER,
            says="is neither scanned nor built: it receives what was delivered, and is tagged",
        ),
        Flow(
            kind=BranchKind.FINISH,
            says="is the platform's own: it carries a delivered commit into master and develop",
        ),
        Flow(
            kind=BranchKind.OTHER,
            scanned_when_merged=True,
            says=(
                "is no branch of the flow (feature/*, develop, release/*, hotfix/*, master): a push starts "
                "nothing, a merge request from it is scanned"
            ),
        ),
    )
}
_WHOLE = {DEVELOP: BranchKind.DEVELOP, MASTER: BranchKind.MASTER}
_FOLDERS = {
    "feature/": BranchKind.FEATURE,
    "release/": BranchKind.RELEASE,
    "hotfix/": BranchKind.HOTFIX,
    FINISH: BranchKind.FINISH,
}


def branch_kind(name: str) -> BranchKind:
    """The kind of a branch."""
    if name in _WHOLE:
        return _WHOLE[name]
    folder = next((folder for folder in _FOLDERS if name.startswith(folder) and name != folder), None)
    return _FOLDERS[folder] if folder else BranchKind.OTHER


def flow_of(name: str) -> Flow:
    """What follows for a branch."""
    return FLOWS[branch_kind(name)]


def finish_branch(version: str) -> str:
    """The platform's own branch for a delivered version."""
    return f"{FINISH}v{version}"


def new_work(commits: Iterable[CommitInfo]) -> list[CommitInfo]:
    """Commits of a range without merges that only bring back what lies outside of it.

    When a delivered branch returns to master or develop, the merge names its stories again; they do not
    travel a second time. Such a merge has every merged parent outside the range.
    """
    found = list(commits)
    inside = {commit.id for commit in found}
    return [
        commit
        for commit in found
        if len(commit.parents) < 2 or any(parent in inside for parent in commit.parents[1:])
    ]
