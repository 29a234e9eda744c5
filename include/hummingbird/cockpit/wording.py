"""Times, durations and numbers as people read them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from hummingbird.core.metric import TIMEZONE, Period, Unit

_ZONE = ZoneInfo(TIMEZONE)
_STEPS = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"))
NOTHING = "–"


def moment(at: datetime) -> str:
    """`2026-11-23 10:00` in the pages' time zone."""
    return f"{at.astimezone(_ZONE):%Y-%m-%d %H:%M}"


def duration(seconds: float) -> str:
    """The two largest parts: `2 d 3 h`, `5 min 10 s`, `0.4 s`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    left = round(seconds)
    for place, (size, word) in enumerate(_STEPS):
        if left >= size:
            whole, rest = divmod(left, size)
            if place + 1 == len(_STEPS):
                return f"{whole:.0f} {word}"
            below, small = _STEPS[place + 1]
            part = round(rest / below)
            if part == round(size / below):
                whole, part = whole + 1, 0
            return f"{whole:.0f} {word} {part} {small}" if part else f"{whole:.0f} {word}"
    return "0 s"


def ago(since: datetime, now: datetime) -> str:
    """How long ago; the clocks of two machines may differ by a little."""
    return duration(max(0.0, (now - since).total_seconds()))


def number(value: float) -> str:
    """Three digits and more where there are more: `0.25`, `12.3`, `1,204`."""
    size = abs(value)
    if size >= 100 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:,.1f}" if size >= 10 else f"{value:,.2f}"


def measured(value: float | None, unit: Unit | None) -> str:
    """A figure as its unit is read; a dash for what is not known."""
    if value is None:
        return NOTHING
    if unit is Unit.SECONDS:
        return duration(value)
    if unit is Unit.SHARE:
        return f"{100 * value:.1f} %" if 0 < value < 0.995 else f"{100 * value:.0f} %"
    return number(value)


def period_name(starts: date, period: Period) -> str:
    """`23 Nov 2026`, `week of 23 Nov 2026`, `November 2026`, `Q4 2026`."""
    day = f"{starts.day} {starts:%b %Y}"
    return {
        Period.DAY: day,
        Period.WEEK: f"week of {day}",
        Period.MONTH: f"{starts:%B %Y}",
        Period.QUARTER: f"Q{(starts.month + 2) // 3} {starts.year}",
    }[period]


def period_end(starts: date, period: Period) -> date:
    """The first day after the period."""
    if period is Period.DAY:
        return starts + timedelta(days=1)
    if period is Period.WEEK:
        return starts + timedelta(days=7)
    months = 1 if period is Period.MONTH else 3
    after = starts.month - 1 + months
    return date(starts.year + after // 12, after % 12 + 1, 1)


def short(name: str | None) -> str:
    """The first digits of a hash or digest."""
    return (name or "").removeprefix("sha256:")[:12]


def web_address(text: object) -> str | None:
    """The address when a browser may be sent there; anything but http and https is not a link."""
    if not isinstance(text, str):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and parts.netloc else None
