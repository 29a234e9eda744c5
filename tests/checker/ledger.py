"""The exported ledger, read without trusting it: the chain is computed anew from the first row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

BEFORE_THE_FIRST = "0" * 64
COLUMNS = (
    "key",
    "kind",
    "subject",
    "story",
    "bundle",
    "component",
    "environment",
    "cluster",
    "run",
    "actor",
)
"""What a row repeats from its envelope."""

WEBHOOK = "dev.cdeventsx.hummingbird-webhook.received"
ADMITTED = "dev.cdeventsx.hummingbird-run.admitted"
REFUSED = "dev.cdeventsx.hummingbird-run.refused"
FINISHED = "dev.cdevents.pipelinerun.finished"
BUILT = "dev.cdevents.artifact.packaged"
SEALED = "dev.cdeventsx.hummingbird-bundle.sealed"
PROMOTED = "dev.cdevents.artifact.published"
ASKED = "dev.cdeventsx.hummingbird-approval.created"
ANSWERED = "dev.cdeventsx.hummingbird-approval.updated"
CLOSED = "dev.cdeventsx.hummingbird-approval.closed"
ISSUED = "dev.cdeventsx.hummingbird-warrant.issued"
CONSUMED = "dev.cdeventsx.hummingbird-warrant.consumed"
DEPLOYED = "dev.cdevents.service.deployed"
ROLLED_BACK = "dev.cdevents.service.rolledback"
FAILED = "dev.cdeventsx.hummingbird-deployment.failed"
STORY_CLOSED = "dev.cdevents.ticket.closed"
TAGGED = "dev.cdeventsx.hummingbird-release.tagged"

DEPLOYMENTS = (DEPLOYED, ROLLED_BACK, FAILED)


@dataclass(frozen=True)
class Event:
    """One row, as its envelope tells it."""

    sequence: int
    at: datetime
    kind: str
    """The CDEvents type without its version."""
    key: str
    subject: str
    story: str | None = None
    bundle: str | None = None
    component: str | None = None
    environment: str | None = None
    cluster: str | None = None
    run: str | None = None
    actor: str = ""
    data: dict[str, Any] = field(default_factory=dict)


class Broken(Exception):
    """The first row that does not hold."""


def read(lines: Iterable[str]) -> tuple[list[Event], list[str]]:
    """The events up to the first row that does not hold, and what is wrong with that row."""
    events: list[Event] = []
    try:
        events.extend(stream(lines))
    except Broken as wrong:
        return events, [str(wrong)]
    return events, []


def stream(lines: Iterable[str]) -> Iterator[Event]:
    """The events one by one; Broken at the first row that does not hold."""
    head = BEFORE_THE_FIRST
    keys: set[str] = set()
    for number, line in enumerate(lines, start=1):
        row = json.loads(line)
        wrong = _wrong(row, number, head)
        if wrong is None and row["key"] in keys:
            wrong = f"key {row['key']} was used before"
        if wrong is not None:
            raise Broken(f"row {number}: {wrong}")
        head = row["hash"]
        keys.add(row["key"])
        yield _event(row)


def of(events: Iterable[Event], *kinds: str) -> list[Event]:
    """The events of some kinds, in order."""
    return [event for event in events if event.kind in kinds]


def _wrong(row: dict[str, Any], number: int, head: str) -> str | None:
    if row["sequence"] != number:
        return f"it carries number {row['sequence']}: the ledger has a gap"
    if row["previous_hash"] != head:
        return "it does not follow from the row before it"
    if row["hash"] != hashlib.sha256((head + row["envelope"]).encode("utf-8")).hexdigest():
        return "its hash is not that of its content"
    envelope = json.loads(row["envelope"])
    told = envelope["customData"]["event"]
    if envelope["customData"]["sequence"] != number or envelope["context"]["id"] != told["key"]:
        return "its envelope is of another row"
    differing = [name for name in COLUMNS if row[name] != told[name]]
    return f"column {differing[0]} differs from its envelope" if differing else None


def _event(row: dict[str, Any]) -> Event:
    envelope = json.loads(row["envelope"])
    told = envelope["customData"]["event"]
    kind, _, version = told["kind"].partition(".0.")
    assert version, told["kind"]
    return Event(
        sequence=row["sequence"],
        at=datetime.fromisoformat(envelope["context"]["timestamp"]),
        kind=kind,
        **{name: told[name] for name in (*COLUMNS[:1], *COLUMNS[2:])},
        data=told["data"],
    )
