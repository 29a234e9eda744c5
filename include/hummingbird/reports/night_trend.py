"""The nights before and this one: two small charts, and the same figures as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hummingbird.core.regression import NightReport, PastNight
from hummingbird.reports.markup import Markup, element, table, together
from hummingbird.reports.night_words import Reader, duration

WIDTH, HEIGHT, TOP, LEFT, RIGHT, BOTTOM = 760, 120, 16, 76, 16, 18
SLIMMEST = 2.0
"""Height of the smallest bar that is there at all."""
Part = tuple[str, float]
"""Colour and value, drawn from the bottom up."""


@dataclass(frozen=True)
class Bar:
    """One night in a chart."""

    label: str
    told: str
    parts: Sequence[Part]


def trend(report: NightReport, reader: Reader) -> Markup:
    """Both charts and the table; a first night says that it is the first."""
    nights = [*report.trend, *_this(report)]
    if not report.trend:
        return together([element("h2", "Trend", id="trend"), element("p", "No night before this one.")])
    red = [_bar(night, reader, _trouble) for night in nights]
    took = [_bar(night, reader, _length) for night in nights]
    rows = [_row(night, reader) for night in reversed(nights)]
    head = (
        "Night",
        "#Selected",
        "#Passed",
        "#Failed",
        "#Timed out",
        "#Errors",
        "#Flaky",
        "#Skipped",
        "#Took",
    )
    return together(
        [
            element("h2", f"Trend over {len(nights)} nights", id="trend"),
            element("h3", "Red cases, and flaky ones above them"),
            _chart(red, "Red and flaky cases of each night", lambda value: f"{value:.0f}"),
            element("h3", "From the first case to the last result"),
            _chart(took, "Duration of each night", duration),
            element("details", element("summary", "The same as a table"), table("Newest first", head, rows)),
        ]
    )


def _this(report: NightReport) -> list[PastNight]:
    if report.finished_at is None:
        return []
    return [
        PastNight(
            run=report.plan.run,
            finished_at=report.finished_at,
            totals=report.totals,
            seconds=report.seconds,
        )
    ]


def _trouble(night: PastNight) -> Sequence[Part]:
    return [("bad", night.totals.red), ("warn", night.totals.flaky)]


def _length(night: PastNight) -> Sequence[Part]:
    return [("calm", night.seconds)]


def _bar(night: PastNight, reader: Reader, parts: Callable[[PastNight], Sequence[Part]]) -> Bar:
    when = reader.time(night.finished_at)
    told = f"{when}: {night.totals.sentence}, {duration(night.seconds)}"
    return Bar(label=when[5:10], told=told, parts=parts(night))


def _row(night: PastNight, reader: Reader) -> tuple[object, ...]:
    counts = night.totals
    outcomes = (counts.passed, counts.failed, counts.timed_out, counts.error, counts.flaky, counts.skipped)
    return (reader.time(night.finished_at), counts.selected, *outcomes, duration(night.seconds))


def _chart(bars: Sequence[Bar], label: str, words: Callable[[float], str]) -> Markup:
    highest = max((sum(value for _, value in bar.parts) for bar in bars), default=0.0)
    base = TOP + HEIGHT
    step = (WIDTH - LEFT - RIGHT) / max(len(bars), 10)
    drawn = [_drawn(bar, LEFT + place * step, step, highest) for place, bar in enumerate(bars)]
    every = max(1, round(46 / step))
    labels = [
        element("text", bar.label, x=_n(LEFT + (place + 0.5) * step), y=base + 13, text_anchor="middle")
        for place, bar in enumerate(bars)
        if (len(bars) - 1 - place) % every == 0
    ]
    scale = [
        element("line", x1=LEFT, x2=WIDTH, y1=base, y2=base, class_="axis"),
        element("text", "0", x=LEFT - 6, y=base, text_anchor="end"),
        element("text", words(highest), x=LEFT - 6, y=TOP + 8, text_anchor="end") if highest else "",
    ]
    size = f"0 0 {WIDTH} {base + BOTTOM}"
    return element("svg", *scale, *drawn, *labels, viewBox=size, role="img", aria_label=label)


def _drawn(bar: Bar, left: float, step: float, highest: float) -> Markup:
    wide = min(step * 0.7, 34)
    x, y = left + (step - wide) / 2, float(TOP + HEIGHT)
    parts = []
    for colour, value in bar.parts:
        if value <= 0:
            continue
        high = max(SLIMMEST, value / highest * (HEIGHT - 4))
        y -= high
        parts.append(element("rect", x=_n(x), y=_n(y), width=_n(wide), height=_n(high), class_=colour))
    if not parts:
        parts = [element("circle", cx=_n(x + wide / 2), cy=_n(y - 4), r=2.5, class_="good")]
    return element("g", element("title", bar.told), *parts)


def _n(value: float) -> str:
    return f"{value:.1f}"
