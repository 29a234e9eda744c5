"""A small true world behind the ports: a tracker, a code host with a commit graph, and a notary's memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from builders import NOW
from hummingbird.core.artifact import Build, Image, Package
from hummingbird.core.bundle import Bundle
from hummingbird.core.code_host import BranchHead, CommitInfo, MergeRequest, PipelineState
from hummingbird.core.component import ApolloNamespace
from hummingbird.core.emergency import TrackerIssue
from hummingbird.core.errors import Conflict, NotFound
from hummingbird.core.event import DeliveryEvent, EventKind, RecordedEvent
from hummingbird.core.ports import SettingItem
from hummingbird.core.story import Story, StoryKey


@dataclass
class MemoryTracker:
    """Stories by key, with what the platform said on them."""

    stories: dict[str, Story] = field(default_factory=dict)
    issues: dict[str, TrackerIssue] = field(default_factory=dict)
    comments: dict[tuple[str, str], str] = field(default_factory=dict)
    links: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, *stories: Story) -> None:
        self.stories.update({story.key: story for story in stories})

    def story(self, key: StoryKey) -> Story:
        if key not in self.stories:
            raise NotFound(f"{key} is unknown")
        return self.stories[key]

    def issue(self, key: StoryKey) -> TrackerIssue:
        if key not in self.issues:
            raise NotFound(f"{key} is unknown")
        return self.issues[key]

    def comment_once(self, key: StoryKey, marker: str, text: str) -> None:
        self.comments.setdefault((key, marker), text)

    def link_once(self, key: StoryKey, identity: str, url: str, title: str) -> None:
        self.links[key, identity] = f"{title} {url}"

    def move_to(self, key: StoryKey, status: str) -> None:
        self.stories[key] = self.stories[key].model_copy(update={"status": status})


@dataclass
class MemoryCode:
    """Branches over a graph of commits; `write()` makes one on a branch.

    It is the repository of order-gateway; `of(project)` are the others, empty until something is written.
    """

    own: str = "trading/order-gateway"
    others: dict[str, MemoryCode] = field(default_factory=dict)
    graph: dict[str, CommitInfo] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    files: dict[tuple[str, str], bytes] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    statuses: list[tuple[str, ...]] = field(default_factory=list)
    notes: dict[tuple[int, str], str] = field(default_factory=dict)
    requests: list[MergeRequest] = field(default_factory=list)
    conflicts: set[tuple[str, str]] = field(default_factory=set)
    """(source, target) branches that git could not merge."""
    pipelines: dict[int, PipelineState] = field(default_factory=dict)

    def of(self, project: str) -> MemoryCode:
        """The repository of a project; a commit's id tells the project."""
        self.others.setdefault(self.own, self)
        return self.others.setdefault(project, MemoryCode(own=project, others=self.others))

    def write(self, branch: str, message: str, *, base: str | None = None, **files: str) -> str:
        """A commit on a branch, which begins at the head of `base` when it is new."""
        parent = self.heads.get(branch) or (self.heads.get(base) if base else None)
        identity = f"{len(self.graph) + 1:08x}{sum(self.own.encode()):032x}"
        self.graph[identity] = CommitInfo(
            id=identity,
            title=message,
            message=message,
            author_name="dev",
            author_email="developer@hummingbird.example",
            authored_at=NOW.isoformat(),
            parents=[parent] if parent else [],
        )
        self.heads[branch] = identity
        for (path, at), content in list(self.files.items()):
            if at == parent:
                self.files[path, identity] = content
        for path, text in files.items():
            self.files[path, identity] = text.encode()
        return identity

    def merge(self, source: str, target: str, message: str = "merge") -> str:
        """A merge commit of one branch into another."""
        merged = self.write(target, message)
        joined = [*self.graph[merged].parents, self.heads[source]]
        self.graph[merged] = self.graph[merged].model_copy(update={"parents": joined})
        return merged

    def branches(self, project: str) -> list[BranchHead]:
        code = self.of(project)
        return [BranchHead(name=name, commit=commit) for name, commit in code.heads.items()]

    def branch(self, project: str, name: str) -> BranchHead:
        code = self.of(project)
        if name not in code.heads:
            raise NotFound(f"no branch {name}")
        return BranchHead(name=name, commit=code.heads[name])

    def commits_between(self, project: str, base: str | None, head: str) -> list[CommitInfo]:
        code = self.of(project)
        without = code._history(code.heads.get(base, base)) if base else []
        seen = {info.id for info in without}
        return [info for info in code._history(code.heads.get(head, head)) if info.id not in seen]

    def commit(self, project: str, commit: str) -> CommitInfo:
        code = self.of(project)
        if commit not in code.graph:
            raise NotFound(f"no commit {commit}")
        return code.graph[commit]

    def is_ancestor(self, project: str, ancestor: str, descendant: str) -> bool:
        code = self.of(project)
        return ancestor in {info.id for info in code._history(descendant)}

    def file(self, project: str, path: str, commit: str) -> bytes:
        code = self.of(project)
        if (path, commit) not in code.files:
            raise NotFound(f"no {path}")
        return code.files[path, commit]

    def merge_requests(self, project: str, source_branch: str) -> list[MergeRequest]:
        code = self.of(project)
        return [request for request in code.requests if request.source_branch == source_branch]

    def merged(self, project: str, commits: Iterable[str], since: str) -> list[MergeRequest]:
        return [request for request in self.of(project).requests if request.commit in set(commits)]

    def merge_request(self, project: str, merge_request: int) -> MergeRequest:
        found = next((request for request in self.requests if request.iid == merge_request), None)
        if found is None:
            raise NotFound(f"no merge request {merge_request}")
        if found.state != "opened":
            return found
        conflicts = (found.source_branch, found.target_branch) in self.conflicts
        status = "conflict" if conflicts else "mergeable"
        return found.model_copy(update={"status": status, "commit": self.heads[found.source_branch]})

    def find_or_open(self, project: str, source: str, target: str, title: str, text: str) -> MergeRequest:
        for request in self.requests:
            if (request.source_branch, request.target_branch, request.state) == (source, target, "opened"):
                return request
        self.requests.insert(
            0,
            MergeRequest(
                iid=len(self.requests) + 1,
                title=title,
                url=f"https://gitlab.example/!{len(self.requests) + 1}",
                source_branch=source,
                target_branch=target,
                commit=self.heads[source],
                state="opened",
            ),
        )
        return self.requests[0]

    def accept(self, project: str, merge_request: int, commit: str, message: str) -> MergeRequest:
        found = self.merge_request(project, merge_request)
        if (found.state, found.status, found.commit) != ("opened", "mergeable", commit):
            return found
        self.merge(found.source_branch, found.target_branch, message)
        merged = found.model_copy(update={"state": "merged", "status": "not_open"})
        self.requests = [merged if request.iid == merge_request else request for request in self.requests]
        return merged

    def changed_files(self, project: str, base: str, head: str) -> list[str]:
        commits = self.commits_between(project, base, head)
        return sorted(path for path, at in self.files if at in {commit.id for commit in commits})

    def branch_once(self, project: str, name: str, commit: str) -> None:
        if self.heads.setdefault(name, commit) != commit:
            raise Conflict(f"branch {name} points elsewhere")

    def note_once(self, project: str, merge_request: int, marker: str, text: str) -> None:
        self.notes[merge_request, marker] = text

    def set_status(
        self, project: str, commit: str, name: str, state: str, description: str, url: str
    ) -> None:
        self.statuses.append((commit, name, state, description))

    def find_or_start_pipeline(self, project: str, ref: str, commit: str) -> PipelineState:
        found = [state for state in self.pipelines.values() if state.commit == commit]
        return found[-1] if found else PipelineState(id=1, status="created", url="p/1", commit=commit)

    def pipeline(self, project: str, pipeline: int) -> PipelineState:
        return self.pipelines[pipeline]

    def failed_jobs(self, project: str, pipeline: int) -> list[str]:
        return []

    def pipeline_file(self, project: str, pipeline: int, path: str) -> bytes:
        return self.files[path, str(pipeline)]

    def tag_once(self, project: str, name: str, commit: str, message: str) -> None:
        if self.tags.setdefault(name, commit) != commit:
            raise Conflict(f"tag {name} points elsewhere")

    def _history(self, commit: str | None) -> list[CommitInfo]:
        found: dict[str, CommitInfo] = {}
        queue = [commit] if commit else []
        while queue:
            info = self.graph[queue.pop(0)]
            found.setdefault(info.id, info)
            queue += info.parents
        return list(found.values())


