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

_STORY = r"^[A-Z][A-Z0-9]+-[1-9][0-9]*$"
_OF_FACTS = """
SELECT kind, component, story, made.value, origin, coalesce(sequence, 0) AS sequence, stamp,
    at_most.value AS at_most, json_valid(detail) AS readable
FROM made LEFT JOIN at_most USING (kind)
"""
_OF_FIGURES = """
SELECT figure.*, at_most, metric || ' of ' || coalesce(nullif(component, ''), 'all together') || ', '
    || period || ' from ' || starts AS named
FROM figure LEFT JOIN shares USING (metric)
"""
_SUMS = """
SELECT metric, component, 'quarters' AS against, sum(n) FILTER (period = 'day') AS days,
    sum(n) FILTER (period = 'quarter') AS others FROM figure GROUP BY ALL
"""
_A_DAY = 86_400.0
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
                gx.ExpectColumnValuesToNotBeNull(column="stamp"),
                gx.ExpectColumnValuesToNotBeNull(column="value"),
                gx.ExpectColumnValuesToBeBetween(column="value", min_value=0.0),
                gx.ExpectColumnPairValuesAToBeGreaterThanB(
                    column_A="at_most",
                    column_B="value",
                    or_equal=True,
                    ignore_row_if="either_value_is_missing",
                ),
                gx.ExpectColumnValuesToBeBetween(
                    column="stamp",
                    min_value=datetime(1990, 1, 1, tzinfo=UTC).replace(tzinfo=None),
                    max_value=latest.astimezone(UTC).replace(tzinfo=None),
                ),
                gx.ExpectColumnValuesToMatchRegex(column="story", regex=_STORY),
                gx.ExpectColumnValuesToBeInSet(
                    column="origin", value_set=["ledger", "observed", "imported", "synthetic"]
                ),
            ],
            index=("sequence", "kind"),
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
        present = "either_value_is_missing"
        return self._first_broken(
            "figures",
            frame,
            [
                gx.ExpectCompoundColumnsToBeUnique(column_list=["metric", "component", "period", "starts"]),
                gx.ExpectColumnValuesToBeInSet(column="metric", value_set=list(METRICS)),
                gx.ExpectColumnValuesToBeInSet(column="period", value_set=[each.value for each in Period]),
                gx.ExpectColumnValuesToBeBetween(column="n", min_value=0),
                gx.ExpectColumnValuesToBeBetween(column="value", min_value=0.0, max_value=1e15),
                gx.ExpectColumnPairValuesAToBeGreaterThanB(
                    column_A="at_most", column_B="value", or_equal=True, ignore_row_if=present
                ),
                gx.ExpectColumnPairValuesAToBeGreaterThanB(
                    column_A="p85", column_B="p50", or_equal=True, ignore_row_if=present
                ),
            ],
            index=("named",),
        ) or self._sums(engine, gx)

    def _sums(self, engine: Engine, gx: Any) -> str | None:
        """All days together are all quarters together; of an increment only some buckets are there."""
        if not engine.execute("SELECT 1 FROM duckdb_views() WHERE view_name = 'f'").fetchone():
            return None
        frame = engine.execute(_SUMS).df()
        expected = gx.ExpectColumnPairValuesToBeEqual(column_A="days", column_B="others")
        return self._first_broken("sums", frame, [expected], index=("metric", "component"))

    def _library(self) -> Any:
        # Nothing is told to anybody outside, and no progress is drawn.
        os.environ["GX_ANALYTICS_ENABLED"] = "false"
        library = importlib.import_module("great_expectations")
        if self._context is None:
            self._context = library.get_context(mode="ephemeral")
            self._context.variables.progress_bars = {"globally": False}
        return library.expectations

    def _first_broken(
        self, name: str, frame: Any, expected: Sequence[Any], *, index: tuple[str, ...]
    ) -> str | None:
        source = self._context.data_sources.add_or_update_pandas(f"rollup-{name}")
        definition = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("whole")
        suite = importlib.import_module("great_expectations").ExpectationSuite(
            name=name, expectations=list(expected)
        )
        found = definition.get_batch({"dataframe": frame}).validate(
            suite,
            result_format={
                "result_format": "COMPLETE",
                "unexpected_index_column_names": list(index),
                "partial_unexpected_count": 3,
            },
        )
        return next((_sentence(name, one) for one in found.results if not one.success), None)


def _sentence(name: str, result: Any) -> str:
    """What was expected, of what, and the first row that is otherwise."""
    config = result.expectation_config
    column = config.kwargs.get("column") or " and ".join(
        str(config.kwargs[key]) for key in ("column_A", "column_B") if key in config.kwargs
    )
    if result.exception_info and result.exception_info.get("exception_message"):
        why = result.exception_info["exception_message"]
        return f"{config.type} of {name}.{column} could not be asked: {why}"
    told = result.result
    rows: list[Any] = told.get("unexpected_index_list") or []
    row: dict[str, Any] = dict(rows[0]) if rows and isinstance(rows[0], dict) else {}
    value = row.pop(str(column), None) if column in row else row.pop("value", None)
    listed = told.get("partial_unexpected_list") or []
    value = value if value is not None else (listed[0] if listed else None)
    told_value = "no value" if value is None or value != value else value  # noqa: PLR0124 - NaN alone differs
    where = f"row {row.pop('sequence')} of the ledger, " if row.get("sequence") else ""
    about = ", ".join(f"{part}" for key, part in row.items() if key not in (column, "column_A", "column_B"))
    count = told.get("unexpected_count", 0)
    more = f" (and {count - 1} more)" if count and count > 1 else ""
    return f"{config.type} does not hold for {column} of {name}: {where}{about} has {told_value}{more}"
