"""GitLab's webhooks, read strictly: https://docs.gitlab.com/user/project/integrations/webhook_events/"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from hummingbird.core.errors import Invalid
from hummingbird.core.story import StoryKey, mentioned_stories

RECORDED = ("push", "tag_push", "merge_request")
_HEADS = "refs/heads/"
_NOTHING = "0" * 40
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


class _Attributes(BaseModel):
    iid: int = Field(ge=1)
    action: str = ""
    state: str = ""
    source_branch: str = Field(max_length=250)
    target_branch: str = Field(max_length=250)


class _MergeRequest(BaseModel):
    project: _Project
    object_attributes: _Attributes


class Hook(BaseModel):
    """What a webhook says, cut to what is recorded."""

    kind: str
    project: str
    subject: str
    data: dict[str, Any]


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


def scan_branch(hook: Hook) -> str | None:
    """The branch a scan shall look at; None for tags, merge requests and deleted branches."""
    if hook.kind != "push" or hook.data["after"] == _NOTHING:
        return None
    return str(hook.data["branch"])


def story_of(hook: Hook, jira_project: str) -> StoryKey | None:
    """The first of the project's keys in the branch name, else in the newest commit messages."""
    commits = reversed(hook.data["commits"])
    for text in (hook.data["branch"], *(commit["message"] for commit in commits)):
        ours = [key for key in mentioned_stories(text) if key.startswith(f"{jira_project}-")]
        if ours:
            return ours[0]
    return None


def scan_run_id(hook: Hook, story: StoryKey | None) -> str:
    """The one run that scans this commit for this story or branch."""
    slug = story or _UNSAFE.sub("-", hook.data["branch"]).strip("-.") or "branch"
    return f"{slug[:180]}.{hook.data['after'][:8]}__scan"


def base_of(hook: Hook) -> str | None:
    """The commit before the push; None for a new branch."""
    before = str(hook.data["before"])
    return None if before == _NOTHING else before


def _push(kind: str, payload: dict[str, Any]) -> Hook:
    push = _Push.model_validate(payload)
    short = push.ref.split("/", 2)[2]
    name = "branch" if push.ref.startswith(_HEADS) else "tag"
    commits = [
        {"id": c.id, "message": c.message[:1000], "author": c.author.email}
        for c in push.commits[-_NEWEST_COMMITS:]
    ]
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
    attributes = request.object_attributes
    return Hook(
        kind="merge_request",
        project=request.project.path_with_namespace,
        subject=f"merge_request:{attributes.source_branch}",
        data={"event": "merge_request", **attributes.model_dump()},
    )
