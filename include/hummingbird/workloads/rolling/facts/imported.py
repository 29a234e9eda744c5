"""A firm's own past: a row of its file becomes the fact that it says."""

from __future__ import annotations

from hummingbird.core.event import EventKind

SQL = f"""
INSERT INTO made BY NAME
SELECT data->>'$.fact' AS kind, 'imported:' || sequence AS key, component, true AS together, environment,
    moment(data->>'$.at') AS stamp, try_cast(data->>'$.value' AS DOUBLE) AS value, story, bundle, run,
    sequence, coalesce(data->'$.detail', '{{}}') AS detail, origin_of(synthetic, 'imported') AS origin
FROM event WHERE kind = '{EventKind.HISTORY_IMPORTED.value}';
"""
