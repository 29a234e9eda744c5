"""`hummingbird compare` against real HTTP: what runs that an older ledger does not know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from builders import the_catalogue
from empty_cluster import empty_cluster
from hummingbird.__main__ import main
from hummingbird.clients.cluster import Cluster
from hummingbird.cockpit import compare
from hummingbird.core.event import DeliveryEvent, EventKind
from hummingbird.ledger.append import append
from hummingbird.workloads.deployment import manifests
from postgres import LedgerDatabase
from sandbox.clusters.access import kubeconfig
from sandbox_world import SandboxWorld


def test_the_deployment_names_its_warrant_where_it_is_looked_for() -> None:
    assert compare.WARRANT == manifests.WARRANT


@pytest.fixture
def file(sandbox: SandboxWorld, tmp_path: Path) -> Path:
    """A kubeconfig whose contexts are named like the catalogue's clusters."""
    sandbox.needs("clusters")
    for name in ("dev", "test", "prod-private", "prod-huawei", "prod-industry"):
        empty_cluster(sandbox, name)
    whole: dict[str, Any] = {"clusters": [], "users": [], "contexts": []}
    for name in the_catalogue().clusters:
        one = kubeconfig(sandbox.world, name, "operations")
        user = f"operations-{name}"
        whole["clusters"] += one["clusters"]
        whole["users"].append({"name": user, "user": one["users"][0]["user"]})
        whole["contexts"].append({"name": name, "context": {"cluster": name, "user": user}})
    path = tmp_path / "kubeconfig.json"
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", **whole}), "utf-8")
    return path


def deploy(sandbox: SandboxWorld, warrant: str | None) -> None:
    """A Deployment in dev, stopped, brought under a warrant."""
    annotations = {compare.WARRANT: warrant} if warrant else {}
    labels = {"app": "quote"}
    container = {"name": "main", "image": "harbor.example.com/x/y@sha256:" + "0" * 64}
    cluster = Cluster.from_kubeconfig(kubeconfig(sandbox.world, "dev", "admin"), "dev", "trading")
    cluster.apply(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "quote-service", "annotations": annotations},
            "spec": {
                "replicas": 0,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
            },
        }
    )
    cluster.close()


def test_what_an_older_ledger_does_not_know_is_named(
    sandbox: SandboxWorld,
    file: Path,
    writer: Engine,
    ledger_database: LedgerDatabase,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["compare", "--kubeconfig", str(file), "--dsn", ledger_database.reader]
    deploy(sandbox, "w-after-the-back-up")
    assert main(asked) == 1
    told = capsys.readouterr().out
    assert "REFUSED: dev: quote-service runs under warrant w-after-the-back-up" in told
    assert "the ledger is older" in told
    event = DeliveryEvent(
        kind=EventKind.WARRANT_ISSUED,
        key="warrant:w-after-the-back-up",
        subject="w-after-the-back-up",
        actor="notary",
    )
    with writer.begin() as connection:
        append(connection, event)
    assert main(asked) == 0
    assert "DONE: the ledger knows all that runs" in capsys.readouterr().out
    deploy(sandbox, None)
    assert main(asked) == 1
    assert "was not brought by the platform" in capsys.readouterr().out


def test_a_cluster_that_cannot_be_asked_is_named_and_never_taken_for_sound(
    file: Path, ledger_database: LedgerDatabase, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    document = json.loads(file.read_text("utf-8"))
    document["contexts"] = [one for one in document["contexts"] if one["name"] != "test"]
    file.write_text(json.dumps(document), "utf-8")
    assert main(["compare", "--kubeconfig", str(file), "--dsn", ledger_database.reader]) == 1
    assert "test was not looked at" in capsys.readouterr().out
    assert main(["compare", "--kubeconfig", str(tmp_path / "none"), "--dsn", ledger_database.reader]) == 2
