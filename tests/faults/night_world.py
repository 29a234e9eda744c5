"""A night with real pods: the notary on a socket, a commit in GitLab, the toolbox image, the operator."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gitlab
import pytest
from airflow.sdk.execution_time.context import set_current_context
from kubernetes.client import CoreV1Api
from kubernetes.config import new_client_from_config_dict
from sqlalchemy import text

from builders import CATALOGUE_FOLDER, a_bundle, a_component
from faults.operator import TaskInstance
from hummingbird.catalogue.current import CatalogueFolder
from hummingbird.clients.notary import NotaryApi
from hummingbird.core.deployment import DeployOutcome, DeployReport
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.core.regression import NightPlan, NightReport
from hummingbird.ledger.append import append
from hummingbird.ledger.engine import connect
from hummingbird.ledger.witness import Witness
from hummingbird.notary.app import create_app
from hummingbird.notary.office import Office
from hummingbird.notary.signing import make_key
from hummingbird.notary.tokens import Tokens
from hummingbird.orchestration import wiring
from hummingbird.orchestration.pods import JOB_LABEL, Work, WorkloadPod
from hummingbird.orchestration.steps import nightly
from hummingbird.paths import night
from postgres import LedgerDatabase
from sandbox.clusters.access import kubeconfig
from sandbox.seed.harbor import base_image_reference
from sandbox_world import INCLUDE, SandboxWorld
from unit.notary.serving import served

PROJECT, CLUSTER, NAMESPACE = "trading/order-gateway", "test", "trading"
TASKS, READER = "tasks-token-of-the-tests", "reader-token-of-the-tests"
RUN_ID = "scheduled__2026-11-22T17:30:00+00:00"
RUN = f"nightly_regression/{RUN_ID}"
RULE = """regression:
  environment: test
  pods: 2
  tries: 2
  case_timeout_seconds: 3
  lease_seconds: 3
  deadline_seconds: 300
"""


class NightWorld:
    """Everything that a night needs; each task of the path is a call."""

    def __init__(self, sandbox: SandboxWorld, folder: Path, office: Office, notary: NotaryApi) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.office = office
        self.notary = notary
        self.plan: NightPlan | None = None

    def bring(self, commit: str) -> None:
        """Make the ledger say that the commit's bundle serves in test."""
        bundle = a_bundle(a_component(commit=commit))
        now = datetime.now(UTC)
        report = DeployReport(
            bundle=bundle.sha256,
            environment="test",
            cluster=CLUSTER,
            warrant="w-1",
            outcome=DeployOutcome.DEPLOYED,
            reason="it serves",
            started_at=now,
            finished_at=now,
        )
        place = {"bundle": bundle.sha256, "subject": bundle.sha256, "story": bundle.story, "actor": "notary"}
        sealed = {"kind": EventKind.BUNDLE_SEALED, "key": f"bundle:{bundle.sha256}"}
        deployed = {"kind": EventKind.DEPLOYMENT_FINISHED, "key": "job:1", "environment": "test"}
        with self.office.writing() as connection:
            append(connection, DeliveryEvent(**sealed, **place, data={"bundle": bundle.document()}))
            told = {"report": report.document()}
            append(connection, DeliveryEvent(**deployed, **place, cluster=CLUSTER, data=told))

    def admit(self) -> list[str]:
        """The first task: the components of the night."""
        self.plan = night.admit_night(self.office.policy.current(), self.notary, RUN, None)
        return [component.name for component in self.plan.components]

    def pod(
        self, task_id: str, work: Callable[[str], Work], part: str, number: int, attempt: int = 1
    ) -> None:
        """One mapped pod task, until its end; raises what Airflow would see."""
        operator = WorkloadPod(task_id=task_id, work=work, part=part)
        ti = TaskInstance(attempt, "nightly_regression", task_id, RUN_ID, number)
        run = SimpleNamespace(dag_id="nightly_regression", run_id=RUN_ID)
        context: Any = {"ti": ti, "run_id": RUN_ID, "dag_run": run, "dag": SimpleNamespace(), "params": {}}
        with set_current_context(context):
            try:
                operator.execute(context)
            finally:
                operator.client.api_client.rest_client.pool_manager.clear()

    def select(self) -> None:
        """The selecting pods, one after the other."""
        for number, name in enumerate(self.admit()):
            self.pod("select_cases", nightly._selection, name, number)

    def pull(self, number: int, attempt: int = 1) -> None:
        """One pulling pod."""
        self.pod("run_cases", nightly._pulling, str(number), number, attempt)

    def report(self) -> NightReport:
        """The night so far."""
        return self.notary.night(RUN)

    def holder(self, task: str) -> str | None:
        """The job of that task while it has a case in its hands, None while it has none."""
        query = "SELECT c.job, j.task FROM ledger.night_case c JOIN ledger.job j ON j.id = c.job"
        open_ones = text(f"{query} WHERE c.done_at IS NULL AND c.token_sha256 IS NOT NULL")
        with self.office.reading() as connection:
            found = connection.execute(open_ones).all()
        return next((str(row.job) for row in found if row.task == task), None)

    def kill(self, job: str) -> None:
        """Delete the pod of a job, at once."""
        with new_client_from_config_dict(kubeconfig(self.sandbox.world, CLUSTER, "admin")) as client:
            api = CoreV1Api(client)
            for pod in api.list_namespaced_pod(NAMESPACE, label_selector=f"{JOB_LABEL}={job[:40]}").items:
                api.delete_namespaced_pod(pod.metadata.name, NAMESPACE, grace_period_seconds=0)


