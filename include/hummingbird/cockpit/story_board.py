"""The page of stories: story × environment, and what each one waits for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from hummingbird.cockpit import story_reading as reading
from hummingbird.cockpit.broken_glass import Broken, all_broken, owed, owed_sentence, word_of
from hummingbird.cockpit.standing import Cell, cell
from hummingbird.cockpit.waiting import Now, Wait, now_of, open_wait, told_by, wait_sentence
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.environment import Environment

PAGE = 40
"""Stories a page."""


@dataclass(frozen=True)
class Line:
    """A story on the board."""

    story: reading.KnownStory
    cells: list[Cell]
    now: Now
    waits: list[Wait]


@dataclass(frozen=True)
class Board:
    """One page of stories."""

    lines: list[Line]
    environments: list[Environment]
    waiting: int
    """How many stories wait for people, on all pages."""
    overdue: list[str]
    """Broken glass that nobody looked at in time, a sentence each, on all pages."""
    older: int | None
    """The next page begins below this row."""
    at: datetime

    @property
    def synthetic(self) -> bool:
        """Whether any story shown is of generated history."""
        return any(line.story.synthetic for line in self.lines)


def environments_of(catalogue: Catalogue) -> list[Environment]:
    """In the order of the way."""
    return sorted(catalogue.environments.values(), key=lambda each: each.order)


def open_waits(connection: Connection, catalogue: Catalogue, now: datetime) -> dict[str, list[Wait]]:
    """Story → its open questions, the longest wait first."""
    asked = reading.unanswered(connection)
    given = reading.answers(connection, [one.event.subject for one in asked])
    found: dict[str, list[Wait]] = defaultdict(list)
    for one in asked:
        wait = open_wait(catalogue, one, given.get(one.event.subject, []), now)
        if wait is not None:
            found[wait.story].append(wait)
    return found


def board(
    connection: Connection, catalogue: Catalogue, *, words: str, before: int | None, waiting_only: bool
) -> Board:
    """A page of stories: all by their last row, or those that wait for people, the longest wait first."""
    now = reading.database_now(connection)
    waits = open_waits(connection, catalogue, now)
    reviews = owed(all_broken(connection))
    keys = list({**waits, **reviews}) if waiting_only else None
    found = reading.find_stories(connection, words=words, before=before, limit=PAGE + 1, keys=keys)
    shown = found[:PAGE]
    happened = reading.happened(connection, [one.key for one in shown])
    lines = list(_lines(connection, catalogue, shown, happened, waits, reviews, now))
    if waiting_only:
        lines.sort(key=lambda line: _since(line, reviews))
    older = shown[-1].last_sequence if len(found) > PAGE else None
    late = [
        f"{one.use.story} {owed_sentence(catalogue, one, now)}"
        for of in reviews.values()
        for one in of
        if one.overdue(now)
    ]
    return Board(lines, environments_of(catalogue), len({**waits, **reviews}), late, older, now)


def owed_now(catalogue: Catalogue, reviews: list[Broken], now: datetime) -> Now | None:
    """That broken glass of a story waits for its review; None where none does."""
    if not reviews:
        return None
    sentences = "; ".join(owed_sentence(catalogue, one, now) for one in reviews)
    return Now(word_of(reviews, now), sentences, reviews[0].use.run)


def _since(line: Line, reviews: Mapping[str, list[Broken]]) -> datetime:
    """Since when somebody is waited for."""
    broken = [one.use.at for one in reviews.get(line.story.key, [])]
    return min([*(wait.request.asked_at for wait in line.waits), *broken])


def _lines(
    connection: Connection,
    catalogue: Catalogue,
    stories: Iterable[reading.KnownStory],
    happened: reading.Happened,
    waits: Mapping[str, list[Wait]],
    reviews: Mapping[str, list[Broken]],
    now: datetime,
) -> Iterable[Line]:
    stages = environments_of(catalogue)
    begun = []
    for one in stories:
        rows: list[Any] = happened.events.get(one.key, [])
        mine = waits.get(one.key, [])
        sentences = [wait_sentence(catalogue, wait, now) for wait in mine]
        cells = [cell(stage, rows, happened.parts) for stage in stages]
        told = now_of(one.key, rows, mine, sentences, now, owed_now(catalogue, reviews.get(one.key, []), now))
        begun.append(Line(one, cells, told, mine))
    needed = [line.now.document for line in begun if line.now.document is not None]
    documents = reading.documents(connection, needed)
    for line in begun:
        document = documents.get(line.now.document) if line.now.document is not None else None
        yield Line(line.story, line.cells, told_by(line.now, document), line.waits)
