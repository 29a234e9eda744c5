"""How a bundle stands to what runs where it is to be brought, and what became of it there before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from hummingbird.core.bundle import Bundle, BundleComponent
from hummingbird.core.deployment import DeployOutcome
from hummingbird.core.errors import Invalid
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.lineage import Lineage, Relation, RolledBack, RunsThere, lineage_key
from hummingbird.ledger.views import by_key, latest_first, newest
from hummingbird.notary.deployments import DEPLOYMENTS, find_bundle, report_of, running

Serving = Mapping[str, Mapping[str, str | None]]
"""Cluster → component → SHA-256 of the bundle whose version serves there; None where nothing does."""


def serving_in(connection: Connection, bundle: Bundle, environment: str, clusters: Iterable[str]) -> Serving:
    """What serves of the bundle's components in the clusters."""
    names = [component.name for component in bundle.components]
    return {cluster: running(connection, environment, cluster, names) for cluster in clusters}


def runs_there(
    connection: Connection, bundle: Bundle, environment: str, serving: Serving, sealed: int
) -> list[RunsThere]:
    """How the bundle stands to what serves in the clusters; nothing for what does not run yet.

    `sealed`: place in the ledger up to which the bundle knows what ran.
    """
    return [
        _there(connection, carried, environment, cluster, sha256, sealed)
        for cluster, components in serving.items()
        for name, sha256 in components.items()
        if sha256 is not None and (carried := bundle.component(name)) is not None
    ]


def rolled_back(
    connection: Connection, sha256: str, environment: str, clusters: Iterable[str], run: str
) -> RolledBack | None:
    """The newest of the bundle's rollbacks after which it did not come to serve there again.

    What the run itself took back in one cluster says nothing about its others; there it is not brought twice.
    """
    found = []
    for cluster in clusters:
        last = newest(connection, *DEPLOYMENTS, bundle=sha256, environment=environment, cluster=cluster)
        if last is None or last.event.kind is not EventKind.DEPLOYMENT_ROLLED_BACK or last.event.run == run:
            continue
        by = last.event.run or "an unknown run"
        found.append(RolledBack(cluster=cluster, run=by, at=last.at, sequence=last.sequence))
    return max(found, key=lambda back: back.sequence, default=None)


def check_lineage(event: DeliveryEvent) -> Lineage:
    """The lineage in an event; Invalid unless it is about what the event's key and component say."""
    lineage = Lineage.model_validate(event.data.get("lineage"))
    if event.key != lineage.key or event.component != lineage.component:
        raise Invalid(f"event.key: {event.key} is not the lineage's {lineage.key}")
    return lineage


def _there(
    connection: Connection,
    carried: BundleComponent,
    environment: str,
    cluster: str,
    sha256: str,
    sealed: int,
) -> RunsThere:
    other = find_bundle(connection, sha256)
    runs = other.component(carried.name)
    assert runs is not None  # `running` found it there
    return RunsThere(
        cluster=cluster,
        component=carried.name,
        bundle=other.sha256,
        commit=runs.commit,
        relation=_relation(connection, carried.name, carried.commit, runs.commit),
        settings_alone=runs.commits == 0,
        same_settings=carried.configuration.get(environment) == runs.configuration.get(environment),
        later=_came(connection, other, environment, cluster) > sealed,
    )


def _relation(connection: Connection, component: str, commit: str, other: str) -> Relation | None:
    recorded = by_key(connection, lineage_key(component, commit, other))
    if commit == other or recorded is None:
        return None
    return Lineage.model_validate(recorded.event.data["lineage"]).relation


def _came(connection: Connection, bundle: Bundle, environment: str, cluster: str) -> int:
    """Place in the ledger of the deployment that brought the bundle to the cluster last; 0 for none."""
    kinds = [EventKind.DEPLOYMENT_FINISHED]
    where = {"bundle": bundle.sha256, "environment": environment, "cluster": cluster}
    for recorded in latest_first(connection, kinds, **where):
        report = report_of(recorded)
        before = {*report.predecessors.values(), report.predecessor}
        if report.outcome is DeployOutcome.DEPLOYED and bundle.sha256 not in before:
            return recorded.sequence
    return 0
