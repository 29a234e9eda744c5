"""When a path starts by itself: cron and time zone, data that people edit."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import field_validator

from hummingbird.core.record import Record

SCHEDULED = ("nightly_regression", "metric_rollup", "publish_head")
"""Paths (dag_id) that may start by themselves."""
_FIELDS = {"minute": (0, 59), "hour": (0, 23), "day": (1, 31), "month": (1, 12), "weekday": (0, 7)}
_PART = re.compile(r"(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/([1-9]\d?))?")


class Schedule(Record):
    """One path's schedule: five cron fields in numbers, read in the time zone."""

    name: str
    """The path (dag_id)."""
    cron: str
    timezone: str

    @field_validator("cron")
    @classmethod
    def _is_cron(cls, value: str) -> str:
        fields = value.split()
        if len(fields) != len(_FIELDS):
            raise ValueError(f"{value!r} has {len(fields)} fields; a cron expression has {len(_FIELDS)}")
        for text, (name, (least, most)) in zip(fields, _FIELDS.items(), strict=True):
            for part in text.split(","):
                found = _PART.fullmatch(part)
                numbers = [int(n) for n in found.groups()[:2] if n] if found else []
                if (
                    found is None
                    or numbers != sorted(numbers)
                    or any(not least <= n <= most for n in numbers)
                ):
                    raise ValueError(f"{name} {part!r} is no number, span or step from {least} to {most}")
        return value

    @field_validator("timezone")
    @classmethod
    def _is_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is no time zone; write one like Asia/Shanghai") from error
        return value
