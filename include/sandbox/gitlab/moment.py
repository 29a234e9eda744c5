"""Time as GitLab writes it."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """The present in GitLab's ISO form with milliseconds, UTC."""
    return stamp(datetime.now(UTC))


def stamp(moment: datetime) -> str:
    """A moment in GitLab's ISO form."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds_between(begin: str | None, end: str | None) -> float | None:
    """Seconds from one stamp to another; None while either is missing."""
    if not begin or not end:
        return None
    return round((datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds(), 3)
