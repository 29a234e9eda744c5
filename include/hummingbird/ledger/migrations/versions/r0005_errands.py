"""Errands: what the notary shall do at a time, such as telling somebody, once."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"

_ERRAND = """
CREATE TABLE ledger.errand (
    id BIGINT GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_errand PRIMARY KEY,
    key TEXT NOT NULL CONSTRAINT uq_errand_key UNIQUE,
    document TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT clock_timestamp(),
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at TIMESTAMP WITH TIME ZONE NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    outcome TEXT
);
CREATE INDEX ix_errand_due ON ledger.errand (next_at) WHERE done_at IS NULL;
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(_ERRAND)


def downgrade() -> None:
    """Drop it: nobody is told or reminded any more, nothing that was decided is lost."""
    op.execute("DROP TABLE ledger.errand")
