"""A delivery event in CDEvents' envelope (v0.5.1): https://cdevents.dev."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.ledger.content import content_of, subject_id

SPEC_VERSION = "0.5.1"
SOURCE = "/hummingbird/notary"


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def envelope_of(event: DeliveryEvent, sequence: int, moment: datetime) -> dict[str, Any]:
    """The document that is hashed and kept; the whole event lies in `customData`."""
    context: dict[str, Any] = {
        "specversion": SPEC_VERSION,
        "id": event.key,
        "source": SOURCE,
        "type": event.kind.value,
        "timestamp": timestamp(moment),
    }
    if event.story is not None:
        context["chainId"] = event.story
    subject: dict[str, Any] = {"id": subject_id(event), "source": SOURCE, "content": content_of(event)}
    if event.kind is EventKind.STORY_CLOSED:
        subject["type"] = "ticket"
    return {
        "context": context,
        "subject": subject,
        "customData": {"sequence": sequence, "event": event.document()},
        "customDataContentType": "application/json",
    }
