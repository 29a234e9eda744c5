"""GitLab's repositories: branches, commits, files, tags."""

from __future__ import annotations

from pydantic import BaseModel, TypeAdapter

from hummingbird.clients.gitlab_site import GitLabSite, read
from hummingbird.clients.read_back import or_read_back
from hummingbird.core.artifact import Commit
from hummingbird.core.code_host import BranchHead, CommitInfo
from hummingbird.core.errors import Conflict, Garbled, Invalid, NotFound


class _Commit(BaseModel):
    id: Commit
    title: str
    message: str
    author_name: str
    author_email: str
    authored_date: str
    committer_email: str = ""
    parent_ids: list[str]

    def info(self) -> CommitInfo:
        return CommitInfo(
            id=self.id,
            title=self.title,
            message=self.message,
            author_name=self.author_name,
            author_email=self.author_email,
            authored_at=self.authored_date,
            parents=self.parent_ids,
            committer_email=self.committer_email,
        )


class _Head(BaseModel):
    id: Commit


class _Reference(BaseModel):
    name: str
    commit: _Head


_COMMIT: TypeAdapter[_Commit] = TypeAdapter(_Commit)
_REFERENCE: TypeAdapter[_Reference] = TypeAdapter(_Reference)


class GitLabRepository(GitLabSite):
    """The part of code_host.CodeHost that reads and tags git."""

    def branches(self, project: str) -> list[BranchHead]:
        """All branches."""
        subject = f"branches of {project}"
        with self._about(subject):
            found = self._project(project).branches.list(get_all=True)
        heads = [read(_REFERENCE, each, subject) for each in found]
        return [BranchHead(name=head.name, commit=head.commit.id) for head in heads]

    def branch(self, project: str, name: str) -> BranchHead:
        """One branch; NotFound when missing."""
        subject = f"branch {name} of {project}"
        with self._about(subject):
            head = read(_REFERENCE, self._project(project).branches.get(name), subject)
        return BranchHead(name=head.name, commit=head.commit.id)

    def commit(self, project: str, commit: str) -> CommitInfo:
        """One commit by id, branch or tag; NotFound when missing."""
        subject = f"commit {commit} of {project}"
        with self._about(subject):
            return read(_COMMIT, self._project(project).commits.get(commit), subject).info()

    def commits_between(self, project: str, base: str | None, head: str) -> list[CommitInfo]:
        """Commits reachable from head and not from base, newest first; NotFound when either is missing.

        Both ends are looked up first: GitLab answers a range with an unknown end by an empty list, which
        would read as `nothing changed`.
        """
        last = self.commit(project, head).id
        if base is None:
            return self._range(project, last)
        return self._range(project, f"{self.commit(project, base).id}..{last}")

    def is_ancestor(self, project: str, ancestor: str, descendant: str) -> bool:
        """Whether every commit of `ancestor` is contained in `descendant`; NotFound for a missing one."""
        old, new = self.commit(project, ancestor).id, self.commit(project, descendant).id
        return old == new or not self._range(project, f"{new}..{old}", most=1)

    def file(self, project: str, path: str, commit: str) -> bytes:
        """A file's bytes at a commit; NotFound when missing."""
        subject = f"file {path} of {project} at {commit}"
        with self._about(subject):
            found = self._project(project).files.raw(path, ref=commit)
        if not isinstance(found, bytes):
            raise Garbled(f"GitLab: {subject}: expected bytes, found {type(found).__name__}")
        return found

    def tag_once(self, project: str, name: str, commit: str, message: str) -> None:
        """Create a tag; nothing when it points to the commit; Conflict when it points elsewhere."""
        if self._tagged(project, name, commit):
            return

        def tag() -> bool:
            with self._about(f"tagging {commit} of {project} as {name}", again=True):
                self._project(project).tags.create({"tag_name": name, "ref": commit, "message": message})
            return True

        try:
            or_read_back(tag, lambda: self._tagged(project, name, commit) or None)
        except (Invalid, Conflict):
            if not self._tagged(project, name, commit):  # GitLab says 400 when another was faster
                raise

    def _tagged(self, project: str, name: str, commit: str) -> bool:
        subject = f"tag {name} of {project}"
        try:
            with self._about(subject):
                found = read(_REFERENCE, self._project(project).tags.get(name), subject)
        except NotFound:
            return False
        if found.commit.id != commit:
            raise Conflict(
                f"GitLab: {subject}: expected {commit}, found {found.commit.id}; "
                "a version is given to one commit only, deliver a new version"
            )
        return True

    def _range(self, project: str, revisions: str, most: int | None = None) -> list[CommitInfo]:
        subject = f"commits {revisions} of {project}"
        with self._about(subject):
            commits = self._project(project).commits
            if most is None:
                found = commits.list(ref_name=revisions, get_all=True)
            else:
                found = commits.list(ref_name=revisions, get_all=False, per_page=most)
        return [read(_COMMIT, each, subject).info() for each in found]
