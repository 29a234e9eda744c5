"""The task that calls releases: the first of a line when the window opens, the next when one has ended.

Woken by what makes room, by the next opening, and now and then by itself: Airflow tells nobody that a run
has ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from hummingbird.catalogue.exchanges import trading_of
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.environment import Environment
from hummingbird.core.errors import Conflict, DeliveryError, NotFound
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.turn import GO, TASK
from hummingbird.gates.windows import HORIZON, window_at
from hummingbird.ledger.append import append, database_now, take_pen
from hummingbird.notary.facts import windows_of
from hummingbird.notary.office import Office
from hummingbird.notary.turns import Place, end, environments_waited_for, goes_now, line_of

_LOOK_AGAIN = 30.0
"""Seconds: who is in front may have ended without a word."""
_AFTER_TROUBLE = 5.0
_WHILE_WAKING = 1.0
SETTLE = timedelta(seconds=6)
"""Airflow 3.3.2 can lose an answer that comes within about a second of parking."""
_OVER = ("success", "failed")
_PARKED = "awaiting_input"
_log = logging.getLogger("hummingbird.notary")


class Usher:
    """Runs beside the routes, in one event loop."""

    def __init__(self) -> None:
        self._called = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def call(self) -> None:
        """Look at the lines now; from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._called.set)

    async def run(self, office: Office) -> None:
        """Until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            self._called.clear()
            pause = await asyncio.to_thread(_round, office)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._called.wait(), pause)


def _round(office: Office) -> float | None:
    try:
        return look(office)
    except SQLAlchemyError as error:
        _log.warning("turns: the ledger's database does not answer: %s", " ".join(str(error).split())[:300])
    except DeliveryError as error:
        _log.warning("turns: %s", error)
    return _AFTER_TROUBLE


def look(office: Office) -> float | None:
    """Call whoever may go; seconds until looking again is worth while, None while nobody waits."""
    with office.reading() as connection:
        names = environments_waited_for(connection)
    if not names:
        return None  # who takes a place calls
    catalogue = office.policy.current()
    known = [catalogue.environment(name) for name in names if name in catalogue.environments]
    return min((_look_at(office, catalogue, environment) for environment in known), default=_LOOK_AGAIN)


def _look_at(office: Office, catalogue: Catalogue, environment: Environment) -> float:
    with office.reading() as connection:
        line, now = line_of(connection, environment.name), database_now(connection)
    is_open = windows_of(catalogue, environment, now)
    line = _without_dead(office, line, [place for place in line if place.held_at is not None])
    going = goes_now(line, environment, is_open)
    while (alive := _without_dead(office, line, going)) != line:
        line, going = alive, goes_now(alive, environment, is_open)
    pauses = [answer_parked(office, place, now, called=True) for place in going]
    waiting = {place.operation for place in line if place.held_at is None}
    pauses += [_until_opening(catalogue, environment, operation, now) for operation in waiting]
    return min(pauses, default=_LOOK_AGAIN)


def _until_opening(catalogue: Catalogue, environment: Environment, operation: str, now: datetime) -> float:
    calendar = catalogue.calendar_of(environment, operation)
    window = window_at(calendar, trading_of(catalogue, calendar, now, now + HORIZON), now)
    if window.opens is None:
        return _LOOK_AGAIN
    return min(max((window.opens - now).total_seconds(), 0.05), _LOOK_AGAIN)


def _without_dead(office: Office, line: list[Place], asked: list[Place]) -> list[Place]:
    """The line, without those of the asked whose run is over."""
    dead = [place for place in asked if _is_over(office, place)]
    for place in dead:
        _end(office, place)
    return [place for place in line if place not in dead]


def _is_over(office: Office, place: Place) -> bool:
    """Whether the run has ended in Airflow without telling: marked, deleted, or its end was lost."""
    dag_id, _, run_id = place.run.partition("/")
    try:
        return office.airflow.dag_run(dag_id, run_id).get("state") in _OVER
    except NotFound:
        return True


def _end(office: Office, place: Place) -> None:
    with office.writing() as connection:
        take_pen(connection)
        end(connection, place.id, "its run is over in Airflow")
    _log.info("turns: %s leaves the line of %s: its run is over", place.run, place.environment)


def answer_parked(office: Office, place: Place, now: datetime, *, called: bool) -> float:
    """Answer the parked task, which asks again then; seconds until looking again, for an answer may be lost.

    `called`: because the release may go now, which is recorded.
    """
    dag_id, _, run_id = place.run.partition("/")
    parked_for: timedelta = now - place.asked_at
    if parked_for < SETTLE:
        return (SETTLE - parked_for).total_seconds()
    try:
        task = office.airflow.task_instance(dag_id, run_id, TASK)
    except NotFound:
        return _LOOK_AGAIN
    if task.get("state") != _PARKED:
        return _WHILE_WAKING  # it is on its way, or about to park: it asks, or is answered, next
    if called:
        _record_call(office, place)
    try:
        office.airflow.answer_hitl(dag_id, run_id, TASK, -1, [GO], {})
    except Conflict as error:
        _log.info("turns: %s was answered a moment ago: %s", place.run, error)
    return _WHILE_WAKING


def _record_call(office: Office, place: Place) -> None:
    """Once for every wait: that the release was called, and how long it had waited."""
    event = DeliveryEvent(
        kind=EventKind.RELEASE_CALLED,
        key=f"called:{place.id}:{place.asked_at.isoformat()}",
        subject=place.run,
        story=place.story,
        bundle=place.bundle,
        environment=place.environment,
        run=place.run,
        actor="notary",
        data={"operation": place.operation, "since": place.since.isoformat()},
    )
    with office.writing() as connection:
        append(connection, event)
