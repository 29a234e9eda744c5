"""GitLab CI: start or find a commit's pipeline, and learn what it made."""

from __future__ import annotations

from pydantic import BaseModel, TypeAdapter

from hummingbird.clients.gitlab_site import GitLabSite, read
from hummingbird.clients.read_back import or_read_back
from hummingbird.core.artifact import Commit
from hummingbird.core.code_host import PipelineState
from hummingbird.core.errors import Conflict, Garbled, NotFound

_ENDED_BADLY = frozenset({"failed", "canceled", "canceling", "skipped"})
_TRACE_LINES, _TRACE_LINE, _TRACE_BYTES = 5, 400, 64 * 1024
"""Lines told of a trace, most characters of each, and most bytes read of its end."""


class _User(BaseModel):
    username: str = ""


class _Pipeline(BaseModel):
    id: int
    status: str
    web_url: str
    sha: Commit
    duration: float | None = None
    user: _User | None = None
    """Only in the answer about one pipeline, not in lists."""

    def state(self) -> PipelineState:
        return PipelineState(
            id=self.id,
            status=self.status,
            url=self.web_url,
            commit=self.sha,
            seconds=self.duration or 0.0,
            started_by=self.user.username if self.user else "",
        )


class _Job(BaseModel):
    id: int
    name: str
    status: str


_PIPELINE: TypeAdapter[_Pipeline] = TypeAdapter(_Pipeline)
_JOB: TypeAdapter[_Job] = TypeAdapter(_Job)


class GitLabPipelines(GitLabSite):
    """The part of code_host.CodeHost that builds."""

    def find_or_start_pipeline(self, project: str, ref: str, commit: str) -> PipelineState:
        """The newest pipeline of the commit that is neither failed nor cancelled, else a new one.

        A start whose answer is lost is looked for, never repeated. Conflict when the branch has moved on and
        the new pipeline is of another commit.
        """
        known = self._of_commit(project, commit)
        usable = next((each for each in known if each.status not in _ENDED_BADLY), None)
        if usable is not None:
            return usable.state()

        def start() -> _Pipeline:
            subject = f"starting a pipeline on {ref} of {project}"
            with self._about(subject):
                return read(_PIPELINE, self._project(project).pipelines.create({"ref": ref}), subject)

        def fresh() -> _Pipeline | None:
            old = {each.id for each in known}
            return next((each for each in self._of_commit(project, commit) if each.id not in old), None)

        started = or_read_back(start, fresh)
        if started.sha != commit:
            raise Conflict(
                f"GitLab: pipeline {started.id} on {ref} of {project}: expected commit {commit}, "
                f"found {started.sha}; {ref} has moved on, start again for its present commit"
            )
        return started.state()

    def _of_commit(self, project: str, commit: str) -> list[_Pipeline]:
        """Newest first."""
        subject = f"pipelines of {commit[:12]} in {project}"
        with self._about(subject):
            found = self._project(project).pipelines.list(
                sha=commit, order_by="id", sort="desc", get_all=True
            )
        return [each for each in (read(_PIPELINE, one, subject) for one in found) if each.sha == commit]

    def pipeline(self, project: str, pipeline: int) -> PipelineState:
        """A pipeline's state."""
        subject = f"pipeline {pipeline} of {project}"
        with self._about(subject):
            return read(_PIPELINE, self._project(project).pipelines.get(pipeline), subject).state()

    def failed_jobs(self, project: str, pipeline: int) -> list[str]:
        """`job: last lines of its trace` of every failed job."""
        return [
            f"{job.name}: {self._end_of_trace(project, job)}"
            for job in self._jobs(project, pipeline)
            if job.status == "failed"
        ]

    def pipeline_file(self, project: str, pipeline: int, path: str) -> bytes:
        """A file of the artifacts of any job of a pipeline, newest first; NotFound when none kept it."""
        jobs = self._jobs(project, pipeline)
        for job in sorted(jobs, key=lambda each: each.id, reverse=True):
            subject = f"{path} kept by job {job.name} of pipeline {pipeline}"
            try:
                with self._about(subject):
                    content = self._project(project).jobs.get(job.id, lazy=True).artifact(path)
            except NotFound:
                continue
            if not isinstance(content, bytes):
                raise Garbled(f"GitLab: {subject}: expected bytes, found {type(content).__name__}")
            return content
        names = ", ".join(sorted({job.name for job in jobs})) or "none"
        raise NotFound(
            f"GitLab: pipeline {pipeline} of {project}: expected an artifact {path}, found none in the jobs "
            f"({names}); keep it under `artifacts: paths:` in .gitlab-ci.yml"
        )

    def _jobs(self, project: str, pipeline: int) -> list[_Job]:
        subject = f"jobs of pipeline {pipeline} of {project}"
        with self._about(subject):
            found = self._project(project).pipelines.get(pipeline, lazy=True).jobs.list(get_all=True)
        return [read(_JOB, each, subject) for each in found]

    def _end_of_trace(self, project: str, job: _Job) -> str:
        with self._about(f"trace of job {job.name}", tail=_TRACE_BYTES):
            trace = self._project(project).jobs.get(job.id, lazy=True).trace()
        text = trace.decode("utf-8", "replace") if isinstance(trace, bytes) else ""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return " | ".join(line[-_TRACE_LINE:] for line in lines[-_TRACE_LINES:]) or "no trace"
