"""A calendar's windows as spans of time: weekly hours, without what trades, is frozen, or is not known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hummingbird.core.calendar import DAYS, Calendar, Session, Trading

HORIZON = timedelta(days=60)
"""How far ahead the next opening is looked for."""
WARN = timedelta(weeks=6)
"""How long before the end of what is known people are warned."""
_SATURDAY = 5


class Span(NamedTuple):
    """From `begins` on, until before `ends`; both in UTC."""

    begins: datetime
    ends: datetime


class Window(NamedTuple):
    """A calendar at a moment."""

    open_until: datetime | None
    """None where it is closed."""
    opens: datetime | None
    """When it opens next; None where it is open, or does not open within the horizon."""
    why: str
    """Why it is closed; empty where it is open."""


def window_at(calendar: Calendar, trading: Trading, now: datetime) -> Window:
    """Whether the calendar is open at a moment, until when, or when it opens next and why it is closed."""
    spans = list(open_spans(calendar, trading, now - timedelta(days=2), now + HORIZON))
    here = next((span for span in spans if span.begins <= now < span.ends), None)
    if here is not None:
        return Window(here.ends, None, "")
    opens = next((span.begins for span in spans if span.begins > now), None)
    return Window(None, opens, _why_closed(calendar, trading, now))


def open_spans(calendar: Calendar, trading: Trading, begins: datetime, ends: datetime) -> Iterator[Span]:
    """When the calendar is open between two moments, in order, never touching each other."""
    free = _joined(_weekly(calendar, trading, begins, ends))
    for shut in sorted(_shut(calendar, trading)):
        free = [left for span in free for left in _without(span, shut)]
    for span in free:
        clipped = Span(max(span.begins, begins.astimezone(UTC)), min(span.ends, ends.astimezone(UTC)))
        if clipped.begins < clipped.ends:
            yield clipped


def running_out(trading: Trading, now: datetime) -> str | None:
    """The warning that the exchanges' known days end soon, or have ended; None while they do not."""
    if trading.known_until is None or trading.known_until - now > WARN:
        return None
    last = trading.known_until - timedelta(seconds=1)
    return (
        f"the days of {trading.least_known} are known until {last:%Y-%m-%d} only; "
        "vouch for more of them in exchanges.yaml"
    )


def told(moment: datetime, timezone: str) -> str:
    """A moment for people: in the calendar's zone and in UTC."""
    local = moment.astimezone(ZoneInfo(timezone))
    return f"{local:%Y-%m-%d %H:%M} {timezone} ({moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC)"


def _weekly(calendar: Calendar, trading: Trading, begins: datetime, ends: datetime) -> Iterator[Span]:
    zone = ZoneInfo(calendar.timezone)
    first, last = begins.astimezone(zone).date(), ends.astimezone(zone).date()
    trades = {session.day for session in trading.sessions}
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        hours = calendar.weekly.get(DAYS[day.weekday()], [])
        if calendar.holidays is not None and day.weekday() < _SATURDAY and day not in trades:
            hours = calendar.holidays
        for text in hours:
            begin, _, end = text.partition("-")
            yield Span(_moment(day, begin, zone), _moment(day, end, zone))


def _shut(calendar: Calendar, trading: Trading) -> Iterator[Span]:
    for freeze in calendar.freezes:
        yield Span(freeze.begins.astimezone(UTC), freeze.ends.astimezone(UTC))
    for session in trading.sessions:
        yield from _around(calendar, session)
    if trading.known_until is not None:
        yield Span(trading.known_until.astimezone(UTC), datetime.max.replace(tzinfo=UTC))


def _around(calendar: Calendar, session: Session) -> Iterator[Span]:
    """What a session closes: itself and the minutes around it, its break too unless that is a window."""
    begins = (session.opens - timedelta(minutes=calendar.before_open_minutes)).astimezone(UTC)
    ends = (session.closes + timedelta(minutes=calendar.after_close_minutes)).astimezone(UTC)
    if calendar.break_is_open and session.break_begins and session.break_ends:
        yield Span(begins, session.break_begins.astimezone(UTC))
        yield Span(session.break_ends.astimezone(UTC), ends)
    else:
        yield Span(begins, ends)


def _why_closed(calendar: Calendar, trading: Trading, now: datetime) -> str:
    for freeze in calendar.freezes:
        if freeze.begins <= now < freeze.ends:
            return f"frozen: {freeze.reason}"
    if trading.known_until is not None and now >= trading.known_until:
        return f"nobody vouches for the days of {trading.least_known} any more"
    for session in trading.sessions:
        if any(span.begins <= now < span.ends for span in _around(calendar, session)):
            hours = (told(moment, calendar.timezone)[11:16] for moment in (session.opens, session.closes))
            return f"{session.exchange} trades on {session.day} from {' to '.join(hours)}"
    return "outside its hours"


def _moment(day: date, text: str, zone: ZoneInfo) -> datetime:
    """A wall clock's time on a day; 24:00 is the next midnight."""
    hours, minutes = (int(part) for part in text.split(":"))
    if hours == 24:
        day, hours = day + timedelta(days=1), 0
    return datetime.combine(day, time(hours, minutes), tzinfo=zone).astimezone(UTC)


def _joined(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.begins <= found[-1].ends:
            found[-1] = Span(found[-1].begins, max(found[-1].ends, span.ends))
        elif span.begins < span.ends:
            found.append(span)
    return found


def _without(span: Span, shut: Span) -> Iterator[Span]:
    if shut.ends <= span.begins or span.ends <= shut.begins:
        yield span
        return
    if span.begins < shut.begins:
        yield Span(span.begins, shut.begins)
    if shut.ends < span.ends:
        yield Span(shut.ends, span.ends)
