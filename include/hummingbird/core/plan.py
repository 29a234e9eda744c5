"""What a run will do, frozen in its first task: later edits of branches or catalogue do not change it."""

from __future__ import annotations

from pydantic import Field

from hummingbird.core.artifact import Commit, Sha256
from hummingbird.core.emergency import Emergency
from hummingbird.core.record import Record
from hummingbird.core.story import Story


class PlannedComponent(Record):
    """One component of a plan: where its candidate is."""

    name: str
    branch: str
    commit: Commit
    base: Commit | None = None
    """Where an incremental scan starts from."""
    merge_request: int | None = None
    settings: dict[str, dict[str, str]] | None = None
    """Environment → configuration items to deliver without a commit; None where the commit brings them."""
    editors: list[str] = Field(default_factory=list)
    """Who edited those items: mail addresses."""


class Plan(Record):
    """The frozen plan of one run."""

    dag_id: str
    run_id: str
    story: Story
    requester: str | None
    """Catalogue person who triggered, None for a webhook."""
    environment: str | None = None
    mode: str | None = None
    components: list[PlannedComponent] = Field(default_factory=list)
    travelling: list[Story] = Field(default_factory=list)
    """Other stories whose commits travel along."""
    bundle: Sha256 | None = None
    clusters: list[str] = Field(default_factory=list)
    """Clusters this run is about, in the order of the waves; empty: all of the environment."""
    policy_version: Sha256
    emergency: Emergency | None = None
    """Why this run may pass shut gates; None for every normal one."""
