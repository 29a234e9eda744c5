"""Great Expectations decides whether what was made may be shown; its answer is a sentence for people.

The library takes seconds to import and brings pandas: it is loaded here, in the pod, when there is something
to check.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from hummingbird.core.metric import FactKind, Form, Period
from hummingbird.metrics.registry import METRICS

Engine = duckdb.DuckDBPyConnection

# One row a kind, and the ledger's row behind each extreme: half a million facts are told in thirty rows.
_OF_FACTS = """
SELECT kind, any_value(at_most.value) AS at_most,
    count(*) FILTER (made.value IS NULL) AS missing_values,
    min(sequence) FILTER (made.value IS NULL) AS missing_values_row,
    min(made.value) AS smallest_value, arg_min(sequence, made.value) AS smallest_value_row,
    max(made.value) AS largest_value,
    arg_max(sequence, made.value) AS largest_value_row,
    count(*) FILTER (stamp IS NULL) AS missing_moments,
    min(sequence) FILTER (stamp IS NULL) AS missing_moments_row,
    min(stamp) AS earliest, arg_min(sequence, stamp) AS earliest_row,
    max(stamp) AS latest, arg_max(sequence, stamp) AS latest_row,
    count(*) FILTER (strange) AS strange_stories, min(sequence) FILTER (strange) AS strange_stories_row
FROM (
    SELECT *, NOT regexp_full_match(story, '[A-Z][A-Z0-9]+-[1-9][0-9]*') AS strange FROM made
) AS made LEFT JOIN at_most USING (kind) GROUP BY kind ORDER BY kind
"""
_OF_FIGURES = """
WITH told AS (
    SELECT *, metric || ' of ' || coalesce(nullif(component, ''), 'all together') || ', ' || period
        || ' from ' || starts AS named FROM figure
)
SELECT metric, period, any_value(at_most) AS at_most, count(*) AS rows,
    count(DISTINCT (component, starts)) AS places,
    min(n) AS fewest_facts, arg_min(named, n) AS fewest_facts_row,
    min(value) AS smallest_value, arg_min(named, value) AS smallest_value_row,
    max(value) AS largest_value, arg_max(named, value) AS largest_value_row,
    count(*) FILTER (p85 < p50 OR (p85 IS NULL) <> (p50 IS NULL)) AS crossed_quantiles,
    min(named) FILTER (p85 < p50 OR (p85 IS NULL) <> (p50 IS NULL)) AS crossed_quantiles_row
FROM told LEFT JOIN shares USING (metric) GROUP BY metric, period ORDER BY metric, period
"""
_SUMS = """
SELECT metric, component, sum(n) FILTER (period = 'day') AS days,
    sum(n) FILTER (period = 'quarter') AS quarters
