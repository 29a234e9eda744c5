"""Harbor's stand-in answers as Harbor's swagger document says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.harbor import create
from sandbox.world import World
from stand_ins import free_world, served
from unit.sandbox.harbor.harbor_client import Client
from unit.sandbox.harbor.vendor_document import VendorDocument

REPOSITORY = "trading-dev/order-gateway"
ARTIFACTS = "/projects/trading-dev/repositories/order-gateway/artifacts"
EVERYTHING = {
    "with_tag": "true",
    "with_label": "true",
    "with_scan_overview": "true",
    "with_accessory": "true",
    "with_immutable_status": "true",
}


@pytest.fixture(scope="module")
def document() -> VendorDocument:
    return VendorDocument("harbor/swagger.yaml", base="/api/v2.0")


@pytest.fixture(scope="module")
def world(document: VendorDocument, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with served(free_world(tmp_path_factory.mktemp("home"), "harbor"), create) as running:
        yield running


@pytest.fixture(scope="module")
def administrator(world: World) -> Client:
    return Client(world, "administrator")


@pytest.fixture(scope="module")
def image(world: World, administrator: Client) -> str:
    """An artifact with everything on it: tag, label, scan, accessory."""
    ci = Client(world, "ci")
    pushed = ci.image(REPOSITORY, "1.0")
    ci.attach(REPOSITORY, pushed, "application/vnd.cyclonedx+json", b"{}")
    ci.api("POST", f"{ARTIFACTS}/{pushed}/scan")
    administrator.api("POST", "/labels", json={"name": "good", "scope": "g"})
    ci.api("POST", f"{ARTIFACTS}/{pushed}/labels", json={"id": 1})
    return pushed


@pytest.mark.parametrize(
    "path",
    [
        "/health",
        "/ping",
        "/systeminfo",
        "/projects",
        "/projects/trading-dev",
        "/projects/trading-dev/repositories",
        "/projects/trading-dev/repositories/order-gateway",
        ARTIFACTS,
        f"{ARTIFACTS}/1.0",
        f"{ARTIFACTS}/1.0/tags",
        f"{ARTIFACTS}/1.0/accessories",
        "/labels?scope=g",
        "/quotas",
        "/quotas/1",
    ],
)
def test_what_is_read_fits(document: VendorDocument, administrator: Client, image: str, path: str) -> None:
    answer = document.check(administrator.api("GET", path, params=EVERYTHING))
    assert answer.status_code == 200


def test_what_is_made_fits(document: VendorDocument, administrator: Client, image: str) -> None:
    check, api = document.check, administrator.api
    assert check(api("POST", "/projects", json={"project_name": "contract"})).status_code == 201
    copied = api("POST", "/projects/contract/repositories/a/artifacts?from=" + f"{REPOSITORY}@{image}")
    assert check(copied).status_code == 201
    assert check(api("POST", f"{ARTIFACTS}/{image}/tags", json={"name": "more"})).status_code == 201
    assert check(api("POST", f"{ARTIFACTS}/{image}/scan")).status_code == 202
    selector = {"kind": "doublestar", "decoration": "matches", "pattern": "v*"}
    rule = {
        "tag_selectors": [selector],
        "scope_selectors": {"repository": [selector | {"decoration": "repoMatches"}]},
    }
    assert check(api("POST", "/projects/contract/immutabletagrules", json=rule)).status_code == 201
    assert check(api("GET", "/projects/contract/immutabletagrules")).json()[0]["template"]
    access = [{"resource": "repository", "action": "pull"}]
    permission = {"kind": "project", "namespace": "contract", "access": access}
    robot = {"name": "spec", "level": "project", "duration": -1, "permissions": [permission]}
    made = check(api("POST", "/robots", json=robot))
    assert made.status_code == 201
    assert check(api("GET", "/robots")).json()[0]["name"] == "robot$contract+spec"
    assert check(api("GET", f"/robots/{made.json()['id']}")).status_code == 200
    assert check(api("DELETE", f"{ARTIFACTS}/{image}/tags/more")).status_code == 200


def test_refusals_fit(document: VendorDocument, world: World, administrator: Client, image: str) -> None:
    check, developer = document.check, Client(world, "developer")
    wrong = Client(world, "developer")
    wrong.session.auth = ("developer", "wrong")
    zero = "sha256:" + "0" * 64
    assert check(wrong.api("GET", ARTIFACTS)).status_code == 401
    assert check(developer.api("POST", f"{ARTIFACTS}?from={REPOSITORY}@{image}")).status_code == 403
    assert check(developer.api("GET", f"{ARTIFACTS}/{zero}")).status_code == 404
    assert check(administrator.api("POST", f"{ARTIFACTS}?from=nonsense")).status_code == 400
    assert check(administrator.api("POST", f"{ARTIFACTS}?from={REPOSITORY}@{zero}")).status_code == 404
    again = administrator.api("POST", f"{ARTIFACTS}/{image}/tags", json={"name": "1.0"})
    assert check(again).status_code == 409


def test_the_report_names_its_scanner_as_synthetic(administrator: Client, image: str) -> None:
    [report] = administrator.api("GET", f"{ARTIFACTS}/{image}/additions/vulnerabilities").json().values()
    assert report["scanner"]["name"] == "Synthetic"
