"""Facts, figures and publications of the metrics."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

_FACT = """
CREATE TABLE metrics.fact (
    id BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_fact PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    component TEXT,
    together BOOLEAN NOT NULL,
    environment TEXT,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    day DATE NOT NULL,
    value DOUBLE PRECISION,
    story TEXT, bundle TEXT, run TEXT,
    sequence BIGINT,
    detail JSONB NOT NULL DEFAULT '{}'::jsonb,
    origin TEXT NOT NULL,
    CONSTRAINT ck_fact_origin_known CHECK (origin IN ('ledger', 'observed', 'imported', 'synthetic'))
);
CREATE UNIQUE INDEX uq_fact_kind_key ON metrics.fact (kind, key);
CREATE INDEX ix_fact_kind_day ON metrics.fact (kind, day);
"""

_PUBLICATION = """
CREATE TABLE metrics.publication (
    id BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_publication PRIMARY KEY,
    at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT clock_timestamp(),
    mode TEXT NOT NULL CONSTRAINT ck_publication_mode_known CHECK (mode IN ('incremental', 'full')),
    state TEXT NOT NULL CONSTRAINT ck_publication_state_known CHECK (state IN ('published', 'withheld')),
    why TEXT NOT NULL DEFAULT '',
    height BIGINT NOT NULL,
    head TEXT NOT NULL,
    first_day DATE,
    last_day DATE,
    synthetic BOOLEAN NOT NULL DEFAULT false,
    rules TEXT NOT NULL DEFAULT '',
    run TEXT NOT NULL,
    seconds DOUBLE PRECISION NOT NULL,
    CONSTRAINT ck_publication_withheld_says_why CHECK ((state = 'published') = (why = ''))
);
"""

_FIGURE = """
CREATE TABLE metrics.figure (
    metric TEXT NOT NULL,
    component TEXT NOT NULL,
    period TEXT NOT NULL CONSTRAINT ck_figure_period_known
        CHECK (period IN ('day', 'week', 'month', 'quarter')),
    starts DATE NOT NULL,
    value DOUBLE PRECISION,
    p50 DOUBLE PRECISION,
    p85 DOUBLE PRECISION,
    n BIGINT NOT NULL,
    numerator DOUBLE PRECISION,
    denominator DOUBLE PRECISION,
    publication BIGINT NOT NULL,
    CONSTRAINT pk_figure PRIMARY KEY (metric, component, period, starts)
);
"""


def upgrade() -> None:
    """Create everything; the schema is made with the roles."""
    for script in (_FACT, _PUBLICATION, _FIGURE):
        op.execute(script)
