"""The queue of webhook deliveries: kept before anything is sent, one entry for each hook that asked."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Any

from sandbox.gitlab.moment import now
from sandbox.gitlab.site import Site
from sandbox.gitlab.store import Document, DuplicateError

TRIGGERS = {
    "push_events": "Push Hook",
    "tag_push_events": "Tag Push Hook",
    "merge_requests_events": "Merge Request Hook",
    "pipeline_events": "Pipeline Hook",
    "note_events": "Note Hook",
}
"""A hook's switch and the `X-Gitlab-Event` it lets through."""


def enqueue(site: Site, project: Document, trigger: str, payload: Document, *, once: str = "") -> None:
    """Owe the payload to every hook with this switch on; `once` names what must not be owed twice."""
    event = str(uuid.uuid4())
    with site.store.transaction():
        for hook in site.store.list("hook", project=project["id"]):
            if hook[trigger] and _branch_wanted(hook, trigger, payload):
                _owe(site, project, hook, trigger, payload, event, f"{once}@{hook['id']}" if once else None)
    site.deliveries_due.set()


def _branch_wanted(hook: Document, trigger: str, payload: dict[str, Any]) -> bool:
    wanted = hook["push_events_branch_filter"]
    return trigger != "push_events" or not wanted or payload["ref"] == f"refs/heads/{wanted}"


def _owe(
    site: Site,
    project: Document,
    hook: Document,
    trigger: str,
    payload: Document,
    event: str,
    key: str | None,
) -> None:
    delivery = {
        "hook": hook["id"],
        "once": key,
        "project_id": project["id"],
        "trigger": trigger,
        "url": hook["url"],
        "headers": {
            "Content-Type": "application/json",
            "User-Agent": "GitLab/17.11.0",
            "Idempotency-Key": str(uuid.uuid4()),
            "X-Gitlab-Event": TRIGGERS[trigger],
            "X-Gitlab-Event-UUID": event,
            "X-Gitlab-Webhook-UUID": hook["uuid"],
            "X-Gitlab-Instance": site.url,
            **({"X-Gitlab-Token": hook["token"]} if hook["token"] else {}),
        },
        "payload": payload,
        "state": "pending",
        "attempts": 0,
        "due": 0.0,
        "answer": "",
        "created_at": now(),
    }
    # A spool file can outlive a kill between queueing and its removal: neither owe nor send it again.
    if key and site.store.find("finished_delivery", key, project=project["id"]):
        return
    with suppress(DuplicateError):
        site.store.add("delivery", delivery, project=project["id"], key=key)
