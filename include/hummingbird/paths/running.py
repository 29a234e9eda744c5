"""What runs where, as the ledger knows it."""

from __future__ import annotations

from hummingbird.core.bundle import Bundle, BundleComponent
from hummingbird.core.deployment import DeployOutcome, DeployReport
from hummingbird.core.event import EventKind, RecordedEvent
from hummingbird.core.ports import Notary
from hummingbird.core.story import StoryKey

DEPLOYMENTS = (EventKind.DEPLOYMENT_FINISHED, EventKind.DEPLOYMENT_ROLLED_BACK)
SERVING = (DeployOutcome.DEPLOYED, DeployOutcome.ALREADY_DEPLOYED)
"""A component's predecessor may be another bundle than its neighbour's, so a report names no single one."""


def report_of(recorded: RecordedEvent) -> DeployReport:
    """The deployment report inside a deployment event."""
    return DeployReport.model_validate(recorded.event.data["report"])


def running_bundles(notary: Notary, component: str, clusters: list[str]) -> dict[str, Bundle | None]:
    """Cluster → the bundle whose version of the component serves there, None where nothing does."""
    running: dict[str, Bundle | None] = {}
    for cluster in clusters:
        running[cluster] = None
        for recorded in reversed(notary.events(kinds=DEPLOYMENTS, cluster=cluster)):
            report = report_of(recorded)
            # What did not come to serve left each component as it was: what was before is told before.
            if report.outcome not in SERVING:
                continue
            bundle = notary.bundle(report.bundle)
            if bundle.component(component) is not None:
                running[cluster] = bundle
                break
    return running


def running_component(notary: Notary, component: str, clusters: list[str]) -> BundleComponent | None:
    """What runs of a component: in the first of the clusters, in their order, that runs any of it."""
    for bundle in running_bundles(notary, component, clusters).values():
        carried = bundle.component(component) if bundle else None
        if carried is not None:
            return carried
    return None


def deployed_bundle(notary: Notary, key: StoryKey, environment: str) -> str | None:
    """The story's newest bundle that was brought to serve in the environment, None when none was."""
    for recorded in reversed(notary.events(kinds=DEPLOYMENTS, story=key, environment=environment)):
        if report_of(recorded).outcome in SERVING:
            return recorded.event.bundle
    return None
