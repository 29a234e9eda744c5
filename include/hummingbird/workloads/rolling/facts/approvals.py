"""Approvals: from the question to the decision; one that expired or became void was not decided."""

from __future__ import annotations

from hummingbird.core.event import EventKind

SQL = f"""
INSERT INTO made BY NAME
WITH asked AS (
    SELECT subject, min(stamp) AS stamp FROM event
    WHERE kind = '{EventKind.APPROVAL_ASKED.value}' GROUP BY subject
)
SELECT 'approval_wait' AS kind, concat_ws(':', subject, part.component) AS key, part.component,
    coalesce(first, true) AS together, environment, event.stamp,
    seconds_between(asked.stamp, event.stamp) AS value, story, event.bundle, run,
    sequence, json_object('state', told[7]) AS detail,
    origin_of(synthetic, 'ledger') AS origin
FROM event JOIN asked USING (subject) LEFT JOIN part ON part.bundle = event.bundle
WHERE kind = '{EventKind.APPROVAL_CLOSED.value}' AND told[7] IN ('approved', 'rejected');
"""
