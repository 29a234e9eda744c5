"""Jobs: a pod reads its job and posts its result; a task looks the result up."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Response

from hummingbird.core.errors import NotFound
from hummingbird.notary.access import AnOffice, TicketHolder, tasks_only
from hummingbird.notary.results import post_result
from hummingbird.notary.tickets import find_job

router = APIRouter()


@router.get("/jobs/current")
def current(row: TicketHolder) -> dict[str, Any]:
    """The ticket's job."""
    return {"job": row.job.document()}


@router.put("/jobs/current/result")
def put_result(
    office: AnOffice, row: TicketHolder, result: Annotated[dict[str, Any], Body()], response: Response
) -> dict[str, str]:
    """Keep the result and tell the ledger: 201; the same again 200; another 409."""
    with office.writing() as connection:
        created = post_result(connection, row.id, result)
    response.status_code = 201 if created else 200
    return {"job": row.id}


@router.get("/jobs/{identity}", dependencies=[Depends(tasks_only)])
def look_up(office: AnOffice, identity: str) -> dict[str, Any]:
    """A job and its result, null while the pod is at work."""
    with office.reading() as connection:
        row = find_job(connection, identity)
    if row is None:
        raise NotFound(f"no job {identity[:64]}")
    return {
        "job": row.id,
        "kind": row.kind,
        "run": row.run,
        "task": row.task,
        "result": json.loads(row.result) if row.result is not None else None,
        "posted_at": row.posted_at.isoformat() if row.posted_at else None,
    }
