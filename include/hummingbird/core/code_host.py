"""The code host as the platform needs it: branches, pipelines, merge requests; clients/ fulfils it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from hummingbird.core.record import Record


class BranchHead(Record):
    """A branch and the commit it points to."""

    name: str
    commit: str


class CommitInfo(Record):
    """A commit as the code host tells it."""

    id: str
    title: str
    message: str
    author_name: str
    author_email: str
    authored_at: str
    parents: list[str]
    committer_email: str = ""


class PipelineState(Record):
    """A pipeline as the code host tells it; `status` in GitLab's words."""

    id: int
    status: str
    url: str
    commit: str
    seconds: float = 0.0
    """How long its jobs ran, 0 while unknown."""
    started_by: str = ""
    """User name of whoever started it."""


class MergeRequest(Record):
    """A merge request as the code host tells it."""

    iid: int
    title: str
    url: str
    source_branch: str
    target_branch: str
    commit: str
    state: str
    """opened, closed, locked or merged."""
    status: str = ""
    """Whether it merges, in GitLab's words (`detailed_merge_status`)."""
    from_fork: bool = False
    merged_by: str = ""
    """User name of whoever merged it, empty while nobody did."""


class CodeHost(Protocol):
    """The git server (GitLab)."""

    def branches(self, project: str) -> list[BranchHead]:
        """All branches."""

    def branch(self, project: str, name: str) -> BranchHead:
        """One branch; NotFound when missing."""

    def commits_between(self, project: str, base: str | None, head: str) -> list[CommitInfo]:
        """Commits reachable from head and not from base, newest first; all of head's when base is None."""

    def commit(self, project: str, commit: str) -> CommitInfo:
        """One commit; NotFound when missing."""

    def is_ancestor(self, project: str, ancestor: str, descendant: str) -> bool:
        """Whether every commit of `ancestor` is contained in `descendant`."""

    def file(self, project: str, path: str, commit: str) -> bytes:
        """A file's bytes at a commit; NotFound when missing."""

    def merge_requests(self, project: str, source_branch: str) -> list[MergeRequest]:
        """Merge requests from a branch, newest first."""

    def merged(self, project: str, commits: Iterable[str], since: str) -> list[MergeRequest]:
        """Merge requests whose merging made one of these commits, updated since then (ISO 8601)."""

    def merge_request(self, project: str, merge_request: int) -> MergeRequest:
        """One merge request once it is known whether it merges; Retryable when that takes over a minute."""

    def find_or_open(self, project: str, source: str, target: str, title: str, text: str) -> MergeRequest:
        """The open merge request between two branches, else a new one."""

    def accept(self, project: str, merge_request: int, commit: str, message: str) -> MergeRequest:
        """Merge exactly this commit; what the merge request is afterwards, merged or not."""

    def changed_files(self, project: str, base: str, head: str) -> list[str]:
        """Paths that head changed since it parted from base, sorted."""

    def branch_once(self, project: str, name: str, commit: str) -> None:
        """Create a branch; nothing when it points to the commit; Conflict when it points elsewhere."""

    def note_once(self, project: str, merge_request: int, marker: str, text: str) -> None:
        """Create, or update in place, the note that carries `marker`."""

    def set_status(
        self, project: str, commit: str, name: str, state: str, description: str, url: str
    ) -> None:
        """Set a commit status; the same status again changes nothing."""

    def find_or_start_pipeline(self, project: str, ref: str, commit: str) -> PipelineState:
        """The newest pipeline of the commit that is neither failed nor cancelled, else a new one."""

    def pipeline(self, project: str, pipeline: int) -> PipelineState:
        """A pipeline's state."""

    def failed_jobs(self, project: str, pipeline: int) -> list[str]:
        """`job: last lines of its trace` of every failed job."""

    def pipeline_file(self, project: str, pipeline: int, path: str) -> bytes:
        """A file of the artifacts of any job of a pipeline; NotFound when no job kept it."""

    def tag_once(self, project: str, name: str, commit: str, message: str) -> None:
        """Create a tag; nothing when it points to the commit; Conflict when it points elsewhere."""


class HeadHost(Protocol):
    """The git repository in which the ledger's heads are published."""

    project: str

    def refs(self) -> dict[str, str]:
        """Reference → object id."""

    def put_tag(self, name: str, text: str) -> None:
        """Make the tag of a finished tag object, once; Conflict when the tag is another one."""
