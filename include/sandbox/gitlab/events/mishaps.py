"""Webhooks that get lost, come twice, late or in another order, when a rule says so."""

from __future__ import annotations

import time

from sandbox.faults.answers import label
from sandbox.gitlab.site import Site
from sandbox.gitlab.store import Document

_NEVER_MIND = 86400.0
"""Seconds after which a delivery that waits for the hook's next one goes out without it."""


def mishap(site: Site, delivery: Document) -> str:
    """The kind of fault that strikes a delivery before its first attempt; empty for none."""
    if delivery["attempts"] or delivery.get("aside"):
        return ""
    about = f"{delivery['trigger']} {delivery['url']}"
    for rule in site.faults.strike("gitlab", ("webhook",), "POST", about, delivery["headers"]):
        if rule.kind == "webhook_lost":
            _lose(site, delivery, f"injected fault {label(rule)}")
        elif rule.kind in {"webhook_delayed", "webhook_reordered"}:
            late = float(rule.settings.get("seconds", _NEVER_MIND))
            aside = {"aside": rule.kind, "due": time.time() + late, "answer": f"injected fault {label(rule)}"}
            site.store.put("delivery", {**delivery, **aside})
        return rule.kind
    return ""


def queue_of(delivery: Document) -> tuple[int, ...]:
    """What a delivery waits in: its hook's queue, or alone when it was set aside."""
    return (delivery["hook"], delivery["id"]) if delivery.get("aside") else (delivery["hook"],)


def overtaken(site: Site, delivery: Document) -> None:
    """One of the hook's deliveries is out: what waited for it may follow."""
    for each in site.store.list("delivery"):
        if each["hook"] == delivery["hook"] and each.get("aside") == "webhook_reordered":
            site.store.put("delivery", {**each, "due": 0.0})


def _lose(site: Site, delivery: Document, why: str) -> None:
    with site.store.transaction():
        site.store.remove("delivery", delivery["id"])
        lost = {**delivery, "state": "lost", "answer": why}
        site.store.add("finished_delivery", lost, project=delivery["project_id"], key=delivery["once"])
