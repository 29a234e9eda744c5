"""What a run says of its clusters, held against what their pods reported: `ok` is no task's word."""

from __future__ import annotations

from pydantic import TypeAdapter
from sqlalchemy import Connection

from hummingbird.core.deployment import ClusterState, Standing
from hummingbird.core.errors import Invalid
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.ledger.views import events
from hummingbird.notary.deployments import find_bundle, runs

_STANDINGS = TypeAdapter(list[Standing])


def check_rollout(connection: Connection, event: DeliveryEvent) -> None:
    """Invalid when a cluster is called ok that no pod reported so."""
    if not event.bundle or not event.environment or not event.run:
        raise Invalid("event: a rollout names its bundle, environment and run")
    undone = event.data.get("operation") == "rollback"
    bundle = find_bundle(connection, event.bundle)
    for standing in _STANDINGS.validate_python(event.data.get("clusters")):
        if standing.state is not ClusterState.OK:
            continue
        if undone:
            kinds = [EventKind.DEPLOYMENT_ROLLED_BACK]
            told = bool(events(connection, kinds=kinds, run=event.run, cluster=standing.cluster, limit=1))
        else:
            told = runs(connection, bundle, event.environment, standing.cluster)
        if not told:
            raise Invalid(f"event.data.clusters: no pod reported {standing.cluster} to be as this run asked")