FROM figure GROUP BY ALL HAVING days IS DISTINCT FROM quarters OR component = '' ORDER BY ALL
"""
_A_DAY = 86_400.0
MISSING = "either_value_is_missing"
AT_MOST = {
    FactKind.SCAN_FULL: _A_DAY,
    FactKind.SCAN_INCREMENTAL: _A_DAY,
    FactKind.SCAN_QUEUE: 7 * _A_DAY,
    FactKind.REGRESSION: 2 * _A_DAY,
    FactKind.REGRESSION_QUEUE: _A_DAY,
    FactKind.APPROVAL_WAIT: 90 * _A_DAY,
    FactKind.CHANGE: 1.0,
    FactKind.REWORK: 1.0,
    FactKind.COST: 1e9,
    FactKind.VALUE: 1e6,
}
"""Largest value that can be true, by kind of fact."""


@dataclass
class GreatExpectations:
    """Checks facts, then figures; whole rollups also for sums that must agree."""

    _context: Any = field(default=None, init=False)
    _source: Any = field(default=None, init=False)

    def facts(self, engine: Engine, last: datetime | None) -> str | None:
        """The first expectation that does not hold for the facts, with the row; None when all hold."""
        engine.execute("CREATE OR REPLACE TABLE at_most (kind VARCHAR, value DOUBLE)")
        engine.executemany(
            "INSERT INTO at_most VALUES (?, ?)", [[kind.value, most] for kind, most in AT_MOST.items()]
        )
        frame = engine.execute(_OF_FACTS).df()
        if frame.empty:
            return None
        gx = self._library()
        latest = (last or datetime.now(UTC)) + timedelta(minutes=10)
        return self._first_broken(
            "facts",
            frame,
            [
                gx.ExpectColumnValuesToBeInSet(column="kind", value_set=[kind.value for kind in FactKind]),
                gx.ExpectColumnValuesToBeInSet(column="missing_values", value_set=[0]),
                gx.ExpectColumnValuesToBeInSet(column="missing_moments", value_set=[0]),
                gx.ExpectColumnValuesToBeBetween(column="smallest_value", min_value=0.0),
                gx.ExpectColumnPairValuesAToBeGreaterThanB(
                    column_A="at_most", column_B="largest_value", or_equal=True, ignore_row_if=MISSING
                ),
                gx.ExpectColumnValuesToBeBetween(column="earliest", min_value=datetime(1990, 1, 1)),  # noqa: DTZ001
                gx.ExpectColumnValuesToBeBetween(
                    column="latest", max_value=latest.astimezone(UTC).replace(tzinfo=None)
                ),
                gx.ExpectColumnValuesToBeInSet(column="strange_stories", value_set=[0]),
            ],
        )

    def figures(self, engine: Engine) -> str | None:
        """The first expectation of the figures that does not hold, with the figure; None when all hold."""
        shares = [metric.name for metric in METRICS.values() if metric.form is Form.SHARE]
        engine.execute("CREATE OR REPLACE TABLE shares (metric VARCHAR, at_most DOUBLE)")
        engine.executemany("INSERT INTO shares VALUES (?, 1.0)", [[name] for name in shares])
        frame = engine.execute(_OF_FIGURES).df()
        if frame.empty:
            return None
        gx = self._library()
        found = self._first_broken(
            "figures",
            frame,
            [
                gx.ExpectColumnValuesToBeInSet(column="metric", value_set=list(METRICS)),
                gx.ExpectColumnValuesToBeInSet(column="period", value_set=[each.value for each in Period]),
                gx.ExpectColumnPairValuesToBeEqual(column_A="rows", column_B="places"),
                gx.ExpectColumnValuesToBeBetween(column="fewest_facts", min_value=0),
                gx.ExpectColumnValuesToBeBetween(column="smallest_value", min_value=0.0),
                gx.ExpectColumnValuesToBeBetween(column="largest_value", max_value=1e15),
                gx.ExpectColumnPairValuesAToBeGreaterThanB(
                    column_A="at_most", column_B="largest_value", or_equal=True, ignore_row_if=MISSING
                ),
                gx.ExpectColumnValuesToBeInSet(column="crossed_quantiles", value_set=[0]),
            ],
        )
        return found or self._sums(engine, gx)

    def _sums(self, engine: Engine, gx: Any) -> str | None:
        """All days together are all quarters together; of an increment only some buckets are there."""
        if not engine.execute("SELECT 1 FROM duckdb_views() WHERE view_name = 'f'").fetchone():
            return None
        frame = engine.execute(_SUMS).df()
        expected = gx.ExpectColumnPairValuesToBeEqual(column_A="days", column_B="quarters")
        return self._first_broken("sums", frame, [expected])

    def _library(self) -> Any:
        # Nothing is told to anybody outside, and no progress is drawn.
        os.environ["GX_ANALYTICS_ENABLED"] = "false"
        library = importlib.import_module("great_expectations")
        if self._context is None:
            self._context = library.get_context(mode="ephemeral")
            self._context.variables.progress_bars = {"globally": False}
            # Once: with each the library writes all of its configuration anew.
            self._source = self._context.data_sources.add_pandas("rollup")
        return library.expectations

    def _first_broken(self, name: str, frame: Any, expected: Sequence[Any]) -> str | None:
        definition = self._source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("whole")
        library = importlib.import_module("great_expectations")
        suite = library.ExpectationSuite(name=name, expectations=list(expected))
        batch = definition.get_batch({"dataframe": frame})
        if batch.validate(suite, result_format="BOOLEAN_ONLY").success:
            return None
        # Which row it is costs as much again, and is asked only when there is one.
        form = {"result_format": "COMPLETE", "unexpected_index_column_names": list(frame.columns)}
        found = batch.validate(suite, result_format=form)
        return next(_sentence(name, one) for one in found.results if not one.success)


def _sentence(name: str, result: Any) -> str:
    """What was expected, of what, and the row that is otherwise."""
    told, given = result.expectation_config, result.expectation_config.kwargs
    column = str(given.get("column") or given.get("column_B"))
    head = f"{told.type} does not hold for {column.replace('_', ' ')} of {name}"
    why = (result.exception_info or {}).get("exception_message")
    rows: list[Any] = result.result.get("unexpected_index_list") or []
    if why or not rows:
        return f"{head}: {why or result.result}"
    row = dict(rows[0])
    place: Any = row.get(f"{column}_row")
    known = place is not None and place == place  # noqa: PLR0124 - pandas' missing number differs from itself
    where = (f"row {int(place)} of the ledger, " if name == "facts" else f"{place}, ") if known else ""
    about = row.get("kind") or row.get("metric")
    more = f" (and {len(rows) - 1} more of the kind)" if len(rows) > 1 else ""
    return f"{head}: {where}{about} has {row[column]}{more}"
