"""What a delivery writes to the ledger, in the fewest events that figures are made of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hummingbird.core.event import EventKind
from unit.workloads.rolling.a_ledger import ALedger, at, sha

_KINDS = {
    "deployed": EventKind.DEPLOYMENT_FINISHED,
    "already_deployed": EventKind.DEPLOYMENT_FINISHED,
    "rolled_back": EventKind.DEPLOYMENT_ROLLED_BACK,
    "failed": EventKind.DEPLOYMENT_FAILED,
    "refused": EventKind.DEPLOYMENT_FAILED,
}


class Deliveries:
    """Deliveries by a bundle's short name."""

    def __init__(self, ledger: ALedger) -> None:
        self.ledger = ledger
        self._events = 0

    def sealed(
        self, when: str, name: str, components: dict[str, list[str]], branch: str = "release/1.0.0"
    ) -> None:
        """A run of test_deploy was admitted and sealed a bundle of these components and their stories."""
        story = next(iter(components.values()))[0]
        run = f"test_deploy/{story}.{name}__test_deploy"
        planned = [{"name": component, "branch": branch} for component in components]
        self._tell(
            when,
            EventKind.RUN_ADMITTED,
            story=story,
            environment="test",
            run=run,
            data={"plan": {"components": planned}},
        )
        carried = [{"name": component, "stories": stories} for component, stories in components.items()]
        self._tell(
            when,
            EventKind.BUNDLE_SEALED,
            story=story,
            bundle=sha(name),
            run=run,
            data={"bundle": {"components": carried, "story": story}},
        )

    def deployed(
        self,
        when: str,
        name: str,
        environment: str = "prod",
        outcome: str = "deployed",
        *,
        cluster: str = "one",
        seconds: float = 60,
        rollback: bool = False,
    ) -> None:
        """A pod reported how a deployment, or a person's rollback, ended; it took that long."""
        ended = at(when)
        kind = _KINDS[outcome]
        if rollback and kind is EventKind.DEPLOYMENT_FINISHED:
            kind = EventKind.DEPLOYMENT_ROLLED_BACK
        path = "rollback" if rollback else f"{environment}_deploy"
        report = {
            "outcome": outcome,
            "started_at": _text(ended - timedelta(seconds=seconds)),
            "finished_at": _text(ended),
        }
        self._tell(
            when,
            kind,
            bundle=sha(name),
            environment=environment,
            cluster=cluster,
            run=f"{path}/{name}",
            data={"report": report},
        )

    def scanned(
        self,
        admitted: str,
        finished: str,
        seconds: Any,
        component: str,
        mode: str = "full",
        story: str = "HB-1",
    ) -> int:
        """A scan; its sequence."""
        self._events += 1
        run = f"scan/{story}.{self._events}__scan"
        self._tell(admitted, EventKind.RUN_ADMITTED, story=story, run=run, data={"plan": {"components": []}})
        return self._tell(
            finished,
            EventKind.SCAN_FINISHED,
            story=story,
            component=component,
            run=run,
            data={"report": {"seconds": seconds, "mode": mode}},
        )

    def approved(self, asked: str, closed: str, name: str, state: str = "approved") -> None:
        """People were asked about a bundle, and how that ended."""
        self._events += 1
        subject = f"request-{self._events}"
        where = {"subject": subject, "bundle": sha(name), "environment": "prod"}
        self._tell(asked, EventKind.APPROVAL_ASKED, **where, data={"request": {}})
        self._tell(closed, EventKind.APPROVAL_CLOSED, **where, data={"state": state, "why": "x"})

    def closed(self, when: str, story: str, name: str) -> None:
        """A story was delivered by a bundle."""
        self._tell(when, EventKind.STORY_CLOSED, story=story, bundle=sha(name), data={})

    def observed(self, when: str, about: str, subject: str, **told: Any) -> None:
        """Another system said something."""
        bundle = told.get("bundle")
        self._tell(
            when,
            EventKind.METRICS_OBSERVED,
            subject=subject,
            story=subject if about == "story" else None,
            bundle=bundle,
            component=told.get("component"),
            data={"observation": {"about": about, **told}},
        )

    def _tell(self, when: str, kind: EventKind, **fields: Any) -> int:
        self._events += 1
        return self.ledger.tell(when, kind, f"event:{self._events}", **fields)


def _text(moment: datetime) -> str:
    return moment.astimezone().isoformat()