@dataclass
class MemorySettings:
    """Items of the configuration centre by environment and app, as people edited them."""

    items: dict[tuple[str, str], dict[str, SettingItem]] = field(default_factory=dict)

    def edit(self, env: str, app: str, key: str, value: str, comment: str, editor: str = "developer") -> None:
        item = SettingItem(key=key, value=value, comment=comment, editor=editor)
        self.items.setdefault((env, app), {})[key] = item

    def commented(self, env: str, place: ApolloNamespace) -> list[SettingItem]:
        if (env, place.app) not in self.items:
            raise NotFound(f"no namespace {place.app} in {env}")
        return list(self.items[env, place.app].values())


@dataclass
class MemoryNotary:
    """What was recorded, in order; only the part of the notary that paths read and write."""

    recorded: list[RecordedEvent] = field(default_factory=list)
    bundles: dict[str, Bundle] = field(default_factory=dict)

    def append(self, event: DeliveryEvent) -> RecordedEvent:
        known = next((r for r in self.recorded if r.event.key == event.key), None)
        if known is not None:
            return known
        number = len(self.recorded) + 1
        self.recorded.append(
            RecordedEvent(
                sequence=number,
                at=NOW + timedelta(seconds=number),
                event=event,
                envelope={},
                previous_hash="",
                hash=str(number),
            )
        )
        return self.recorded[-1]

    def events(self, *, kinds: Iterable[str] = (), **where: str) -> list[RecordedEvent]:
        wanted, after = set(kinds), int(where.pop("after", "0"))
        return [
            recorded
            for recorded in self.recorded[after:]
            if (not wanted or recorded.event.kind in wanted)
            and all(getattr(recorded.event, name) == value for name, value in where.items())
        ]

    def seal(self, bundle: Bundle, run: str) -> str:
        self.bundles[bundle.sha256] = bundle
        return bundle.sha256

    def bundle(self, sha256: str) -> Bundle:
        if sha256 not in self.bundles:
            raise NotFound(f"no bundle {sha256}")
        return self.bundles[sha256]

    def builds(self, component: str, commit: str) -> list[Build]:
        found = [
            Build.model_validate(r.event.data["build"]) for r in self.events(kinds=[EventKind.BUILD_FINISHED])
        ]
        return [build for build in found if build.component == component and build.commit == commit]

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"a path asked the notary for {name}, which this test did not expect")


@dataclass
class MemoryStores:
    """Images and packages by repository."""

    images: set[tuple[str, str]] = field(default_factory=set)
    packages: dict[tuple[str, str], str] = field(default_factory=dict)

    def exists(self, image: Image) -> bool:
        return (image.repository, image.digest) in self.images

    def checksum(self, package: Package) -> str | None:
        return self.packages.get((package.repository, package.path))
