"""Unfinished deployments of an environment: who is in the way, and the end of those nobody is at work on."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from sqlalchemy import Connection, Row, Select, func, or_, select, update

from hummingbird.core.errors import Conflict
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.job import DeployJob
from hummingbird.core.warrant import Warrant
from hummingbird.ledger.append import append
from hummingbird.ledger.schema import warrant_use as uses
from hummingbird.notary.tickets import find_job, is_live, revoke

Use = Row[Any]

ABANDONED = "abandoned"
"""Outcome of a deployment whose pod will never report: its run is over, or its ticket expired."""


def jobs_at_work(connection: Connection, environment: str) -> dict[str, str]:
    """Job → run of every unfinished deployment of an environment."""
    return {use.job: use.run for use in connection.execute(_unfinished(environment))}


def refuse_while_live(connection: Connection, use: Use, ended: Set[str]) -> None:
    """Conflict while a pod may still be at work for an unfinished deployment."""
    if is_live(connection, use.job) and use.job not in ended:
        raise Conflict(
            f"{use.environment}/{use.cluster} is being deployed by job {use.job[:12]} of run {use.run} "
            f"under warrant {use.warrant} since {use.granted_at:%Y-%m-%d %H:%M:%S} UTC"
        )


def give_way(connection: Connection, warrant: Warrant, cluster: str, ended: Set[str]) -> None:
    """End what is unfinished and dead in the way of a warrant; Conflict, and nothing ended, while some lives.

    In the way is what is unfinished in the cluster, and under another warrant anywhere in the environment:
    the clusters of one warrant are one deployment (invariant I3).
    """
    query = _unfinished(warrant.environment).where(
        or_(uses.c.warrant != warrant.id, uses.c.cluster == cluster)
    )
    holders = connection.execute(query.order_by(uses.c.granted_at).with_for_update()).all()
    for holder in holders:
        refuse_while_live(connection, holder, ended)
    for holder in holders:
        _abandon(connection, holder)


def _abandon(connection: Connection, holder: Use) -> None:
    # Its pod, should it still live, can neither post nor take a warrant. Its own cluster's Lease stops its
    # hands there; a deployment in another cluster relies on Airflow having ended it with its run.
    revoke(connection, holder.job)
    connection.execute(
        update(uses)
        .where(uses.c.warrant == holder.warrant, uses.c.cluster == holder.cluster)
        .values(finished_at=func.clock_timestamp(), outcome=ABANDONED)
    )
    found = find_job(connection, holder.job)
    abandoned = found.job if found else None
    append(
        connection,
        DeliveryEvent(
            kind=EventKind.DEPLOYMENT_FAILED,
            key=f"abandoned:{holder.warrant}:{holder.cluster}",
            subject=holder.bundle,
            story=abandoned.story if isinstance(abandoned, DeployJob) else None,
            bundle=holder.bundle,
            environment=holder.environment,
            cluster=holder.cluster,
            run=holder.run,
            actor="notary",
            data={"outcome": ABANDONED, "job": holder.job, "warrant": holder.warrant},
        ),
    )


def _unfinished(environment: str) -> Select[Any]:
    return select(uses).where(uses.c.environment == environment, uses.c.finished_at.is_(None))
