"""The ledger beside a real cluster and registry: whatever one side has and the other does not is named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from builders import the_catalogue
from empty_cluster import empty_cluster
from hummingbird.__main__ import main
from hummingbird.clients.apollo import Apollo
from hummingbird.clients.cluster import Cluster
from hummingbird.clients.harbor import Harbor
from hummingbird.clients.http import Site
from hummingbird.clients.session import basic
from hummingbird.cockpit import estate
from hummingbird.core.artifact import PROVENANCE_TYPE, Image
from hummingbird.core.bundle import Bundle
from hummingbird.core.canonical import canonical_json
from hummingbird.core.event import EventKind
from hummingbird.workloads.deployment import manifests
from postgres import LedgerDatabase
from sandbox.clusters.access import kubeconfig
from sandbox_world import SandboxWorld
from unit.notary.conftest import airflow, messengers, scene
from unit.notary.delivery_samples import COMMIT, a_bundle
from unit.notary.scene import Scene

__all__ = ["airflow", "messengers", "scene"]

RUN = "test_deploy/HB-101.1"
REPOSITORY = "trading-dev/order-gateway"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def test_what_is_looked_for_is_what_a_deployment_writes() -> None:
    assert (estate.WARRANT, estate.FILE) == (manifests.WARRANT, manifests.FILE)


def pushed(world: SandboxWorld, repository: str, content: bytes) -> Image:
    """A small image, as somebody with an administrator's account pushes it."""
    auth = basic("administrator", world.secret("harbor.administrator"))
    with Site("Harbor", world.url("harbor"), auth=auth) as registry:

        def blob(data: bytes, kind: str) -> dict[str, object]:
            digest = "sha256:" + hashlib.sha256(data).hexdigest()
            begun = registry.call("POST", f"v2/{repository}/blobs/uploads/", about="a blob")
            where = urljoin(registry.address("v2/"), begun.headers["Location"])
            registry.call("PUT", where, about="a blob", params={"digest": digest}, body=data)
            return {"mediaType": kind, "digest": digest, "size": len(data)}

        config = blob(b'{"architecture":"amd64","os":"linux"}', "application/vnd.oci.image.config.v1+json")
        layer = blob(content, "application/vnd.oci.image.layer.v1.tar+gzip")
        body = canonical_json(
            {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]}
        )
        digest = "sha256:" + hashlib.sha256(body).hexdigest()
        path = f"v2/{repository}/manifests/{digest}"
        registry.call("PUT", path, about="a manifest", body=body, headers={"Content-Type": MANIFEST})
    return Image(repository=repository, digest=digest)


def empty_registry(sandbox: SandboxWorld, harbor: Harbor) -> None:
    """Remove what this or another file brought to the environment's project."""
    auth = basic("administrator", sandbox.secret("harbor.administrator"))
    with Site("Harbor", sandbox.url("harbor"), auth=auth) as registry:
        for digest in harbor.digests("trading-test/order-gateway"):
            path = f"api/v2.0/projects/trading-test/repositories/order-gateway/artifacts/{digest}"
            registry.call("DELETE", path, about="an image")


