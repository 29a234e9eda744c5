"""What a bundle is made of: its components and, for each, the stories that travel and the branch."""

from __future__ import annotations

from hummingbird.core.event import EventKind

_SEALED, _ADMITTED = EventKind.BUNDLE_SEALED.value, EventKind.RUN_ADMITTED.value

SQL = f"""
CREATE TABLE part AS
WITH sealed AS (
    SELECT bundle, story AS asked, run, unnest(names) AS component,
        unnest(beside_names)::JSON::VARCHAR[] AS stories, generate_subscripts(names, 1) AS place
    FROM event WHERE kind = '{_SEALED}'
), planned AS (
    SELECT run, unnest(names) AS component, unnest(beside_names) AS branch
    FROM event WHERE kind = '{_ADMITTED}' AND names IS NOT NULL
)
SELECT bundle, component, list_distinct(list_append(stories, asked)) AS stories, place = 1 AS first,
    -- The run that sealed the bundle says which branch its commit came from.
    coalesce(bool_or(starts_with(branch, 'hotfix/')), false) AS hotfix
FROM sealed LEFT JOIN planned USING (run, component)
GROUP BY ALL;

CREATE TABLE admitted AS
SELECT run, min(stamp) AS stamp FROM event WHERE kind = '{_ADMITTED}' GROUP BY run;

CREATE TABLE ended AS
SELECT sequence, stamp, kind, bundle, environment, story, run, synthetic, told[3] AS outcome,
    moment(told[4]) AS started_at,
    moment(told[5]) AS finished_at,
    CASE WHEN starts_with(run, 'rollback/') THEN 'rollback' ELSE 'deploy' END AS operation
FROM event
WHERE kind IN ('{EventKind.DEPLOYMENT_FINISHED.value}', '{EventKind.DEPLOYMENT_ROLLED_BACK.value}',
        '{EventKind.DEPLOYMENT_FAILED.value}')
    -- What was refused in the pod touched nothing.
    AND told[3] IS DISTINCT FROM 'refused';
"""
