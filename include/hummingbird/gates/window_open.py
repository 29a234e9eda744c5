"""Deployments start only while the calendar of the environment, for this operation, is open."""

from __future__ import annotations

from hummingbird.core.gate import Answer, Facts
from hummingbird.gates.answers import is_open, refused, waiting
from hummingbird.gates.windows import HORIZON, running_out, told, window_at

GATE = "window_open"


def check(facts: Facts) -> Answer:
    """Open in a window; else waits for the next one and says when that is, or refuses where none is known."""
    calendar, trading = facts.calendar, facts.trading
    window = window_at(calendar, trading, facts.now)
    warning = running_out(trading, facts.now)
    after = f"; {warning}" if warning else ""
    if window.open_until is not None:
        return is_open(GATE, f"calendar {calendar.name} is open{after}")
    closed = f"calendar {calendar.name} is closed ({window.why})"
    if window.opens is None:
        return refused(GATE, f"{closed} and does not open within {HORIZON.days} days{after}")
    return waiting(GATE, f"{closed}; opens {told(window.opens, calendar.timezone)}{after}")
