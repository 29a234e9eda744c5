"""Broken glass as the ledger has it: what a run asks, what was used, what is reviewed, what is owed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from hummingbird.core.bundle import Bundle
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.emergency import Glass, Review, Use, Witnessed
from hummingbird.core.environment import Environment
from hummingbird.core.errors import NotFound
from hummingbird.core.event import EventKind
from hummingbird.core.plan import Plan
from hummingbird.ledger.append import database_now
from hummingbird.ledger.views import by_key, events, newest


def glass_of(
    connection: Connection,
    catalogue: Catalogue,
    plan: Plan | None,
    bundle: Bundle,
    stage: Environment,
    run: str,
) -> Glass | None:
    """What is known of a run that wants to break the glass; None for one that does not."""
    if plan is None or plan.emergency is None:
        return None
    return Glass(
        emergency=plan.emergency,
        path=plan.dag_id,
        rule=stage.emergency,
        incident_type=catalogue.metrics.incident_type,
        witnessed=witnessed_of(connection, run),
        overdue=overdue_uses(connection, {c.name for c in bundle.components}, database_now(connection)),
    )


def unusable_rules(catalogue: Catalogue, *, tracker: bool) -> list[str]:
    """A sentence for every environment whose emergency rule nobody can use, with the mend."""
    if tracker:
        return []
    return [
        f"environment {stage.name} has an emergency rule, and nobody can break the glass: the notary cannot "
        "read incidents; set up `tracker` in the file that HB_NOTICES_FILE names"
        for stage in catalogue.environments.values()
        if stage.emergency is not None
    ]


def witnessed_of(connection: Connection, run: str) -> Witnessed | None:
    """What was read back about a run last."""
    recorded = newest(connection, EventKind.EMERGENCY_WITNESSED, run=run)
    return Witnessed.model_validate(recorded.event.data["witnessed"]) if recorded else None


def use_of(connection: Connection, identity: str) -> Use:
    """A glass that was broken; NotFound when none has that name."""
    recorded = by_key(connection, f"emergency:{identity}")
    if recorded is None:
        raise NotFound(f"no glass was broken for request {identity[:64]}")
    return Use.model_validate(recorded.event.data["use"])


def review_of(connection: Connection, use: Use) -> Review | None:
    """Its review, None while there is none."""
    recorded = by_key(connection, use.review_key)
    return Review.model_validate(recorded.event.data["review"]) if recorded else None


def overdue_uses(connection: Connection, components: set[str], now: datetime) -> list[Use]:
    """Uses that brought any of these components and whose review should have been done, oldest first."""
    known = [
        Use.model_validate(recorded.event.data["use"])
        for recorded in events(connection, kinds=[EventKind.EMERGENCY_USED])
    ]
    late = [use for use in known if use.review_due_at <= now and components & set(use.components)]
    return [use for use in late if review_of(connection, use) is None]
