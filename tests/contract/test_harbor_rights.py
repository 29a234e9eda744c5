"""Harbor's documented robots: these permissions are enough, and each of them is needed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from hummingbird.clients.harbor import Harbor
from hummingbird.clients.http import Site
from hummingbird.clients.session import basic
from hummingbird.core.artifact import Image
from hummingbird.core.errors import Denied, NotFound
from hummingbird.workloads import build_image
from hummingbird.workloads.images.registry import Registry
from hummingbird.workloads.images.registry_auth import Credentials
from sandbox_world import SandboxWorld

ROBOTS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "docs" / "production" / "harbor-robots.json").read_text("utf-8")
)
ACCESS = {robot["name"]: robot["permissions"][0]["access"] for robot in ROBOTS}
PROJECTS = ("trading-dev", "trading-test")
NUMBERS = count()


@pytest.fixture(scope="module")
def world(sandbox: SandboxWorld) -> SandboxWorld:
    return sandbox.seeded("harbor")


@pytest.fixture(scope="module")
def administrator(world: SandboxWorld) -> Iterator[Site]:
    auth = basic("administrator", world.secret("harbor.administrator"))
    with Site("Harbor", world.url("harbor"), auth=auth) as site:
        yield site


@pytest.fixture(scope="module")
def image(world: SandboxWorld, tmp_path_factory: pytest.TempPathFactory) -> Image:
    folder = tmp_path_factory.mktemp("image")
    (folder / "marker").write_text("rights")
    with pytest.MonkeyPatch.context() as environ:
        environ.setenv("HARBOR_USER", "administrator")
        environ.setenv("HARBOR_PASSWORD", world.secret("harbor.administrator"))
        arguments = ["--base", "scratch", "--registry", world.url("harbor")]
        arguments += ["--repository", "trading-dev/rights", "--add", f"{folder / 'marker'}:/marker"]
        assert build_image.main([*arguments, "--digest-file", str(folder / "digest")]) == 0
    return Image(repository="trading-dev/rights", digest=(folder / "digest").read_text().strip())


def a_robot(administrator: Site, access: list[dict[str, str]]) -> tuple[str, str]:
    """A robot with these permissions in the projects; its name and secret."""
    permissions = [{"kind": "project", "namespace": name, "access": access} for name in PROJECTS]
    made = administrator.call(
        "POST",
        "api/v2.0/robots",
        about="a robot",
        document={
            "name": f"rights-{next(NUMBERS)}",
            "level": "system",
            "duration": 90,
            "permissions": permissions,
        },
    ).document()
    return str(made["name"]), str(made["secret"])


def platform(world: SandboxWorld, robot: tuple[str, str], image: Image) -> None:
    """Every call of the platform: read, copy, read back, attach, read that back, the address of the page."""
    harbor = Harbor(world.url("harbor"), *robot)
    number = next(NUMBERS)
    try:
        assert harbor.exists(image)
        copied = harbor.copy(image, f"trading-test/rights-{number}")
        assert copied.digest == image.digest
        document = f'{{"n": {number}}}'.encode()
        harbor.attach(image, "application/vnd.in-toto+json", "application/json", document)
        assert document in harbor.attached(image, "application/vnd.in-toto+json")
        assert "/harbor/projects/" in harbor.page(image)
    finally:
        harbor.close()


def pull(world: SandboxWorld, robot: tuple[str, str], image: Image) -> None:
    """What a deployment's pod asks of the registry."""
    assert Registry(world.url("harbor"), Credentials(*robot)).has_manifest(image)


CALLS = {"hummingbird": platform, "hummingbird-pull": pull}


@pytest.mark.parametrize("name", CALLS)
def test_the_documented_permissions_are_enough(
    world: SandboxWorld, administrator: Site, image: Image, name: str
) -> None:
    CALLS[name](world, a_robot(administrator, ACCESS[name]), image)


@pytest.mark.parametrize(
    ("name", "left_out"), [(name, number) for name, access in ACCESS.items() for number in range(len(access))]
)
def test_each_permission_is_needed(
    world: SandboxWorld, administrator: Site, image: Image, name: str, left_out: int
) -> None:
    fewer = [one for number, one in enumerate(ACCESS[name]) if number != left_out]
    robot = a_robot(administrator, fewer or [{"resource": "label", "action": "list"}])
    with pytest.raises((Denied, NotFound, AssertionError)):
        CALLS[name](world, robot, image)
