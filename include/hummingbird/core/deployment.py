"""A deployment: one bundle in one environment's cluster, and how it ended."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, Field

from hummingbird.core.artifact import Digest, Sha256
from hummingbird.core.record import Record


class DeployOutcome(StrEnum):
    """How a deployment ended."""

    DEPLOYED = "deployed"
    ALREADY_DEPLOYED = "already_deployed"
    ROLLED_BACK = "rolled_back"
    REFUSED = "refused"
    FAILED = "failed"
    """Neither the new nor the old version could be brought to serve: a person is needed."""


class ComponentState(Record):
    """What was read back of one component after the deployment."""

    name: str
    digest: Digest | None
    configuration_sha256: Sha256 | None
    apollo_release: int | None = None


class DeployReport(Record):
    """The result of the deployment workload in one cluster."""

    bundle: Sha256
    environment: str
    cluster: str
    warrant: str
    outcome: DeployOutcome
    reason: str
    components: list[ComponentState] = Field(default_factory=list)
    predecessor: Sha256 | None = None
    """The bundle that ran before, and that runs again after a rollback."""
    started_at: AwareDatetime
    finished_at: AwareDatetime
