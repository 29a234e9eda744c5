"""Harbor's starting state: the catalogue's projects, and the base images, pushed through the registry API."""

from __future__ import annotations

from urllib.parse import urljoin

from sandbox.seed.api import Api, SeedError
from sandbox.seed.base_image import BASES, MANIFEST, PYTHON, Base, base_image
from sandbox.seed.catalog import read_catalog
from sandbox.seed.say import say
from sandbox.world import World

BASE_PROJECT = PYTHON.repository.partition("/")[0]


def seed_harbor(world: World) -> None:
    """Create the projects that are missing and push the base images unless they are there."""
    with Api(world.url("harbor"), auth=("administrator", world.secret("harbor.administrator"))) as harbor:
        for project in dict.fromkeys([BASE_PROJECT, *read_catalog().registry_projects]):
            there = harbor.call(
                "HEAD", "/api/v2.0/projects", query={"project_name": project}, expected=(200, 404)
            )
            if there.status_code == 404:
                harbor.call("POST", "/api/v2.0/projects", {"project_name": project})
            say("harbor", f"project {project}", made=there.status_code == 404)
        for base in BASES.values():
            digest = base_image(base).digest
            path = f"/v2/{base.repository}/manifests/{digest}"
            there = harbor.call("HEAD", path, headers={"Accept": MANIFEST}, expected=(200, 404))
            if there.status_code == 404:
                _push(harbor, base)
            say("harbor", f"{base.repository}@{digest}", made=there.status_code == 404)


def base_image_reference(base: Base = PYTHON) -> str:
    """A base image by digest, as pipelines name it."""
    return f"{base.repository}@{base_image(base).digest}"


def _push(registry: Api, base: Base) -> None:
    image = base_image(base)
    for digest, content in image.blobs.items():
        begun = registry.call("POST", f"/v2/{base.repository}/blobs/uploads/", expected=(202,))
        place = urljoin(registry.base + "/", begun.headers["Location"])
        binary = {"Content-Type": "application/octet-stream"}
        query = {"digest": digest}
        registry.call("PUT", place, data=content, headers=binary, query=query, expected=(201,))
    answer = registry.call(
        "PUT",
        f"/v2/{base.repository}/manifests/{base.tag}",
        data=image.manifest,
        headers={"Content-Type": MANIFEST},
        expected=(201,),
    )
    if answer.headers["Docker-Content-Digest"] != image.digest:
        raise SeedError(f"pushed {image.digest}, Harbor has {answer.headers['Docker-Content-Digest']}")
