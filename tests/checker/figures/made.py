"""Figures of facts: for every component, all together, and every day, week, month and quarter."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from checker.figures.fact import Fact

PERIODS = ("day", "week", "month", "quarter")

COUNTS = {"cycles": "cycle", "commits": "commit"}
A_DAY = {"cycles_per_day": "cycle", "deployment_frequency": "deployment"}
A_TRADING_DAY = {"cycles_per_trading_day": "cycle"}
SHARES = {"change_fail_rate": "change", "rework_rate": "rework"}
RATIOS = {
    "automation_coverage": ("cases_automated", "cases_catalogued", 1.0),
    "cost_per_value": ("cost", "value", 1.0),
    "incident_rate": ("incident", "deployment", 100.0),
    "regression_efficiency": ("regression_work", "regression_capacity", 1.0),
    "regression_pass_rate": ("regression_passed", "regression_cases", 1.0),
}
SPREADS = {
    "lead_time": "lead_time",
    "recovery_time": "recovery",
    "scan_time": "scan_full",
    "scan_time_incremental": "scan_incremental",
    "scan_queue": "scan_queue",
    "regression_time": "regression",
    "regression_queue": "regression_queue",
    "approval_wait": "approval_wait",
}
STOCK = {"lines_of_code": "lines"}


class Place(NamedTuple):
    """Of which a figure is."""

    metric: str
    component: str
    period: str
    starts: date


class Figure(NamedTuple):
    """What was made: the value, and p50 and p85 where there are any."""

    value: float | None
    p50: float | None
    p85: float | None
    n: int


class Group(NamedTuple):
    """Facts of one kind, component and period."""

    kind: str
    component: str
    period: str
    starts: date


def start_of(period: str, day: date) -> date:
    """The first day of the period that the day is in."""
    if period == "week":
        return day - timedelta(days=day.weekday())
    if period == "month":
        return day.replace(day=1)
    if period == "quarter":
        return day.replace(month=day.month - (day.month - 1) % 3, day=1)
    return day


def after(period: str, starts: date) -> date:
    """The first day after a period."""
    if period in ("day", "week"):
        return starts + timedelta(days=1 if period == "day" else 7)
    months = starts.month - 1 + (1 if period == "month" else 3)
    return date(starts.year + months // 12, months % 12 + 1, 1)


def percentile(values: list[float], share: float) -> float:
    """Linear between neighbours; `values` are sorted."""
    place = share * (len(values) - 1)
    low = math.floor(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def made(facts: Iterable[Fact], last_day: date, trading: frozenset[date] | None) -> dict[Place, Figure]:
    """Every figure; without trading days none of those that need them."""
    groups: dict[Group, list[float]] = defaultdict(list)
    stock: dict[tuple[Group, str | None], tuple[tuple[object, int], float, int]] = {}
    for fact in facts:
        names = ([fact.component] if fact.component is not None else []) + ([""] if fact.together else [])
        for period in PERIODS:
            starts = start_of(period, fact.day)
            for name in names:
                groups[Group(fact.kind, name, period, starts)].append(fact.value or 0.0)
            if fact.kind in STOCK.values() and fact.component is not None:
                key = (Group(fact.kind, fact.component, period, starts), fact.part)
                before = stock.get(key)
                count = before[2] if before else 0
                place = (fact.at, fact.sequence)
                newer = before is None or place > before[0]
                kept = (place, fact.value or 0.0) if newer or before is None else before[:2]
                stock[key] = (kept[0], kept[1], count + 1)
    found: dict[Place, Figure] = {}
    for group, values in groups.items():
        _plain(found, group, values, last_day, trading)
    _ratios(found, groups)
    _stocks(found, stock)
    return found


def _plain(
    found: dict[Place, Figure],
    group: Group,
    values: list[float],
    last_day: date,
    trading: frozenset[date] | None,
) -> None:
    n, end = len(values), min(after(group.period, group.starts), last_day + timedelta(days=1))
    for metric in _of(COUNTS, group.kind):
        found[Place(metric, *group[1:])] = Figure(float(n), None, None, n)
    for metric in _of(A_DAY, group.kind):
        found[Place(metric, *group[1:])] = Figure(n / (end - group.starts).days, None, None, n)
    for metric in _of(A_TRADING_DAY, group.kind):
        if trading is not None:
            days = sum(1 for day in trading if group.starts <= day < end)
            found[Place(metric, *group[1:])] = Figure(n / days if days else None, None, None, n)
    for metric in _of(SHARES, group.kind):
        found[Place(metric, *group[1:])] = Figure(sum(values) / n, None, None, n)
    for metric in _of(SPREADS, group.kind):
        values.sort()
        half, most = percentile(values, 0.5), percentile(values, 0.85)
        found[Place(metric, *group[1:])] = Figure(half, half, most, n)


def _of(metrics: dict[str, str], kind: str) -> list[str]:
    return [metric for metric, its in metrics.items() if its == kind]


def _ratios(found: dict[Place, Figure], groups: dict[Group, list[float]]) -> None:
    for metric, (above, below, scale) in RATIOS.items():
        for place in {group[1:] for group in groups if group.kind in (above, below)}:
            tops, bottoms = groups.get(Group(above, *place), []), groups.get(Group(below, *place), [])
            top, bottom = sum(map(Fraction, tops)), sum(map(Fraction, bottoms))
            value = float(Fraction(scale) * top / bottom) if bottom else None
            found[Place(metric, *place)] = Figure(value, None, None, len(tops))


def _stocks(
    found: dict[Place, Figure],
    stock: dict[tuple[Group, str | None], tuple[tuple[object, int], float, int]],
) -> None:
    totals: dict[tuple[str, str, date], list[tuple[float, int]]] = defaultdict(list)
    for (group, _), (_, value, count) in stock.items():
        for name in (group.component, ""):
            totals[(name, group.period, group.starts)].append((value, count))
    for place, values in totals.items():
        total = sum(value for value, _ in values)
        found[Place("lines_of_code", *place)] = Figure(total, None, None, sum(count for _, count in values))
