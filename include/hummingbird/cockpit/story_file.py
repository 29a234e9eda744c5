"""All that the ledger knows of one story, in the order in which people ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from hummingbird.cockpit import story_reading as reading
from hummingbird.cockpit.broken_glass import all_broken, owed
from hummingbird.cockpit.standing import Cell, Place, cell, places
from hummingbird.cockpit.story_board import environments_of, open_waits, owed_now
from hummingbird.cockpit.waiting import Now, Wait, now_of, told_by, wait_sentence
from hummingbird.cockpit.wording import web_address
from hummingbird.core.bundle import BundleComponent
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.environment import Environment
from hummingbird.core.event import EventKind, RecordedEvent
from hummingbird.ledger.schema import travel
from hummingbird.ledger.views import events
from hummingbird.paths.trace import Trace, trace

LONGEST = 400
"""Events of a story that its page tells; the newest."""


@dataclass(frozen=True)
class Report:
    """Something to open elsewhere: a report, a pipeline."""

    title: str
    url: str


@dataclass(frozen=True)
class Sealed:
    """A bundle that carries the story."""

    sha256: str
    at: datetime
    story: str
    components: list[BundleComponent]
    others: list[str]
    """Stories that travel along."""
    sequence: int


@dataclass(frozen=True)
class StoryFile:
    """One story's page."""

    story: reading.KnownStory
    now: Now
    waits: list[tuple[Wait, str]]
    stages: list[tuple[Environment, Cell, list[Place]]]
    bundles: list[Sealed]
    told: Trace
    reports: list[Report]
    cut: bool
    """Whether older events were left out."""
    at: datetime


def story_file(connection: Connection, catalogue: Catalogue, key: str) -> StoryFile | None:
    """The page of a story; None when the ledger knows nothing of it."""
    known = reading.find_story(connection, key)
    if known is None:
        return None
    now = reading.database_now(connection)
    happened = reading.happened(connection, [key])
    rows: list[Any] = happened.events.get(key, [])
    mine = open_waits(connection, catalogue, now).get(key, [])
    sentences = [wait_sentence(catalogue, wait, now) for wait in mine]
    reviews = owed(all_broken(connection)).get(key, [])
    line = now_of(key, rows, mine, sentences, now, owed_now(catalogue, reviews, now))
    documents = reading.documents(connection, [line.document] if line.document is not None else [])
    newest = events(connection, story=key, limit=LONGEST, newest_first=True)
    stages = [
        (stage, cell(stage, rows, happened.parts), places(stage.name, rows, happened.parts))
        for stage in environments_of(catalogue)
    ]
    return StoryFile(
        story=known,
        now=told_by(line, documents.get(line.document) if line.document is not None else None),
        waits=list(zip(mine, sentences, strict=True)),
        stages=stages,
        bundles=_bundles(connection, key),
        told=trace(known_key(known), newest[::-1]),
        reports=_reports(newest),
        cut=len(newest) == LONGEST,
        at=now,
    )


def known_key(story: reading.KnownStory) -> Any:
    """The key as the ledger has it: it was validated when it was written."""
    return story.key


def _bundles(connection: Connection, key: str) -> list[Sealed]:
    carried = connection.execute(
        select(travel.c.sequence).where(travel.c.story == key).order_by(travel.c.sequence.desc()).limit(20)
    ).scalars()
    found = reading.documents(connection, carried)
    return [_sealed(found[sequence], key) for sequence in sorted(found, reverse=True)]


def _sealed(recorded: RecordedEvent, key: str) -> Sealed:
    bundle: Mapping[str, Any] = recorded.event.data["bundle"]
    components = [BundleComponent.model_validate(one) for one in bundle["components"]]
    others = sorted({str(each) for one in components for each in one.stories} - {key})
    return Sealed(
        sha256=str(recorded.event.bundle),
        at=recorded.at,
        story=str(bundle["story"]),
        components=components,
        others=others,
        sequence=recorded.sequence,
    )


def _reports(newest_first: Iterable[RecordedEvent]) -> list[Report]:
    """The newest of each kind."""
    found: dict[str, Report] = {}
    for recorded in newest_first:
        event = recorded.event
        if event.kind is EventKind.BUILD_FINISHED:
            title, address = (
                f"pipeline of {event.component}",
                (event.data.get("build") or {}).get("pipeline_url"),
            )
        elif event.kind in (EventKind.SCAN_FINISHED, EventKind.SUITE_FINISHED):
            report = event.data.get("report") or {}
            name = report.get("suite") or f"{report.get('mode')} scan"
            title, address = f"{name} of {event.component}", report.get("report_url")
        else:
            continue
        url = web_address(address)
        if url and title not in found:
            found[title] = Report(title, url)
    return sorted(found.values(), key=lambda report: report.title)
