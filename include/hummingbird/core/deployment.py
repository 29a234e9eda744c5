"""A deployment: one bundle in one environment's cluster, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum

from pydantic import AwareDatetime, Field

from hummingbird.core.artifact import Digest, Sha256
from hummingbird.core.bundle import Bundle
from hummingbird.core.record import Record


class DeployOutcome(StrEnum):
    """How a deployment ended."""

    DEPLOYED = "deployed"
    ALREADY_DEPLOYED = "already_deployed"
    ROLLED_BACK = "rolled_back"
    REFUSED = "refused"
    FAILED = "failed"
    """Neither the new nor the old version could be brought to serve: a person is needed."""


GOOD = (DeployOutcome.DEPLOYED, DeployOutcome.ALREADY_DEPLOYED)
"""What was asked for serves."""


class ClusterState(StrEnum):
    """How a bundle stands in one cluster when a run ends."""

    OK = "ok"
    FAILED = "failed"
    """It was refused or rolled back, or neither version serves."""
    UNKNOWN = "unknown"
    """No report: the cluster could not be reached, or its pod was lost."""


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
    """The bundle that ran before, and that runs again after a rollback; of several, the first."""
    predecessors: dict[str, Sha256 | None] = Field(default_factory=dict)
    """Component → the bundle it came from, None where nothing ran."""
    serves: dict[str, Sha256 | None] = Field(default_factory=dict)
    """Component → the bundle whose version serves now, None where nothing does; empty when not known."""
    started_at: AwareDatetime
    finished_at: AwareDatetime


class Standing(Record):
    """How a run left one cluster."""

    cluster: str
    state: ClusterState
    why: str
    begun: bool = True
    """Whether a deployment was started there in this run, or had been before."""


def now_serving(
    newest_first: Iterable[DeployReport], carried: Callable[[str], Iterable[str]], wanted: Iterable[str]
) -> dict[str, str | None]:
    """Component → the bundle whose version serves in a cluster, by its reports; `carried` opens a bundle."""
    names, found = list(wanted), dict[str, str | None]()
    for report in newest_first:
        for name, sha256 in (report.serves or _told_by_outcome(report, carried)).items():
            found.setdefault(name, sha256)
        if set(names) <= set(found):
            break
    return {name: found.get(name) for name in names}


def _told_by_outcome(report: DeployReport, carried: Callable[[str], Iterable[str]]) -> dict[str, str | None]:
    """What a report means that names no components: one that did not come to serve left them as they were."""
    return dict.fromkeys(carried(report.bundle), report.bundle) if report.outcome in GOOD else {}


def came_from_reports(bundle: Bundle, newest_first: Iterable[DeployReport]) -> dict[str, str | None]:
    """Component → what served before the bundle came to a cluster, by its reports there; None for nothing."""
    names = [component.name for component in bundle.components]
    for report in newest_first:
        before = report.predecessors or dict.fromkeys(names, report.predecessor)
        if report.outcome is DeployOutcome.DEPLOYED and bundle.sha256 not in before.values():
            return {name: before.get(name) for name in names}
    return dict.fromkeys(names)
