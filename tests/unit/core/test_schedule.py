"""When a path starts by itself: cron and time zone, refused with the field that is wrong."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hummingbird.core.schedule import Schedule


@pytest.mark.parametrize("cron", ["30 1 * * *", "*/15 0-6 1,15 * 1-5", "0 22 * 12 7"])
def test_five_fields_of_numbers_spans_lists_and_steps_are_a_schedule(cron: str) -> None:
    assert Schedule(name="nightly_regression", cron=cron, timezone="Asia/Shanghai").cron == cron


@pytest.mark.parametrize(
    ("cron", "told"),
    [
        ("30 1 * *", "has 4 fields"),
        ("60 1 * * *", "minute '60'"),
        ("0 24 * * *", "hour '24'"),
        ("0 1 0 * *", "day '0'"),
        ("0 5-2 * * *", "hour '5-2'"),
        ("0 1 * * */0", "weekday '*/0'"),
        ("0 1 * * MON", "weekday 'MON'"),
        ("@daily", "has 1 fields"),
    ],
)
def test_what_is_no_cron_expression_is_refused_by_field(cron: str, told: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Schedule(name="nightly_regression", cron=cron, timezone="Asia/Shanghai")
    assert told in str(refused.value)


@pytest.mark.parametrize("timezone", ["Asia/Peking", "", "+08:00", "../etc"])
def test_what_is_no_time_zone_is_refused(timezone: str) -> None:
    with pytest.raises(ValidationError, match="no time zone"):
        Schedule(name="nightly_regression", cron="0 1 * * *", timezone=timezone)
