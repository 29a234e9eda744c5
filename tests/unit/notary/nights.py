"""A night for tests: what runs in test, what pods select, pods that pull by their tickets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hummingbird.core.bundle import Bundle
from hummingbird.core.component import Suite
from hummingbird.core.event import EventKind
from hummingbird.core.job import NightTarget, RegressionJob, SelectJob
from hummingbird.core.night_queue import DoneCase
from hummingbird.core.regression import (
    Attempt,
    CaseOutcome,
    CaseResult,
    NightComponent,
    NightPlan,
    NightReport,
    SelectedCase,
    Selection,
)
from unit.notary.delivery_samples import COMMIT, HB_101
from unit.notary.scene import TASKS, Scene, bearer

RUN = "nightly_regression/scheduled__2026-11-22T17:30:00+00:00"
STORED = {
    "report_url": "http://artifactory/night.html",
    "report_sha256": "a" * 64,
    "junit_url": "http://artifactory/junit.xml",
    "junit_sha256": "b" * 64,
}


def a_result(
    outcome: CaseOutcome = CaseOutcome.PASSED, seconds: float = 1.0, message: str = ""
) -> CaseResult:
    attempt = Attempt(
        outcome=outcome, started_at=datetime.now(UTC), seconds=seconds, pod="p", message=message
    )
    return CaseResult(outcome=outcome, seconds=seconds, attempts=[attempt], message=message)


class Night:
    """One night of a notary whose test environment runs the bundle."""

    def __init__(self, scene: Scene, bundle: Bundle, run: str = RUN) -> None:
        self.scene = scene
        self.bundle = bundle
        self.run = run

    @property
    def plan(self) -> NightPlan:
        carried = self.bundle.components[0]
        component = NightComponent(
            name=carried.name,
            version=carried.version,
            commit=carried.commit,
            bundle=self.bundle.sha256,
            stories=[HB_101],
        )
        policy = self.scene.catalogue.policy_version
        return NightPlan(
            run=self.run, environment="test", cluster="test", components=[component], policy_version=policy
        )

    def admit(self, plan: NightPlan | None = None) -> Any:
        plan = plan or self.plan
        event = {
            "kind": EventKind.REGRESSION_STARTED.value,
            "key": f"regression-started:{self.run}",
            "subject": self.run,
            "environment": "test",
            "cluster": "test",
            "run": self.run,
            "actor": "platform",
            "data": {"plan": plan.document()},
        }
        return self.scene.post("/events", event)

    def select(self, cases: dict[str, list[SelectedCase]], commit: str = COMMIT) -> Any:
        component = self.scene.catalogue.component("order-gateway")
        job = SelectJob(component=component, commit=COMMIT, bundle=self.bundle.sha256, environment="test")
        ticket = self.scene.post("/tickets", {"run": self.run, "task": "select[0]", "job": job.document()})
        assert ticket.status_code == 200, ticket.text
        found = Selection(component="order-gateway", commit=commit, bundle=self.bundle.sha256, suites=cases)
        return self.scene.put(ticket.json()["token"], found.document())

    def open(self) -> Any:
        return self.scene.post("/nights", {"run": self.run})

    def begin(self, *names: str) -> None:
        """Admitted, selected, opened: cases of suite `nightly`."""
        assert self.admit().status_code == 201
        posted = self.select({"nightly": [SelectedCase(name=name) for name in names]})
        assert posted.status_code == 201, posted.text
        opened = self.open()
        assert opened.status_code == 200, opened.text
        assert opened.json()["cases"] == len(names)

    def job(self, pod: int = 0) -> RegressionJob:
        catalogue = self.scene.catalogue
        target = NightTarget(component=catalogue.component("order-gateway"), commit=COMMIT)
        return RegressionJob(
            run=self.run, environment="test", pod=pod, targets=[target], rule=catalogue.regression
        )

    def pod(self, number: int = 0) -> Pod:
        document = {"run": self.run, "task": f"regression[{number}]", "job": self.job(number).document()}
        ticket = self.scene.post("/tickets", document)
        assert ticket.status_code == 200, ticket.text
        return Pod(self.scene, ticket.json()["token"])

    def report(self) -> NightReport:
        return NightReport.model_validate(self.scene.get("/nights", run=self.run).json())

    def close(self) -> Any:
        return self.scene.post("/nights/close", {"run": self.run, "stored": STORED}, TASKS)


class Pod:
    """A pod by its ticket."""

    def __init__(self, scene: Scene, token: str) -> None:
        self.scene = scene
        self.token = token

    def ask(self, done: DoneCase | None = None) -> Any:
        document = {"done": done.document() if done else None}
        return self.scene.client.post("/nights/next", json=document, headers=bearer(self.token))

    def take(self, done: DoneCase | None = None) -> tuple[int, str] | None:
        """Number and name of the case that is handed out, None when none is."""
        answer = self.ask(done)
        assert answer.status_code == 200, answer.text
        handed = answer.json()["handed"]
        return (handed["number"], handed["case"]["name"]) if handed else None

    def alive(self, number: int) -> bool:
        answer = self.scene.client.post("/nights/alive", json={"number": number}, headers=bearer(self.token))
        assert answer.status_code == 200, answer.text
        return bool(answer.json()["kept"])


def nightly(scene: Scene) -> None:
    """Give order-gateway a nightly suite, should the catalogue have none of that name."""
    path = scene.folder / "components.yaml"
    text = path.read_text("utf-8")
    suite = Suite(path="tests_regression", nightly=True).document()
    line = f"    nightly: {{path: {suite['path']}, nightly: true}}\n  workload:"
    path.write_text(text.replace("  workload:", line, 1), "utf-8")
