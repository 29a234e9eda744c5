"""Environments and clusters: data, not code."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from pydantic import Field

from hummingbird.core.approval_rule import ApprovalRule
from hummingbird.core.emergency import EmergencyRule
from hummingbird.core.record import Record


class Cluster(Record):
    """One Kubernetes cluster as Airflow reaches it: connection and namespace, and what feeds it."""

    name: str
    title: str
    cloud: str
    """Whose cloud it is; for people and reports."""
    connection: str
    namespace: str
    registry_project: str
    service_account: str = "deployer"
    apollo_cluster: str = "default"
    patience_seconds: int = Field(default=20, ge=1, le=120)
    """How long an API that does not answer is waited for before the platform goes on without it."""


class WhenUnreachable(StrEnum):
    """What becomes of an environment's other clusters when one of them cannot be reached."""

    PROCEED = "proceed"
    STOP = "stop"


class Turns(StrEnum):
    """Which releases of an environment wait for each other: first come, first served."""

    ENVIRONMENT = "environment"
    """All of them."""
    COMPONENT = "component"
    """Those that bring the same component."""


class Environment(Record):
    """One stage of the way: where it runs, which gates stand before it, who must agree."""

    name: str
    title: str
    order: int
    waves: list[list[str]]
    """Cluster names, wave after wave."""
    when_unreachable: WhenUnreachable = WhenUnreachable.STOP
    """Whether the others proceed when a cluster or its registry project cannot be reached."""
    path: str | None = None
    """The delivery path (dag_id) that brings bundles here, None where only rollback and promotion may."""
    package_repository: str
    apollo_env: str
    gates: list[str]
    approval: ApprovalRule = ApprovalRule()
    rollback_approval: ApprovalRule = ApprovalRule()
    emergency: EmergencyRule | None = None
    """How it may be reached past gates, None where it may not."""
    previous: str | None = None
    """The environment a bundle must have passed before."""
    suites: list[str] = Field(default_factory=list)
    """Kinds of suites run after a deployment here."""
    calendar: str = "always"
    """When deployments may start: asked before people are, for the warrant, and in front of every cluster."""
    rollback_calendar: str = "always"
    """The same for rollbacks that people ask for; one that a failed deployment makes itself never waits."""
    turns: Turns = Turns.ENVIRONMENT
    """What one release after the other is about."""
    deployed_status: str | None = None
    """Tracker status the delivered stories get when the bundle serves here, None to leave them."""
    passed_status: str | None = None
    """Tracker status they get when the suites are green here, None to leave them."""

    @property
    def clusters(self) -> list[str]:
        """All cluster names in wave order."""
        return [cluster for wave in self.waves for cluster in wave]

    def rule_of(self, operation: str, *, in_emergency: bool = False) -> ApprovalRule | EmergencyRule:
        """Who must agree to the operation, `deploy` or `rollback`."""
        if in_emergency and self.emergency is not None:
            return self.emergency
        return self.approval if operation == "deploy" else self.rollback_approval

    def waves_of(self, clusters: Iterable[str]) -> list[list[str]]:
        """The waves with these clusters alone, without those that are then empty."""
        wanted = set(clusters)
        return [kept for wave in self.waves if (kept := [name for name in wave if name in wanted])]
