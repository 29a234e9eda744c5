"""Production deployments, one for each component of a bundle: did it serve, did it fail, what mended it.

In two steps, so that one day needs no other rows than those of its bundles: `changed` is what a bundle's own
rows say of it; what the component's other deployments and its incidents add is looked for among all of
`changed`, the earlier ones recalled from the facts that were kept (collecting.py). A judgement that was
recalled too, in `held`, and comes out the same makes no facts again.
"""

from __future__ import annotations

OWN = """
CREATE TABLE held (bundle VARCHAR, component VARCHAR, failed BOOLEAN, overcome_at TIMESTAMP);

CREATE TABLE changed AS
WITH told AS (
    SELECT bundle,
        min(sequence) FILTER (operation = 'deploy') AS sequence,
        min(stamp) FILTER (operation = 'deploy') AS stamp,
        arg_min(story, sequence) FILTER (operation = 'deploy') AS story,
        arg_min(run, sequence) FILTER (operation = 'deploy') AS run,
        bool_or(synthetic) AS synthetic,
        min(stamp) FILTER (operation = 'deploy' AND outcome IN ('deployed', 'already_deployed')) AS served_at,
        min(sequence) FILTER (operation = 'deploy' AND outcome IN ('deployed', 'already_deployed'))
            AS served_by,
        min({'until': finished_at, 'since': started_at})
            FILTER (operation = 'deploy' AND outcome = 'rolled_back') AS fell,
        min(finished_at) FILTER (operation = 'deploy' AND outcome = 'failed') AS broke_at,
        min(stamp) FILTER (operation = 'rollback' AND outcome IN ('deployed', 'already_deployed'))
            AS undone_at
    FROM ended WHERE environment = getvariable('production') AND bundle IS NOT NULL GROUP BY bundle
)
SELECT bundle, component, sequence, stamp, story, run, origin_of(synthetic, 'ledger') AS origin,
    served_at, served_by, fell.since AS fell_since, fell.until AS fell_until, broke_at, undone_at,
    hotfix, stories
FROM told JOIN part USING (bundle) WHERE stamp IS NOT NULL;
"""

JUDGED = """
-- Whom a hotfix or an incident is about: the last deployment of the component that served before it.
CREATE TABLE blamed AS
WITH later AS (
    SELECT component, bundle, stamp, served_at AS mended_at, NULL AS story FROM changed WHERE hotfix
    UNION ALL
    SELECT component, incident, stamp, resolved_at, caused_by FROM trouble WHERE caused_by IS NOT NULL
), pairs AS (
    SELECT later.component, any_value(later.mended_at) AS mended_at,
        arg_max(earlier.bundle, (earlier.served_at, earlier.sequence)) AS bundle
    FROM later JOIN changed AS earlier ON earlier.component = later.component
        AND earlier.served_at < later.stamp AND earlier.bundle <> later.bundle
        AND (later.story IS NULL OR list_contains(earlier.stories, later.story))
    GROUP BY later.component, later.bundle
)
SELECT component, bundle, min(mended_at) AS mended_at FROM pairs GROUP BY component, bundle;

-- Where neither version served: the next one that did.
CREATE TABLE replaced AS
SELECT broken.component, broken.bundle, min(later.served_at) AS mended_at
FROM changed AS broken JOIN changed AS later ON later.component = broken.component
    AND later.bundle <> broken.bundle AND later.served_at > broken.broke_at
WHERE broken.broke_at IS NOT NULL GROUP BY ALL;

CREATE TABLE judged AS
WITH told AS (
    SELECT changed.*,
        coalesce(fell_until, broke_at, undone_at) IS NOT NULL OR blamed.bundle IS NOT NULL AS failed,
        coalesce(fell_since, served_at, broke_at) AS since,
        least(fell_until, undone_at, blamed.mended_at, replaced.mended_at) AS overcome_at
    FROM changed LEFT JOIN blamed USING (component, bundle) LEFT JOIN replaced USING (component, bundle)
)
SELECT * FROM told WHERE NOT EXISTS (
    SELECT 1 FROM held WHERE held.bundle = told.bundle AND held.component = told.component
        AND held.failed = told.failed AND held.overcome_at IS NOT DISTINCT FROM told.overcome_at);

INSERT INTO made BY NAME
SELECT 'change' AS kind, concat_ws(':', bundle, component) AS key, component, true AS together,
    getvariable('production') AS environment, stamp, failed::INT::DOUBLE AS value, story, bundle, run,
    sequence, origin, json_object('served_at', served_at, 'served_by', served_by, 'fell_since', fell_since,
        'fell_until', fell_until, 'broke_at', broke_at, 'undone_at', undone_at, 'hotfix', hotfix,
        'stories', stories) AS detail
FROM judged;

INSERT INTO made BY NAME
SELECT 'rework' AS kind, concat_ws(':', bundle, component) AS key, component, true AS together,
    getvariable('production') AS environment, stamp, hotfix::INT::DOUBLE AS value, story, bundle, run,
    sequence, origin, json_object('hotfix', hotfix) AS detail
FROM judged;

INSERT INTO made BY NAME
SELECT 'deployment' AS kind, concat_ws(':', bundle, component) AS key, component, true AS together,
    getvariable('production') AS environment, served_at AS stamp, 1.0 AS value, story, bundle, run,
    served_by AS sequence, origin, json_object('hotfix', hotfix) AS detail
FROM judged WHERE served_at IS NOT NULL;

INSERT INTO made BY NAME
SELECT 'recovery' AS kind, concat_ws(':', bundle, component) AS key, component, true AS together,
    getvariable('production') AS environment, overcome_at AS stamp,
    greatest(seconds_between(since, overcome_at), 0) AS value, story, bundle, run, sequence, origin,
    json_object('failed_at', since) AS detail
FROM judged WHERE failed AND overcome_at IS NOT NULL;
"""
