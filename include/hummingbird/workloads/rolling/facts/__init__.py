"""Facts, one topic a file: SQL over the table `event` (ledger_rows.py) that adds rows to the table `made`."""

from __future__ import annotations

MADE = """
CREATE TABLE made (
    kind VARCHAR, key VARCHAR, component VARCHAR, together BOOLEAN, environment VARCHAR, stamp TIMESTAMP,
    value DOUBLE, story VARCHAR, bundle VARCHAR, run VARCHAR, sequence BIGINT, detail JSON, origin VARCHAR
);
CREATE MACRO origin_of(synthetic, otherwise) AS CASE WHEN synthetic THEN 'synthetic' ELSE otherwise END;
CREATE MACRO seconds_between(earlier, later) AS (epoch_us(later) - epoch_us(earlier)) / 1000000.0;
CREATE MACRO moment(text) AS try_cast(text AS TIMESTAMPTZ) AT TIME ZONE 'UTC';
"""
