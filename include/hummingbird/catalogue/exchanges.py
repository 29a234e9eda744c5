"""When exchanges trade: the library's data, with what people vouch for in exchanges.yaml laid over it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from hummingbird.core.calendar import Calendar, Exchange, Session, Trading
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import Invalid
from hummingbird.core.warrant import Operation
from hummingbird.gates.windows import running_out

_SATURDAY = 5
_FIRST = date(2020, 1, 1)
_AHEAD = timedelta(days=400)


def trading_of(catalogue: Catalogue, calendar: Calendar, begins: datetime, ends: datetime) -> Trading:
    """The sessions of a calendar's exchanges around two moments; Invalid for one that the library lacks."""
    asked = [catalogue.exchanges[name] for name in calendar.exchanges]
    if not asked:
        return Trading()
    first, last = begins.date() - timedelta(days=1), ends.date() + timedelta(days=1)
    sessions = [session for exchange in asked for session in sessions_of(exchange, first, last)]
    ending = min(asked, key=_known_until)
    return Trading(
        sessions=sorted(sessions, key=lambda session: (session.opens, session.exchange)),
        known_until=_known_until(ending),
        least_known=ending.name,
    )


def calendar_warnings(catalogue: Catalogue, now: datetime) -> list[str]:
    """Calendars in use whose exchanges' known days end soon, a sentence each."""
    found = {}
    for environment in catalogue.environments.values():
        for operation in Operation:
            calendar = catalogue.calendar_of(environment, operation.value)
            warning = running_out(trading_of(catalogue, calendar, now, now), now)
            if warning:
                found[calendar.name] = f"calendar {calendar.name}: {warning}"
    return list(found.values())


def sessions_of(exchange: Exchange, first: date, last: date) -> Iterator[Session]:
    """The sessions from one day to another, as far as they are known; both days included."""
    library_ends = last_known_day(exchange.name)
    seen = set()
    for session in _library_sessions(exchange.name, first, min(last, library_ends)):
        seen.add(session.day)
        if session.day not in exchange.closed:
            yield _cut_short(session, exchange)
    for day in exchange.added:
        if first <= day <= last and day not in seen:
            yield _cut_short(_usual_session(exchange, day), exchange)
    day = max(first, library_ends + timedelta(days=1))
    while exchange.known_until is not None and day <= min(last, exchange.known_until):
        if day.weekday() < _SATURDAY and day not in (*exchange.closed, *exchange.added):
            yield _cut_short(_usual_session(exchange, day), exchange)
        day += timedelta(days=1)


def last_known_day(name: str) -> date:
    """The last day for which the library has the exchange's holidays, a year and a bit ahead at most."""
    ends: date = _library(name, _today()).ends
    return ends


def _known_until(exchange: Exchange) -> datetime:
    last = max(last_known_day(exchange.name), exchange.known_until or date.min)
    return datetime.combine(last + timedelta(days=1), time(), tzinfo=ZoneInfo(exchange.timezone))


def _today() -> date:
    return datetime.now(UTC).date()


class _Library(NamedTuple):
    schedule: Any
    ends: date


@lru_cache(maxsize=16)
def _library(name: str, today: date) -> _Library:
    """The library's calendar up to its horizon; one a day, because that moves on with the days."""
    # Imported when a calendar names an exchange: it brings pandas, a second and a hundred megabytes.
    library = importlib.import_module("exchange_calendars")
    errors = importlib.import_module("exchange_calendars.errors")
    try:
        kind = type(library.get_calendar(name))
    except errors.InvalidCalendarName as error:
        raise Invalid(f"exchanges.yaml: {name}: no exchange of exchange_calendars has this name") from error
    bound = kind.bound_max()
    ends = today + _AHEAD if bound is None else min(bound.date(), today + _AHEAD)
    built = kind(start=_FIRST.isoformat(), end=ends.isoformat())
    return _Library(built.schedule, ends)


def _library_sessions(name: str, first: date, last: date) -> Iterator[Session]:
    if first > last:
        return
    table = _library(name, _today()).schedule.loc[first.isoformat() : last.isoformat()]
    for row in table.itertuples():
        pause = None if row.break_start is None or row.break_start != row.break_start else row.break_start
        yield Session(
            exchange=name,
            day=row.Index.date(),
            opens=row.open.to_pydatetime(),
            closes=row.close.to_pydatetime(),
            break_begins=pause.to_pydatetime() if pause is not None else None,
            break_ends=row.break_end.to_pydatetime() if pause is not None else None,
        )


def _usual_session(exchange: Exchange, day: date) -> Session:
    edges = [edge for text in exchange.hours for edge in text.split("-")]
    zone = ZoneInfo(exchange.timezone)
    moments = [datetime.combine(day, time.fromisoformat(edge), tzinfo=zone) for edge in edges]
    pause = (moments[1], moments[2]) if len(moments) > 2 else (None, None)
    return Session(
        exchange=exchange.name,
        day=day,
        opens=moments[0],
        closes=moments[-1],
        break_begins=pause[0],
        break_ends=pause[1],
    )


def _cut_short(session: Session, exchange: Exchange) -> Session:
    text = exchange.early.get(session.day)
    if text is None:
        return session
    zone = ZoneInfo(exchange.timezone)
    closes = datetime.combine(session.day, time.fromisoformat(text), tzinfo=zone)
    paused = session.break_begins is not None and session.break_ends is not None
    keeps = paused and session.break_ends is not None and session.break_ends < closes
    return session.model_copy(
        update={
            "closes": closes,
            "break_begins": session.break_begins if keeps else None,
            "break_ends": session.break_ends if keeps else None,
        }
    )