class Production:
    """The catalogue's `test` environment, standing for production: one cluster and one registry project."""

    def __init__(self, sandbox: SandboxWorld, scene: Scene, folder: Path) -> None:
        self.sandbox, self.folder = sandbox, folder
        empty_cluster(sandbox, "test")
        self.harbor = Harbor(sandbox.url("harbor"), "platform", sandbox.secret("harbor.platform"))
        empty_registry(sandbox, self.harbor)
        admin = kubeconfig(sandbox.world, "test", "admin")
        self.cluster = Cluster.from_kubeconfig(admin, "test", "trading")
        image = pushed(sandbox, REPOSITORY, b"the release")
        self.bundle: Bundle = a_bundle(image=image)
        self.image = Image(repository="trading-test/order-gateway", digest=image.digest)
        scene.admit(RUN)
        scene.ready(self.bundle)
        approval = scene.approve(self.bundle, "test", RUN)
        self.promote(scene)
        self.warrant = scene.deploy(self.bundle, "test", RUN, approval=approval)
        found = scene.get("/builds", component="order-gateway", commit=COMMIT).json()[0]
        self.harbor.attach(image, PROVENANCE_TYPE, PROVENANCE_TYPE, canonical_json(found["envelope"]))
        assert self.harbor.copy(image, self.image.repository) == self.image

    def promote(self, scene: Scene) -> None:
        """As the platform records what it read back in the cluster's project."""
        event = {
            "kind": EventKind.ARTIFACTS_PROMOTED.value,
            "key": f"promoted:{self.bundle.sha256}:test:test",
            "subject": self.bundle.sha256,
            "bundle": self.bundle.sha256,
            "environment": "test",
            "cluster": "test",
            "actor": "platform",
            "data": {"images": [self.image.document()], "packages": []},
        }
        assert scene.post("/events", event).status_code == 201

    def deploy(self, name: str = "order-gateway", digest: str | None = None, **items: str) -> None:
        """A stopped Deployment as the platform brings it; what is given differs."""
        configuration = self.bundle.components[0].configuration["test"].items | items
        text = "".join(f"{key}={value}\n" for key, value in sorted(configuration.items()))
        labels = {"app.kubernetes.io/name": name}
        config = f"{name}-config-{hashlib.sha256(text.encode()).hexdigest()[:10]}"
        self.cluster.apply(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": config},
                "data": {manifests.FILE: text},
            }
        )
        image = f"harbor.example.com/{self.image.repository}@{digest or self.image.digest}"
        annotations = {manifests.WARRANT: self.warrant}
        pod = {
            "containers": [{"name": "main", "image": image}],
            "volumes": [{"name": "config", "configMap": {"name": config}}],
        }
        self.cluster.apply(
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": name, "annotations": annotations},
                "spec": {
                    "replicas": 0,
                    "selector": {"matchLabels": labels},
                    "template": {"metadata": {"labels": labels}, "spec": pod},
                },
            }
        )

    @property
    def apollo_env(self) -> str:
        return the_catalogue().environment("test").apollo_env

    def release(self, **items: str) -> None:
        """In Apollo what the bundle carries; what is given differs."""
        wanted = self.bundle.components[0].configuration["test"].items | items
        place = the_catalogue().component("order-gateway").apollo
        portal = Apollo(self.sandbox.url("apollo"), self.sandbox.secret("apollo.platform"), "platform")
        portal.release(self.apollo_env, place, wanted, "HB-101", "")
        portal.close()

    def kubeconfig(self) -> Path:
        one = kubeconfig(self.sandbox.world, "test", "operations")
        context = {"cluster": "test", "user": one["users"][0]["name"]}
        whole: dict[str, Any] = {**one, "contexts": [{"name": "test", "context": context}]}
        whole["current-context"] = "test"
        path = self.folder / "kubeconfig.json"
        path.write_text(json.dumps(whole), "utf-8")
        return path


@pytest.fixture
def production(
    sandbox: SandboxWorld, scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Production]:
    sandbox.seeded("harbor", "clusters", "apollo")
    made = Production(sandbox, scene, tmp_path)
    made.release()
    monkeypatch.setenv("APOLLO_CONFIG_URL", f"{sandbox.url('apollo-config')}/{made.apollo_env}")
    monkeypatch.setenv("HARBOR_URL", sandbox.url("harbor"))
    monkeypatch.setenv("HB_REGISTRY_USER", "auditor")
    monkeypatch.setenv("HB_REGISTRY_PASSWORD", sandbox.secret("harbor.auditor"))
    yield made
    empty_registry(sandbox, made.harbor)
    made.cluster.close()
    made.harbor.close()


class Report:
    """Runs the command as an auditor does."""

    def __init__(self, production: Production, database: LedgerDatabase, capsys: Any) -> None:
        self._words = ["population", "--kubeconfig", str(production.kubeconfig()), "--environment", "test"]
        self._words += ["--dsn", database.reader]
        self._capsys = capsys

    def __call__(self) -> tuple[int, str]:
        self._capsys.readouterr()
        ended = main(self._words)
        return ended, self._capsys.readouterr().out


@pytest.fixture
def report(
    production: Production, ledger_database: LedgerDatabase, capsys: pytest.CaptureFixture[str]
) -> Report:
    return Report(production, ledger_database, capsys)


