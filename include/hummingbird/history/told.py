"""What is told of one delivery: events with their moments, each saying that it is invented."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.story import StoryKey
from hummingbird.core.synthetic import marked, synthetic_actor


class Moment(NamedTuple):
    """An event and when it happened."""

    at: datetime
    event: DeliveryEvent


class Told:
    """Collects a delivery's events; they may be told in any order."""

    def __init__(self, maker: str) -> None:
        self.maker = maker
        self.moments: list[Moment] = []

    def tell(
        self,
        at: datetime,
        kind: EventKind,
        key: str,
        subject: str,
        actor: str,
        data: dict[str, Any],
        *,
        story: StoryKey | None = None,
        bundle: str | None = None,
        component: str | None = None,
        environment: str | None = None,
        cluster: str | None = None,
        run: str | None = None,
    ) -> None:
        """One event."""
        self.take(
            at,
            DeliveryEvent(
                kind=kind,
                key=key,
                subject=subject,
                story=story,
                bundle=bundle,
                component=component,
                environment=environment,
                cluster=cluster,
                run=run,
                actor=actor,
                data=data,
            ),
        )

    def take(self, at: datetime, event: DeliveryEvent) -> None:
        """An event as it would really be; its actor and its data come to say that it is invented."""
        labels = {"actor": synthetic_actor(event.actor), "data": marked(event.data, self.maker)}
        self.moments.append(Moment(at, event.model_copy(update=labels)))
