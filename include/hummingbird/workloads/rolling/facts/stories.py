"""Delivered stories: what they cost and are worth, and how many of their test cases run by themselves."""

from __future__ import annotations

from hummingbird.core.event import EventKind

_TIMED = (EventKind.SCAN_FINISHED, EventKind.SUITE_FINISHED, EventKind.BUILD_FINISHED)

SQL = f"""
CREATE TABLE delivered AS
WITH closed AS (
    SELECT story, min(sequence) AS sequence, arg_min(stamp, sequence) AS stamp,
        arg_min(bundle, sequence) AS bundle, arg_min(run, sequence) AS run, bool_or(synthetic) AS synthetic
    FROM event WHERE kind = '{EventKind.STORY_CLOSED.value}' AND story IS NOT NULL GROUP BY story
), known AS (
    SELECT subject AS story, try_cast(told->>'$.value' AS DOUBLE) AS points,
        try_cast(told->>'$.worked_seconds' AS DOUBLE) AS worked,
        try_cast(told->>'$.cases' AS DOUBLE) AS cases,
        try_cast(told->>'$.automated' AS DOUBLE) AS automated, sequence AS observed_by
    FROM seen WHERE about = 'story'
    QUALIFY row_number() OVER (PARTITION BY subject ORDER BY sequence DESC) = 1
), computed AS (
    SELECT story, sum(try_cast(coalesce(told[1], told[6]) AS DECIMAL(30, 6))) AS computed
    FROM event WHERE kind IN ({", ".join(f"'{kind.value}'" for kind in _TIMED)}) AND story IS NOT NULL
    GROUP BY story
), carried AS (
    -- Of a bundle's components those that the story changed.
    SELECT bundle, component, unnest(stories) AS story FROM part
)
SELECT closed.*, known.* EXCLUDE (story), coalesce(computed, 0) AS computed, component,
    component IS NULL OR component = min(component) OVER (PARTITION BY closed.story) AS together
FROM closed JOIN known USING (story) LEFT JOIN computed USING (story)
LEFT JOIN carried ON carried.bundle = closed.bundle AND carried.story = closed.story;
"""

MADE = """
INSERT INTO made BY NAME
SELECT unnest(facts).kind AS kind, concat_ws(':', story, component) AS key, component, together,
    getvariable('production') AS environment, stamp, unnest(facts).value AS value, story, bundle, run,
    sequence, origin_of(synthetic, 'observed') AS origin, unnest(facts).detail AS detail
FROM (
    SELECT *, list_concat(
        CASE WHEN points > 0 THEN [
            {'kind': 'cost', 'value': worked / 3600 * getvariable('hourly_rate')
                + computed::DOUBLE / 3600 * getvariable('compute_hourly_rate'),
             'detail': json_object('worked_seconds', worked, 'compute_seconds', computed,
                'observed_by', observed_by)},
            {'kind': 'value', 'value': points, 'detail': json_object('observed_by', observed_by)}
        ] ELSE [] END,
        CASE WHEN cases > 0 THEN [
            {'kind': 'cases_automated', 'value': automated,
             'detail': json_object('observed_by', observed_by)},
            {'kind': 'cases_catalogued', 'value': cases,
             'detail': json_object('observed_by', observed_by)}
        ] ELSE [] END) AS facts
    FROM delivered
);
"""
