"""Harbor's starting state: its projects, and the base image, pushed through the registry API."""

from __future__ import annotations

from urllib.parse import urljoin

from sandbox.catalog import clusters
from sandbox.seed.api import Api, SeedError
from sandbox.seed.base_image import MANIFEST, REPOSITORY, TAG, OciImage, base_image
from sandbox.seed.say import say
from sandbox.world import World


def projects() -> list[str]:
    """Every registry project that a cluster of the catalogue pulls from."""
    return list(dict.fromkeys(entry.registry_project for entry in clusters().values()))


def seed_harbor(world: World) -> None:
    """Create the projects that are missing and push the base image unless it is there."""
    with Api(world.url("harbor"), auth=("administrator", world.secret("harbor.administrator"))) as harbor:
        for project in projects():
            there = harbor.call(
                "HEAD", "/api/v2.0/projects", query={"project_name": project}, expected=(200, 404)
            )
            if there.status_code == 404:
                harbor.call("POST", "/api/v2.0/projects", {"project_name": project})
            say("harbor", f"project {project}", made=there.status_code == 404)
        image = base_image()
        path = f"/v2/{REPOSITORY}/manifests/{image.digest}"
        there = harbor.call("HEAD", path, headers={"Accept": MANIFEST}, expected=(200, 404))
        if there.status_code == 404:
            _push(harbor, image)
        say("harbor", f"{REPOSITORY}@{image.digest}", made=there.status_code == 404)


def base_image_reference() -> str:
    """The base image by digest, as pipelines name it."""
    return f"{REPOSITORY}@{base_image().digest}"


def _push(registry: Api, image: OciImage) -> None:
    for digest, content in image.blobs.items():
        begun = registry.call("POST", f"/v2/{REPOSITORY}/blobs/uploads/", expected=(202,))
        place = urljoin(registry.base + "/", begun.headers["Location"])
        binary = {"Content-Type": "application/octet-stream"}
        query = {"digest": digest}
        registry.call("PUT", place, data=content, headers=binary, query=query, expected=(201,))
    answer = registry.call(
        "PUT",
        f"/v2/{REPOSITORY}/manifests/{TAG}",
        data=image.manifest,
        headers={"Content-Type": MANIFEST},
        expected=(201,),
    )
    if answer.headers["Docker-Content-Digest"] != image.digest:
        raise SeedError(f"pushed {image.digest}, Harbor has {answer.headers['Docker-Content-Digest']}")
