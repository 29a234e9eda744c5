"""SQL of figures_by_hand.py: the ledger's rows, facts of them, figures of those."""

from __future__ import annotations

ROWS = """
CREATE TABLE r AS
SELECT sequence, t::TIMESTAMP AS t, split_part(kind, '.', -4) AS kind, subject, story, bundle, component,
    environment, run, json_extract(envelope, '$.customData.event.data') AS data
FROM read_csv('{path}', auto_detect = false, header = false, quote = '"', escape = '"', nullstr = '\\N',
    max_line_size = 33554432, columns = {{'sequence': 'BIGINT', 't': 'TIMESTAMPTZ', 'kind': 'VARCHAR',
    'subject': 'VARCHAR', 'story': 'VARCHAR', 'bundle': 'VARCHAR', 'component': 'VARCHAR',
    'environment': 'VARCHAR', 'run': 'VARCHAR', 'envelope': 'VARCHAR'}});
"""

FACTS = """
CREATE MACRO us(later, earlier) AS (epoch_us(later) - epoch_us(earlier)) / 1e6;
CREATE MACRO utc(told) AS (told::TIMESTAMPTZ)::TIMESTAMP;
CREATE TABLE fact (kind VARCHAR, component VARCHAR, together BOOLEAN, t TIMESTAMP, value DOUBLE,
    part VARCHAR, sequence BIGINT);

CREATE TABLE door AS
SELECT run, min(t) AS t, any_value(data->'$.plan.components') AS components FROM r
WHERE run IS NOT NULL AND (data->'$.plan.dag_id') IS NOT NULL GROUP BY run;

CREATE TABLE carried AS
WITH each AS (
    SELECT bundle, run, (data->>'$.bundle.story') AS lead, unnest(data->'$.bundle.components[*]') AS one,
        generate_subscripts(data->'$.bundle.components[*]', 1) AS place
    FROM r WHERE (data->'$.bundle') IS NOT NULL
), planned AS (
    SELECT run, (p->>'$.name') AS name, (p->>'$.branch') AS branch
    FROM (SELECT run, unnest(components->'$[*]') AS p FROM door SEMI JOIN each USING (run))
)
SELECT bundle, (one->>'$.name') AS component, place = 1 AS first,
    list_append((one->'$.stories')::VARCHAR[], lead) AS stories, coalesce(branch LIKE 'hotfix/%',
        false) AS hotfix
FROM each LEFT JOIN planned ON planned.run = each.run AND planned.name = (one->>'$.name');

CREATE TABLE ended AS
SELECT sequence, t, bundle, environment, starts_with(run, 'rollback/') AS back,
    (data->>'$.report.outcome') AS outcome, utc(data->>'$.report.started_at') AS since,
    utc(data->>'$.report.finished_at') AS until
FROM r WHERE kind IN ('deployed', 'rolledback', 'failed') AND environment IS NOT NULL;
DELETE FROM ended WHERE outcome = 'refused';

INSERT INTO fact SELECT 'cycle', component, coalesce(first, true), t, 1, NULL, NULL
FROM (SELECT bundle, min(t) AS t FROM ended GROUP BY bundle, environment, back) LEFT
    JOIN carried USING (bundle);

CREATE TABLE scanned AS
SELECT component, t, run, (data->>'$.report.seconds')::DOUBLE AS seconds, (data->>'$.report.mode') AS mode
FROM r WHERE (data->'$.report.scanners') IS NOT NULL;
INSERT INTO fact SELECT if(mode = 'full', 'scan_time', 'scan_time_incremental'), component, true, t,
    seconds,
    NULL, NULL FROM scanned;
INSERT INTO fact SELECT 'scan_queue', component, true, scanned.t,
    greatest(0, us(scanned.t, door.t) - seconds), NULL, NULL FROM scanned JOIN door USING (run);

INSERT INTO fact SELECT 'approval_wait', component, coalesce(first, true), closed.t, us(closed.t, asked.t),
    NULL, NULL
FROM (SELECT subject, bundle, t FROM r WHERE (data->>'$.state') IN ('approved', 'rejected')) AS closed
JOIN (SELECT subject, min(t) AS t FROM r WHERE (data->'$.request') IS NOT NULL GROUP BY subject) AS asked
    USING (subject) LEFT JOIN carried USING (bundle);

CREATE TABLE said AS SELECT sequence, t, subject, (data->'$.observation') AS o FROM r
WHERE (data->'$.observation') IS NOT NULL;

CREATE TABLE trouble AS SELECT (o->>'$.component') AS component, (o->>'$.caused_by') AS story,
    utc(o->>'$.began_at') AS t, utc(o->>'$.resolved_at') AS mended
FROM said WHERE (o->>'$.about') = 'incident'
    QUALIFY row_number() OVER (PARTITION BY subject ORDER BY sequence DESC) = 1;
INSERT INTO fact SELECT 'incident', component, true, t, 1, NULL, NULL FROM trouble;

CREATE TABLE change AS
SELECT carried.*, c.* EXCLUDE (bundle) FROM carried JOIN (
    SELECT bundle, min(t) FILTER (NOT back) AS t, min(sequence) FILTER (NOT back) AS sequence,
        min(t) FILTER (NOT back AND outcome LIKE '%deployed') AS served,
        min(sequence) FILTER (NOT back AND outcome LIKE '%deployed') AS served_by,
        min({'until': until, 'since': since}) FILTER (NOT back AND outcome = 'rolled_back') AS fell,
        min(until) FILTER (NOT back AND outcome = 'failed') AS broke,
        min(t) FILTER (back AND outcome LIKE '%deployed') AS undone
    FROM ended WHERE environment = 'prod' GROUP BY bundle HAVING count(*) FILTER (NOT back) > 0
) AS c USING (bundle);

CREATE TABLE blamed AS
SELECT component, bundle, min(mended) AS mended FROM (
    SELECT later.component, any_value(later.mended) AS mended,
        arg_max(earlier.bundle, (earlier.served, earlier.sequence)) AS bundle
    FROM (SELECT component, bundle AS name, t, served AS mended, NULL AS story FROM change WHERE hotfix
        UNION ALL SELECT component, story || t::VARCHAR, t, mended, story FROM trouble
            WHERE story IS NOT NULL
    ) AS later JOIN change AS earlier ON earlier.component = later.component AND earlier.served < later.t
        AND earlier.bundle <> later.name AND (later.story IS NULL OR list_contains(earlier.stories,
            later.story))
    GROUP BY later.component, later.name
) GROUP BY component, bundle;

CREATE TABLE judged AS
SELECT change.*, coalesce(fell.until, broke, undone) IS NOT NULL OR blamed.bundle IS NOT NULL AS bad,
    least(fell.until, undone, blamed.mended, (SELECT min(o.served) FROM change AS o
        WHERE o.component = change.component AND o.bundle <> change.bundle
            AND o.served > change.broke)) AS over,
    coalesce(fell.since, served, broke) AS since
FROM change LEFT JOIN blamed USING (component, bundle);
INSERT INTO fact SELECT 'change_fail_rate', component, true, t, bad::INT, NULL, NULL FROM judged;
INSERT INTO fact SELECT 'rework_rate', component, true, t, hotfix::INT, NULL, NULL FROM judged;
INSERT INTO fact SELECT 'deployment', component, true, served, 1, NULL, NULL FROM judged
    WHERE served IS NOT NULL;
INSERT INTO fact SELECT 'recovery_time', component, true, over, greatest(0, us(over, since)), NULL, NULL
FROM judged WHERE bad AND over IS NOT NULL;

INSERT INTO fact
SELECT 'lead_time', component, true, served, us(served, utc(c->>'$.at')), NULL, NULL
FROM (SELECT sequence AS told, (o->>'$.component') AS component, (o->>'$.bundle') AS bundle,
    unnest(o->'$.commits[*]') AS c FROM said WHERE (o->>'$.about') = 'commits')
        JOIN change USING (component, bundle)
WHERE served IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY component, (c->>'$.id') ORDER BY served, served_by, told) = 1;

INSERT INTO fact SELECT 'commits', component, true, utc(c->>'$.at'), 1, NULL, NULL
FROM (SELECT sequence, (o->>'$.component') AS component, unnest(o->'$.commits[*]') AS c
    FROM said WHERE (o->>'$.about') = 'code')
QUALIFY row_number() OVER (PARTITION BY component, (c->>'$.id') ORDER BY sequence) = 1;
INSERT INTO fact SELECT 'lines_of_code', (o->>'$.component'), true, t, (o->'$.lines'->>language)::DOUBLE,
    language,
    sequence FROM (SELECT *, unnest(json_keys(o->'$.lines')) AS language FROM said
        WHERE (o->>'$.about') = 'code');

CREATE TABLE story AS
WITH closed AS (
    SELECT story, min(t) AS t, arg_min(bundle, sequence) AS bundle FROM r WHERE kind = 'closed'
        AND story IS NOT NULL AND (data->>'$.state') IS NULL GROUP BY story
), known AS (
    SELECT subject AS story, o FROM said WHERE (o->>'$.about') = 'story'
    QUALIFY row_number() OVER (PARTITION BY subject ORDER BY sequence DESC) = 1
), computed AS (
    SELECT story, sum(coalesce((data->>'$.report.seconds')::DECIMAL(30, 6),
        (data->>'$.build.pipeline_seconds')::DECIMAL(30, 6)))::DOUBLE AS seconds
    FROM r WHERE kind <> 'signed' AND story IS NOT NULL GROUP BY story
)
SELECT story, t, o, coalesce(seconds, 0) AS seconds, component,
    component IS NULL OR component = min(component) OVER (PARTITION BY story) AS first
FROM closed JOIN known USING (story) LEFT JOIN computed USING (story)
LEFT JOIN (SELECT bundle, component, unnest(list_distinct(stories)) AS story FROM carried) USING (bundle,
    story);
INSERT INTO fact SELECT 'cost', component, first, t, (o->>'$.worked_seconds')::DOUBLE / 3600
    * getvariable('hourly') + seconds / 3600 * getvariable('compute'), NULL, NULL
FROM story WHERE (o->>'$.value')::DOUBLE > 0;
INSERT INTO fact SELECT 'value', component, first, t, (o->>'$.value')::DOUBLE, NULL, NULL FROM story
WHERE (o->>'$.value')::DOUBLE > 0;
INSERT INTO fact SELECT unnest(['automated', 'catalogued']), component, first, t,
    unnest([(o->>'$.automated')::DOUBLE, (o->>'$.cases')::DOUBLE]), NULL, NULL
FROM story WHERE (o->>'$.cases')::DOUBLE > 0;

INSERT INTO fact SELECT unnest(['regression_time', 'regression_queue', 'work', 'capacity', 'passed',
    'cases']),
    NULL, true, utc(data->>'$.finished_at'), unnest([(data->>'$.seconds')::DOUBLE,
        (data->>'$.queued_seconds')::DOUBLE, (data->>'$.case_seconds')::DOUBLE,
        (data->>'$.seconds')::DOUBLE * ((data->>'$.pods')::INT + coalesce((data->>'$.losses')::INT, 0)),
        (data->>'$.night.totals.passed')::DOUBLE, (data->>'$.selected')::DOUBLE]), NULL, NULL
FROM r WHERE (data->'$.case_seconds') IS NOT NULL AND (data->>'$.selected')::DOUBLE > 0;
"""

