"""Trading days of Shanghai's exchange, as far as its calendar is known."""

from __future__ import annotations

import warnings
from datetime import date, timedelta
from functools import cache
from typing import Any

EXCHANGE = "XSHG"


def trading_days(first: date, last: date) -> dict[date, bool]:
    """Day → whether the exchange traded; days beyond what the calendar knows are missing."""
    calendar = _calendar()
    low, high = max(first, calendar.first_session.date()), min(last, calendar.last_session.date())
    if low > high:
        return {}
    traded = {moment.date() for moment in calendar.sessions_in_range(low.isoformat(), high.isoformat())}
    span = (high - low).days + 1
    return {day: day in traded for day in (low + timedelta(days=n) for n in range(span))}


@cache
def _calendar() -> Any:
    # Imported when asked for: it brings pandas, which takes a second.
    import exchange_calendars  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return exchange_calendars.get_calendar(EXCHANGE)
