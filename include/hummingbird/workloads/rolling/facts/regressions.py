"""Nights of regression: their length, their waiting, the pods' time and what became of the cases."""

from __future__ import annotations

from hummingbird.core.event import EventKind

SQL = f"""
INSERT INTO made BY NAME
WITH night AS (
    SELECT sequence, moment(data->>'$.finished_at') AS stamp, environment, run, synthetic,
        try_cast(data->>'$.seconds' AS DOUBLE) AS seconds,
        try_cast(data->>'$.queued_seconds' AS DOUBLE) AS queued,
        try_cast(data->>'$.case_seconds' AS DOUBLE) AS worked,
        -- A pod that was lost is not among those that came to their end.
        try_cast(data->>'$.pods' AS INT) + coalesce(try_cast(data->>'$.losses' AS INT), 0) AS pods,
        try_cast(data->>'$.selected' AS DOUBLE) AS selected,
        try_cast(data->>'$.night.totals.passed' AS DOUBLE) AS passed
    FROM event WHERE kind = '{EventKind.REGRESSION_FINISHED.value}'
)
SELECT kind, sequence::VARCHAR AS key, true AS together, environment, stamp, value, run, sequence,
    '{{}}' AS detail, origin_of(synthetic, 'ledger') AS origin
FROM (
    SELECT *, unnest(['regression', 'regression_queue', 'regression_work', 'regression_capacity',
            'regression_passed', 'regression_cases']) AS kind,
        unnest([seconds, queued, worked, seconds * pods, passed, selected]) AS value
    FROM night WHERE selected > 0
);
"""
