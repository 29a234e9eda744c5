"""The queue of the nightly regression: a night, and its cases with who has them and what became of them."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

_NIGHT = """
CREATE TABLE ledger.night (
    run TEXT NOT NULL CONSTRAINT pk_night PRIMARY KEY,
    environment TEXT NOT NULL,
    plan TEXT NOT NULL,
    rule TEXT NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE
);
CREATE INDEX ix_night_environment_closed_at ON ledger.night (environment, closed_at);
CREATE TABLE ledger.night_case (
    run TEXT NOT NULL CONSTRAINT fk_night_case_run REFERENCES ledger.night (run),
    number INTEGER NOT NULL,
    component TEXT NOT NULL,
    suite TEXT NOT NULL,
    name TEXT NOT NULL,
    expected_seconds DOUBLE PRECISION NOT NULL,
    expected_from TEXT NOT NULL,
    job TEXT CONSTRAINT fk_night_case_job REFERENCES ledger.job (id),
    token_sha256 TEXT,
    taken_at TIMESTAMP WITH TIME ZONE,
    lease_until TIMESTAMP WITH TIME ZONE,
    losses TEXT NOT NULL DEFAULT '[]',
    done_at TIMESTAMP WITH TIME ZONE,
    outcome TEXT,
    seconds DOUBLE PRECISION,
    result TEXT,
    CONSTRAINT pk_night_case PRIMARY KEY (run, number)
);
CREATE UNIQUE INDEX uq_night_case_name ON ledger.night_case (run, component, suite, name);
CREATE INDEX ix_night_case_waiting ON ledger.night_case (run, expected_seconds DESC, number)
    WHERE done_at IS NULL AND token_sha256 IS NULL;
CREATE INDEX ix_night_case_taken ON ledger.night_case (run)
    WHERE done_at IS NULL AND token_sha256 IS NOT NULL;
CREATE INDEX ix_night_case_component_suite_name_done_at
    ON ledger.night_case (component, suite, name, done_at);
"""


def upgrade() -> None:
    """Create both tables."""
    op.execute(_NIGHT)
