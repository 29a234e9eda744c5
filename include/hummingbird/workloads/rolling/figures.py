"""Facts → figures: every metric by its form, for every component, all together, and every period."""

from __future__ import annotations

from datetime import date

import duckdb

from hummingbird.core.metric import Form
from hummingbird.metrics.registry import METRICS
from hummingbird.workloads.rolling.trading_days import trading_days

Engine = duckdb.DuckDBPyConnection

_PERIODS = """
CREATE OR REPLACE TABLE period AS SELECT unnest(['day', 'week', 'month', 'quarter']) AS period;
CREATE OR REPLACE MACRO start_of(period, day) AS CASE period WHEN 'day' THEN day
    ELSE CAST(date_trunc(period, day) AS DATE) END;
CREATE OR REPLACE MACRO after(period, starts) AS CAST(CASE period
    WHEN 'day' THEN starts + INTERVAL 1 DAY WHEN 'week' THEN starts + INTERVAL 7 DAY
    WHEN 'month' THEN starts + INTERVAL 1 MONTH ELSE starts + INTERVAL 3 MONTH END AS DATE);
"""

_GROUPS = """
CREATE OR REPLACE TABLE grouped AS
WITH wide AS (
    SELECT kind, component, day, value FROM f WHERE component IS NOT NULL
    UNION ALL SELECT kind, '', day, value FROM f WHERE together
)
{selects}
"""
_GROUP = """
SELECT kind, component, '{period}' AS period, start_of('{period}', day) AS starts, count(*) AS n,
    -- Exact, whatever the order in which the parts are added.
    CAST(sum(CAST(value AS DECIMAL(30, 6))) AS DOUBLE) AS total,
    quantile_cont(value, [0.5, 0.85]) FILTER (kind IN ({spread})) AS spread
FROM wide {only} GROUP BY ALL
"""
_ONLY = """SEMI JOIN wanted ON wanted.kind = wide.kind AND wanted.component = wide.component
    AND wanted.period = '{period}' AND wanted.starts = start_of('{period}', wide.day)"""

_STOCKS = """
CREATE OR REPLACE TABLE stocked AS
WITH last AS (
    SELECT kind, component, part, period, start_of(period, day) AS starts,
        arg_max(value, (stamp, sequence)) AS value, count(*) AS n
    FROM f CROSS JOIN period WHERE kind IN ({stock}) AND component IS NOT NULL GROUP BY ALL
)
SELECT kind, component, period, starts, sum(n) AS n,
    CAST(sum(CAST(value AS DECIMAL(30, 6))) AS DOUBLE) AS total FROM last GROUP BY ALL
UNION ALL
SELECT kind, '', period, starts, sum(n), CAST(sum(CAST(value AS DECIMAL(30, 6))) AS DOUBLE)
FROM last GROUP BY ALL
"""

_FIGURES = """
CREATE OR REPLACE TABLE figure AS
WITH trading AS (
    SELECT period, starts, count(day) FILTER (open) AS days, bool_and(open IS NOT NULL) AS known
    FROM (
        SELECT bucket.period, bucket.starts, days.day, trading_day.open
        FROM (SELECT DISTINCT period, starts FROM grouped) AS bucket
        JOIN days ON days.day >= bucket.starts AND days.day < after(bucket.period, bucket.starts)
        LEFT JOIN trading_day USING (day)
    ) GROUP BY ALL
), plain AS (
    SELECT metric, form, scale, g.component, g.period, g.starts, g.n, g.total, g.spread,
        date_diff('day', g.starts, least(after(g.period, g.starts), getvariable('last_day') + 1)) AS days
    FROM part_of JOIN grouped AS g USING (kind) WHERE side = 'facts' AND form NOT IN ('stock', 'ratio')
), ratio AS (
    SELECT metric, scale, g.component, g.period, g.starts,
        coalesce(sum(g.n) FILTER (side = 'facts'), 0) AS n,
        coalesce(sum(g.total) FILTER (side = 'facts'), 0) AS numerator,
        coalesce(sum(g.total) FILTER (side = 'over'), 0) AS denominator
    FROM part_of JOIN grouped AS g USING (kind) WHERE form = 'ratio' GROUP BY ALL
)
SELECT metric, component, plain.period, plain.starts,
    CASE form WHEN 'count' THEN n WHEN 'share' THEN total / n WHEN 'spread' THEN spread[1]
        WHEN 'per_day' THEN n / plain.days WHEN 'per_trading_day' THEN n / trading.days END::DOUBLE AS value,
    CASE form WHEN 'spread' THEN spread[1] END AS p50, CASE form WHEN 'spread' THEN spread[2] END AS p85,
    n, CASE form WHEN 'share' THEN total WHEN 'spread' THEN NULL ELSE n END::DOUBLE AS numerator,
    CASE form WHEN 'share' THEN n WHEN 'per_day' THEN plain.days WHEN 'per_trading_day' THEN trading.days
        END::DOUBLE AS denominator
FROM plain LEFT JOIN trading ON form = 'per_trading_day' AND known AND trading.days > 0
    AND trading.period = plain.period AND trading.starts = plain.starts
UNION ALL
SELECT metric, component, period, starts, scale * numerator / nullif(denominator, 0), NULL, NULL, n,
    numerator, denominator FROM ratio
UNION ALL
SELECT metric, component, period, starts, total, NULL, NULL, n, total, NULL
FROM part_of JOIN stocked USING (kind) WHERE form = 'stock'
"""


