"""Tables of the ledger: the chain of events, and the notary's working tables beside it."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)

SCHEMA = "ledger"

metadata = MetaData(
    schema=SCHEMA,
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    },
)

event = Table(
    "event",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("story", Text),
    Column("bundle", Text),
    Column("component", Text),
    Column("environment", Text),
    Column("cluster", Text),
    Column("run", Text),
    Column("actor", Text, nullable=False),
    # Text and not jsonb: jsonb rewrites numbers, and the hash is over these very bytes.
    Column("envelope", Text, nullable=False),
    # Unique, so that the chain cannot fork.
    Column("previous_hash", Text, nullable=False, unique=True),
    Column("hash", Text, nullable=False, unique=True),
    CheckConstraint("sequence > 0", name="sequence_positive"),
    CheckConstraint(
        "hash = encode(sha256(convert_to(previous_hash || envelope, 'UTF8')), 'hex')", name="hash_holds"
    ),
    Index(None, "story"),
    Index(None, "bundle", "kind"),
    Index(None, "run"),
    Index(None, "kind", "component", "subject"),
    Index(None, "kind", "environment", "cluster"),
    Index(None, "subject"),
    Index(
        "ix_event_asked",
        "sequence",
        postgresql_where=text("kind = 'dev.cdeventsx.hummingbird-approval.created.0.1.0'"),
    ),
)

# The two below are filled by a trigger on `event`: they repeat what is there and are no evidence.
story = Table(
    "story",
    metadata,
    Column("key", Text, primary_key=True),
    # As an admission last read them from the tracker.
    Column("title", Text),
    Column("url", Text),
    Column("first_sequence", BigInteger, nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Index(None, "last_sequence"),
)

travel = Table(
    "travel",
    metadata,
    Column("bundle", Text, primary_key=True),
    Column("story", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Index(None, "story"),
)

job = Table(
    "job",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("result", Text),
    Column("posted_at", DateTime(timezone=True)),
)

ticket = Table(
    "ticket",
    metadata,
    Column("job", Text, ForeignKey(job.c.id), primary_key=True),
    Column("token_sha256", Text, nullable=False, unique=True),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)

warrant_use = Table(
    "warrant_use",
    metadata,
    Column("warrant", Text, primary_key=True),
    Column("cluster", Text, primary_key=True),
    Column("environment", Text, nullable=False),
    Column("bundle", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("job", Text, ForeignKey(job.c.id), nullable=False),
    Column("granted_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("outcome", Text),
    # One unfinished deployment at a time in each cluster of an environment.
    Index(
        "uq_warrant_use_unfinished",
        "environment",
        "cluster",
        unique=True,
        postgresql_where=text("finished_at IS NULL"),
    ),
    Index(None, "run", "bundle", "environment", "cluster"),
)

night = Table(
    "night",
    metadata,
    Column("run", Text, primary_key=True),
    Column("environment", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    Index(None, "environment", "closed_at"),
)

night_case = Table(
    "night_case",
    metadata,
    Column("run", Text, ForeignKey(night.c.run), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("component", Text, nullable=False),
    Column("suite", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("expected_seconds", Double, nullable=False),
    Column("expected_from", Text, nullable=False),
    # Who has it: a job by the token it had then, so that a replaced ticket gives it back.
    Column("job", Text, ForeignKey(job.c.id)),
    Column("token_sha256", Text),
    Column("taken_at", DateTime(timezone=True)),
    Column("lease_until", DateTime(timezone=True)),
    Column("losses", Text, nullable=False, server_default=text("'[]'")),
    Column("done_at", DateTime(timezone=True)),
    Column("outcome", Text),
    Column("seconds", Double),
    Column("result", Text),
    Index("uq_night_case_name", "run", "component", "suite", "name", unique=True),
    Index(
        "ix_night_case_waiting",
        "run",
        text("expected_seconds DESC"),
        "number",
        postgresql_where=text("done_at IS NULL AND token_sha256 IS NULL"),
    ),
    Index(
        "ix_night_case_taken",
        "run",
        postgresql_where=text("done_at IS NULL AND token_sha256 IS NOT NULL"),
    ),
    Index(None, "component", "suite", "name", "done_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    # What shall be there in the end; asking for it twice is asking once.
    Column("dag_id", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("conf", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("event_key", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("done_at", DateTime(timezone=True)),
    Column("outcome", Text),
    Index("uq_outbox_run", "dag_id", "run_id", unique=True),
    Index("ix_outbox_due", "next_at", postgresql_where=text("done_at IS NULL")),
)

errand = Table(
    "errand",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("document", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_at", DateTime(timezone=True), nullable=False),
    Column("done_at", DateTime(timezone=True)),
    Column("outcome", Text),
    Index("ix_errand_due", "next_at", postgresql_where=text("done_at IS NULL")),
)
