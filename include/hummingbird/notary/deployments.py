"""What ran and runs where, as the ledger tells it."""

from __future__ import annotations

from sqlalchemy import Connection

from hummingbird.core.bundle import Bundle
from hummingbird.core.deployment import DeployReport, came_from_reports, now_serving
from hummingbird.core.environment import Environment
from hummingbird.core.errors import NotFound
from hummingbird.core.event import EventKind, RecordedEvent
from hummingbird.ledger.views import by_key, events, latest_first

DEPLOYMENTS = (EventKind.DEPLOYMENT_FINISHED, EventKind.DEPLOYMENT_ROLLED_BACK)


def bundle_key(sha256: str) -> str:
    """Idempotency key of a sealed bundle."""
    return f"bundle:{sha256}"


def find_bundle(connection: Connection, sha256: str) -> Bundle:
    """A sealed bundle; NotFound when none has that name."""
    recorded = by_key(connection, bundle_key(sha256))
    if recorded is None:
        raise NotFound(f"no bundle {sha256[:64]} was sealed")
    return Bundle.model_validate(recorded.event.data["bundle"])


def report_of(recorded: RecordedEvent) -> DeployReport:
    """The report in a deployment event."""
    return DeployReport.model_validate(recorded.event.data["report"])


def running(
    connection: Connection, environment: str, cluster: str, components: list[str]
) -> dict[str, str | None]:
    """Component → SHA-256 of the bundle whose version serves in the cluster; None where nothing does."""
    recorded = latest_first(connection, DEPLOYMENTS, environment=environment, cluster=cluster)
    return now_serving(
        (report_of(one) for one in recorded),
        lambda sha256: [carried.name for carried in find_bundle(connection, sha256).components],
        components,
    )


def runs(connection: Connection, bundle: Bundle, environment: str, cluster: str) -> bool:
    """Whether every component of the bundle serves in the cluster, as the bundle has it."""
    names = [component.name for component in bundle.components]
    return set(running(connection, environment, cluster, names).values()) == {bundle.sha256}


def came_from(
    connection: Connection, bundle: Bundle, environment: str, cluster: str
) -> dict[str, str | None]:
    """Component → what served before the bundle was brought to the cluster: where its rollback leads."""
    brought = latest_first(
        connection,
        [EventKind.DEPLOYMENT_FINISHED],
        bundle=bundle.sha256,
        environment=environment,
        cluster=cluster,
    )
    return came_from_reports(bundle, (report_of(recorded) for recorded in brought))


def clusters_reached(connection: Connection, sha256: str, environment: str) -> set[str]:
    """Clusters of an environment in which the bundle was brought to serve, ever."""
    kinds = [EventKind.DEPLOYMENT_FINISHED]
    found = events(connection, kinds=kinds, bundle=sha256, environment=environment)
    return {recorded.event.cluster for recorded in found if recorded.event.cluster}


def deployed_everywhere(connection: Connection, sha256: str, environment: Environment) -> bool:
    """Whether the bundle was brought to serve in every cluster of the environment."""
    return set(environment.clusters) <= clusters_reached(connection, sha256, environment.name)
