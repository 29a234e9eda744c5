"""On which days Shanghai's exchange traded: invented history keeps its weekends and holidays."""

from __future__ import annotations

import importlib
from datetime import date, timedelta

from hummingbird.core.errors import Invalid

_EXCHANGE = "XSHG"


def trading_days(last: date, count: int) -> list[date]:
    """The last so many trading days up to a day; Invalid where the exchange's calendar does not reach."""
    # Imported when asked for: it brings pandas, a second and a hundred megabytes.
    library = importlib.import_module("exchange_calendars")
    kind = type(library.get_calendar(_EXCHANGE))
    first = last - timedelta(days=2 * count + 30)
    bounds = (kind.bound_min(), kind.bound_max())
    if (bounds[0] and bounds[0].date() > first) or (bounds[1] and bounds[1].date() < last):
        raise Invalid(
            f"--until, --days: {first} to {last} is more than the calendar of {_EXCHANGE} knows "
            f"({bounds[0]:%Y-%m-%d} to {bounds[1]:%Y-%m-%d})"
        )
    sessions = kind(start=first.isoformat(), end=last.isoformat()).sessions
    return [moment.date() for moment in sessions[-count:]]
