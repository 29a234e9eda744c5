"""Brings base layers and added layers together under a new manifest, and pushes what is missing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from hummingbird.core.artifact import Image
from hummingbird.core.errors import Garbled, NotFound, Retryable
from hummingbird.workloads.images.image_config import Settings, configured
from hummingbird.workloads.images.layer import Addition, Layer, write_layer
from hummingbird.workloads.images.registry import DOCKER_INDEX, INDEX, MANIFEST, Registry

CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
_OCI_NAMES = {"application/vnd.docker.image.rootfs.diff.tar.gzip": LAYER}
TRIES = 3
Done = TypeVar("Done")


@dataclass(frozen=True)
class Recipe:
    """What an image is made of; `base` None is an image from nothing."""

    base: Image | None
    repository: str
    additions: list[Addition]
    settings: Settings
    tag: str | None = None
    platform: str = "linux/amd64"


def build(recipe: Recipe, registry: Registry, scratch: Path, say: Callable[[str], None]) -> str:
    """Build and push; returns the manifest's digest, the same for the same recipe and files."""
    base, base_config = _base(recipe, registry)
    layers = []
    for number, addition in enumerate(recipe.additions):
        layer = write_layer(addition, scratch / f"layer-{number}.tar.gz")
        say(f"layer {addition.source} -> {addition.destination}: {layer.digest}, {layer.size} bytes")
        layers.append(layer)
    for descriptor in base["layers"]:
        again(lambda d=descriptor: _bring_base_layer(recipe, registry, d, scratch, say))  # type: ignore[misc]
    for layer in layers:
        again(lambda x=layer: registry.push_blob(recipe.repository, x.digest, x.path))  # type: ignore[misc]
    notes = [f"{a.source.name}:{a.destination}" for a in recipe.additions]
    config = configured(base_config, recipe.settings, layers, notes)
    descriptor = _descriptor(CONFIG, config)
    again(lambda: registry.push_blob(recipe.repository, descriptor["digest"], config))
    manifest = _manifest(recipe, base, descriptor, layers)
    return again(lambda: registry.push_manifest(recipe.repository, manifest, MANIFEST, recipe.tag))


def again(call: Callable[[], Done]) -> Done:
    """Call up to three times while machinery fails; every call here can be repeated without harm."""
    for _ in range(TRIES - 1):
        try:
            return call()
        except Retryable:
            continue
    return call()


def _base(recipe: Recipe, registry: Registry) -> tuple[dict[str, Any], dict[str, Any]]:
    if recipe.base is None:
        system, _, machine = recipe.platform.partition("/")
        return {"layers": []}, {"os": system, "architecture": machine}
    image = recipe.base
    manifest = again(lambda: registry.manifest(image))
    if manifest.get("mediaType") in (INDEX, DOCKER_INDEX) or "manifests" in manifest:
        image = Image(repository=image.repository, digest=_of_platform(manifest, recipe.platform))
        manifest = again(lambda: registry.manifest(image))
    try:
        digest = str(manifest["config"]["digest"])
        manifest["layers"] = [dict(layer) for layer in manifest["layers"]]
    except (KeyError, TypeError) as error:
        raise Garbled(f"{image.repository}@{image.digest} is no image manifest") from error
    return manifest, again(lambda: registry.document(image.repository, digest))


def _of_platform(index: dict[str, Any], platform: str) -> str:
    for entry in index.get("manifests", []):
        described = entry.get("platform", {})
        if f"{described.get('os')}/{described.get('architecture')}" == platform:
            return str(entry["digest"])
    raise NotFound(f"the base image has no manifest for {platform}")


def _bring_base_layer(
    recipe: Recipe, registry: Registry, layer: dict[str, Any], scratch: Path, say: Callable[[str], None]
) -> None:
    digest = str(layer["digest"])
    if recipe.base is None or registry.has_blob(recipe.repository, digest):
        return
    if registry.mount_blob(recipe.repository, digest, recipe.base.repository):
        say(f"base layer {digest} shared by the registry")
        return
    copied = scratch / "base-layer"
    registry.pull_blob(recipe.base.repository, digest, copied)
    registry.push_blob(recipe.repository, digest, copied)
    say(f"base layer {digest} copied, {copied.stat().st_size} bytes")
    copied.unlink()


def _manifest(recipe: Recipe, base: dict[str, Any], config: dict[str, Any], layers: list[Layer]) -> bytes:
    of_base = [
        {**layer, "mediaType": _OCI_NAMES.get(layer["mediaType"], layer["mediaType"])}
        for layer in base["layers"]
    ]
    ours = [{"mediaType": LAYER, "digest": layer.digest, "size": layer.size} for layer in layers]
    manifest: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": config,
        "layers": [*of_base, *ours],
    }
    if recipe.base is not None:
        manifest["annotations"] = {
            "org.opencontainers.image.base.digest": recipe.base.digest,
            "org.opencontainers.image.base.name": recipe.base.repository,
        }
    return _json(manifest)


def _descriptor(media_type: str, content: bytes) -> dict[str, Any]:
    return {
        "mediaType": media_type,
        "digest": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "size": len(content),
    }


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")
