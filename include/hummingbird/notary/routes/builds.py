"""Builds with their signed provenance."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from hummingbird.notary.access import AnOffice, reading
from hummingbird.notary.evidence import provenance_events

router = APIRouter()


@router.get("/builds", dependencies=[Depends(reading)])
def builds(
    office: AnOffice, component: str, commit: Annotated[str, Query(pattern=r"^[0-9a-f]{40}$")]
) -> list[dict[str, Any]]:
    """Every recorded build of a commit, in order."""
    with office.reading() as connection:
        found = provenance_events(connection, component, commit)
    return [{"build": r.event.data["build"], "envelope": r.event.data["envelope"]} for r in found]
