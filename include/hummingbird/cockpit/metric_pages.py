"""Metrics, one metric, the facts behind one figure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from sqlalchemy import Connection
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import Response

from hummingbird.cockpit import figures
from hummingbird.cockpit.ledger_reader import LedgerReader
from hummingbird.cockpit.metric_board import drawn, rows_of, tiles, worst_first
from hummingbird.cockpit.pages import Pages
from hummingbird.cockpit.wording import period_name
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.metric import Form, Period
from hummingbird.metrics.registry import metric as metric_of

EVERYBODY_HAS = "cycles"
"""The metric that tells which components there are."""
Whose = Annotated[str, Query(max_length=100)]
Name = Annotated[str, Path(max_length=60)]
Start = Annotated[date | None, Query()]


def metric_pages(reader: LedgerReader, catalogue: Callable[[], Catalogue], pages: Pages) -> APIRouter:
    """The routes."""
    routes = APIRouter(default_response_class=Response)

    def common(
        connection: Connection, component: str, period: Period, name: str = EVERYBODY_HAS
    ) -> dict[str, Any]:
        stands = figures.standing(connection)
        last_day = stands.good.last_day if stands.good else None
        names = sorted({*figures.components(connection, name), *catalogue().components})
        return {
            "stands": stands,
            "newest": figures.period_of(last_day, period) if last_day else None,
            "components": names if not component or component in names else sorted([*names, component]),
            "component": component,
            "period": period,
            "periods": list(Period),
            "period_name": period_name,
            "whose": component or "all components together",
        }

    @routes.get("/metrics")
    def metrics(request: Request, component: Whose = "", period: Period = Period.MONTH) -> Response:
        with reader.reading() as connection:
            known = common(connection, component, period)
            shown = tiles(connection, component, period, known["newest"])
        return pages.show(request, "metrics.html", groups=shown, **known)

    @routes.get("/metrics/{name}")
    def one_metric(
        request: Request,
        name: Name,
        component: Whose = "",
        period: Period = Period.MONTH,
        starts: Start = None,
    ) -> Response:
        metric = metric_of(name)
        with reader.reading() as connection:
            known = common(connection, component, period, name)
            found = figures.series(connection, component, period, known["newest"], [name]).get(name, [])
            chosen = starts or known["newest"]
            each = figures.by_component(connection, name, period, chosen) if chosen else []
        here = f"{request.scope.get('root_path', '')}/metrics/{name}/facts"
        link = {
            one.starts: str(
                URL(here).include_query_params(component=component, period=period, starts=one.starts)
            )
            for one in found
        }
        return pages.show(
            request,
            "metric.html",
            metric=metric,
            chart=drawn(metric, found, period, link, known["whose"]) if found else None,
            rows=rows_of(metric, found, period),
            each=worst_first(metric, each, period),
            chosen=chosen,
            spread=metric.form is Form.SPREAD,
            **known,
        )

    @routes.get("/metrics/{name}/facts")
    def facts(
        request: Request,
        name: Name,
        starts: Annotated[date, Query()],
        component: Whose = "",
        period: Period = Period.MONTH,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> Response:
        metric = metric_of(name)
        with reader.reading() as connection:
            known = common(connection, component, period, name)
            figure = figures.one(connection, name, component, period, starts)
            behind = figures.facts_behind(connection, metric, component, period, starts, offset)
        return pages.show(
            request,
            "facts.html",
            metric=metric,
            figure=figure,
            behind=behind,
            starts=starts,
            offset=offset,
            page=figures.FACTS_A_PAGE,
            **known,
        )

    return routes
