"""What other systems said: commits and their lead times, lines of code, incidents."""

from __future__ import annotations

from hummingbird.core.event import EventKind

SQL = f"""
CREATE TABLE seen AS
SELECT sequence, stamp, subject, synthetic, data->'$.observation' AS told,
    data->>'$.observation.about' AS about
FROM event WHERE kind = '{EventKind.METRICS_OBSERVED.value}';

CREATE TABLE trouble AS
SELECT told->>'$.incident' AS incident, told->>'$.component' AS component,
    told->>'$.caused_by' AS caused_by, moment(told->>'$.began_at') AS stamp,
    moment(told->>'$.resolved_at') AS resolved_at, sequence, origin_of(synthetic, 'observed') AS origin
FROM seen WHERE about = 'incident'
QUALIFY row_number() OVER (PARTITION BY subject ORDER BY sequence DESC) = 1;
"""

MADE = """
INSERT INTO made BY NAME
SELECT 'incident' AS kind, incident AS key, component, true AS together,
    getvariable('production') AS environment, stamp, 1.0 AS value, caused_by AS story, sequence, origin,
    json_object('caused_by', caused_by, 'resolved_at', resolved_at) AS detail
FROM trouble WHERE sequence IS NOT NULL;

INSERT INTO made BY NAME
WITH brought AS (
    SELECT sequence, synthetic, told->>'$.component' AS component, told->>'$.bundle' AS bundle,
        unnest(told->'$.commits[*]') AS one FROM seen WHERE about = 'commits'
)
SELECT 'lead_time' AS kind, concat_ws(':', component, one->>'$.id') AS key, component, true AS together,
    getvariable('production') AS environment, served_at AS stamp,
    seconds_between(moment(one->>'$.at'), served_at) AS value, story, bundle, run, served_by AS sequence,
    origin_of(synthetic, 'observed') AS origin,
    json_object('commit', one->>'$.id', 'committed_at', one->>'$.at', 'observed_by', brought.sequence)
        AS detail
FROM brought JOIN changed USING (component, bundle) WHERE served_at IS NOT NULL
-- The first deployment that carried it.
QUALIFY row_number() OVER (PARTITION BY component, one->>'$.id'
    ORDER BY served_at, served_by, brought.sequence) = 1;

INSERT INTO made BY NAME
WITH told_of AS (
    SELECT sequence, synthetic, told->>'$.component' AS component, unnest(told->'$.commits[*]') AS one
    FROM seen WHERE about = 'code'
)
SELECT 'commit' AS kind, concat_ws(':', component, one->>'$.id') AS key, component, true AS together,
    moment(one->>'$.at') AS stamp, 1.0 AS value, sequence, origin_of(synthetic, 'observed') AS origin,
    json_object('commit', one->>'$.id') AS detail
FROM told_of
QUALIFY row_number() OVER (PARTITION BY component, one->>'$.id' ORDER BY sequence) = 1;

INSERT INTO made BY NAME
WITH counted AS (
    SELECT sequence, stamp, synthetic, told, told->>'$.component' AS component,
        unnest(json_keys(told->'$.lines')) AS language FROM seen WHERE about = 'code'
)
SELECT 'lines' AS kind, concat_ws(':', sequence, language) AS key, component, true AS together, stamp,
    json_extract_string(told, '$.lines."' || language || '"')::DOUBLE AS value, sequence,
    origin_of(synthetic, 'observed') AS origin,
    json_object('part', language, 'commit', told->>'$.commit') AS detail
FROM counted;
"""