def toolbox(sandbox: SandboxWorld, folder: Path) -> str:
    """The toolbox image, built onto the sandbox's base as for a whole platform."""
    target = folder / "toolbox.digest"
    command = [sys.executable, "-m", "hummingbird.workloads", "build_image"]
    command += ["--registry", sandbox.url("harbor"), "--repository", "platform/toolbox"]
    command += [
        "--base",
        base_image_reference(),
        "--add",
        f"{INCLUDE / 'hummingbird'}:/opt/hummingbird/hummingbird",
    ]
    command += ["--env", "PYTHONPATH=/opt/hummingbird", "--workdir", "/opt/hummingbird"]
    command += ["--digest-file", str(target)]
    account = {"HARBOR_USER": "administrator", "HARBOR_PASSWORD": sandbox.secret("harbor.administrator")}
    environment = {"PYTHONPATH": str(INCLUDE), "PATH": str(Path(sys.executable).parent), **account}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return f"{sandbox.url('harbor').removeprefix('http://')}/platform/toolbox@{target.read_text().strip()}"


def commit_with(sandbox: SandboxWorld, files: dict[str, str]) -> str:
    """A commit on a branch of its own that brings the files."""
    api = gitlab.Gitlab(sandbox.url("gitlab"), private_token=sandbox.secret("gitlab.developer"))
    actions = [{"action": "create", "file_path": path, "content": text} for path, text in files.items()]
    document = {
        "branch": "feature/HB-101-night",
        "start_branch": "develop",
        "commit_message": "HB-101 a night",
    }
    try:
        return str(api.projects.get(PROJECT).commits.create({**document, "actions": actions}).id)
    finally:
        api.session.close()


@contextmanager
def night_world(
    sandbox: SandboxWorld, database: LedgerDatabase, folder: Path, patch: pytest.MonkeyPatch
) -> Iterator[NightWorld]:
    """A world whose order-gateway has one nightly suite in `tests_night`."""
    sandbox.seeded("harbor", "gitlab", "artifactory", "clusters")
    catalogue = Path(shutil.copytree(CATALOGUE_FOLDER, folder / "catalog"))
    gates = (catalogue / "gates.yaml").read_text("utf-8")
    (catalogue / "gates.yaml").write_text(gates[: gates.index("\nregression:") + 1] + RULE, "utf-8")
    _only_suite(catalogue / "components.yaml")
    extra = {
        "kube_config": json.dumps(kubeconfig(sandbox.world, CLUSTER, "airflow", NAMESPACE)),
        "namespace": NAMESPACE,
        "toolbox_image": toolbox(sandbox, folder),
    }
    patch.setenv("HUMMINGBIRD_CATALOG", str(catalogue))
    patch.setenv("AIRFLOW_CONN_CLUSTER_TEST", json.dumps({"conn_type": "kubernetes", "extra": extra}))
    office = Office(
        writer=connect(database.writer),
        reader=connect(database.reader),
        key=make_key(folder / "notary.pem"),
        tokens=Tokens(tasks=TASKS, reader=READER),
        webhook_token="webhook-token-of-the-tests",
        policy=CatalogueFolder(catalogue),
        airflow=SimpleNamespace(),  # a night asks Airflow nothing
        airflow_url="http://127.0.0.1:9",
        witness=Witness(folder / "witness"),
    )
    with served(create_app(office)) as url:
        patch.setenv("AIRFLOW_CONN_NOTARY", json.dumps({"conn_type": "http", "host": url, "extra": {}}))
        notary = NotaryApi(url, TASKS)
        patch.setattr(wiring, "notary", lambda: notary)
        yield NightWorld(sandbox, folder, office, notary)
        notary.close()


def _only_suite(components: Path) -> None:
    """No nightly suites but one of order-gateway's."""
    lines = [line for line in components.read_text("utf-8").splitlines() if "nightly: true" not in line]
    at = next(number for number, line in enumerate(lines) if line == "  workload:")
    lines.insert(at, "    nightly: {path: tests_night, nightly: true}")
    components.write_text("\n".join(lines) + "\n", "utf-8")
