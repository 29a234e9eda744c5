"""CopyArtifact: promotion by digest, server side."""

from __future__ import annotations

import pytest

from sandbox.world import World
from unit.sandbox.harbor.harbor_client import INDEX, MANIFEST, Client

SOURCE, TARGET = "trading-dev/order-gateway", "trading-test/order-gateway"
COPY = "/projects/trading-test/repositories/order-gateway/artifacts"


def copy(client: Client, source: str, path: str = COPY) -> int:
    answer = client.api("POST", path, params={"from": source})
    return int(answer.status_code)


def test_the_copy_has_the_digest_the_tags_and_the_accessories(ci: Client, platform: Client) -> None:
    image = ci.image(SOURCE, "1.0.0")
    sbom = ci.attach(SOURCE, image, "application/vnd.cyclonedx+json", b'{"bom": 1}')
    answer = platform.api("POST", COPY, params={"from": f"{SOURCE}@{image}"})
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v2.0{COPY}/{image}"
    there = platform.call("GET", f"/v2/{TARGET}/manifests/{image}")
    here = platform.call("GET", f"/v2/{SOURCE}/manifests/{image}")
    assert there.content == here.content
    assert platform.call("GET", f"/v2/{TARGET}/manifests/1.0.0").headers["Docker-Content-Digest"] == image
    referrers = platform.call("GET", f"/v2/{TARGET}/referrers/{image}").json()["manifests"]
    assert [x["digest"] for x in referrers] == [sbom]
    for layer in there.json()["layers"]:
        assert platform.call("GET", f"/v2/{TARGET}/blobs/{layer['digest']}").status_code == 200


def test_an_index_is_copied_with_its_children(ci: Client, platform: Client) -> None:
    child = ci.image(SOURCE, "child", layer=b"for one platform")
    size = int(ci.call("HEAD", f"/v2/{SOURCE}/manifests/{child}").headers["Content-Length"])
    entry = {"mediaType": MANIFEST, "digest": child, "size": size}
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}
    pushed = ci.manifest(SOURCE, "many", index).headers["Docker-Content-Digest"]
    assert copy(platform, f"{SOURCE}@{pushed}") == 201
    assert platform.call("GET", f"/v2/{TARGET}/manifests/{child}").status_code == 200


def test_copying_again_changes_nothing(ci: Client, platform: Client) -> None:
    image = ci.image(SOURCE, "again", layer=b"again")
    assert copy(platform, f"{SOURCE}@{image}") == 201
    before = platform.api("GET", f"{COPY}/{image}").json()
    assert copy(platform, f"{SOURCE}@{image}") == 201
    assert platform.api("GET", f"{COPY}/{image}").json()["push_time"] == before["push_time"]


@pytest.mark.parametrize(
    ("source", "status"),
    [
        (f"{SOURCE}@sha256:{'0' * 64}", 404),
        ("trading-dev/nothing:1", 404),
        ("nowhere/order-gateway:1", 404),
        ("order-gateway", 400),
        ("", 400),
    ],
)
def test_a_wrong_source_is_refused(platform: Client, source: str, status: int) -> None:
    assert copy(platform, source) == status


def test_who_may_not_write_the_target_copies_nothing(world: World, ci: Client) -> None:
    image = ci.image(SOURCE, "not-yours", layer=b"not yours")
    for user in ("ci", "developer", "puller"):
        assert copy(Client(world, user), f"{SOURCE}@{image}") == 403
    missing = COPY.replace("trading-test", "nowhere")
    assert copy(Client(world, "platform"), f"{SOURCE}@{image}", missing) == 404


def test_a_copy_does_not_move_an_immutable_tag(ci: Client, platform: Client) -> None:
    first = ci.image(SOURCE, "held", layer=b"first")
    assert copy(platform, f"{SOURCE}@{first}") == 201
    rule = {
        "action": "immutable",
        "template": "immutable_template",
        "tag_selectors": [{"kind": "doublestar", "decoration": "matches", "pattern": "held"}],
        "scope_selectors": {
            "repository": [{"kind": "doublestar", "decoration": "repoMatches", "pattern": "**"}]
        },
    }
    assert platform.api("POST", "/projects/trading-test/immutabletagrules", json=rule).status_code == 201
    second = ci.image(SOURCE, "held", layer=b"second")
    answer = platform.api("POST", COPY, params={"from": f"{SOURCE}@{second}"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (412, "PRECONDITION")
    assert platform.call("GET", f"/v2/{TARGET}/manifests/{second}").status_code == 404
    held = platform.call("HEAD", f"/v2/{TARGET}/manifests/held")
    assert held.headers["Docker-Content-Digest"] == first
