"""The Harbor and Artifactory clients against the sandbox's: content by digest, read back, never replaced."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from urllib.parse import urljoin

import pytest

from builders import a_build
from hummingbird.clients.artifactory import Artifactory
from hummingbird.clients.harbor import Harbor
from hummingbird.clients.http import Site
from hummingbird.clients.session import basic
from hummingbird.core.artifact import PROVENANCE_TYPE, SBOM_TYPE, Image, Package
from hummingbird.core.canonical import canonical_json
from hummingbird.core.errors import Conflict, Denied, Invalid, Mismatch, NotFound
from hummingbird.core.ports import ImageStore, PackageStore
from hummingbird.paths.build import attach_evidence
from sandbox_world import SandboxWorld

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
NOWHERE = "sha256:" + "0" * 64


@pytest.fixture(scope="module")
def world(sandbox: SandboxWorld) -> SandboxWorld:
    return sandbox.seeded("harbor", "artifactory")


@pytest.fixture
def images(world: SandboxWorld) -> Iterator[Harbor]:
    client = Harbor(world.url("harbor"), "platform", world.secret("harbor.platform"))
    yield client
    client.close()


@pytest.fixture
def packages(world: SandboxWorld) -> Iterator[Artifactory]:
    client = Artifactory(world.url("artifactory"), "platform", world.secret("artifactory.platform"))
    yield client
    client.close()


@pytest.fixture(scope="module")
def registry(world: SandboxWorld) -> Iterator[Site]:
    auth = basic("administrator", world.secret("harbor.administrator"))
    with Site("Harbor", world.url("harbor"), auth=auth) as site:
        yield site


@pytest.fixture(scope="module")
def image(registry: Site) -> Image:
    """A one-layer image in the registry, pushed by hand."""
    repository = "trading-dev/order-gateway"

    def blob(content: bytes, media_type: str) -> dict[str, object]:
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        begun = registry.call("POST", f"v2/{repository}/blobs/uploads/", about="a blob")
        where = urljoin(registry.address("v2/"), begun.headers["Location"])
        registry.call("PUT", where, about="a blob", params={"digest": digest}, body=content)
        return {"mediaType": media_type, "digest": digest, "size": len(content)}

    config = blob(
        b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}',
        "application/vnd.oci.image.config.v1+json",
    )
    layer = blob(b"layer", "application/vnd.oci.image.layer.v1.tar+gzip")
    body = canonical_json({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]})
    registry.call(
        "PUT",
        f"v2/{repository}/manifests/1.0.0",
        about="a manifest",
        body=body,
        headers={"Content-Type": MANIFEST},
    )
    return Image(repository=repository, digest="sha256:" + hashlib.sha256(body).hexdigest())


def test_an_image_exists_by_digest_only(images: ImageStore, image: Image) -> None:
    assert images.exists(image)
    assert not images.exists(Image(repository=image.repository, digest=NOWHERE))


def test_an_image_is_copied_by_digest_once(images: ImageStore, image: Image) -> None:
    copied = images.copy(image, "trading-test/order-gateway")
    assert copied == Image(repository="trading-test/order-gateway", digest=image.digest)
    assert images.exists(copied)
    assert images.copy(image, "trading-test/order-gateway") == copied


def test_a_missing_image_is_not_copied(images: ImageStore, image: Image) -> None:
    with pytest.raises(NotFound, match="copying"):
        images.copy(Image(repository=image.repository, digest=NOWHERE), "trading-test/order-gateway")


def test_a_repository_without_a_project_is_refused(images: ImageStore, image: Image) -> None:
    with pytest.raises(Invalid, match="must read project/name"):
        images.copy(image, "order-gateway")


def test_a_document_is_attached_once_and_listed_as_a_referrer(
    images: ImageStore, image: Image, registry: Site
) -> None:
    kind, content = "application/vnd.in-toto+json", b'{"payload": "x"}'
    first = images.attach(image, kind, kind, content)
    assert images.attach(image, kind, kind, content) == first
    listed = registry.call("GET", f"v2/{image.repository}/referrers/{image.digest}", about="referrers")
    found = [each for each in listed.document()["manifests"] if each["digest"] == first]
    assert [each["artifactType"] for each in found] == [kind]
    manifest = registry.call("GET", f"v2/{image.repository}/manifests/{first}", about="referrer")
    layer = json.loads(manifest.body)["layers"][0]
    stored = registry.call("GET", f"v2/{image.repository}/blobs/{layer['digest']}", about="blob")
    assert stored.body == content


def test_provenance_and_bill_of_materials_travel_with_the_image(
    images: ImageStore, packages: PackageStore, image: Image
) -> None:
    bill, envelope = b'{"bomFormat":"CycloneDX"}', {"payload": "eA==", "payloadType": "x", "signatures": []}
    packages.put("reports-local", "sboms/order-gateway/x.cdx.json", bill, SBOM_TYPE)
    sbom = Package(
        repository="reports-local",
        path="sboms/order-gateway/x.cdx.json",
        sha256=hashlib.sha256(bill).hexdigest(),
    )
    made = a_build(image=image, sbom=sbom)
    attach_evidence(images, packages, made, envelope)
    attach_evidence(images, packages, made, envelope)
    copied = images.copy(image, "trading-prod-private/order-gateway")
    for where in (image, copied):
        assert images.attached(where, SBOM_TYPE) == [bill]
        assert images.attached(where, PROVENANCE_TYPE) == [canonical_json(envelope)]
    assert images.attached(Image(repository=image.repository, digest=NOWHERE), SBOM_TYPE) == []


def test_a_bill_of_materials_that_is_another_one_is_not_attached(
    images: ImageStore, packages: PackageStore, image: Image
) -> None:
    packages.put("reports-local", "sboms/order-gateway/y.cdx.json", b"{}", SBOM_TYPE)
    other = Package(repository="reports-local", path="sboms/order-gateway/y.cdx.json", sha256="0" * 64)
    with pytest.raises(Mismatch, match="do not use it"):
        attach_evidence(images, packages, a_build(image=image, sbom=other), {})


def test_the_page_of_an_image_names_its_digest(images: ImageStore, image: Image, registry: Site) -> None:
    page = images.page(image)
    assert page.endswith(f"/artifacts-tab/artifacts/{image.digest}")
    assert page.startswith(registry.url)


def test_the_wrong_password_is_denied(world: SandboxWorld, image: Image) -> None:
    client = Harbor(world.url("harbor"), "platform", "wr0ng")
    with pytest.raises(Denied):
        client.exists(image)
    client.close()


def package(content: bytes, path: str) -> Package:
    sha256 = hashlib.sha256(content).hexdigest()
    return Package(repository="trading-dev-local", path=path, sha256=sha256)


def test_a_file_is_stored_once_and_read_back(packages: Artifactory) -> None:
    made = package(b"wheel", "order-gateway/1.0.0/order_gateway-1.0.0.whl")
    assert packages.checksum(made) is None
    address = packages.put(made.repository, made.path, b"wheel", "application/zip")
    assert address == packages.page(made.repository, made.path)
    assert packages.put(made.repository, made.path, b"wheel", "application/zip") == address
    assert packages.checksum(made) == made.sha256
    assert packages.read(made) == b"wheel"


def test_known_bytes_are_deployed_by_checksum_under_a_second_name(packages: PackageStore) -> None:
    for path in ("reports/a.txt", "reports/b.txt"):
        packages.put("reports-local", path, b"the same report", "text/plain")
    twin = Package(
        repository="reports-local",
        path="reports/b.txt",
        sha256=hashlib.sha256(b"the same report").hexdigest(),
    )
    assert packages.checksum(twin) == twin.sha256


def test_a_package_is_copied_once(packages: PackageStore) -> None:
    made = package(b"sdist", "order-gateway/1.0.0/order_gateway-1.0.0.tar.gz")
    packages.put(made.repository, made.path, b"sdist", "application/gzip")
    copied = packages.copy(made, "trading-test-local")
    assert (copied.repository, packages.checksum(copied)) == ("trading-test-local", made.sha256)
    assert packages.copy(made, "trading-test-local") == copied


def test_a_promoted_file_is_never_replaced(packages: PackageStore) -> None:
    path = "order-gateway/1.0.1/x.whl"
    packages.put("trading-test-local", path, b"promoted", "application/zip")
    made = package(b"another", path)
    packages.put(made.repository, path, b"another", "application/zip")
    with pytest.raises(Conflict, match="never replaced"):
        packages.copy(made, "trading-test-local")


def test_a_package_that_is_not_what_was_built_is_not_copied(packages: PackageStore) -> None:
    path = "order-gateway/1.0.2/x.whl"
    packages.put("trading-dev-local", path, b"tampered", "application/zip")
    with pytest.raises(Mismatch, match="do not use it"):
        packages.copy(package(b"built", path), "trading-test-local")
    with pytest.raises(NotFound, match="build it again"):
        packages.copy(package(b"built", "order-gateway/1.0.3/x.whl"), "trading-test-local")


def test_a_path_that_climbs_out_is_refused(packages: PackageStore) -> None:
    with pytest.raises(Invalid, match="must name a repository"):
        packages.put("reports-local", "../trading-prod-local/x", b"x", "text/plain")


def test_a_bearer_token_serves_as_well(world: SandboxWorld) -> None:
    client = Artifactory(world.url("artifactory"), "", world.secret("artifactory.platform"))
    assert client.checksum(package(b"", "none")) is None
    client.close()
