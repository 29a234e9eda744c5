"""Receiving a webhook: recorded once, and what it shall start is in the outbox of the same transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from hummingbird.core.catalogue import Catalogue
from hummingbird.core.component import Component
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.story import StoryKey
from hummingbird.ledger.append import append
from hummingbird.ledger.views import newest
from hummingbird.notary.outbox import Start, enqueue
from hummingbird.notary.push import Hook, base_of, read_hook, scan_branch, scan_run_id, story_of

SCAN_DAG = "scan"


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
    branch = scan_branch(hook)
    story = story_of(hook, component.jira_project) if branch else None
    recorded = append(connection, _event(hook, component, story, f"gitlab:{delivery}"))
    answer: dict[str, Any] = {"recorded": recorded.recorded.sequence, "repeated": not recorded.created}
    if branch is not None:
        start = _scan(connection, hook, component, story, branch)
        # Also on a repeated delivery: enqueueing is once for a run, whatever asks for it.
        enqueue(connection, start, recorded.recorded.event.key)
        answer["run"] = f"{start.dag_id}/{start.run_id}"
    return answer


def _event(hook: Hook, component: Component, story: StoryKey | None, key: str) -> DeliveryEvent:
    return DeliveryEvent(
        kind=EventKind.WEBHOOK_RECEIVED,
        key=key,
        subject=hook.subject,
        story=story,
        component=component.name,
        actor="gitlab",
        data={"project": hook.project, **hook.data},
    )


def _scan(
    connection: Connection, hook: Hook, component: Component, story: StoryKey | None, branch: str
) -> Start:
    return Start(
        dag_id=SCAN_DAG,
        run_id=scan_run_id(hook, story),
        conf={
            "story": story,
            "component": component.name,
            "branch": branch,
            "commit": hook.data["after"],
            "base": base_of(hook),
            "merge_request": _open_merge_request(connection, component, branch),
            "mode": "incremental",
        },
        note=story or branch,
    )


def _open_merge_request(connection: Connection, component: Component, branch: str) -> int | None:
    """The merge request from the branch, when its last webhook said that it is open."""
    last = newest(
        connection, EventKind.WEBHOOK_RECEIVED, component=component.name, subject=f"merge_request:{branch}"
    )
    if last is None or last.event.data.get("state") != "opened":
        return None
    return int(last.event.data["iid"])
