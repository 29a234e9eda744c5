"""Where developers look in GitLab: merge requests, their notes, commit statuses."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, TypeAdapter

from hummingbird.clients.gitlab_merging import MERGE_REQUEST
from hummingbird.clients.gitlab_site import GitLabSite, read
from hummingbird.clients.read_back import or_read_back
from hummingbird.core.code_host import MergeRequest
from hummingbird.core.errors import Invalid

_DESCRIPTION = 255


class _Note(BaseModel):
    id: int
    body: str
    system: bool = False


class _Status(BaseModel):
    name: str
    status: str
    description: str | None = None
    target_url: str | None = None


_NOTE: TypeAdapter[_Note] = TypeAdapter(_Note)
_STATUS: TypeAdapter[_Status] = TypeAdapter(_Status)


class GitLabReview(GitLabSite):
    """The part of code_host.CodeHost that talks to developers."""

    def merge_requests(self, project: str, source_branch: str) -> list[MergeRequest]:
        """Merge requests from a branch, newest first."""
        subject = f"merge requests of {project} from {source_branch}"
        with self._about(subject):
            found = self._project(project).mergerequests.list(
                source_branch=source_branch, order_by="created_at", sort="desc", get_all=True
            )
        return [read(MERGE_REQUEST, each, subject).info() for each in found]

    def merged(self, project: str, commits: Iterable[str], since: str) -> list[MergeRequest]:
        """Merge requests whose merging made one of these commits; none was merged before `since`."""
        wanted = set(commits)
        subject = f"merged requests of {project}"
        with self._about(subject):
            found = self._project(project).mergerequests.list(
                state="merged", updated_after=since, order_by="updated_at", sort="desc", get_all=True
            )
        forms = [read(MERGE_REQUEST, each, subject) for each in found]
        return [form.info() for form in forms if form.made(wanted)]

    def note_once(self, project: str, merge_request: int, marker: str, text: str) -> None:
        """Create, or update in place, the note that carries `marker` (as a hidden comment)."""
        subject = f"note {marker} on merge request !{merge_request} of {project}"
        hidden = f"<!-- {marker} -->"
        body = f"{text}\n\n{hidden}"
        notes = self._project(project).mergerequests.get(merge_request, lazy=True).notes

        def mine() -> _Note | None:
            with self._about(subject):
                present = [read(_NOTE, each, subject) for each in notes.list(get_all=True)]
            return next((note for note in present if hidden in note.body and not note.system), None)

        def create() -> _Note:
            with self._about(subject):
                return read(_NOTE, notes.create({"body": body}), subject)

        found = mine()
        if found is None:
            or_read_back(create, mine)
        elif found.body != body:
            with self._about(subject):
                notes.update(found.id, {"body": body})

    def set_status(
        self, project: str, commit: str, name: str, state: str, description: str, url: str
    ) -> None:
        """Set a commit status; the same status again changes nothing."""
        subject = f"status {name} of {commit[:12]} in {project}"
        short = description if len(description) <= _DESCRIPTION else f"{description[: _DESCRIPTION - 1]}…"
        wanted = _Status(name=name, status=state, description=short, target_url=url)
        if self._statuses(project, commit, name, subject) == wanted:
            return

        def set_() -> bool:
            asked = {"name": name, "state": state, "description": short, "target_url": url}
            with self._about(subject, again=True):
                self._project(project).commits.get(commit, lazy=True).statuses.create(asked)
            return True

        def is_set() -> bool | None:
            return self._statuses(project, commit, name, subject) == wanted or None

        try:
            or_read_back(set_, is_set)
        except Invalid:
            # GitLab answers 400 `Cannot transition status` when another set the same state meanwhile.
            if not is_set():
                raise

    def _statuses(self, project: str, commit: str, name: str, subject: str) -> _Status | None:
        with self._about(subject):
            statuses = self._project(project).commits.get(commit, lazy=True).statuses
            found = [read(_STATUS, each, subject) for each in statuses.list(name=name, get_all=True)]
        return next((each for each in found if each.name == name), None)
