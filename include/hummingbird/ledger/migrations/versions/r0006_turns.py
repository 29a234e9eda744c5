"""Whose turn it is in an environment: a working table of the notary."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"

_TURN = """
CREATE TABLE ledger.turn (
    id BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_turn PRIMARY KEY,
    environment TEXT NOT NULL,
    run TEXT NOT NULL,
    story TEXT NOT NULL,
    bundle TEXT NOT NULL,
    operation TEXT NOT NULL,
    components TEXT NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    held_at TIMESTAMP WITH TIME ZONE,
    rolled_out_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    ended_by TEXT
);
CREATE UNIQUE INDEX uq_turn_open ON ledger.turn (environment, run) WHERE ended_at IS NULL;
"""


def upgrade() -> None:
    """Create the table of turns; runs that hold a warrant now take theirs when they ask again."""
    op.execute(_TURN)
