"""GitLab's webhooks, read strictly: https://docs.gitlab.com/user/project/integrations/webhook_events/"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from hummingbird.core.errors import Invalid
from hummingbird.core.story import StoryKey, mentioned_stories

RECORDED = ("push", "tag_push", "merge_request")
_HEADS = "refs/heads/"
NOTHING = "0" * 40
"""What git calls a branch that is not there."""
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")
_NEWEST_COMMITS = 20

_Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]
_Ref = Annotated[
    str,
    StringConstraints(
        pattern=r"^refs/(heads|tags)/[^\x00-\x20\x7f~^:?*\[\\-][^\x00-\x20\x7f~^:?*\[\\]*$", max_length=250
    ),
]


class _Project(BaseModel):
    path_with_namespace: str = Field(min_length=3, max_length=300)


class _Author(BaseModel):
    name: str = ""
    email: str = ""


class _Commit(BaseModel):
    id: _Id
    message: str = ""
    author: _Author = _Author()


class _Push(BaseModel):
    ref: _Ref
    before: _Id
    after: _Id
    user_username: str = ""
    project: _Project
    commits: list[_Commit] = Field(default_factory=list)


_Branch = Annotated[str, StringConstraints(min_length=1, max_length=250, pattern=r"^[^\x00-\x20\x7f]+$")]


class _Attributes(BaseModel):
    iid: int = Field(ge=1)
    action: str = Field("", max_length=40)
    state: str = Field("", max_length=40)
    source_branch: _Branch
    target_branch: _Branch
    source_project_id: int | None = None
    target_project_id: int | None = None
    last_commit: _Commit | None = None
    oldrev: _Id | None = None
    merge_commit_sha: _Id | None = None


class _MergeRequest(BaseModel):
    project: _Project
    object_attributes: _Attributes


class Hook(BaseModel):
    """What a webhook says, cut to what is recorded."""

    kind: str
    project: str
    subject: str
    data: dict[str, Any]

    @property
    def commit(self) -> str | None:
        """The commit that the branch is at; zeros for a branch that is gone."""
        commit = self.data.get("after") or self.data.get("commit")
        return str(commit) if commit else None


def read_hook(payload: dict[str, Any]) -> Hook | None:
    """The hook, None for a kind that is not recorded; Invalid names the field that is wrong."""
    kind = str(payload.get("object_kind"))
    if kind not in RECORDED:
        return None
    try:
        return _merge_request(payload) if kind == "merge_request" else _push(kind, payload)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise Invalid(f"webhook: {where}: {first['msg']}") from error


def story_of(hook: Hook, jira_project: str) -> StoryKey | None:
    """The first of the project's keys in the branch name, else in the newest commit messages."""
    if hook.kind not in ("push", "merge_request"):
        return None
    commits = reversed(hook.data["commits"])
    for text in (hook.data["branch"], *(commit["message"] for commit in commits)):
        ours = [key for key in mentioned_stories(text) if key.startswith(f"{jira_project}-")]
        if ours:
            return ours[0]
    return None


def scan_run_id(hook: Hook, story: StoryKey | None, part: str = "") -> str:
    """The one run that scans this commit for this story or branch; `part` tells a second purpose apart."""
    slug = story or _UNSAFE.sub("-", hook.data["branch"]).strip("-.") or "branch"
    return f"{slug[:180]}.{str(hook.commit)[:8]}{part}__scan"


def base_of(hook: Hook) -> str | None:
    """The commit before the push; None for a new branch or request."""
    before = hook.data.get("before") or hook.data.get("oldrev")
    return None if before in (None, NOTHING) else str(before)


def _push(kind: str, payload: dict[str, Any]) -> Hook:
    push = _Push.model_validate(payload)
    short = push.ref.split("/", 2)[2]
    name = "branch" if push.ref.startswith(_HEADS) else "tag"
    commits = [_commit(commit) for commit in push.commits[-_NEWEST_COMMITS:]]
    return Hook(
        kind=kind,
        project=push.project.path_with_namespace,
        subject=f"{kind}:{short}",
        data={
            "event": kind,
            name: short,
            "before": push.before,
            "after": push.after,
            "user": push.user_username,
            "commits": commits,
        },
    )


def _merge_request(payload: dict[str, Any]) -> Hook:
    request = _MergeRequest.model_validate(payload)
    told = request.object_attributes
    head = told.last_commit
    return Hook(
        kind="merge_request",
        project=request.project.path_with_namespace,
        subject=f"merge_request:{told.source_branch}",
        data={
            "event": "merge_request",
            "iid": told.iid,
            "action": told.action,
            "state": told.state,
            "branch": told.source_branch,
            "target": told.target_branch,
            "commit": head.id if head else None,
            "oldrev": told.oldrev,
            "merged_as": told.merge_commit_sha,
            "from_fork": told.source_project_id != told.target_project_id,
            "commits": [_commit(head)] if head else [],
        },
    )


def _commit(commit: _Commit) -> dict[str, str]:
    return {"id": commit.id, "message": commit.message[:1000], "author": commit.author.email}
