"""The chain of events, what protects it, and the notary's working tables."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None

_EVENT = """
CREATE TABLE ledger.event (
    sequence BIGINT NOT NULL CONSTRAINT pk_event PRIMARY KEY,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    key TEXT NOT NULL CONSTRAINT uq_event_key UNIQUE,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    story TEXT, bundle TEXT, component TEXT, environment TEXT, cluster TEXT, run TEXT,
    actor TEXT NOT NULL,
    envelope TEXT NOT NULL,
    previous_hash TEXT NOT NULL CONSTRAINT uq_event_previous_hash UNIQUE,
    hash TEXT NOT NULL CONSTRAINT uq_event_hash UNIQUE,
    CONSTRAINT ck_event_sequence_positive CHECK (sequence > 0),
    CONSTRAINT ck_event_hash_holds
        CHECK (hash = encode(sha256(convert_to(previous_hash || envelope, 'UTF8')), 'hex'))
);
CREATE INDEX ix_event_story ON ledger.event (story);
CREATE INDEX ix_event_bundle_kind ON ledger.event (bundle, kind);
CREATE INDEX ix_event_run ON ledger.event (run);
CREATE INDEX ix_event_kind_component_subject ON ledger.event (kind, component, subject);
CREATE INDEX ix_event_kind_environment_cluster ON ledger.event (kind, environment, cluster);
CREATE INDEX ix_event_subject ON ledger.event (subject);
"""

# ENABLE ALWAYS: the triggers also fire for a session that calls itself a replica.
_APPEND_ONLY = """
CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER event_is_never_changed BEFORE UPDATE OR DELETE ON ledger.event
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER event_is_never_emptied BEFORE TRUNCATE ON ledger.event
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.event ENABLE ALWAYS TRIGGER event_is_never_changed;
ALTER TABLE ledger.event ENABLE ALWAYS TRIGGER event_is_never_emptied;
"""

_WORKING = """
CREATE TABLE ledger.job (
    id TEXT NOT NULL CONSTRAINT pk_job PRIMARY KEY,
    kind TEXT NOT NULL,
    run TEXT NOT NULL,
    task TEXT NOT NULL,
    document TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT clock_timestamp(),
    result TEXT,
    posted_at TIMESTAMP WITH TIME ZONE
);
CREATE TABLE ledger.ticket (
    job TEXT NOT NULL CONSTRAINT pk_ticket PRIMARY KEY CONSTRAINT fk_ticket_job REFERENCES ledger.job (id),
    token_sha256 TEXT NOT NULL CONSTRAINT uq_ticket_token_sha256 UNIQUE,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL
);
CREATE TABLE ledger.warrant_use (
    warrant TEXT NOT NULL,
    cluster TEXT NOT NULL,
    environment TEXT NOT NULL,
    bundle TEXT NOT NULL,
    run TEXT NOT NULL,
    job TEXT NOT NULL CONSTRAINT fk_warrant_use_job REFERENCES ledger.job (id),
    granted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    outcome TEXT,
    CONSTRAINT pk_warrant_use PRIMARY KEY (warrant, cluster)
);
CREATE UNIQUE INDEX uq_warrant_use_unfinished ON ledger.warrant_use (environment, cluster)
    WHERE finished_at IS NULL;
CREATE INDEX ix_warrant_use_run_bundle_environment_cluster
    ON ledger.warrant_use (run, bundle, environment, cluster);
CREATE TABLE ledger.outbox (
    id BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_outbox PRIMARY KEY,
    dag_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    conf TEXT NOT NULL,
    note TEXT NOT NULL,
    event_key TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT clock_timestamp(),
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT clock_timestamp(),
    done_at TIMESTAMP WITH TIME ZONE,
    outcome TEXT
);
CREATE UNIQUE INDEX uq_outbox_run ON ledger.outbox (dag_id, run_id);
CREATE INDEX ix_outbox_due ON ledger.outbox (next_at) WHERE done_at IS NULL;
"""


def upgrade() -> None:
    """Create everything."""
    for script in (_EVENT, _APPEND_ONLY, _WORKING):
        op.execute(script)
