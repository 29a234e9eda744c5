"""An event as the ledger's tests append it."""

from __future__ import annotations

from hummingbird.core.event import DeliveryEvent, EventKind


def an_event(key: str = "run:1", **fields: object) -> DeliveryEvent:
    values: dict[str, object] = {
        "kind": EventKind.RUN_ADMITTED,
        "key": key,
        "subject": "scan/HB-101.1",
        "actor": "platform",
        "story": "HB-101",
        "data": {"title": "限价单校验", "share": 0.1, "large": 1e16},
    }
    return DeliveryEvent.model_validate(values | fields)