def prepare(engine: Engine) -> None:
    """What figures are made by: the registry's metrics and the periods."""
    engine.execute(_PERIODS)
    engine.execute(
        "CREATE OR REPLACE TABLE part_of "
        "(metric VARCHAR, form VARCHAR, scale DOUBLE, kind VARCHAR, side VARCHAR)"
    )
    engine.executemany(
        "INSERT INTO part_of VALUES (?, ?, ?, ?, ?)",
        [
            [metric.name, metric.form.value, metric.scale, kind.value, side]
            for metric in METRICS.values()
            for side, kinds in (("facts", metric.facts), ("over", metric.over))
            for kind in kinds
        ],
    )


def make_figures(engine: Engine, last_day: date, *, only_wanted: bool) -> None:
    """Table `figure` from the facts in `f`; if asked only of `wanted` (kind, component, period, starts)."""
    engine.execute("SET VARIABLE last_day = $1::DATE", [last_day])
    spread, stock = _kinds(Form.SPREAD), _kinds(Form.STOCK)
    selects = " UNION ALL ".join(
        _GROUP.format(period=period, spread=spread, only=_ONLY.format(period=period) if only_wanted else "")
        for period in ("day", "week", "month", "quarter")
    )
    engine.execute(_GROUPS.format(selects=selects))
    engine.execute(_STOCKS.format(stock=stock))
    _know_trading_days(engine, last_day)
    engine.execute(_FIGURES)
    if only_wanted:
        engine.execute(
            "DELETE FROM figure WHERE NOT EXISTS (SELECT 1 FROM bucket WHERE bucket.metric = figure.metric "
            "AND bucket.component = figure.component AND bucket.period = figure.period "
            "AND bucket.starts = figure.starts)"
        )


def _know_trading_days(engine: Engine, last_day: date) -> None:
    """`days`: every day of the periods up to the last; `trading_day`: those that the calendar knows."""
    first = engine.execute("SELECT min(starts) FROM grouped WHERE kind IN ($1)", ["cycle"]).fetchone()
    begin = first[0] if first and first[0] else last_day
    engine.execute(
        "CREATE OR REPLACE TABLE days AS SELECT CAST(unnest("
        "generate_series($1::DATE, $2::DATE, INTERVAL 1 DAY)) AS DATE) AS day",
        [begin, last_day],
    )
    engine.execute("CREATE OR REPLACE TABLE trading_day (day DATE, open BOOLEAN)")
    known = trading_days(begin, last_day)
    if known:
        engine.execute(
            "INSERT INTO trading_day SELECT unnest($1::DATE[]), unnest($2::BOOLEAN[])",
            [list(known), list(known.values())],
        )


def _kinds(form: Form) -> str:
    kinds = {kind.value for metric in METRICS.values() if metric.form is form for kind in metric.facts}
    return ", ".join(f"'{kind}'" for kind in sorted(kinds))
