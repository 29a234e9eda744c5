"""Tables of the metrics: facts out of the ledger, figures made of them, and what was published when."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    Identity,
    Index,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from hummingbird.ledger.schema import metadata

SCHEMA = "metrics"

fact = Table(
    "fact",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    # What it was made of, such as `cycle:<bundle>:test:deploy:<component>`: the same again is the same fact.
    Column("key", Text, nullable=False),
    Column("component", Text),
    # Of a thing that several components share one row alone counts in all together.
    Column("together", Boolean, nullable=False),
    Column("environment", Text),
    Column("at", DateTime(timezone=True), nullable=False),
    # In Asia/Shanghai.
    Column("day", Date, nullable=False),
    Column("value", Double),
    Column("story", Text),
    Column("bundle", Text),
    Column("run", Text),
    # The row of the ledger that it comes from.
    Column("sequence", BigInteger),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("origin", Text, nullable=False),
    CheckConstraint("origin IN ('ledger', 'observed', 'imported', 'synthetic')", name="origin_known"),
    Index("uq_fact_kind_key", "kind", "key", unique=True),
    Index("ix_fact_kind_day", "kind", "day"),
    schema=SCHEMA,
)

publication = Table(
    "publication",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("mode", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("why", Text, nullable=False, server_default=text("''")),
    Column("height", BigInteger, nullable=False),
    Column("head", Text, nullable=False),
    Column("first_day", Date),
    Column("last_day", Date),
    Column("synthetic", Boolean, nullable=False, server_default=text("false")),
    # What the figures were made by: the definitions, rates and names of the catalogue.
    Column("rules", Text, nullable=False, server_default=text("''")),
    Column("run", Text, nullable=False),
    Column("seconds", Double, nullable=False),
    CheckConstraint("mode IN ('incremental', 'full')", name="mode_known"),
    CheckConstraint("state IN ('published', 'withheld')", name="state_known"),
    CheckConstraint("(state = 'published') = (why = '')", name="withheld_says_why"),
    schema=SCHEMA,
)

figure = Table(
    "figure",
    metadata,
    Column("metric", Text, primary_key=True),
    # '' is all together.
    Column("component", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("starts", Date, primary_key=True),
    Column("value", Double),
    Column("p50", Double),
    Column("p85", Double),
    Column("n", BigInteger, nullable=False),
    Column("numerator", Double),
    Column("denominator", Double),
    # The publication that last made it anew.
    Column("publication", BigInteger, nullable=False),
    CheckConstraint("period IN ('day', 'week', 'month', 'quarter')", name="period_known"),
    schema=SCHEMA,
)
