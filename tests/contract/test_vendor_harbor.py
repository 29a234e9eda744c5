"""Harbor: what our client sends and what the stand-in answers is what Harbor's swagger document says."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests

from contract.vendor.coverage import endpoints_of, methods_of, not_called
from contract.vendor.judge import Excused, Judge
from contract.vendor.recorder import Recorder, recording
from hummingbird.clients.harbor import Harbor
from hummingbird.clients.retrying import Retrying
from hummingbird.core.artifact import Image
from hummingbird.core.errors import DeliveryError
from sandbox.harbor import create
from sandbox.harbor.app import application
from sandbox.world import World
from stand_ins import free_world, served
from unit.sandbox.harbor.harbor_client import Client

BASE = "/api/v2.0"
REPOSITORY = "trading-dev/order/gateway"
ARTIFACTS = "/projects/trading-dev/repositories/order%252Fgateway/artifacts"
NOWHERE = "sha256:" + "0" * 64
EVERYTHING = {
    "with_tag": "true",
    "with_label": "true",
    "with_scan_overview": "true",
    "with_accessory": "true",
    "with_immutable_status": "true",
}
SELECTOR = {"kind": "doublestar", "decoration": "matches", "pattern": "v*"}
RULE = {
    "tag_selectors": [SELECTOR],
    "scope_selectors": {"repository": [SELECTOR | {"decoration": "repoMatches"}]},
}
EXCUSED = [
    Excused(
        why="The report is documented as a string; Harbor answers the report itself, by media type.",
        reference="goharbor/harbor src/server/v2.0/handler/artifact.go, GetVulnerabilitiesAddition",
        method="GET",
        path=r".*/additions/vulnerabilities",
        statuses=frozenset({200}),
    )
]
Call = Callable[..., requests.Response]


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge("harbor/swagger.yaml", BASE, EXCUSED)


@pytest.fixture(scope="module")
def world(judge: Judge, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with served(free_world(tmp_path_factory.mktemp("home"), "harbor"), create) as running:
        yield running


@pytest.fixture(scope="module")
def recorder(world: World) -> Iterator[Recorder]:
    """Everything that is said in this file: by our client, and by hand what people and pipelines ask."""
    with recording(world.url("harbor")) as made:
        image = Image(repository=REPOSITORY, digest=Client(world, "ci").image(REPOSITORY, "1.0"))
        by_our_client(made, world, image)
        by_hand(made, world, image.digest)
        refused(made, world, image.digest)
        yield made


def by_our_client(recorder: Recorder, world: World, image: Image) -> None:
    """Every method of ports.ImageStore, also against what is not there."""
    harbor = Harbor(recorder.url, "platform", world.secret("harbor.platform"), retrying=Retrying(attempts=1))
    store = recorder.watched(harbor)
    absent = Image(repository=REPOSITORY, digest=NOWHERE)
    assert (store.exists(image), store.exists(absent)) == (True, False)
    assert store.copy(image, "trading-test/order/gateway").digest == image.digest
    with pytest.raises(DeliveryError):
        store.copy(absent, "trading-test/order/gateway")
    store.attach(image, "application/vnd.in-toto+json", "application/vnd.in-toto+json", b"{}")
    assert store.attached(image, "application/vnd.in-toto+json") == [b"{}"]
    assert image.digest in store.digests(REPOSITORY)
    assert store.page(image)
    harbor.close()


def caller(recorder: Recorder, world: World, user: str) -> Call:
    """Calls by hand as one account, through the recorder."""
    session = requests.Session()
    session.trust_env = False
    session.auth = (user, world.secret(f"harbor.{user}"))
    return lambda method, path, **more: session.request(
        method, f"{recorder.url}{BASE}{path}", timeout=30, **more
    )


def by_hand(recorder: Recorder, world: World, digest: str) -> None:
    """Everything else that the stand-in serves."""
    api = caller(recorder, world, "administrator")
    label = api("POST", "/labels", json={"name": "good", "scope": "g"}).headers["Location"].rpartition("/")[2]
    api("POST", f"{ARTIFACTS}/{digest}/labels", json={"id": int(label)})
    api("POST", f"{ARTIFACTS}/{digest}/scan")
    api("POST", f"{ARTIFACTS}/{digest}/tags", json={"name": "more"})
    api("POST", "/projects", json={"project_name": "contract"})
    api("POST", "/projects/contract/immutabletagrules", json=RULE)
    access = [{"resource": "repository", "action": "pull"}]
    permission = {"kind": "project", "namespace": "contract", "access": access}
    robot = {"name": "spec", "level": "project", "duration": -1, "permissions": [permission]}
    number = api("POST", "/robots", json=robot).json()["id"]
    for path in (
        "/health",
        "/ping",
        "/systeminfo",
        "/projects",
        "/projects/trading-dev",
        "/projects/trading-dev/repositories",
        "/projects/trading-dev/repositories/order%252Fgateway",
        "/projects/contract/immutabletagrules",
        f"{ARTIFACTS}/1.0/tags",
        f"{ARTIFACTS}/1.0/accessories",
        f"{ARTIFACTS}/1.0/additions/vulnerabilities",
        "/labels?scope=g",
        "/quotas",
        "/quotas/1",
        "/robots",
        f"/robots/{number}",
    ):
        api("GET", path)
    for path in (ARTIFACTS, f"{ARTIFACTS}/1.0"):
        api("GET", path, params=EVERYTHING)
    rule = api("GET", "/projects/contract/immutabletagrules").json()[0]["id"]
    api("PUT", f"/projects/contract/immutabletagrules/{rule}", json={**RULE, "disabled": True})
    api("PATCH", f"/robots/{number}", json={})
    api("POST", f"/projects/contract/repositories/old/artifacts?from={REPOSITORY}@{digest}")
    for path in (
        f"/projects/contract/immutabletagrules/{rule}",
        f"/robots/{number}",
        f"{ARTIFACTS}/{digest}/labels/{label}",
        f"{ARTIFACTS}/{digest}/tags/more",
        f"/projects/contract/repositories/old/artifacts/{digest}",
    ):
        api("DELETE", path)


def refused(recorder: Recorder, world: World, digest: str) -> None:
    """Refusals have the vendor's shape too."""
    api, developer = caller(recorder, world, "administrator"), caller(recorder, world, "developer")
    requests.get(f"{recorder.url}{BASE}{ARTIFACTS}", auth=("developer", "wrong"), timeout=30)
    statuses = [
        answer.status_code
        for answer in (
            developer("POST", f"{ARTIFACTS}?from={REPOSITORY}@{digest}"),
            developer("GET", f"{ARTIFACTS}/{NOWHERE}"),
            api("POST", f"{ARTIFACTS}?from=nonsense"),
            api("POST", f"{ARTIFACTS}?from={REPOSITORY}@{NOWHERE}"),
            api("POST", f"{ARTIFACTS}/{digest}/tags", json={"name": "1.0"}),
        )
    ]
    assert statuses == [403, 404, 400, 404, 409]


def test_every_exchange_is_as_the_document_says(judge: Judge, recorder: Recorder) -> None:
    told = [each for each in recorder.exchanges if each.path.startswith(BASE)]
    assert len(told) > 30
    assert [fault for each in told for fault in judge.judge(each)] == []
    assert judge.unused_excuses() == []


def test_every_method_of_our_client_was_on_the_wire(recorder: Recorder) -> None:
    assert methods_of(Harbor) - recorder.spoke == set()


def test_every_endpoint_of_the_stand_in_was_called(recorder: Recorder, tmp_path) -> None:
    endpoints = endpoints_of(application(free_world(tmp_path, "harbor")), BASE)
    assert len(endpoints) > 20
    assert not_called(endpoints, recorder.exchanges) == []
