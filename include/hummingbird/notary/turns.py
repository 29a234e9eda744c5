"""Places in the line of an environment: taken by asking for a warrant, held with it, ended with the run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from hummingbird.core.environment import Environment, Turns
from hummingbird.core.turn import InFront
from hummingbird.ledger.append import database_now
from hummingbird.ledger.schema import turn as turns

Place = Row[Any]
IsOpen = Callable[[str], bool]
"""Whether the window of an operation is open now."""
DEPLOY, EMERGENCY, ROLLBACK = "deploy", "emergency", "rollback"
_FIRST = (ROLLBACK, EMERGENCY, DEPLOY)
"""What goes before what, of those that wait."""


def place_of(connection: Connection, run: str, environment: str) -> Place | None:
    """The run's place in the line of an environment, None when it has none (any more)."""
    return connection.execute(_line(environment).where(turns.c.run == run)).one_or_none()


def line_of(connection: Connection, environment: str) -> list[Place]:
    """Who holds the environment or waits for it, in the order in which they came."""
    return list(connection.execute(_line(environment).order_by(turns.c.id)))


def environments_waited_for(connection: Connection) -> list[str]:
    """Environments in whose line somebody waits."""
    query = select(turns.c.environment).where(turns.c.ended_at.is_(None), turns.c.held_at.is_(None))
    return sorted(set(connection.execute(query).scalars()))


def take_place(
    connection: Connection,
    *,
    environment: str,
    run: str,
    story: str,
    bundle: str,
    operation: str,
    components: Iterable[str],
) -> Place:
    """Find or make the run's place, with the pen in hand; asking again does not send it back in the line."""
    now = database_now(connection)
    held = place_of(connection, run, environment)
    if held is not None and (held.bundle, held.operation) != (bundle, operation):
        end(connection, held.id, "it asked for something else")
        held = None
    if held is None:
        values = {"environment": environment, "run": run, "story": story, "bundle": bundle}
        names = json.dumps(sorted(components))
        connection.execute(
            insert(turns).values(**values, operation=operation, components=names, since=now, asked_at=now)
        )
    else:
        connection.execute(update(turns).where(turns.c.id == held.id).values(asked_at=now))
    return connection.execute(_line(environment).where(turns.c.run == run)).one()


def hold(connection: Connection, place: Place) -> None:
    """The environment is this release's from now until its run ends."""
    held = func.coalesce(turns.c.held_at, func.clock_timestamp())
    connection.execute(update(turns).where(turns.c.id == place.id).values(held_at=held))


def end(connection: Connection, identity: int, why: str) -> None:
    """Give a place up."""
    connection.execute(_open(turns.c.id == identity).values(ended_at=func.clock_timestamp(), ended_by=why))


def end_run(connection: Connection, run: str, why: str) -> None:
    """A run is over: it holds nothing and waits for nothing any more."""
    connection.execute(_open(turns.c.run == run).values(ended_at=func.clock_timestamp(), ended_by=why))


def rolled_out(connection: Connection, run: str) -> None:
    """No pod of the run is to come: a rollback need not wait for what it still has to do."""
    connection.execute(_open(turns.c.run == run).values(rolled_out_at=func.clock_timestamp()))


def in_front(
    line: list[Place],
    environment: Environment,
    *,
    run: str,
    operation: str,
    components: Iterable[str],
    is_open: IsOpen,
) -> list[InFront]:
    """Those of the line that go before a release of the run, in order; whoever is not in it comes last."""
    mine = next((place for place in line if place.run == run), None)
    others = [place for place in line if place.run != run]
    if environment.turns is Turns.COMPONENT:
        names = set(components)
        others = [place for place in others if names & set(json.loads(place.components))]
    first = [place for place in others if place.held_at is not None and _blocks(place, operation)]
    waiting = [place for place in others if place.held_at is None and is_open(place.operation)]
    ahead = [place for place in waiting if _goes_before(place, mine, operation)]
    ahead.sort(key=lambda place: (_FIRST.index(place.operation), place.id))
    return [_told(place) for place in (*first, *ahead)]


def turn_of(operation: str, *, in_emergency: bool) -> str:
    """What a release stands in the line as."""
    return EMERGENCY if in_emergency else operation


def goes_now(line: list[Place], environment: Environment, is_open: IsOpen) -> list[Place]:
    """Those that wait and may ask for their warrant now: nobody is in front and the window is open."""
    return [
        place
        for place in line
        if place.held_at is None
        and is_open(place.operation)
        and not in_front(
            line,
            environment,
            run=place.run,
            operation=place.operation,
            components=json.loads(place.components),
            is_open=is_open,
        )
    ]


def since_of(place: Place) -> datetime:
    """When the release got the environment, or came."""
    found: datetime = place.held_at or place.since
    return found


def _blocks(place: Place, operation: str) -> bool:
    """Whether who holds the environment is in the way: of what is urgent, only while pods are at work."""
    return operation == DEPLOY or place.rolled_out_at is None


def _goes_before(place: Place, mine: Place | None, operation: str) -> bool:
    if place.operation != operation:
        return _FIRST.index(place.operation) < _FIRST.index(operation)
    return mine is None or bool(place.id < mine.id)


def _told(place: Place) -> InFront:
    return InFront(story=place.story, run=place.run, since=since_of(place), at_work=place.held_at is not None)


def _line(environment: str) -> Select[Any]:
    return select(turns).where(turns.c.environment == environment, turns.c.ended_at.is_(None))


def _open(which: Any) -> Any:
    return update(turns).where(which, turns.c.ended_at.is_(None))
