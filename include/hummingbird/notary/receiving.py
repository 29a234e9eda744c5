"""Receiving a webhook: recorded once, and what it shall start is in the outbox of the same transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.component import Component
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.story import StoryKey
from hummingbird.ledger.append import append
from hummingbird.notary.hook_flow import flow_sentence, scan_of
from hummingbird.notary.outbox import enqueue
from hummingbird.notary.push import Hook, read_hook, story_of


def receive(
    connection: Connection, catalogue: Catalogue, delivery: str, payload: dict[str, Any]
) -> dict[str, Any]:
    """What the delivery led to: `ignored` with a reason, or `recorded` and the run it asks for."""
    hook = read_hook(payload)
    if hook is None:
        return {"ignored": f"{ascii(payload.get('object_kind'))[:60]} events start nothing"}
    component = catalogue.component_of_project(hook.project)
    if component is None:
        return {"ignored": f"project {ascii(hook.project)[:120]} is not in the catalogue"}
    story = story_of(hook, component.jira_project)
    recorded = append(connection, _event(hook, component, story, f"gitlab:{delivery}"))
    answer: dict[str, Any] = {"recorded": recorded.recorded.sequence, "repeated": not recorded.created}
    start = scan_of(connection, hook, component, story)
    if start is None:
        return {**answer, "why": flow_sentence(hook)}
    # Also on a repeated delivery: enqueueing is once for a run, whatever asks for it.
    enqueue(connection, start, recorded.recorded.event.key)
    return {**answer, "run": f"{start.dag_id}/{start.run_id}"}


def _event(hook: Hook, component: Component, story: StoryKey | None, key: str) -> DeliveryEvent:
    return DeliveryEvent(
        kind=EventKind.WEBHOOK_RECEIVED,
        key=key,
        subject=hook.subject,
        story=story,
        component=component.name,
        actor="gitlab",
        data={"project": hook.project, "flow": flow_sentence(hook), **hook.data},
    )
