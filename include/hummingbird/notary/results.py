"""What a pod posts: checked against its job, kept, and turned into the ledger's event in one transaction."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, func, select, update

from hummingbird.core.canonical import canonical_json
from hummingbird.core.deployment import DeployOutcome, DeployReport
from hummingbird.core.errors import Conflict, Invalid, Mismatch, NotFound
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.finding import ScanReport, SuiteReport
from hummingbird.core.job import (
    RESULT_OF,
    AnyJob,
    AnyResult,
    CodeJob,
    DeployJob,
    RegressionJob,
    RollupJob,
    ScanJob,
    SelectJob,
    SuiteJob,
)
from hummingbird.core.metric import RollupReport
from hummingbird.core.observation import CodeReport, observation_event
from hummingbird.core.regression import RegressionReport, Selection
from hummingbird.core.warrant import Operation
from hummingbird.ledger.append import append, take_pen
from hummingbird.ledger.schema import job as jobs
from hummingbird.ledger.schema import warrant_use as uses
from hummingbird.notary.issuing import find_warrant
from hummingbird.notary.tickets import JobRow, find_job

_KIND_OF = {
    DeployOutcome.DEPLOYED: EventKind.DEPLOYMENT_FINISHED,
    DeployOutcome.ALREADY_DEPLOYED: EventKind.DEPLOYMENT_FINISHED,
    DeployOutcome.ROLLED_BACK: EventKind.DEPLOYMENT_ROLLED_BACK,
    DeployOutcome.REFUSED: EventKind.DEPLOYMENT_FAILED,
    DeployOutcome.FAILED: EventKind.DEPLOYMENT_FAILED,
}
_KIND_OF_ROLLBACK = {
    **_KIND_OF,
    DeployOutcome.DEPLOYED: EventKind.DEPLOYMENT_ROLLED_BACK,
    DeployOutcome.ALREADY_DEPLOYED: EventKind.DEPLOYMENT_ROLLED_BACK,
    DeployOutcome.ROLLED_BACK: EventKind.DEPLOYMENT_FAILED,
}
"""A person's rollback: what was asked for is the way back, and it failed when the bundle runs again."""
_TOUCHED = (DeployOutcome.DEPLOYED, DeployOutcome.ROLLED_BACK, DeployOutcome.FAILED)


def post_result(connection: Connection, identity: str, document: Any) -> bool:
    """Keep a job's result; True when it is new, False when it is there, Conflict when another one is."""
    take_pen(connection)
    row = find_job(connection, identity, lock=True)
    if row is None:
        raise NotFound(f"no job {identity[:12]}")
    job = row.job
    try:
        report = RESULT_OF[job.kind].model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise Invalid(f"result of a {job.kind} job: {where}: {first['msg']}") from error
    written = canonical_json(report.document()).decode("utf-8")
    if row.result is not None:
        if row.result != written:
            raise Conflict(f"job {identity[:12]} has another result already")
        return False
    event = _event(connection, row, job, report)
    connection.execute(
        update(jobs).where(jobs.c.id == identity).values(result=written, posted_at=func.clock_timestamp())
    )
    if event is not None:
        append(connection, event)
    return True


def _event(
    connection: Connection,
    row: JobRow,
    job: AnyJob,
    report: AnyResult,
) -> DeliveryEvent | None:
    if isinstance(job, ScanJob) and isinstance(report, ScanReport):
        return _scan(row, job, report)
    if isinstance(job, SuiteJob) and isinstance(report, SuiteReport):
        return _suite(row, job, report)
    if isinstance(job, DeployJob) and isinstance(report, DeployReport):
        return _deployment(connection, row, job, report)
    return _scheduled(connection, row, job, report)


def _scheduled(connection: Connection, row: JobRow, job: AnyJob, report: AnyResult) -> DeliveryEvent | None:
    """Of the paths without a story."""
    if isinstance(job, CodeJob) and isinstance(report, CodeReport):
        _code_seen(connection, row, job, report)
        return None  # each component's code is an event of its own
    if isinstance(job, RollupJob) and isinstance(report, RollupReport):
        return _rolled_up(row, report)
    if isinstance(job, SelectJob) and isinstance(report, Selection):
        _agree(component=(job.component.name, report.component), commit=(job.commit, report.commit))
        _agree(bundle=(job.bundle, report.bundle))
        return None  # the queue that is filled from it tells the ledger
    assert isinstance(job, RegressionJob)
    assert isinstance(report, RegressionReport)
    _agree(run=(row.run, report.run))
    return None  # its cases were reported one by one


