"""Taking a warrant for one cluster: one deployment, resumed by its own job, never begun twice."""

from __future__ import annotations

from collections.abc import Set

from sqlalchemy import Connection, insert, select, update

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.deployment import DeployOutcome
from hummingbird.core.errors import Conflict, Mismatch, NotFound
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.gate import State
from hummingbird.core.job import DeployJob
from hummingbird.core.warrant import Consumption, Warrant
from hummingbird.ledger.append import append, database_now, take_pen
from hummingbird.ledger.reconcile import void_since
from hummingbird.ledger.schema import warrant_use as uses
from hummingbird.notary.decisions import Question, decide_and_record
from hummingbird.notary.giving_way import ABANDONED, Use, give_way, refuse_while_live
from hummingbird.notary.issuing import find_warrant, warrant_key
from hummingbird.notary.lining_up import require_turn
from hummingbird.notary.signing import SigningKey
from hummingbird.notary.tickets import JobRow, revoke

_SERVES = (DeployOutcome.DEPLOYED.value, DeployOutcome.ALREADY_DEPLOYED.value)
_CHANGED = (*_SERVES, DeployOutcome.ROLLED_BACK.value, DeployOutcome.FAILED.value, ABANDONED)


def deploy_job(row: JobRow) -> DeployJob:
    """The deployment a ticket stands for; Mismatch for another kind of job."""
    job = row.job
    if not isinstance(job, DeployJob):
        raise Mismatch(f"job {row.id[:12]} is a {row.kind} job; a warrant is for deployments")
    return job


def consume(
    connection: Connection,
    catalogue: Catalogue,
    key: SigningKey,
    row: JobRow,
    identity: str,
    cluster: str,
    ended: Set[str] = frozenset(),
) -> Consumption:
    """Grant, grant again to the same job, or say that it is finished; Conflict while another job is at work.

    In the cluster, or under another warrant anywhere in the environment. Mismatch when a gate has shut since
    the warrant was issued: what was approved is judged where it is used. `ended` are jobs whose Airflow runs
    are known to be over: their unfinished deployments give way.
    """
    take_pen(connection)
    job = deploy_job(row)
    warrant = _checked(connection, job, identity, cluster)
    use = connection.execute(
        select(uses).where(uses.c.warrant == identity, uses.c.cluster == cluster).with_for_update()
    ).one_or_none()
    if use is not None and use.finished_at is not None:
        return _finished(use, identity)
    if use is not None:
        return _resume(connection, row, use, ended)
    done = _done_before(connection, row.run, warrant, cluster)
    if done is not None:
        return _finished(done, identity)
    if warrant.expires_at <= database_now(connection):
        raise Conflict(f"warrant {identity} expired at {warrant.expires_at:%Y-%m-%d %H:%M:%S} UTC")
    void = void_since(connection, warrant_key(identity))
    if void is not None:
        raise Conflict(
            f"warrant {identity} is void: {void.event.actor} reconciled the ledger with an older back-up at "
            f"{void.at:%Y-%m-%d %H:%M:%S} UTC; start the path again"
        )
    require_turn(connection, row.run, warrant)
    _require_open_gates(connection, catalogue, key, row, warrant)
    give_way(connection, warrant, cluster, ended)
    return _grant(connection, row, job, warrant, cluster)


def _checked(connection: Connection, job: DeployJob, identity: str, cluster: str) -> Warrant:
    found = find_warrant(connection, identity)
    if found is None:
        raise NotFound(f"no warrant {identity[:64]} was issued")
    warrant, signed = found
    if job.warrant != signed:
        raise Mismatch(f"this ticket's job does not carry warrant {identity}")
    if cluster != job.cluster.name or cluster not in warrant.clusters:
        raise Mismatch(f"this ticket's job is for {job.cluster.name}, not {cluster}")
    return warrant


def _require_open_gates(
    connection: Connection, catalogue: Catalogue, key: SigningKey, row: JobRow, warrant: Warrant
) -> None:
    """Everything that the warrant was issued on, asked once more."""
    question = Question(
        bundle=warrant.bundle,
        environment=warrant.environment,
        operation=warrant.operation,
        approval=warrant.approval,
        run=row.run,
    )
    verdict = decide_and_record(connection, catalogue, key, question, "warrant").verdict
    if verdict.state is not State.OPEN:
        raise Mismatch(f"warrant {warrant.id} holds no more: {verdict.sentence}")


def _done_before(connection: Connection, run: str, warrant: Warrant, cluster: str) -> Use | None:
    """A deployment that the same run finished under an earlier warrant.

    With success; or in any way but by refusing when people signed for it: they signed for one change.
    """
    over = _SERVES if warrant.approval is None else _CHANGED
    query = select(uses).where(
        uses.c.run == run,
        uses.c.bundle == warrant.bundle,
        uses.c.environment == warrant.environment,
        uses.c.cluster == cluster,
        uses.c.outcome.in_(over),
    )
    return connection.execute(query.order_by(uses.c.finished_at.desc()).limit(1)).one_or_none()


def _resume(connection: Connection, row: JobRow, use: Use, ended: Set[str]) -> Consumption:
    """What began under a warrant may end under it, also after it expired: by its job, or that job's heir."""
    if use.job != row.id:
        refuse_while_live(connection, use, ended)
        revoke(connection, use.job)
        connection.execute(
            update(uses)
            .where(uses.c.warrant == use.warrant, uses.c.cluster == use.cluster)
            .values(job=row.id)
        )
    return Consumption(warrant=use.warrant, cluster=use.cluster, job=row.id, state="granted")


def _grant(
    connection: Connection, row: JobRow, job: DeployJob, warrant: Warrant, cluster: str
) -> Consumption:
    connection.execute(
        insert(uses).values(
            warrant=warrant.id,
            cluster=cluster,
            environment=warrant.environment,
            bundle=warrant.bundle,
            run=row.run,
            job=row.id,
            granted_at=database_now(connection),
        )
    )
    append(
        connection,
        DeliveryEvent(
            kind=EventKind.WARRANT_CONSUMED,
            key=f"consumed:{warrant.id}:{cluster}",
            subject=warrant.id,
            story=job.story,
            bundle=warrant.bundle,
            environment=warrant.environment,
            cluster=cluster,
            run=row.run,
            actor=f"job:{row.id}",
            data={"approval": warrant.approval},
        ),
    )
    return Consumption(warrant=warrant.id, cluster=cluster, job=row.id, state="granted")


def _finished(use: Use, asked: str) -> Consumption:
    return Consumption(
        warrant=asked,
        cluster=use.cluster,
        job=use.job,
        state="finished",
        finished_at=use.finished_at,
        outcome=use.outcome,
    )
