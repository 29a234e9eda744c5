"""A task of Airflow in this process: the real operator, connections from the environment, a small notary."""

from __future__ import annotations

import gc
import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.execution_time.context import set_current_context

from builders import the_catalogue
from hummingbird.core.environment import Cluster
from hummingbird.core.job import ScanJob, Ticket, job_id
from hummingbird.orchestration import wiring
from hummingbird.orchestration.pods import Work, WorkloadPod
from sandbox.clusters.access import kubeconfig
from sandbox.world import World

TOOLS = Cluster(
    name="tools",
    title="Tools",
    cloud="private",
    connection="cluster_tools",
    namespace="hummingbird",
    registry_project="platform",
    service_account="worker",
    patience_seconds=5,
)


@dataclass
class Notary:
    """Gives tickets and has the result that the test put there."""

    found: dict[str, Any] | None = None
    tickets: int = 0
    done: bool = False
    """Whether the result was posted before the ticket is asked for."""

    def ticket(self, run: str, task: str, job: ScanJob) -> Ticket:
        self.tickets += 1
        return Ticket(job=job_id(run, task, job), token=None if self.done else f"token-{self.tickets}")

    def result(self, job: str) -> dict[str, Any] | None:
        return self.found


@dataclass
class TaskInstance:
    """What the operator asks of Airflow's own."""

    try_number: int
    dag_id: str = "scan"
    task_id: str = "scan"
    run_id: str = "HB-101.1__scan"
    map_index: int = -1
    pushed: dict[str, Any] = field(default_factory=dict)

    def xcom_push(self, key: str, value: Any) -> None:
        self.pushed[key] = value


@dataclass
class Attempt:
    """A task's try: its operator and its context."""

    operator: WorkloadPod
    context: dict[str, Any]
    notary: Notary

    def run(self) -> None:
        with set_current_context(self.context):
            try:
                self.operator.execute(self.context)
            finally:
                self.operator.client.api_client.rest_client.pool_manager.clear()


@contextmanager
def attempts(world: World, patch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Make tries of one task, whose pod runs a shell script in the cluster of the tools."""
    notary = Notary()
    extra = {
        "kube_config": json.dumps(kubeconfig(world, "tools", "airflow", "hummingbird")),
        "namespace": "hummingbird",
        "toolbox_image": "busybox:1",
    }
    patch.setenv("AIRFLOW_CONN_CLUSTER_TOOLS", json.dumps({"conn_type": "kubernetes", "extra": extra}))
    patch.setenv(
        "AIRFLOW_CONN_NOTARY", json.dumps({"conn_type": "http", "host": "http://127.0.0.1:9", "extra": {}})
    )
    patch.setattr(wiring, "notary", lambda: notary)
    job = ScanJob(
        story=None,
        component=the_catalogue().component("order-gateway"),
        commit="1" * 40,
        mode="full",
        scanners=[],
        report_repository="reports",
    )
    work = Work(cluster=TOOLS, job=job, sentence="scanning")

    def attempt(script: str, number: int = 1) -> Attempt:
        operator = WorkloadPod(task_id="scan", work=lambda _: work)
        operator.cmds = ["sh", "-c", script]
        ti = TaskInstance(try_number=number)
        run = SimpleNamespace(dag_id="scan", run_id="HB-101.1__scan")
        context = {"ti": ti, "run_id": ti.run_id, "dag_run": run, "dag": SimpleNamespace(), "params": {}}
        return Attempt(operator, context, notary)

    yield attempt
    # Python 3.11 leaves the socket of a TLS connection to the collector when its server went away first.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
