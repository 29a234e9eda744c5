"""GitLab's merging: https://docs.gitlab.com/api/merge_requests/ (17.11)."""

from __future__ import annotations

import time
from collections.abc import Container
from typing import Any

from pydantic import BaseModel, TypeAdapter

from hummingbird.clients.gitlab_site import GitLabSite, read
from hummingbird.core.code_host import MergeRequest
from hummingbird.core.errors import Conflict, Invalid, NotFound, Retryable
from hummingbird.core.gitflow import FINISH

_UNSETTLED = frozenset({"preparing", "unchecked", "checking", "approvals_syncing"})
_BEFORE_15_6 = {"can_be_merged": "mergeable", "cannot_be_merged": "conflict"}
_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.5


class _User(BaseModel):
    username: str = ""


class MergeRequestForm(BaseModel):
    """What is read of a merge request, alone or in a list."""

    iid: int
    title: str
    web_url: str
    source_branch: str
    target_branch: str
    sha: str | None
    state: str
    source_project_id: int | None = None
    target_project_id: int | None = None
    detailed_merge_status: str | None = None
    merge_status: str | None = None
    merge_user: _User | None = None
    merged_by: _User | None = None
    """The same before GitLab 14.7."""
    merge_commit_sha: str | None = None
    squash_commit_sha: str | None = None

    def made(self, commits: Container[str]) -> bool:
        """Whether its merging brought one of the commits: merged, squashed or fast-forwarded."""
        return any(one in commits for one in (self.merge_commit_sha, self.squash_commit_sha, self.sha) if one)

    def info(self) -> MergeRequest:
        """In the platform's words."""
        before = self.merge_status or ""
        return MergeRequest(
            iid=self.iid,
            title=self.title,
            url=self.web_url,
            source_branch=self.source_branch,
            target_branch=self.target_branch,
            commit=self.sha or "",
            state=self.state,
            status=self.detailed_merge_status or _BEFORE_15_6.get(before, before),
            from_fork=self.source_project_id != self.target_project_id,
            merged_by=(self.merge_user or self.merged_by or _User()).username,
        )


class _Changed(BaseModel):
    old_path: str
    new_path: str


class _Comparison(BaseModel):
    diffs: list[_Changed]


MERGE_REQUEST: TypeAdapter[MergeRequestForm] = TypeAdapter(MergeRequestForm)
_COMPARISON: TypeAdapter[_Comparison] = TypeAdapter(_Comparison)


class GitLabMerging(GitLabSite):
    """The part of code_host.CodeHost that brings branches together."""

    def merge_request(self, project: str, merge_request: int) -> MergeRequest:
        """One merge request once it is known whether it merges; Retryable when that takes over a minute.

        GitLab checks in the background, and asking is what makes it check.
        """
        subject = f"merge request !{merge_request} of {project}"
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            with self._about(subject):
                found = read(
                    MERGE_REQUEST, self._project(project).mergerequests.get(merge_request), subject
                ).info()
            if found.state != "opened" or found.status not in _UNSETTLED:
                return found
            if time.monotonic() > until:
                raise Retryable(
                    f"GitLab: {subject}: after {_PATIENCE_SECONDS:.0f} s it is still '{found.status}'; "
                    "expected to hear whether it merges"
                )
            time.sleep(_POLL_SECONDS)  # GitLab tells nobody when its check is done

    def find_or_open(self, project: str, source: str, target: str, title: str, text: str) -> MergeRequest:
        """The open merge request between two branches, else a new one."""
        found = self._open(project, source, target)
        if found is not None:
            return found
        subject = f"opening a merge request of {project} from {source} to {target}"
        wanted = {"source_branch": source, "target_branch": target, "title": title, "description": text}
        try:
            # Made twice is refused by GitLab itself, so a lost answer may be asked for again.
            with self._about(subject, again=True):
                made = self._project(project).mergerequests.create(wanted)
        except Conflict:
            found = self._open(project, source, target)
            if found is None:
                raise
            return found
        return read(MERGE_REQUEST, made, subject).info()

    def accept(self, project: str, merge_request: int, commit: str, message: str) -> MergeRequest:
        """Merge exactly this commit; what the merge request is afterwards, merged or not."""
        subject = f"merging !{merge_request} of {project}"
        requests = self._project(project).mergerequests
        present = self.merge_request(project, merge_request)
        if present.state != "opened" or present.status != "mergeable" or present.commit != commit:
            return present
        asked: dict[str, Any] = {"sha": commit, "squash": False}  # squashed, the commit would not be in it
        try:
            with self._about(subject):
                requests.get(merge_request, lazy=True).merge(
                    merge_commit_message=message,
                    should_remove_source_branch=present.source_branch.startswith(FINISH),
                    **asked,
                )
        except (Invalid, Conflict) as refused:
            # 405, 406, 409, 422: it is merged by now, or something came between.
            after = self.merge_request(project, merge_request)
            if (after.state, after.status, after.commit) == ("opened", "mergeable", commit):
                raise Retryable(
                    f"GitLab: {subject}: it says mergeable and does not merge: {refused}"
                ) from None
            return after
        return self.merge_request(project, merge_request)

    def changed_files(self, project: str, base: str, head: str) -> list[str]:
        """Paths that head changed since it parted from base, sorted."""
        subject = f"comparing {head} with {base} in {project}"
        with self._about(subject):
            answer = self._project(project).repository_compare(base, head)
        if not isinstance(answer, dict):
            answer = {}
        changed = read(_COMPARISON, answer, subject).diffs
        return sorted({path for each in changed for path in (each.old_path, each.new_path)})

    def branch_once(self, project: str, name: str, commit: str) -> None:
        """Create a branch; nothing when it points to the commit; Conflict when it points elsewhere."""
        subject = f"branch {name} of {project}"
        if self._head(project, name) == commit:
            return
        try:
            with self._about(f"making {subject}", again=True):
                self._project(project).branches.create({"branch": name, "ref": commit})
        except (Invalid, Conflict):
            head = self._head(project, name)
            if head is None:
                raise
            if head != commit:
                raise Conflict(f"GitLab: {subject}: expected {commit}, found {head}; delete it") from None

    def _open(self, project: str, source: str, target: str) -> MergeRequest | None:
        subject = f"merge requests of {project} from {source} to {target}"
        with self._about(subject):
            found = self._project(project).mergerequests.list(
                source_branch=source, target_branch=target, state="opened", get_all=True
            )
        requests = [read(MERGE_REQUEST, each, subject).info() for each in found]
        return next((each for each in requests if not each.from_fork), None)

    def _head(self, project: str, name: str) -> str | None:
        try:
            with self._about(f"branch {name} of {project}"):
                return str(self._project(project).branches.get(name).commit["id"])
        except NotFound:
            return None
