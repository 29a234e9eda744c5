"""Bundles: sealed once, read by name, with the evidence about them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Response

from hummingbird.core.bundle import Bundle
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.record import Record
from hummingbird.ledger.append import append, take_pen
from hummingbird.ledger.views import by_key
from hummingbird.notary.access import AnOffice, reading, tasks_only
from hummingbird.notary.deployments import bundle_key, find_bundle
from hummingbird.notary.evidence import evidence_for

router = APIRouter()


class Seal(Record):
    """A bundle and the run that sealed it."""

    bundle: Bundle
    run: str


@router.post("/bundles", dependencies=[Depends(tasks_only)])
def seal(office: AnOffice, asked: Seal, response: Response) -> dict[str, str]:
    """Record a bundle under its own name: 201 when new, 200 when any run sealed it before."""
    sha256 = asked.bundle.sha256
    with office.writing() as connection:
        take_pen(connection)
        created = by_key(connection, bundle_key(sha256)) is None
        if created:
            append(connection, _event(asked, sha256))
    response.status_code = 201 if created else 200
    return {"sha256": sha256}


@router.get("/bundles/{sha256}", dependencies=[Depends(reading)])
def bundle(office: AnOffice, sha256: str) -> Bundle:
    """A sealed bundle."""
    with office.reading() as connection:
        return find_bundle(connection, sha256)


@router.get("/bundles/{sha256}/evidence", dependencies=[Depends(reading)])
def evidence(office: AnOffice, sha256: str, environment: str) -> dict[str, Any]:
    """The evidence set before an environment, and its hash."""
    stage = office.policy.current().environment(environment)
    with office.reading() as connection:
        found = evidence_for(connection, find_bundle(connection, sha256), stage)
    return {"evidence": found.sha256, "items": [item.document() for item in found.items]}


def _event(asked: Seal, sha256: str) -> DeliveryEvent:
    single = asked.bundle.components[0].name if len(asked.bundle.components) == 1 else None
    return DeliveryEvent(
        kind=EventKind.BUNDLE_SEALED,
        key=bundle_key(sha256),
        subject=sha256,
        story=asked.bundle.story,
        bundle=sha256,
        component=single,
        run=asked.run,
        actor="platform",
        data={"bundle": asked.bundle.document()},
    )
