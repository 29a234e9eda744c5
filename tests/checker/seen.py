"""What was seen outside the ledger: plain records, so that every rule can be tried with a wrong one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Task:
    """A task instance of Airflow."""

    name: str
    state: str | None
    since: datetime | None = None
    """When it last started or ended."""


@dataclass(frozen=True)
class Run:
    """A run of Airflow."""

    dag: str
    id: str
    state: str
    since: datetime | None = None
    """When it was queued."""
    note: str = ""
    conf: dict[str, Any] = field(default_factory=dict)
    tasks: tuple[Task, ...] = ()

    @property
    def name(self) -> str:
        """As the ledger names it."""
        return f"{self.dag}/{self.id}"

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.state in ("success", "failed")


@dataclass(frozen=True)
class Tag:
    """A tag of a GitLab project."""

    project: str
    name: str
    commit: str


@dataclass(frozen=True)
class MergeRequest:
    """A merge request of GitLab, with the bodies of its notes."""

    project: str
    number: int
    source: str
    target: str
    head: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Workload:
    """A Deployment of a cluster and the pods under it."""

    cluster: str
    name: str
    digest: str
    revision: int
    """How many rollouts the cluster counted."""
    replicas: int
    ready: int
    bundle: str | None = None
    pods: tuple[str, ...] = ()
    """Digests that its ready pods run."""


@dataclass(frozen=True)
class Seen:
    """Everything that was seen."""

    now: datetime
    runs: tuple[Run, ...] = ()
    pipelines: tuple[tuple[str, str, int], ...] = ()
    """Project, commit, number."""
    tags: tuple[Tag, ...] = ()
    merge_requests: tuple[MergeRequest, ...] = ()
    comments: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Story → bodies of its comments."""
    workloads: tuple[Workload, ...] = ()
    manifests: dict[tuple[str, str], str | None] = field(default_factory=dict)
    """Repository and digest → SHA-256 of the bytes the registry serves for it, None for nothing."""
