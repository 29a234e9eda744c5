"""Deployments start only when the environment's calendar is open."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from hummingbird.core.environment import Calendar
from hummingbird.core.gate import Answer, Facts
from hummingbird.gates.answers import is_open, waiting

GATE = "window_open"
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HORIZON_DAYS = 60


def check(facts: Facts) -> Answer:
    """Open inside a weekly span and outside every freeze; otherwise says when it opens next."""
    calendar = facts.calendar
    frozen = freeze_at(calendar, facts.now)
    if frozen is None and in_week(calendar, facts.now):
        return is_open(GATE, f"calendar {calendar.name} is open")
    opens = next_opening(calendar, facts.now)
    when = opens.strftime("%Y-%m-%d %H:%M %Z") if opens else f"not within {_HORIZON_DAYS} days"
    why = f"frozen: {frozen}" if frozen else "outside the weekly hours"
    return waiting(GATE, f"calendar {calendar.name} is closed ({why}); opens {when}")


def freeze_at(calendar: Calendar, moment: datetime) -> str | None:
    """The reason of the freeze that holds at a moment."""
    for freeze in calendar.freezes:
        if datetime.fromisoformat(freeze.begins) <= moment < datetime.fromisoformat(freeze.ends):
            return freeze.reason
    return None


def in_week(calendar: Calendar, moment: datetime) -> bool:
    """Whether the weekly hours are open, in the calendar's own time zone."""
    local = moment.astimezone(ZoneInfo(calendar.timezone))
    return any(begin <= local < end for begin, end in _spans(calendar, local))


def next_opening(calendar: Calendar, moment: datetime) -> datetime | None:
    """The next moment the calendar opens, within sixty days."""
    zone = ZoneInfo(calendar.timezone)
    edges = [datetime.fromisoformat(freeze.ends).astimezone(zone) for freeze in calendar.freezes]
    for ahead in range(_HORIZON_DAYS):
        day = moment.astimezone(zone) + timedelta(days=ahead)
        edges += [begin for begin, _ in _spans(calendar, day)]
    later = sorted(edge for edge in edges if edge > moment)
    return next(
        (edge for edge in later if freeze_at(calendar, edge) is None and in_week(calendar, edge)), None
    )


def _spans(calendar: Calendar, day: datetime) -> list[tuple[datetime, datetime]]:
    midnight = datetime.combine(day.date(), time(), tzinfo=day.tzinfo)
    return [
        (midnight + _offset(text.split("-")[0]), midnight + _offset(text.split("-")[1]))
        for text in calendar.weekly.get(_DAYS[day.weekday()], [])
    ]


def _offset(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))
