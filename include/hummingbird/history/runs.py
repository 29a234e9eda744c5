"""Runs of the delivery paths: admitted, refused at the door, finished."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hummingbird.core.canonical import sha256_hex
from hummingbird.core.event import EventKind
from hummingbird.core.outcome import Outcome, outcome_line
from hummingbird.core.plan import Plan, PlannedComponent
from hummingbird.core.story import Story, story_key
from hummingbird.history.told import Told
from hummingbird.paths.runs import run_name

_START = timedelta(seconds=3)
"""From a run's start to the end of its first task."""


@dataclass(frozen=True)
class Run:
    """One run and what was frozen at its door."""

    plan: Plan
    started_at: datetime
    parent: dict[str, str] | None = None

    @property
    def name(self) -> str:
        """How the ledger names it."""
        return run_name(self.plan.dag_id, self.plan.run_id)

    @property
    def story(self) -> Story:
        """The story it is about."""
        return self.plan.story

    def as_parent(self, task: str) -> dict[str, str]:
        """How a child names it."""
        return {"dag_id": self.plan.dag_id, "run_id": self.plan.run_id, "task_id": task}


@dataclass
class Door:
    """What runs of one history have in common."""

    told: Told
    policy_version: str
    requests: list[str] = field(default_factory=list)

    def admit(
        self,
        dag_id: str,
        run_id: str,
        story: Story,
        started_at: datetime,
        *,
        components: list[PlannedComponent],
        requester: str | None = None,
        environment: str | None = None,
        mode: str | None = None,
        travelling: list[Story] | None = None,
        bundle: str | None = None,
        clusters: list[str] | None = None,
        parent: dict[str, str] | None = None,
    ) -> Run:
        """A run begins: its frozen plan is told."""
        plan = Plan(
            dag_id=dag_id,
            run_id=run_id,
            story=story,
            requester=requester,
            environment=environment,
            mode=mode,
            components=components,
            travelling=travelling or [],
            bundle=bundle,
            clusters=clusters or [],
            policy_version=self.policy_version,
        )
        run = Run(plan, started_at, parent)
        self.told.tell(
            started_at + _START,
            EventKind.RUN_ADMITTED,
            f"run-admitted:{run.name}",
            run.name,
            requester or "platform",
            {"plan": plan.document()},
            story=story.key,
            bundle=bundle,
            environment=environment,
            run=run.name,
        )
        return run

    def refuse(self, dag_id: str, run_id: str, asked: str, at: datetime, requester: str, why: str) -> None:
        """A run that went no further than the door."""
        run = run_name(dag_id, run_id)
        data = {"why": why, "story": ascii(asked)[:80]}
        key = f"run-refused:{run}"
        self.told.tell(at, EventKind.RUN_REFUSED, key, run, requester, data, story=story_key(asked), run=run)

    def finish(self, run: Run, at: datetime, outcome: Outcome = Outcome.DONE, why: str | None = None) -> None:
        """A run ends, well unless told otherwise."""
        plan = run.plan
        about = f"{plan.story.key} {plan.story.title}: {plan.dag_id.replace('_', ' ')} is complete"
        line = outcome_line(outcome, about if why is None else why)
        self.told.tell(
            at,
            EventKind.RUN_FINISHED,
            f"run-finished:{run.name}:{sha256_hex(line.encode())[:12]}",
            run.name,
            "platform",
            {"line": line, "started_at": run.started_at.isoformat(), "parent": run.parent},
            story=plan.story.key,
            bundle=plan.bundle,
            environment=plan.environment,
            run=run.name,
        )
