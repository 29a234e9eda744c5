"""The page of metrics: every metric's newest figure, the one before, and its way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from hummingbird.cockpit import figures
from hummingbird.cockpit.drawing import Point, chart, sparkline
from hummingbird.cockpit.pages import safe_svg
from hummingbird.cockpit.wording import NOTHING, measured, period_name
from hummingbird.core.metric import Better, Chart, Figure, Form, Metric, Period
from hummingbird.metrics.registry import METRICS

GROUPS: dict[str, tuple[str, ...]] = {
    "Delivery (DORA)": (
        "deployment_frequency", "lead_time", "change_fail_rate", "recovery_time", "rework_rate",
    ),
    "Flow": ("cycles", "cycles_per_day", "cycles_per_trading_day", "approval_wait"),
    "Scans and regression": (
        "scan_time", "scan_time_incremental", "scan_queue",
        "regression_time", "regression_queue", "regression_efficiency", "regression_pass_rate",
        "automation_coverage",
    ),
    "Code, cost, production": ("lines_of_code", "commits", "cost_per_value", "incident_rate"),
}  # fmt: skip
"""How people look for them; a metric that stands in no group is shown at the end."""


@dataclass(frozen=True)
class Tile:
    """One metric at a glance."""

    metric: Metric
    newest: str
    n: int
    before: str
    verdict: str
    """`better`, `worse` or ``: compared with the period before, where that is fair."""
    line: str


@dataclass(frozen=True)
class MetricRow:
    """A figure as a table shows it."""

    starts: date
    period: str
    component: str
    value: str
    p85: str
    n: int
    sum: str
    """Numerator and denominator where there are such."""


def groups() -> dict[str, list[Metric]]:
    """Metrics by group, none forgotten."""
    named = {name for names in GROUPS.values() for name in names}
    found = {title: [METRICS[name] for name in names if name in METRICS] for title, names in GROUPS.items()}
    rest = [metric for name, metric in METRICS.items() if name not in named]
    return {**found, **({"More": rest} if rest else {})}


def tiles(
    connection: Connection, component: str, period: Period, newest: date | None
) -> dict[str, list[Tile]]:
    """Group → its tiles."""
    found = figures.series(connection, component, period, newest, list(METRICS))
    return {
        title: [_tile(metric, found.get(metric.name, []), period, newest) for metric in metrics]
        for title, metrics in groups().items()
    }


def rows_of(metric: Metric, found: list[Figure], period: Period) -> list[MetricRow]:
    """Figures as a table's rows, newest first."""
    return [_row(metric, each, period) for each in reversed(found)]


def worst_first(metric: Metric, found: list[Figure], period: Period) -> list[MetricRow]:
    """Components' figures: the worst first where one way is good, else the highest; unknown ones last."""
    up = metric.better is not Better.HIGHER
    ordered = sorted(
        found, key=lambda each: (each.value is None, (-1 if up else 1) * (each.value or 0.0), each.component)
    )
    return [_row(metric, each, period) for each in ordered]


def drawn(metric: Metric, found: list[Figure], period: Period, link: dict[date, str], whose: str) -> str:
    """The chart of a metric."""
    points = tuple(
        Point(
            label=_label(each.starts, period),
            value=each.value,
            second=each.p85 if metric.chart is Chart.BAND else None,
            link=link[each.starts],
            told=_told(metric, each, period),
        )
        for each in found
    )
    return safe_svg(chart(metric.chart, metric.unit, points, f"{metric.title}, {whose}, by {period}"))


def _tile(metric: Metric, found: list[Figure], period: Period, newest: date | None) -> Tile:
    by_start = {each.starts: each for each in found}
    last = by_start.get(newest) if newest else None
    earlier = [each for each in found if newest and each.starts < newest and each.value is not None]
    before = earlier[-1] if earlier else None
    told = f"{measured(before.value, metric.unit)} in {period_name(before.starts, period)}" if before else ""
    return Tile(
        metric=metric,
        newest=measured(last.value if last else None, metric.unit),
        n=last.n if last else 0,
        before=told,
        verdict=_verdict(metric, last, before),
        line=safe_svg(sparkline([each.value for each in found])),
    )


def _verdict(metric: Metric, last: Figure | None, before: Figure | None) -> str:
    """Sums of a period under way are not compared with whole ones."""
    if metric.better is Better.NONE or metric.form is Form.COUNT or last is None or before is None:
        return ""
    if last.value is None or before.value is None or last.value == before.value:
        return ""
    return "better" if (last.value > before.value) is (metric.better is Better.HIGHER) else "worse"


def _row(metric: Metric, each: Figure, period: Period) -> MetricRow:
    parts = [each.numerator, each.denominator]
    known = [f"{part:,.6g}" for part in parts if part is not None]
    return MetricRow(
        starts=each.starts,
        period=period_name(each.starts, period),
        component=each.component,
        value=measured(each.value, metric.unit),
        p85=measured(each.p85, metric.unit) if metric.form is Form.SPREAD else "",
        n=each.n,
        sum=" ÷ ".join(known) if len(known) == 2 else "",
    )


def _told(metric: Metric, each: Figure, period: Period) -> str:
    edge = f", p85 {measured(each.p85, metric.unit)}" if each.p85 is not None else ""
    value = measured(each.value, metric.unit)
    return (
        f"{period_name(each.starts, period)}: {value if value != NOTHING else 'not known'}{edge}, n {each.n}"
    )


def _label(starts: date, period: Period) -> str:
    if period is Period.MONTH:
        return f"{starts:%b %Y}"
    if period is Period.QUARTER:
        return f"Q{(starts.month + 2) // 3} {starts.year}"
    return f"{starts.day} {starts:%b}"