def test_what_is_accounted_for_on_both_sides_is_listed_and_nothing_is_missing(
    production: Production, report: Report
) -> None:
    production.deploy()
    ended, told = report()
    assert ended == 0, told
    assert told.startswith("1 changes of test in the ledger\n")
    assert f"test  HB-101  deployed  bundle {production.bundle.sha256[:12]}" in told
    assert "by test_lead (test_lead)" in told
    assert "DONE: clusters, registry and Apollo hold what the ledger says, and nothing else" in told


def test_a_change_of_the_ledger_that_the_cluster_does_not_have_is_named(report: Report) -> None:
    ended, told = report()
    assert ended == 1
    assert "REFUSED: test: order-gateway: the ledger says that 1.4.0 serves; there is no such" in told


def test_a_deployment_that_nobody_recorded_is_named(production: Production, report: Report) -> None:
    production.deploy()
    production.deploy("miner", digest="sha256:" + "e" * 64)
    ended, told = report()
    assert ended == 1
    assert "REFUSED: test: miner runs, and the ledger says that nothing of it serves here" in told


def test_an_image_that_was_changed_by_hand_is_named_and_also_when_it_was_changed_back(
    production: Production, report: Report
) -> None:
    production.deploy()
    production.deploy(digest="sha256:" + "e" * 64)
    ended, told = report()
    assert ended == 1
    assert "the cluster runs sha256:eeeeeeeeeeee" in told
    production.deploy()
    ended, told = report()
    assert ended == 1
    assert f"ran sha256:{'e' * 64}; no row brought it" in told
    assert "the cluster runs" not in told


def test_a_configuration_that_was_changed_by_hand_is_named(production: Production, report: Report) -> None:
    production.deploy(limit="1000000")
    ended, told = report()
    assert ended == 1
    assert "order-gateway: the mounted configuration is not the one of bundle version 1.4.0" in told


def test_a_release_in_apollo_s_own_portal_is_named_by_its_keys_and_without_values(
    production: Production, report: Report
) -> None:
    production.deploy()
    production.release(limit="31415926")
    ended, told = report()
    assert ended == 1
    assert "order-gateway: Apollo serves another configuration than bundle version 1.4.0 has; limit" in told
    assert "31415926" not in told
    production.release()
    assert report()[0] == 0


def test_without_apollo_s_address_its_configuration_is_not_taken_for_sound(
    production: Production, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    production.deploy()
    monkeypatch.delenv("APOLLO_CONFIG_URL")
    ended, told = report()
    assert ended == 1
    assert "REFUSED: test: what Apollo serves was not looked at: give --apollo or $APOLLO_CONFIG_URL" in told


def test_a_warrant_that_was_not_used_there_is_named(production: Production, report: Report) -> None:
    production.warrant = "of-another-cluster"
    production.deploy()
    assert "runs under warrant of-another-cluster, which no row says was used here" in report()[1]


def test_an_image_in_the_registry_that_nobody_promoted_is_named(
    production: Production, report: Report
) -> None:
    production.deploy()
    foreign = pushed(production.sandbox, "trading-test/order-gateway", b"not ours")
    ended, told = report()
    assert ended == 1
    assert f"{foreign.repository}@{foreign.digest[:19]} lies in the registry and no row promoted it" in told


def test_what_serves_without_its_signed_provenance_is_named(
    production: Production, report: Report, sandbox: SandboxWorld
) -> None:
    production.deploy()
    auth = basic("administrator", sandbox.secret("harbor.administrator"))
    with Site("Harbor", sandbox.url("harbor"), auth=auth) as registry:
        listed = registry.call(
            "GET", f"v2/{production.image.repository}/referrers/{production.image.digest}", about="referrers"
        )
        for each in listed.document()["manifests"]:
            path = f"v2/{production.image.repository}/manifests/{each['digest']}"
            registry.call("DELETE", path, about="a referrer")
        assert "serves and its signed provenance is not attached to it" in report()[1]
        path = f"v2/{production.image.repository}/manifests/{production.image.digest}"
        registry.call("DELETE", path, about="the image")
    assert "serves and is gone from the registry" in report()[1]


def test_what_cannot_be_looked_at_is_never_taken_for_sound(
    production: Production, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    production.deploy()
    monkeypatch.setenv("HB_REGISTRY_PASSWORD", "wrong")
    ended, told = report()
    assert ended == 1
    assert "test: its registry project was not looked at" in told
    assert set(the_catalogue().environment("test").clusters) == {"test"}
