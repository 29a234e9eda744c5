"""What runs where, as the ledger knows it."""

from __future__ import annotations

from hummingbird.core.bundle import Bundle, BundleComponent
from hummingbird.core.deployment import GOOD, DeployReport, came_from_reports, now_serving
from hummingbird.core.event import EventKind, RecordedEvent
from hummingbird.core.ports import Records
from hummingbird.core.story import StoryKey

DEPLOYMENTS = (EventKind.DEPLOYMENT_FINISHED, EventKind.DEPLOYMENT_ROLLED_BACK)


def report_of(recorded: RecordedEvent) -> DeployReport:
    """The deployment report inside a deployment event."""
    return DeployReport.model_validate(recorded.event.data["report"])


def serving_in(notary: Records, cluster: str, components: list[str]) -> dict[str, str | None]:
    """Component → SHA-256 of the bundle whose version serves in the cluster, None where nothing does."""
    newest_first = reversed(notary.events(kinds=DEPLOYMENTS, cluster=cluster))
    return now_serving(
        (report_of(recorded) for recorded in newest_first),
        lambda sha256: [carried.name for carried in notary.bundle(sha256).components],
        components,
    )


def running_bundles(notary: Records, component: str, clusters: list[str]) -> dict[str, Bundle | None]:
    """Cluster → the bundle whose version of the component serves there, None where nothing does."""
    serving = {cluster: serving_in(notary, cluster, [component])[component] for cluster in clusters}
    return {cluster: notary.bundle(sha256) if sha256 else None for cluster, sha256 in serving.items()}


def clusters_running(notary: Records, bundle: Bundle, clusters: list[str]) -> list[str]:
    """Those of the clusters in which every component of the bundle serves as the bundle has it."""
    names = [component.name for component in bundle.components]
    return [c for c in clusters if set(serving_in(notary, c, names).values()) == {bundle.sha256}]


def running_component(notary: Records, component: str, clusters: list[str]) -> BundleComponent | None:
    """What runs of a component: in the first of the clusters, in their order, that runs any of it."""
    for bundle in running_bundles(notary, component, clusters).values():
        carried = bundle.component(component) if bundle else None
        if carried is not None:
            return carried
    return None


def deployed_bundle(notary: Records, key: StoryKey, environment: str) -> str | None:
    """The story's newest bundle that was brought to serve in the environment, None when none was."""
    brought = notary.events(kinds=[EventKind.DEPLOYMENT_FINISHED], story=key, environment=environment)
    for recorded in reversed(brought):
        if report_of(recorded).outcome in GOOD:
            return recorded.event.bundle
    return None


def came_from(notary: Records, bundle: Bundle, environment: str, cluster: str) -> dict[str, str | None]:
    """Component → what served before the bundle was brought to the cluster: where its rollback leads."""
    brought = notary.events(
        kinds=[EventKind.DEPLOYMENT_FINISHED], bundle=bundle.sha256, environment=environment, cluster=cluster
    )
    return came_from_reports(bundle, (report_of(recorded) for recorded in reversed(brought)))
