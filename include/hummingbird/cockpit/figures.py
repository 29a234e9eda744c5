"""Published figures, and the facts behind one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select, text

from hummingbird.cockpit.wording import period_end
from hummingbird.core.metric import Figure, Metric, Period, Publication
from hummingbird.ledger.metrics_schema import fact, figure, publication

SHOWN = {Period.DAY: 45, Period.WEEK: 26, Period.MONTH: 24, Period.QUARTER: 12}
"""Periods that a page draws, the newest."""
FACTS_A_PAGE = 100
_COMPONENTS = text(
    "WITH RECURSIVE hop (component) AS ("
    " SELECT min(component) FROM metrics.figure WHERE metric = :metric AND component > ''"
    " UNION ALL"
    " SELECT (SELECT min(component) FROM metrics.figure WHERE metric = :metric AND component > hop.component)"
    " FROM hop WHERE hop.component IS NOT NULL"
    ") SELECT component FROM hop WHERE component IS NOT NULL"
)


@dataclass(frozen=True)
class Standing:
    """What the figures are of, and whether the newest attempt to make them failed."""

    good: Publication | None
    withheld: Publication | None
    since: datetime | None
    """When the first of the attempts that failed in a row was made."""


@dataclass(frozen=True)
class Facts:
    """A page of the facts behind a figure."""

    rows: list[RowMapping]
    total: int
    more: bool


def standing(connection: Connection) -> Standing:
    """The last good publication and the last one withheld since."""
    newest = _newest(connection, "published")
    held = _newest(connection, "withheld")
    if held is None or (newest is not None and held.id < newest.id):
        return Standing(newest, None, None)
    since = connection.execute(
        select(func.min(publication.c.at)).where(
            publication.c.state == "withheld", publication.c.id > (newest.id if newest else 0)
        )
    ).scalar_one()
    return Standing(newest, held, since)


def components(connection: Connection, metric: str) -> list[str]:
    """Components that have figures of the metric: the primary key is hopped along, not read through."""
    return list(connection.execute(_COMPONENTS, {"metric": metric}).scalars())


def series(
    connection: Connection, component: str, period: Period, newest: date | None, names: list[str]
) -> dict[str, list[Figure]]:
    """Metric → its figures, oldest first, as many as a page draws, up to the period `newest`."""
    query = (
        select(figure)
        .where(
            figure.c.metric.in_(names),
            figure.c.component == component,
            figure.c.period == period.value,
            figure.c.starts >= _oldest(period, newest) if newest else figure.c.starts.is_not(None),
        )
        .order_by(figure.c.starts)
    )
    found: dict[str, list[Figure]] = {}
    for row in connection.execute(query).mappings():
        found.setdefault(row["metric"], []).append(_figure(row))
    return found


def by_component(connection: Connection, metric: str, period: Period, starts: date) -> list[Figure]:
    """Every component's figure of one period."""
    query = select(figure).where(
        figure.c.metric == metric,
        figure.c.component != "",
        figure.c.period == period.value,
        figure.c.starts == starts,
    )
    return [_figure(row) for row in connection.execute(query.order_by(figure.c.component)).mappings()]


def one(connection: Connection, metric: str, component: str, period: Period, starts: date) -> Figure | None:
    """One figure; None where none was published."""
    row = (
        connection.execute(
            select(figure).where(
                figure.c.metric == metric,
                figure.c.component == component,
                figure.c.period == period.value,
                figure.c.starts == starts,
            )
        )
        .mappings()
        .one_or_none()
    )
    return _figure(row) if row else None


def facts_behind(
    connection: Connection, metric: Metric, component: str, period: Period, starts: date, offset: int
) -> Facts:
    """The facts that a figure was made of, newest first."""
    where: list[Any] = [
        fact.c.kind.in_([kind.value for kind in metric.fact_kinds]),
        fact.c.day >= starts,
        fact.c.day < period_end(starts, period),
        fact.c.component == component if component else fact.c.together,
    ]
    total: int = connection.execute(select(func.count()).select_from(fact).where(*where)).scalar_one()
    query = select(fact).where(*where).order_by(fact.c.at.desc(), fact.c.id.desc())
    rows = connection.execute(query.offset(offset).limit(FACTS_A_PAGE)).mappings().all()
    return Facts(list(rows), total, offset + len(rows) < total)


def period_of(day: date, period: Period) -> date:
    """The first day of the period that a day lies in."""
    if period is Period.DAY:
        return day
    if period is Period.WEEK:
        return date.fromordinal(day.toordinal() - day.weekday())
    if period is Period.MONTH:
        return day.replace(day=1)
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def _oldest(period: Period, newest: date) -> date:
    starts = newest
    for _ in range(SHOWN[period] - 1):
        starts = period_of(date.fromordinal(starts.toordinal() - 1), period)
    return starts


def _newest(connection: Connection, state: str) -> Publication | None:
    query = select(publication).where(publication.c.state == state).order_by(publication.c.id.desc()).limit(1)
    row = connection.execute(query).mappings().one_or_none()
    return Publication(**{name: row[name] for name in Publication.model_fields}) if row else None


def _figure(row: RowMapping) -> Figure:
    return Figure(**{name: row[name] for name in Figure.model_fields})
