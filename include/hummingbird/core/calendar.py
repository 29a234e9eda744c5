"""When deployments may start: weekly hours and what closes them, all as data with time zones named."""

from __future__ import annotations

import re
from datetime import date
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, Field, field_validator, model_validator

from hummingbird.core.record import Record

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d-(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)")


def _spans(texts: list[str]) -> list[str]:
    for text in texts:
        begins, _, ends = text.partition("-")
        if not _SPAN.fullmatch(text) or begins >= ends:
            raise ValueError(
                f"{text!r} is no span of hours; expected such as 18:00-22:30, the end after the begin"
            )
    return texts


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{name!r} is no time zone; expected a name such as Asia/Shanghai") from error
    return name


class Freeze(Record):
    """A span of time without deployments; ISO 8601 with an offset."""

    reason: str
    begins: AwareDatetime
    ends: AwareDatetime

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.begins >= self.ends:
            raise ValueError("it ends before it begins")
        return self


class Blackout(Freeze):
    """A freeze of several calendars at once, in a file of its own: emergency closures."""

    name: str
    calendars: list[str] = Field(min_length=1)


class Calendar(Record):
    """Weekly hours in a time zone, without the sessions of exchanges, without freezes."""

    name: str
    timezone: str
    weekly: dict[str, list[str]]
    """Day (`mon` … `sun`) → spans `HH:MM-HH:MM`; a day that is missing is closed."""
    freezes: list[Freeze] = Field(default_factory=list)
    exchanges: list[str] = Field(default_factory=list)
    """Nothing starts while one of these trades, nor on a day of which it is not known whether it does."""
    before_open_minutes: int = Field(default=60, ge=0)
    after_close_minutes: int = Field(default=60, ge=0)
    break_is_open: bool = False
    """Whether the break in the middle of a session is a window, to the minute."""
    holidays: list[str] | None = None
    """Spans of weekdays on which none of the exchanges has a session; None: the weekly hours."""

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        return _zone(name)

    @field_validator("weekly")
    @classmethod
    def _known_days(cls, weekly: dict[str, list[str]]) -> dict[str, list[str]]:
        for day, texts in weekly.items():
            if day not in DAYS:
                raise ValueError(f"{day!r} is no day; expected {', '.join(DAYS)}")
            _spans(texts)
        return weekly

    @field_validator("holidays")
    @classmethod
    def _holiday_hours(cls, texts: list[str] | None) -> list[str] | None:
        return None if texts is None else _spans(texts)


class Exchange(Record):
    """An exchange whose sessions close windows, and what people know of its days beyond the library."""

    name: str
    """Its MIC, such as XSHG."""
    title: str
    timezone: str
    hours: list[str] = Field(min_length=1)
    """Trading hours of a usual day; used for the days that this entry vouches for."""
    known_until: date | None = None
    """The last day that this entry vouches for, where the library's data end earlier."""
    closed: dict[date, str] = Field(default_factory=dict)
    """Days without a session → why: holidays beyond the library's data, and closures it does not know."""
    added: list[date] = Field(default_factory=list)
    """Days with a session of the usual hours that the library takes for days without one."""
    early: dict[date, str] = Field(default_factory=dict)
    """Half days → the time (`HH:MM`) at which the session ends."""

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        return _zone(name)

    @field_validator("hours")
    @classmethod
    def _trading_hours(cls, texts: list[str]) -> list[str]:
        return _spans(texts)

    @field_validator("early")
    @classmethod
    def _early_ends(cls, early: dict[date, str]) -> dict[date, str]:
        for text in early.values():
            _spans([f"00:00-{text}"])
        return early


class Session(Record):
    """One exchange's trading on one day."""

    exchange: str
    day: date
    opens: AwareDatetime
    closes: AwareDatetime
    break_begins: AwareDatetime | None = None
    break_ends: AwareDatetime | None = None


class Trading(Record):
    """What is known of the sessions of a calendar's exchanges."""

    sessions: list[Session] = Field(default_factory=list)
    known_until: AwareDatetime | None = None
    """From then on nothing is known of at least one of them; None where no exchange is asked."""
    least_known: str | None = None
    """The exchange whose data end first."""
