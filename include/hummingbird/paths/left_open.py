"""What could not be merged by the platform: why, and who is told what to do."""

from __future__ import annotations

from hummingbird.core.code_host import CodeHost, MergeRequest
from hummingbird.core.finishing import Finishing
from hummingbird.core.gitflow import DEVELOP, MASTER, BranchKind, branch_kind
from hummingbird.core.ports import Tracker

_CONFLICT = ("conflict", "broken_status")
_SHOWN = 20


def why_left_open(
    code: CodeHost, job: Finishing, target: str, request: MergeRequest
) -> tuple[str, tuple[str, ...]]:
    """The reason in words, and the files that a conflict is about.

    GitLab's API names no conflicting files. Those that both sides changed since they parted are told
    instead: a conflict is always among them.
    """
    if request.state == "opened" and request.commit != job.carried.commit:
        delivered, found = job.carried.commit[:8], request.commit[:8]
        return f"!{request.iid} is at {found} by now, and only {delivered} was delivered", ()
    if request.status not in _CONFLICT:
        return f"!{request.iid} is {request.state} and GitLab says '{request.status}'", ()
    files = _changed_on_both_sides(code, job, target)
    shown = ", ".join(files[:_SHOWN]) + (f" and {len(files) - _SHOWN} more" if len(files) > _SHOWN else "")
    return f"!{request.iid} conflicts; changed on both sides: {shown or 'nothing that a name tells'}", files


def tell_left_open(
    tracker: Tracker, job: Finishing, target: str, request: MergeRequest | None, why: str
) -> None:
    """Tell the story, once, what somebody has to do by hand."""
    blocks = job.origin.is_hotfix and target == DEVELOP
    waits = " The next release is refused until develop contains it." if blocks else ""
    mend = f"Merge it by hand: {request.url}" if request else "Create the branch from the tag"
    tracker.comment_once(
        job.origin.story,
        f"hummingbird:left-open:{job.carried.name}:{job.carried.version}:{target}",
        f"{job.carried.name} {job.carried.version} runs in production and is not in {target}: {why}. "
        f"{mend}{waits}",
    )


def tell_open_releases(code: CodeHost, tracker: Tracker, job: Finishing) -> None:
    """A release that was cut before a hotfix lacks it; say so before its test_deploy is refused."""
    if not job.origin.is_hotfix:
        return
    branches = code.branches(job.project)
    master = next((branch.commit for branch in branches if branch.name == MASTER), None)
    lacking = [
        branch.name
        for branch in branches
        if branch_kind(branch.name) is BranchKind.RELEASE
        and not (master and code.is_ancestor(job.project, branch.commit, master))
        and not code.is_ancestor(job.project, job.carried.commit, branch.commit)
    ]
    if lacking:
        tracker.comment_once(
            job.origin.story,
            f"hummingbird:open-releases:{job.carried.name}:{job.carried.version}",
            f"{', '.join(lacking)} of {job.carried.name} was cut before this hotfix: merge "
            f"{job.origin.branch} into it. Until then its test_deploy is refused.",
        )


def _changed_on_both_sides(code: CodeHost, job: Finishing, target: str) -> tuple[str, ...]:
    ours = code.changed_files(job.project, target, job.carried.commit)
    theirs = set(code.changed_files(job.project, job.carried.commit, target))
    return tuple(path for path in ours if path in theirs)
