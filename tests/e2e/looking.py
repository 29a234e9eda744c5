"""Looking at a running platform from outside: Airflow's API, kubectl, the registry, task logs."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import requests

from e2e.onebox import OneBox
from sandbox.clusters.access import NAMESPACE, kubeconfig

T = TypeVar("T")
ENDED = ("success", "failed")


def wait_for(look: Callable[[], T | None], what: str, seconds: float = 180.0) -> T:
    """What `look` finds, asked every second."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = look()
        if found is not None:
            return found
        time.sleep(1)
    raise AssertionError(f"{what} did not come within {seconds:.0f} s")


def runs_of(box: OneBox, story: str) -> list[dict[str, Any]]:
    """What Airflow's run search finds for a story's key."""
    asked = box.airflow("auditor").get("/dags/~/dagRuns", run_id_pattern=f"{story}%", limit=100)
    found: list[dict[str, Any]] = asked["dag_runs"]
    return found


def trigger(box: OneBox, path: str, run_id: str, story: str, account: str = "release_manager") -> None:
    """Start a path as a person."""
    body = {"logical_date": None, "dag_run_id": run_id, "conf": {"story": story}}
    box.airflow(account).post(f"/dags/{path}/dagRuns", body)


def ended(box: OneBox, path: str, run_id: str, seconds: float = 180.0) -> dict[str, Any]:
    """The run once it has ended."""
    reader = box.airflow("auditor")

    def look() -> dict[str, Any] | None:
        run: dict[str, Any] = reader.get(f"/dags/{path}/dagRuns/{run_id}")
        return run if run["state"] in ENDED else None

    return wait_for(look, f"the end of {path}/{run_id}", seconds)


def task_logs(box: OneBox, run: str = "*") -> dict[str, list[dict[str, Any]]]:
    """Every task log of matching runs: place → its lines as Airflow wrote them."""
    found: dict[str, list[dict[str, Any]]] = {}
    folder = box.place.airflow / "logs"
    for path in sorted(folder.glob(f"dag_id=*/run_id={run}/**/*.log")):
        lines = path.read_text("utf-8").splitlines()
        found[str(path.relative_to(folder))] = [json.loads(line) for line in lines if line.startswith("{")]
    return found


def said(lines: list[dict[str, Any]]) -> list[str]:
    """A log's lines without Airflow's group marks, which its UI does not show."""
    return [str(line["event"]) for line in lines if not str(line["event"]).startswith("::")]


def kubectl(box: OneBox, cluster: str, *words: str) -> str:
    """kubectl from the package index, as the person `operations`."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        namespace = NAMESPACE[cluster]
        json.dump(kubeconfig(box.place.world, cluster, "operations", namespace), file)
        file.flush()
        program = Path(sys.executable).parent / "kubectl"
        shown = subprocess.run(
            [str(program), "--kubeconfig", file.name, *words],
            capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
    return shown.stdout


def running_images(box: OneBox, cluster: str, component: str) -> set[str]:
    """Digests of what a component's pods in a cluster run."""
    query = "jsonpath={range .items[*]}{.status.containerStatuses[0].imageID}{'\\n'}{end}"
    shown = kubectl(box, cluster, "get", "pods", "-l", f"app.kubernetes.io/name={component}", "-o", query)
    return {line.split("@", 1)[1] for line in shown.split() if "@" in line}


def registry_digest(box: OneBox, repository: str, digest: str) -> str:
    """The digest the registry itself gives for a manifest asked for by digest."""
    world = box.place.world
    answer = requests.get(
        f"{world.url('harbor')}/v2/{repository}/manifests/{digest}",
        auth=("platform", world.secret("harbor.platform")),
        headers={"Accept": "application/vnd.oci.image.manifest.v1+json"},
        timeout=30,
    )
    answer.raise_for_status()
    return str(answer.headers["Docker-Content-Digest"])
