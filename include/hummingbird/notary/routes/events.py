"""Events: tasks write the kinds that are theirs; tasks and readers read all."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import ValidationError
from sqlalchemy import Connection

from hummingbird.core.artifact import Build
from hummingbird.core.errors import Denied, Invalid
from hummingbird.core.event import TASK_KINDS, DeliveryEvent, EventKind, RecordedEvent
from hummingbird.core.story import story_key
from hummingbird.ledger.append import Appended, append, take_pen
from hummingbird.ledger.views import by_key, events
from hummingbird.notary.access import AnOffice, reading, tasks_only
from hummingbird.notary.admission import check_admission
from hummingbird.notary.heads import check_published
from hummingbird.notary.lining_up import make_room
from hummingbird.notary.night_opening import check_night
from hummingbird.notary.office import Office
from hummingbird.notary.provenance import sign_statement, statement_of
from hummingbird.notary.rollout_claims import check_rollout
from hummingbird.notary.standing import check_lineage

router = APIRouter()
_TURNING = (EventKind.RUN_FINISHED, EventKind.ROLLOUT_CONCLUDED)
"""What makes room in the line of an environment."""


@router.post("/events", dependencies=[Depends(tasks_only)])
def write(office: AnOffice, event: DeliveryEvent, response: Response) -> RecordedEvent:
    """Record an event: 201 when new, 200 when it is there, 409 when its key says something else."""
    if event.kind not in TASK_KINDS:
        raise Denied(f"tasks may not write {event.kind.value}; only the notary or a pod's ticket does")
    if event.kind is EventKind.BUNDLE_SEALED:
        raise Invalid("event.kind: a bundle is sealed by POST /bundles")
    if event.story is not None:
        story_key(event.story)
    if event.actor.startswith("job:"):
        raise Invalid("event.actor: a job writes by its ticket only")
    try:
        with office.writing() as connection:
            written = _write(connection, office, event)
            # Also when it is told again: the run may have run again.
            if event.kind in _TURNING and event.run is not None:
                make_room(connection, event.kind, event.run)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise Invalid(f"event.data of {event.kind.value}: {where}: {first['msg']}") from error
    if event.kind in _TURNING:
        office.call()
    response.status_code = 201 if written.created else 200
    return written.recorded


@router.get("/events", dependencies=[Depends(reading)])
def read(
    office: AnOffice,
    kind: Annotated[list[EventKind], Query(default_factory=list)],
    story: str | None = None,
    bundle: str | None = None,
    component: str | None = None,
    environment: str | None = None,
    cluster: str | None = None,
    run: str | None = None,
    subject: str | None = None,
    key: str | None = None,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int | None, Query(ge=1)] = None,
) -> list[RecordedEvent]:
    """Events in order; every given place must match."""
    with office.reading() as connection:
        return events(
            connection,
            kinds=kind,
            after=after,
            limit=limit,
            story=story,
            bundle=bundle,
            component=component,
            environment=environment,
            cluster=cluster,
            run=run,
            subject=subject,
            key=key,
        )


def _write(connection: Connection, office: Office, event: DeliveryEvent) -> Appended:
    take_pen(connection)
    found = by_key(connection, event.key)
    if found is not None and _same_effect(found.event, event):
        return Appended(found, created=False)
    if event.kind is EventKind.RUN_ADMITTED:
        check_admission(event)
    if event.kind is EventKind.HEAD_PUBLISHED:
        check_published(connection, event)
    if event.kind is EventKind.ROLLOUT_CONCLUDED:
        check_rollout(connection, event)
    if event.kind is EventKind.LINEAGE_READ:
        check_lineage(event)
    if event.kind is EventKind.REGRESSION_STARTED:
        check_night(connection, event)
    written = append(connection, event)
    if event.kind is EventKind.BUILD_FINISHED:
        _sign_provenance(connection, office, event)
    return written


def _same_effect(found: DeliveryEvent, event: DeliveryEvent) -> bool:
    # A second run that finds the effect of the first tells the same, only from another run.
    return found.model_copy(update={"run": event.run}).content_hash == event.content_hash


def _sign_provenance(connection: Connection, office: Office, event: DeliveryEvent) -> None:
    build = Build.model_validate(event.data.get("build"))
    if event.component != build.component:
        raise Invalid(f"event.component: {event.component} is not the build's {build.component}")
    project = office.policy.current().component(build.component).gitlab_project
    envelope = sign_statement(statement_of(build, project), office.key)
    append(
        connection,
        DeliveryEvent(
            kind=EventKind.PROVENANCE_SIGNED,
            key=f"provenance:{event.key}"[:300],
            subject=build.commit,
            story=event.story,
            component=build.component,
            run=event.run,
            actor="notary",
            data={"build": build.document(), "envelope": envelope, "recorded_as": event.key},
        ),
    )
