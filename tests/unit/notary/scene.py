"""A notary under test and the steps a delivery takes with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from httpx import Client, Response

from hummingbird.core.artifact import Build
from hummingbird.core.bundle import Bundle
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.event import EventKind
from hummingbird.core.finding import Finding, ScannerRun, ScanReport, SuiteReport, TestCounts
from hummingbird.core.job import AnyJob, DeployJob, ScanJob, SuiteJob
from hummingbird.core.lineage import Lineage, Relation
from hummingbird.core.plan import Plan
from hummingbird.core.warrant import SignedWarrant
from hummingbird.notary.office import Office
from unit.notary.airflow_stand_in import AirflowStandIn
from unit.notary.delivery_samples import HB_101, a_story, deploy_report, open_warrant

CATALOGUE = Path(__file__).parents[3] / "include" / "catalog"
TASKS = "tasks-token-of-the-tests"
READER = "reader-token-of-the-tests"
WEBHOOK = "webhook-token-of-the-tests"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@dataclass
class Scene:
    """One notary, its Airflow, its catalogue."""

    client: Client
    airflow: AirflowStandIn
    office: Office
    folder: Path
    pods: dict[str, str] = field(default_factory=dict)
    behind: set[tuple[str, str]] = field(default_factory=set)
    """Pairs of commits of which the second contains the first; else the first contains the second."""

    @property
    def catalogue(self) -> Catalogue:
        return self.office.policy.current()

    def post(self, path: str, document: Any, token: str = TASKS) -> Response:
        return self.client.post(path, json=document, headers=bearer(token))

    def get(self, path: str, token: str = READER, **params: Any) -> Response:
        return self.client.get(path, params=params, headers=bearer(token))

    def kinds(self, **where: Any) -> list[str]:
        """Short names of the recorded kinds, in order."""
        return [EventKind(r["event"]["kind"]).name for r in self.get("/events", **where).json()]

    def admit(self, run: str, requester: str | None = "release_manager", **fields: Any) -> None:
        dag_id, run_id = run.split("/")
        self.airflow.runs.setdefault((dag_id, run_id), {"state": "running"})
        plan = Plan(
            dag_id=dag_id,
            run_id=run_id,
            story=fields.pop("story", a_story()),
            requester=requester,
            policy_version=self.catalogue.policy_version,
            **fields,
        )
        event = {
            "kind": EventKind.RUN_ADMITTED.value,
            "key": f"run-admitted:{run}",
            "subject": run,
            "story": plan.story.key,
            "run": run,
            "actor": requester or "platform",
            "data": {"plan": plan.document()},
        }
        assert self.post("/events", event).status_code == 201

    def seal(self, bundle: Bundle, run: str = "test_deploy/HB-101.1") -> str:
        assert self.post("/bundles", {"bundle": bundle.document(), "run": run}).status_code in (200, 201)
        return bundle.sha256

    def ticket(self, job: AnyJob, run: str = "scan/HB-101.1", task: str = "pod") -> Response:
        return self.post("/tickets", {"run": run, "task": task, "job": job.document()})

    def put(self, token: str, result: Any) -> Response:
        return self.client.put("/jobs/current/result", json=result, headers=bearer(token))

    def work(self, job: ScanJob | SuiteJob | DeployJob, result: Any, run: str = "scan/HB-101.1") -> str:
        """A pod that takes the ticket and posts the result; returns the job's id."""
        ticket = self.ticket(job, run=run).json()
        posted = self.put(ticket["token"], result)
        assert posted.status_code == 201, posted.text
        return str(ticket["job"])

    def scan_job(self, bundle: Bundle, mode: str = "full") -> ScanJob:
        component = bundle.components[0]
        return ScanJob(
            story=HB_101,
            component=self.catalogue.component(component.name),
            commit=component.commit,
            mode=mode,
            scanners=["semgrep", "bandit", "ruff", "dependencies"],
            report_repository="reports-local",
        )

    def scan_report(
        self, bundle: Bundle, mode: str = "full", findings: tuple[Finding, ...] = ()
    ) -> dict[str, Any]:
        component = bundle.components[0]
        runs = [
            ScannerRun(scanner=n, version="1", rules=5, rules_hash="0" * 64, files=9, seconds=1.0)
            for n in ("semgrep", "bandit", "ruff", "dependencies")
        ]
        return ScanReport(
            component=component.name,
            commit=component.commit,
            mode=mode,
            scanners=runs,
            findings=list(findings),
            unit_tests=TestCounts(total=12, failed=0, skipped=1),
        ).document()

    def build(self, bundle: Bundle) -> Response:
        component = bundle.components[0]
        build = Build(
            component=component.name,
            version=component.version,
            commit=component.commit,
            image=component.image,
            pipeline_id=7,
            pipeline_url="http://gitlab/trading/order-gateway/-/pipelines/7",
        )
        event = {
            "kind": EventKind.BUILD_FINISHED.value,
            "key": f"build:{component.name}:{component.commit}:7",
            "subject": f"pkg:oci/{component.name}@{component.image.digest}",
            "component": component.name,
            "story": "HB-101",
            "run": "build/HB-101.1",
            "actor": "platform",
            "data": {"build": build.document()},
        }
        return self.post("/events", event)

    def promote(self, bundle: Bundle, environment: str) -> None:
        for cluster in self.catalogue.environment(environment).clusters:
            event = {
                "kind": EventKind.ARTIFACTS_PROMOTED.value,
                "key": f"promoted:{bundle.sha256}:{environment}:{cluster}",
                "subject": bundle.sha256,
                "bundle": bundle.sha256,
                "environment": environment,
                "cluster": cluster,
                "actor": "platform",
                "data": {"images": [c.image.document() for c in bundle.components], "packages": []},
            }
            assert self.post("/events", event).status_code in (200, 201)

    def ready(self, bundle: Bundle) -> str:
        """A sealed bundle with a green full scan and a signed build."""
        self.build(bundle)
        self.work(self.scan_job(bundle), self.scan_report(bundle))
        return self.seal(bundle)

    def question(self, bundle: Bundle, environment: str, run: str, **fields: Any) -> dict[str, Any]:
        return {
            "bundle": bundle.sha256,
            "environment": environment,
            "operation": "deploy",
            "run": run,
        } | fields

    def finish(self, run: str) -> None:
        """The run's last word, recorded."""
        assert self.tell_end(run).status_code in (200, 201)

    def tell_end(self, run: str) -> Response:
        """The run's last word, as its task `conclude` says it."""
        event = {
            "kind": EventKind.RUN_FINISHED.value,
            "key": f"run-finished:{run}:0",
            "subject": run,
            "run": run,
            "actor": "platform",
            "data": {"line": "DONE: it is complete", "started_at": "2026-11-22T10:00:00+00:00"},
        }
        return self.post("/events", event)

    def read_lineage(self, bundle: Bundle, environment: str) -> None:
        """What a path reads in Git before it asks: how the bundle's commits stand to those that run."""
        for carried in bundle.components:
            for other in self.commits_in(environment, carried.name) - {carried.commit}:
                behind = (carried.commit, other) in self.behind
                lineage = Lineage(
                    component=carried.name,
                    commit=carried.commit,
                    other=other,
                    relation=Relation.BEHIND if behind else Relation.AHEAD,
                )
                event = {
                    "kind": EventKind.LINEAGE_READ.value,
                    "key": lineage.key,
                    "subject": lineage.commit,
                    "component": lineage.component,
                    "run": "test_deploy/HB-101.1",
                    "actor": "platform",
                    "data": {"lineage": lineage.document()},
                }
                assert self.post("/events", event).status_code in (200, 201)

    def commits_in(self, environment: str, component: str) -> set[str]:
        """Every commit of a component that was ever brought to an environment."""
        kind = EventKind.DEPLOYMENT_FINISHED.value
        brought = {
            e["event"]["bundle"] for e in self.get("/events", kind=kind, environment=environment).json()
        }
        bundles = [Bundle.model_validate(self.get(f"/bundles/{sha}").json()) for sha in brought]
        return {one.commit for bundle in bundles for one in bundle.components if one.name == component}

    def ask(self, bundle: Bundle, environment: str, run: str, **fields: Any) -> Response:
        self.read_lineage(bundle, environment)
        return self.post("/approvals", self.question(bundle, environment, run, **fields))

    def sign(self, request: str, number: int, user: str, choice: str = "Approve", **fields: Any) -> Response:
        place = self.airflow.answered(request, number, user, choice, **fields)
        return self.post(f"/approvals/{request}/answers", place)

    def take_back(self, user: str | None, run_id: str = "manual__1", **fields: Any) -> Response:
        """A user starts run `withdraw`, which asks the notary."""
        conf = {"story": "HB-101", "environment": None, "reason": "wrong limit"} | fields.pop("conf", {})
        run = {"conf": conf, "triggering_user_name": user, "run_type": "manual", "state": "running"} | fields
        self.airflow.runs[("withdraw", run_id)] = run
        return self.post("/withdrawals", {"dag_id": "withdraw", "run_id": run_id})

    def approve(self, bundle: Bundle, environment: str, run: str, **fields: Any) -> str:
        """Ask, and have every role's first holder sign; returns the request's id."""
        asked = self.ask(bundle, environment, run, **fields)
        assert asked.status_code == 201, asked.text
        identity = str(asked.json()["id"])
        for signature in asked.json()["request"]["signatures"]:
            person = self.catalogue.holders_of(signature["role"])[0]
            signed = self.sign(identity, signature["number"], person.airflow)
            assert signed.status_code == 200, signed.text
        return identity

    def warrant(self, bundle: Bundle, environment: str, run: str, **fields: Any) -> Response:
        self.read_lineage(bundle, environment)
        return self.post("/warrants", self.question(bundle, environment, run, **fields))

    def deploy_job(self, signed: dict[str, Any], cluster: str) -> DeployJob:
        warrant = open_warrant(signed)
        bundle = Bundle.model_validate(self.get(f"/bundles/{warrant.bundle}").json())
        before = {sha for sha in warrant.predecessors[cluster].values() if sha}
        return DeployJob(
            story=warrant.story,
            bundle=bundle,
            environment=self.catalogue.environment(warrant.environment),
            cluster=self.catalogue.clusters[cluster],
            components=[self.catalogue.component(c.name) for c in bundle.components],
            warrant=SignedWarrant.model_validate(signed),
            predecessors={sha: Bundle.model_validate(self.get(f"/bundles/{sha}").json()) for sha in before},
            registry="127.0.0.1:1",
        )

    def consume(self, token: str, warrant: str, cluster: str) -> Response:
        return self.client.post(
            f"/warrants/{warrant}/consume", json={"cluster": cluster}, headers=bearer(token)
        )

    def deploy(
        self, bundle: Bundle, environment: str, run: str, outcome: str = "deployed", **fields: Any
    ) -> str:
        """Warrant, ticket, consumption, result; returns the warrant's id."""
        signed = self.warrant(bundle, environment, run, **fields)
        assert signed.status_code in (200, 201), signed.text
        warrant = open_warrant(signed.json())
        for cluster in warrant.clusters:
            job = self.deploy_job(signed.json(), cluster)
            token = self.ticket(job, run=run, task=f"deploy-{cluster}").json()["token"]
            granted = self.consume(token, warrant.id, cluster)
            assert granted.status_code == 200, granted.text
            posted = self.put(token, deploy_report(job, warrant, outcome))
            assert posted.status_code == 201, posted.text
        return warrant.id

    def suite(
        self, bundle: Bundle, environment: str, failed: int = 0, run: str = "test_deploy/HB-101.1"
    ) -> str:
        component = self.catalogue.component(bundle.components[0].name)
        job = SuiteJob(
            story=HB_101,
            component=component,
            commit=bundle.components[0].commit,
            bundle=bundle.sha256,
            environment=environment,
            name="functional",
            suite=component.suites["functional"],
            report_repository="reports-local",
        )
        report = SuiteReport(
            component=component.name,
            bundle=bundle.sha256,
            environment=environment,
            suite="functional",
            counts=TestCounts(total=9, failed=failed, skipped=0),
            failures=["test_x"] if failed else [],
            seconds=2.5,
        )
        return self.work(job, report.document(), run=run)

    def through_test(self, bundle: Bundle, run: str = "test_deploy/HB-101.1") -> None:
        """Everything up to a bundle that runs in test with a green suite."""
        self.admit(run)
        self.ready(bundle)
        approval = self.approve(bundle, "test", run)
        self.promote(bundle, "test")
        self.deploy(bundle, "test", run, approval=approval)
        self.suite(bundle, "test")
        self.finish(run)