FIGURES = """
WITH wide AS (
    SELECT * REPLACE ((t + INTERVAL 8 HOUR)::DATE AS t) FROM fact WHERE component IS NOT NULL
    UNION ALL BY NAME SELECT * REPLACE ((t + INTERVAL 8 HOUR)::DATE AS t, '' AS component)
        FROM fact WHERE together
), told AS (
    SELECT *, unnest(['day', 'week', 'month', 'quarter']) AS period, unnest([t, date_trunc('week', t)::DATE,
        date_trunc('month', t)::DATE, date_trunc('quarter', t)::DATE]) AS starts FROM wide
), g AS (
    SELECT kind, component, period, starts, count(*) AS n,
        sum(value::DECIMAL(30, 6))::DOUBLE AS total,
        quantile_cont(value, [0.5, 0.85]) FILTER (kind IN ('lead_time', 'recovery_time', 'scan_time',
            'scan_time_incremental', 'scan_queue', 'regression_time', 'regression_queue',
            'approval_wait')) AS q,
        least(starts + CASE period WHEN 'day' THEN INTERVAL 1 DAY WHEN 'week' THEN INTERVAL 7 DAY
            WHEN 'month' THEN INTERVAL 1 MONTH ELSE INTERVAL 3 MONTH END,
            (getvariable('last')::TIMESTAMP + INTERVAL 32 HOUR)::DATE)::DATE AS ends
    FROM told GROUP BY ALL
), traded AS (
    SELECT g.period, g.starts, count(trading.day) AS days
    FROM (SELECT DISTINCT period, starts, ends FROM g) AS g LEFT JOIN trading
    ON trading.day >= g.starts AND trading.day < g.ends GROUP BY ALL
), over(metric, above, below, scale) AS (VALUES ('automation_coverage', 'automated', 'catalogued', 1),
    ('cost_per_value', 'cost', 'value', 1), ('incident_rate', 'incident', 'deployment', 100),
    ('regression_efficiency', 'work', 'capacity', 1), ('regression_pass_rate', 'passed', 'cases', 1)
), last AS (
    SELECT component, period, starts, part, count(*) AS n,
        arg_max(value, (fact_t, sequence)) AS value
    FROM (SELECT fact.component, fact.part, fact.value, fact.sequence, fact.t AS fact_t,
        unnest(['day', 'week', 'month', 'quarter']) AS period,
        unnest([d, date_trunc('week', d)::DATE, date_trunc('month', d)::DATE, date_trunc('quarter',
            d)::DATE])
            AS starts
        FROM (SELECT *, (t + INTERVAL 8 HOUR)::DATE AS d FROM fact WHERE kind = 'lines_of_code') AS fact)
    GROUP BY ALL
)
SELECT kind AS metric, component, period, starts, q[1] AS value, q[2] AS p85, n FROM g WHERE q IS NOT NULL
UNION ALL SELECT kind, component, period, starts, total / n, NULL, n FROM g
    WHERE kind IN ('change_fail_rate', 'rework_rate')
UNION ALL SELECT 'cycles', component, period, starts, n, NULL, n FROM g WHERE kind = 'cycle'
UNION ALL SELECT 'commits', component, period, starts, n, NULL, n FROM g WHERE kind = 'commits'
UNION ALL SELECT if(kind = 'cycle', 'cycles_per_day', 'deployment_frequency'), component, period, starts,
    n / date_diff('day', starts, ends), NULL, n FROM g WHERE kind IN ('cycle', 'deployment')
UNION ALL SELECT 'cycles_per_trading_day', component, g.period, g.starts, n / nullif(days, 0), NULL, n
    FROM g JOIN traded ON traded.period = g.period AND traded.starts = g.starts WHERE kind = 'cycle'
UNION ALL SELECT metric, component, period, starts,
    scale * coalesce(sum(total) FILTER (kind = above), 0) / nullif(sum(total) FILTER (kind = below), 0),
        NULL,
    coalesce(sum(n) FILTER (kind = above), 0)
    FROM g JOIN over ON kind IN (above, below) GROUP BY metric, component, period, starts, scale
UNION ALL SELECT 'lines_of_code', component, period, starts, sum(value), NULL, sum(n) FROM last
    GROUP BY component, period, starts
UNION ALL SELECT 'lines_of_code', '', period, starts, sum(value), NULL, sum(n) FROM last GROUP BY period,
    starts
"""
