"""What runs where, as the ledger knows it."""

from __future__ import annotations

from hummingbird.core.bundle import Bundle
from hummingbird.core.deployment import DeployOutcome, DeployReport
from hummingbird.core.event import EventKind, RecordedEvent
from hummingbird.core.ports import Notary
from hummingbird.core.story import StoryKey

DEPLOYMENTS = (EventKind.DEPLOYMENT_FINISHED, EventKind.DEPLOYMENT_ROLLED_BACK)


def report_of(recorded: RecordedEvent) -> DeployReport:
    """The deployment report inside a deployment event."""
    return DeployReport.model_validate(recorded.event.data["report"])


def serving_after(report: DeployReport) -> str | None:
    """The bundle that serves after a deployment ended: the new one, or its predecessor."""
    if report.outcome in (DeployOutcome.DEPLOYED, DeployOutcome.ALREADY_DEPLOYED):
        return report.bundle
    return report.predecessor


def running_bundles(notary: Notary, component: str, clusters: list[str]) -> dict[str, Bundle | None]:
    """Cluster → the bundle whose version of the component serves there, None where nothing does."""
    running: dict[str, Bundle | None] = {}
    for cluster in clusters:
        running[cluster] = None
        for recorded in reversed(notary.events(kinds=DEPLOYMENTS, cluster=cluster)):
            serving = serving_after(report_of(recorded))
            bundle = notary.bundle(serving) if serving else None
            if bundle is None or bundle.component(component) is not None:
                running[cluster] = bundle
                break
    return running


def deployed_bundle(notary: Notary, key: StoryKey, environment: str) -> str | None:
    """The story's newest bundle that was brought to serve in the environment, None when none was."""
    good = (DeployOutcome.DEPLOYED, DeployOutcome.ALREADY_DEPLOYED)
    for recorded in reversed(notary.events(kinds=DEPLOYMENTS, story=key, environment=environment)):
        if report_of(recorded).outcome in good:
            return recorded.event.bundle
    return None