def _code_seen(connection: Connection, row: JobRow, job: CodeJob, report: CodeReport) -> None:
    """One event for each component; the job's own result is no event."""
    asked = {target.component.name: target.commit for target in job.targets}
    for seen in report.seen:
        _agree(commit=(asked.get(seen.component), seen.commit))
        append(connection, observation_event(seen, row.run, f"job:{row.id}"))


def _rolled_up(row: JobRow, report: RollupReport) -> DeliveryEvent:
    published = report.state == "published"
    return DeliveryEvent(
        kind=EventKind.METRICS_PUBLISHED if published else EventKind.METRICS_WITHHELD,
        key=f"job:{row.id}",
        subject=f"publication:{report.publication}",
        run=row.run,
        actor=f"job:{row.id}",
        data={"report": report.document()},
    )


def _scan(row: JobRow, job: ScanJob, report: ScanReport) -> DeliveryEvent:
    _agree(component=(job.component.name, report.component), commit=(job.commit, report.commit))
    _agree(mode=(job.mode, report.mode), base=(job.base, report.base))
    return DeliveryEvent(
        kind=EventKind.SCAN_FINISHED,
        key=f"job:{row.id}",
        subject=job.commit,
        story=job.story,
        component=job.component.name,
        run=row.run,
        actor=f"job:{row.id}",
        data={"report": report.document(), "rules": job.rules},
    )


def _suite(row: JobRow, job: SuiteJob, report: SuiteReport) -> DeliveryEvent:
    _agree(component=(job.component.name, report.component), bundle=(job.bundle, report.bundle))
    _agree(environment=(job.environment, report.environment), suite=(job.name, report.suite))
    return DeliveryEvent(
        kind=EventKind.SUITE_FINISHED,
        key=f"job:{row.id}",
        subject=f"{job.component.name}/{job.name}",
        story=job.story,
        bundle=job.bundle,
        component=job.component.name,
        environment=job.environment,
        run=row.run,
        actor=f"job:{row.id}",
        data={"report": report.document()},
    )


def _deployment(
    connection: Connection, row: JobRow, job: DeployJob, report: DeployReport
) -> DeliveryEvent | None:
    warrant, operation = _warrant(connection, job, report)
    _agree(
        bundle=(job.bundle.sha256, report.bundle),
        environment=(job.environment.name, report.environment),
        cluster=(job.cluster.name, report.cluster),
    )
    if not _end_use(connection, row, warrant, report):
        if report.outcome in _TOUCHED:
            raise Mismatch(f"job {row.id[:12]} did not take warrant {warrant} for {report.cluster}")
        if report.outcome is DeployOutcome.ALREADY_DEPLOYED:
            # Another job's deployment, already in the ledger: telling it again would change what ran last.
            return None
    kinds = _KIND_OF_ROLLBACK if operation is Operation.ROLLBACK else _KIND_OF
    return DeliveryEvent(
        kind=kinds[report.outcome],
        key=f"job:{row.id}",
        subject=report.bundle,
        story=job.story,
        bundle=report.bundle,
        environment=report.environment,
        cluster=report.cluster,
        run=row.run,
        actor=f"job:{row.id}",
        data={"report": report.document()},
    )


def _warrant(connection: Connection, job: DeployJob, report: DeployReport) -> tuple[str, Operation]:
    found = find_warrant(connection, report.warrant)
    if found is None or found[1] != job.warrant:
        raise Mismatch(f"result.warrant: {report.warrant[:64]} is not the job's")
    return report.warrant, found[0].operation


def _end_use(connection: Connection, row: JobRow, warrant: str, report: DeployReport) -> bool:
    """Finish the deployment this job holds; False when it holds none."""
    held = select(uses).where(
        uses.c.warrant == warrant,
        uses.c.cluster == report.cluster,
        uses.c.job == row.id,
        uses.c.finished_at.is_(None),
    )
    if connection.execute(held.with_for_update()).one_or_none() is None:
        return False
    connection.execute(
        update(uses)
        .where(uses.c.warrant == warrant, uses.c.cluster == report.cluster)
        .values(finished_at=func.clock_timestamp(), outcome=report.outcome.value)
    )
    return True


def _agree(**pairs: tuple[object, object]) -> None:
    for field, (asked, told) in pairs.items():
        if asked != told:
            raise Mismatch(f"result.{field}: the job is about {asked}, the result about {told}")
