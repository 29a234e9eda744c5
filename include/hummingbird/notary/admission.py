"""What the ledger knows of runs and stories: the frozen plans."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from hummingbird.core.bundle import Bundle
from hummingbird.core.errors import Invalid
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.plan import Plan
from hummingbird.core.story import Story
from hummingbird.ledger.views import events


def check_admission(event: DeliveryEvent) -> Plan:
    """The plan in an admission; Invalid when it is another run's or another story's."""
    plan = Plan.model_validate(event.data.get("plan"))
    if event.run != f"{plan.dag_id}/{plan.run_id}":
        raise Invalid(f"event.run: {event.run} is not the plan's {plan.dag_id}/{plan.run_id}")
    if event.story != plan.story.key:
        raise Invalid(f"event.story: {event.story} is not the plan's {plan.story.key}")
    return plan


class Admission(NamedTuple):
    """A run's frozen plan, and its place in the ledger."""

    plan: Plan
    sequence: int


def admission_of(connection: Connection, run: str) -> Admission | None:
    """How a run was admitted; the first time counts, None for a run that was not."""
    found = events(connection, kinds=[EventKind.RUN_ADMITTED], run=run, limit=1)
    if not found:
        return None
    return Admission(Plan.model_validate(found[0].event.data["plan"]), found[0].sequence)


def plan_of(connection: Connection, run: str) -> Plan | None:
    """The plan a run was admitted with, None for a run that was not admitted."""
    found = admission_of(connection, run)
    return found.plan if found else None


def stories_of(connection: Connection, bundle: Bundle) -> list[Story]:
    """The bundle's stories as an admission last read them from the tracker; unknown ones are absent."""
    known: dict[str, Story] = {}
    for key in bundle.stories:
        for recorded in events(connection, kinds=[EventKind.RUN_ADMITTED], story=key):
            plan = Plan.model_validate(recorded.event.data["plan"])
            for story in (plan.story, *plan.travelling):
                known[story.key] = story
    return [known[key] for key in bundle.stories if key in known]
