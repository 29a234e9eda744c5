"""The base image: standard, the same everywhere, and honest about what it is."""

from __future__ import annotations

import gzip
import io
import json
import tarfile

import pytest

from sandbox.seed.base_image import BASES, NODE, Base, base_image, digest_of


def test_its_digest_is_the_same_on_every_machine() -> None:
    assert base_image().digest == "sha256:403429b99b8b781418bd4d81a7754d6796af42d274bc30f1580afd73cc0f8970"
    assert base_image(NODE).digest != base_image().digest


@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
def test_every_descriptor_names_a_blob_by_digest_and_size(base: Base) -> None:
    image = base_image(base)
    manifest = json.loads(image.manifest)
    for descriptor in (manifest["config"], *manifest["layers"]):
        blob = image.blobs[descriptor["digest"]]
        assert (digest_of(blob), len(blob)) == (descriptor["digest"], descriptor["size"])


@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
def test_its_configuration_names_the_unpacked_layer(base: Base) -> None:
    image = base_image(base)
    manifest = json.loads(image.manifest)
    config = json.loads(image.blobs[manifest["config"]["digest"]])
    layer = gzip.decompress(image.blobs[manifest["layers"][0]["digest"]])
    assert config["rootfs"]["diff_ids"] == [digest_of(layer)]


@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
def test_label_and_content_say_that_it_is_a_marker(base: Base) -> None:
    image = base_image(base)
    manifest = json.loads(image.manifest)
    config = json.loads(image.blobs[manifest["config"]["digest"]])
    assert f"no {base.program} inside" in config["config"]["Labels"]["org.opencontainers.image.description"]
    layer = gzip.decompress(image.blobs[manifest["layers"][0]["digest"]])
    with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
        readme = tar.extractfile("etc/sandbox-base/README")
        assert readme is not None
        assert b"marker" in readme.read()
