"""F16: copies and uploads that are cut: nothing is promoted until it was read back, and again is harmless."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from faulty import applied, fault
from hummingbird.clients.artifactory import Artifactory
from hummingbird.clients.harbor import Harbor
from hummingbird.clients.retrying import Retrying
from hummingbird.core.artifact import Image, Package
from hummingbird.core.errors import DeliveryError, NotFound
from hummingbird.workloads.images.registry import Registry
from hummingbird.workloads.images.registry_auth import Credentials
from sandbox.seed.harbor import base_image_reference
from sandbox_world import SandboxWorld

_NAME, _, _DIGEST = base_image_reference().partition("@")
BASE = Image(repository=_NAME, digest=_DIGEST)
LOST = pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("drop_answer", {}),
        ("status", {"status": 502, "acting": True}),
        ("status", {"status": 503}),
        ("throttle", {"retry_after": 1.0}),
    ],
)


@LOST
def test_an_image_is_copied_whatever_becomes_of_the_answers(
    seeded: SandboxWorld, harbor: Harbor, kind: str, settings: dict[str, Any]
) -> None:
    name = "".join(letter for letter in f"{kind}{settings}" if letter.isalnum()).lower()
    target = f"trading-test/copy-{name}"
    with fault(seeded.world, "harbor", kind, {"path": "artifacts", "count": 2}, **settings) as made:
        assert harbor.copy(BASE, target).digest == BASE.digest
        assert len(applied(seeded.world, made)) == 2
    assert harbor.exists(Image(repository=target, digest=BASE.digest))


def test_a_copy_that_cannot_be_read_back_is_no_promotion(seeded: SandboxWorld, harbor: Harbor) -> None:
    for kind in ("html", "truncate", "reset", "status"):
        match = {"method": "GET", "path": "artifacts/sha256", "after": 1}
        with fault(seeded.world, "harbor", kind, match), pytest.raises(DeliveryError):
            harbor.copy(BASE, f"trading-test/unread-{kind}")
        assert harbor.copy(BASE, f"trading-test/unread-{kind}").digest == BASE.digest


@LOST
def test_a_package_is_copied_whatever_becomes_of_the_answers(
    seeded: SandboxWorld, artifactory: Artifactory, kind: str, settings: dict[str, Any]
) -> None:
    name = "".join(letter for letter in f"{kind}{settings}" if letter.isalnum()).lower()
    content = name.encode()
    path = f"faults/{name}.txt"
    with fault(seeded.world, "artifactory", kind, {"count": 2}, **settings):
        artifactory.put("trading-dev-local", path, content, "text/plain")
    package = Package(repository="trading-dev-local", path=path, sha256=hashlib.sha256(content).hexdigest())
    with fault(seeded.world, "artifactory", kind, {"count": 2}, **settings):
        copied = artifactory.copy(package, "trading-test-local")
    assert artifactory.checksum(copied) == package.sha256


@pytest.fixture
def registry(seeded: SandboxWorld) -> Registry:
    credentials = Credentials("administrator", seeded.secret("harbor.administrator"))
    return Registry(seeded.url("harbor"), credentials, Retrying(first=0.05, longest=0.2))


@pytest.mark.parametrize("kind", ["upload_cut", "reset", "drop_answer", "status", "throttle"])
def test_a_layer_whose_upload_is_cut_is_sent_anew(
    seeded: SandboxWorld, registry: Registry, tmp_path: Path, kind: str
) -> None:
    layer = tmp_path / "layer"
    layer.write_bytes(os.urandom(3 << 20))
    digest = f"sha256:{hashlib.sha256(layer.read_bytes()).hexdigest()}"
    with fault(seeded.world, "harbor", kind, {"method": "PUT", "path": "/blobs/uploads/", "count": 2}):
        registry.push_blob("trading-dev/cut", digest, layer)
    assert registry.has_blob("trading-dev/cut", digest)


def test_a_layer_that_breaks_off_is_pulled_anew_and_never_half(
    seeded: SandboxWorld, registry: Registry, tmp_path: Path
) -> None:
    content, target = os.urandom(3 << 20), tmp_path / "pulled"
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    registry.push_blob("trading-dev/cut", digest, content)
    blob = {"method": "GET", "path": f"/blobs/{digest}"}
    with fault(seeded.world, "harbor", "reset", {**blob, "count": 2}, bytes=1 << 20):
        registry.pull_blob("trading-dev/cut", digest, target)
    assert target.read_bytes() == content
    with fault(seeded.world, "harbor", "reset", blob, bytes=1 << 20), pytest.raises(DeliveryError):
        registry.pull_blob("trading-dev/cut", digest, target)


def test_a_registry_whose_token_service_is_busy_denies_nobody(
    seeded: SandboxWorld, registry: Registry
) -> None:
    with fault(seeded.world, "harbor", "status", {"path": "/service/token", "count": 2}) as made:
        with pytest.raises(NotFound):
            registry.manifest(Image(repository="trading-dev/cut", digest="sha256:" + "0" * 64))
        assert applied(seeded.world, made)
