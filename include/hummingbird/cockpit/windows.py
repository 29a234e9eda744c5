"""`hummingbird windows`: when deployments and rollbacks may start, environment by environment."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from hummingbird.catalogue.exchanges import calendar_warnings, trading_of
from hummingbird.catalogue.folders import catalogue_folders
from hummingbird.catalogue.load import load_catalogue
from hummingbird.core.calendar import Calendar, Trading
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import Invalid
from hummingbird.core.warrant import Operation
from hummingbird.gates.windows import HORIZON, open_spans, told, window_at

NEXT = 3
"""How many windows are shown of each calendar."""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Arguments of the room."""
    parser.add_argument("environment", nargs="?", help="one environment; else all")
    parser.add_argument("--at", help="a moment with its offset, such as 2026-12-31T16:00+08:00; else now")
    parser.set_defaults(run=_run)


def lines(catalogue: Catalogue, now: datetime, only: str | None = None) -> Iterator[str]:
    """What each environment's calendars say at a moment."""
    names = [catalogue.environment(only).name] if only else list(catalogue.environments)
    for name in names:
        environment = catalogue.environment(name)
        for operation in Operation:
            calendar = catalogue.calendar_of(environment, operation.value)
            trading = trading_of(catalogue, calendar, now, now + HORIZON)
            yield f"{name} {operation.value}: {_state(calendar, trading, now)}"
            yield from _windows(calendar, trading, now)


def _state(calendar: Calendar, trading: Trading, now: datetime) -> str:
    window = window_at(calendar, trading, now)
    if window.open_until is None:
        return f"closed by calendar {calendar.name} ({window.why})"
    if window.open_until >= now + HORIZON:
        return f"open by calendar {calendar.name}, with no end within {HORIZON.days} days"
    return f"open by calendar {calendar.name} until {told(window.open_until, calendar.timezone)}"


def _windows(calendar: Calendar, trading: Trading, now: datetime) -> Iterator[str]:
    coming = [span for span in open_spans(calendar, trading, now, now + HORIZON) if span.begins > now]
    for span in coming[:NEXT]:
        yield f"  opens {told(span.begins, calendar.timezone)} until {told(span.ends, calendar.timezone)}"
    if not coming and window_at(calendar, trading, now).open_until is None:
        yield f"  does not open within {HORIZON.days} days"


def _run(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    catalogue = load_catalogue(*catalogue_folders(environment))
    now = _moment(chosen.at)
    told_lines = [*lines(catalogue, now, chosen.environment)]
    warned = calendar_warnings(catalogue, now)
    sys.stdout.write("\n".join([*told_lines, *(f"WARNING: {each}" for each in warned)]) + "\n")
    return int(bool(warned))


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"--at: {text!r} is no moment; expected such as 2026-12-31T16:00+08:00") from error
    if moment.tzinfo is None:
        raise Invalid(f"--at: {text!r} names no offset; add one, such as +08:00")
    return moment
