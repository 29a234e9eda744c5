"""Scans: how long the work took, and apart from it how long it waited since its run was admitted."""

from __future__ import annotations

from hummingbird.core.event import EventKind

SQL = f"""
CREATE TABLE scanned AS
SELECT sequence, event.stamp, component, story, event.run, origin_of(synthetic, 'ledger') AS origin,
    try_cast(told[1] AS DOUBLE) AS seconds, told[2] AS mode, admitted.stamp AS admitted_at
FROM event LEFT JOIN admitted ON admitted.run = event.run
WHERE kind = '{EventKind.SCAN_FINISHED.value}';

INSERT INTO made BY NAME
SELECT CASE mode WHEN 'full' THEN 'scan_full' ELSE 'scan_incremental' END AS kind,
    sequence::VARCHAR AS key, component, true AS together, stamp, seconds AS value, story, run, sequence,
    origin, '{{}}' AS detail
FROM scanned;

INSERT INTO made BY NAME
SELECT 'scan_queue' AS kind, sequence::VARCHAR AS key, component, true AS together, stamp,
    -- The pod's clock and the database's may differ by a little.
    greatest(seconds_between(admitted_at, stamp) - seconds, 0) AS value,
    story, run, sequence, origin, json_object('mode', mode) AS detail
FROM scanned WHERE admitted_at IS NOT NULL;
"""
