"""CI/CD cycles: the first time that an operation with a bundle succeeded or failed in an environment."""

from __future__ import annotations

SQL = """
INSERT INTO made BY NAME
WITH firsts AS (
    SELECT * FROM ended WHERE bundle IS NOT NULL AND environment IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY bundle, environment, operation ORDER BY sequence) = 1
)
SELECT 'cycle' AS kind, concat_ws(':', bundle, environment, operation, component) AS key, component,
    coalesce(first, true) AS together, environment, stamp, 1.0 AS value, story, bundle, run, sequence,
    json_object('operation', operation, 'outcome', outcome) AS detail,
    origin_of(synthetic, 'ledger') AS origin
FROM firsts LEFT JOIN part USING (bundle);
"""
