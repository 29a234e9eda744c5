"""Times, durations, numbers and addresses as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from hummingbird.cockpit.drawing import Point, chart, nice_ticks, sparkline
from hummingbird.cockpit.wording import (
    duration,
    measured,
    moment,
    number,
    period_end,
    period_name,
    web_address,
)
from hummingbird.core.metric import Chart, Period, Unit


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.0, "0.0 s"), (0.44, "0.4 s"), (59.6, "1 min"), (61.0, "1 min 1 s"), (3600.0, "1 h"),
        (7509.0, "2 h 5 min"), (3599.0, "59 min 59 s"), (7199.0, "2 h"), (86400.0 * 3 + 7200, "3 d 2 h"),
    ],
)  # fmt: skip
def test_a_duration_has_its_two_largest_parts(seconds: float, told: str) -> None:
    assert duration(seconds) == told


def test_what_is_not_known_is_not_nought() -> None:
    assert measured(None, Unit.COUNT) == "–"
    assert measured(0.0, Unit.COUNT) == "0"
    assert [measured(each, Unit.SHARE) for each in (0.0, 0.004, 0.5, 0.999, 1.0)] == [
        "0 %", "0.4 %", "50.0 %", "100 %", "100 %",
    ]  # fmt: skip
    assert [number(each) for each in (0.254, 12.34, 1204.0, 3.0)] == ["0.25", "12.3", "1,204", "3"]


def test_moments_are_those_of_shanghai_and_periods_end_where_the_next_begins() -> None:
    assert moment(datetime(2026, 11, 22, 17, 30, tzinfo=UTC)) == "2026-11-23 01:30"
    ends = [period_end(date(2026, 10, 1), each) for each in Period]
    assert ends == [date(2026, 10, 2), date(2026, 10, 8), date(2026, 11, 1), date(2027, 1, 1)]
    assert period_name(date(2026, 10, 1), Period.QUARTER) == "Q4 2026"


@pytest.mark.parametrize(
    "text",
    ["javascript:alert(1)", "data:text/html,x", "//elsewhere.example/x", "/x", "", None, "http://[", 7],
)
def test_only_addresses_of_the_web_are_links(text: object) -> None:
    assert web_address(text) is None
    assert web_address("https://jira.example/browse/HB-1") == "https://jira.example/browse/HB-1"


@pytest.mark.parametrize("unit", list(Unit))
@pytest.mark.parametrize("top", [0.0, 0.003, 0.4, 1.0, 7.0, 61.0, 5400.0, 1e6, 3e9])
def test_an_axis_has_few_round_steps_and_room_for_all(unit: Unit, top: float) -> None:
    ticks = nice_ticks(top, unit)
    assert 2 <= len(ticks) <= 7
    assert ticks[0] == 0
    assert ticks[-1] >= top


def test_a_chart_is_shapes_words_and_links_and_nothing_that_runs() -> None:
    hostile = '"><script>alert(1)</script>'
    points = tuple(
        Point(f"p{n}", None if n == 2 else n * 100.0, 250.0, f"/x?n={n}&{hostile}", hostile) for n in range(5)
    )
    for kind in Chart:
        drawn = chart(kind, Unit.SECONDS, points, hostile)
        assert "<script" not in drawn
        assert "style=" not in drawn
        assert "<style" not in drawn
        assert drawn.count("<a ") == (9 if kind is Chart.BAND else 4), "no point where nothing is known"
        assert drawn.count("aria-label=") >= 5


def test_a_line_on_a_tile_breaks_where_nothing_is_known() -> None:
    assert sparkline([1.0, 2.0, None, 3.0]).count("M") == 2
    assert "nan" not in sparkline([])
    assert "M" not in sparkline([None, None])
