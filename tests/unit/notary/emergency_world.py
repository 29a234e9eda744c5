"""A delivery to a production whose window is shut, a tracker with incidents, and a clock to move."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from atlassian import Jira
from httpx import Response

from hummingbird.clients.jira import JiraTracker
from hummingbird.core.bundle import Bundle
from hummingbird.core.calendar import Calendar
from hummingbird.core.emergency import EmergencyRule
from hummingbird.core.event import EventKind
from hummingbird.notary.dispatcher import start_runs
from hummingbird.notary.messengers import Messengers
from postgres import LedgerDatabase
from sandbox.jira import create
from stand_ins import free_world, served
from unit.notary.approval_world import World, prepared_world
from unit.notary.delivery_samples import a_bundle
from unit.notary.scene import Scene

RUN, AGAIN = "emergency_deploy/HB-101.1", "emergency_deploy/HB-101.2"
REASON = "客户无法撤单，每分钟都有损失"
FOUND = "确有故障，补上回归用例后合并"
NORMAL = "prod_deploy/HB-101.1"


@dataclass
class Emergency:
    """Production is shut, and something burns."""

    world: World
    jira: Jira
    tracker: JiraTracker
    bundle: Bundle = field(default_factory=a_bundle)

    @property
    def scene(self) -> Scene:
        return self.world.scene

    def begin(self) -> None:
        """The bundle ran in test and lies in production's stores; production's window never opens."""
        self.world.begin()
        self.tell_by(Messengers())
        shut = Calendar(name="ours", timezone="UTC", weekly={})
        catalogue = self.world.policy.catalogue
        calendars = {**catalogue.calendars, "ours": shut}
        self.world.policy.catalogue = catalogue.model_copy(update={"calendars": calendars})
        self.set(calendar="ours")

    def set(self, **fields: Any) -> None:
        """Set fields of production."""
        catalogue = self.world.policy.catalogue
        prod = catalogue.environments["prod"].model_copy(update=fields)
        environments = {**catalogue.environments, "prod": prod}
        self.world.policy.catalogue = catalogue.model_copy(update={"environments": environments})

    def rule(self, **fields: Any) -> None:
        """Set fields of production's emergency rule."""
        rule = self.world.policy.catalogue.environments["prod"].emergency
        assert rule is not None
        self.set(emergency=EmergencyRule.model_validate(rule.document() | fields))

    def incident(self, kind: str = "Incident", status: str = "In Progress") -> str:
        """An issue of the operations project."""
        fields = {"project": {"key": "OPS"}, "issuetype": {"name": kind}, "summary": "撤单 <失败>"}
        key = str(self.jira.create_issue(fields=fields)["key"])
        self.jira.set_issue_status(key, "In Progress")
        if status != "In Progress":
            self.jira.set_issue_status(key, status)
        return key

    def start(
        self,
        incident: str,
        run: str = RUN,
        requester: str = "release_manager",
        reason: str = REASON,
        *,
        by: str | None = None,
        conf: dict[str, Any] | None = None,
        bundle: Bundle | None = None,
    ) -> None:
        """A run that a person started for an incident; `by`, `conf`: Airflow's word where it differs."""
        dag_id, _, run_id = run.partition("/")
        self.world.airflow.runs[dag_id, run_id] = {
            "state": "running",
            "triggering_user_name": by or requester,
            "conf": conf or {"story": "HB-101", "incident": incident, "reason": reason},
        }
        emergency = {"incident": incident, "reason": reason}
        bundle = bundle or self.bundle
        self.scene.admit(run, requester, bundle=bundle.sha256, environment="prod", emergency=emergency)

    def ask(self, run: str = RUN, bundle: Bundle | None = None) -> Response:
        return self.scene.ask(bundle or self.bundle, "prod", run)

    def signed(self, run: str = RUN, by: str = "operations_approver") -> str:
        """Asked and signed by the second person; the request's id."""
        asked = self.ask(run)
        assert asked.status_code == 201, asked.text
        identity = str(asked.json()["id"])
        answer = self.scene.sign(identity, 1, by)
        assert answer.json()["state"] == "approved", answer.text
        return identity

    def warrant(self, identity: str | None, run: str = RUN) -> Response:
        return self.scene.warrant(self.bundle, "prod", run, approval=identity)

    def break_glass(self, run: str = RUN) -> str:
        """All of it: asked, signed, deployed everywhere, the run ended; returns the request's id."""
        self.start(self.incident(), run)
        identity = self.signed(run)
        self.scene.deploy(self.bundle, "prod", run, approval=identity)
        self.scene.finish(run)
        return identity

    def review(
        self, identity: str, user: str, choice: str = "Justified", finding: str = FOUND, **fields: Any
    ) -> Response:
        """A person's answer in the prompt of the review's run."""
        told = {"dag_id": "emergency_review", "conf": {"story": "HB-101", "emergency": identity}}
        place = self.world.airflow.answered(
            identity, 1, user, choice, **(told | {"reason": finding} | fields)
        )
        return self.scene.post(f"/emergencies/{identity}/review", place)

    def conclude_rollout(self, run: str) -> None:
        """The run's pods are done; it still has to merge and to close."""
        event = {
            "kind": EventKind.ROLLOUT_CONCLUDED.value,
            "key": f"rollout:{run}:0",
            "subject": run,
            "bundle": self.bundle.sha256,
            "environment": "prod",
            "run": run,
            "actor": "platform",
            "data": {"operation": "deploy", "clusters": [], "sentence": "nothing was begun"},
        }
        answer = self.scene.post("/events", event)
        assert answer.status_code == 201, answer.text

    def tell_by(self, messengers: Messengers) -> None:
        """Give the notary ways to people, until the next test."""
        office = dataclasses.replace(self.scene.office, messengers=messengers)
        self.scene.office = self.world.app.state.office = office

    def dispatch(self) -> None:
        """Start what the notary's outbox asks for."""
        start_runs(self.scene.office)

    def events(self, kind: EventKind) -> list[dict[str, Any]]:
        return [r["event"] for r in self.scene.get("/events", kind=kind.value).json()]


@contextmanager
def emergency_world(database: LedgerDatabase, folder: Path) -> Iterator[Emergency]:
    """Notary and tracker, which stay for a file of tests."""
    with served(free_world(folder, "jira"), create) as home:
        tracker = JiraTracker(home.url("jira"), "platform", home.secret("jira.platform"))
        operations = Jira(
            url=home.url("jira"), username="operations", password=home.secret("jira.operations")
        )
        with prepared_world(database, folder, tracker) as world:
            yield Emergency(world, operations, tracker)
        tracker.close()


def message(answer: Response) -> str:
    """Why something was refused."""
    assert answer.status_code == 409, answer.text
    return str(answer.json()["error"]["message"])
