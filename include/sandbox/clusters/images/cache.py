"""The machine's images: pulled once by digest, unpacked once, shared read-only by every pod.

Files are unpacked without write permission, so a pod of an ordinary user cannot change its image. (A sandbox
that runs as root cannot be kept from it this way.)

`alpine` and `busybox` of Docker Hub are built in: they are an empty root folder whose programs are the
machine's own `sh` and its tools. That is enough for Airflow's XCom sidecar and asks no foreign registry.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from sandbox.clusters.images.reference import Reference, parse
from sandbox.clusters.images.registry import PullError, Registry
from sandbox.clusters.images.unpack import unpack
from sandbox.clusters.jsons import Json


@dataclass(frozen=True)
class Image:
    """An image that is on this machine."""

    reference: str
    image_id: str
    root: Path
    config: Json
    size: int


class ImageCache:
    """All images under one folder, for all clusters of the process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._locks: dict[str, asyncio.Lock] = {}
        for part in ("blobs", "roots", "tags"):
            (folder / part).mkdir(parents=True, exist_ok=True)

    def present(self, text: str) -> Image | None:
        """The image of a reference if nothing need be fetched; InvalidImageName when it is none."""
        reference = parse(text)
        if reference.built_in:
            return self._built_in(reference)
        digest = reference.digest or self._tagged(reference)
        return self._opened(reference, digest) if digest else None

    async def pull(self, text: str, login: tuple[str, str] | None) -> Image:
        """The image of a reference, fetched as needed; InvalidImageName or PullError."""
        reference = parse(text)
        if reference.built_in:
            return self._built_in(reference)
        async with self._locks.setdefault(f"{reference.host}/{reference.repository}", asyncio.Lock()):
            known = self._opened(reference, reference.digest) if reference.digest else None
            if known:
                return known
            async with Registry(reference, login) as registry:
                try:
                    digest, body = await registry.manifest(reference.wanted)
                except PullError as problem:
                    raise PullError(
                        f'failed to pull and unpack image "{text}": failed to resolve reference "{text}": '
                        f"{problem}"
                    ) from problem
                try:
                    await self._fetch(registry, digest, body)
                except PullError as problem:
                    raise PullError(f'failed to pull and unpack image "{text}": {problem}') from problem
            if not reference.digest:
                self._tag_file(reference).write_text(digest, "utf-8")
        image = self._opened(reference, digest)
        assert image is not None, "just unpacked"
        return image

    async def _fetch(self, registry: Registry, digest: str, body: bytes) -> None:
        manifest = json.loads(body)
        if "manifests" in manifest:
            _, body = await registry.manifest(_for_this_machine(manifest["manifests"]))
            manifest = json.loads(body)
        root = self._root(digest)
        if root.exists():
            return
        for each in [manifest["config"], *manifest["layers"]]:
            path = self._blob(each["digest"])
            if not path.exists():
                await registry.blob(each["digest"], path)
        fresh = root.with_suffix(".new")
        await asyncio.to_thread(self._unpack_all, manifest, fresh)
        size = sum(int(each.get("size", 0)) for each in manifest["layers"])
        config = json.loads(self._blob(manifest["config"]["digest"]).read_bytes())
        described = {"config": config.get("config") or {}, "size": size}
        (fresh / "image.json").write_text(json.dumps(described), "utf-8")
        fresh.replace(root)

    def _unpack_all(self, manifest: Json, fresh: Path) -> None:
        shutil.rmtree(fresh, ignore_errors=True)
        (fresh / "rootfs").mkdir(parents=True)
        for layer in manifest["layers"]:
            unpack(self._blob(layer["digest"]), fresh / "rootfs")

    def _opened(self, reference: Reference, digest: str) -> Image | None:
        root = self._root(digest)
        if not root.exists():
            return None
        described = json.loads((root / "image.json").read_text("utf-8"))
        name = f"{reference.host}/{reference.repository}"
        shown = reference.text if reference.digest else f"{name}:{reference.tag}"
        return Image(shown, f"{name}@{digest}", root / "rootfs", described["config"], described["size"])

    def _built_in(self, reference: Reference) -> Image:
        root = self._folder / "roots" / "built-in"
        root.mkdir(exist_ok=True)
        name = f"{reference.host}/{reference.repository}:{reference.tag}"
        return Image(name, f"sandbox-built-in:{reference.repository}", root, {}, 0)

    def _blob(self, digest: str) -> Path:
        return self._folder / "blobs" / digest.replace(":", "-")

    def _root(self, digest: str) -> Path:
        return self._folder / "roots" / digest.replace(":", "-")

    def _tag_file(self, reference: Reference) -> Path:
        name = f"{reference.host}/{reference.repository}:{reference.tag}".replace("/", "~")
        return self._folder / "tags" / name

    def _tagged(self, reference: Reference) -> str | None:
        path = self._tag_file(reference)
        return path.read_text("utf-8") if path.exists() else None


def _for_this_machine(manifests: list[Json]) -> str:
    """The digest of the linux/amd64 (else the first) member of an index."""
    for each in manifests:
        platform = each.get("platform") or {}
        if (platform.get("os"), platform.get("architecture")) == ("linux", "amd64"):
            return str(each["digest"])
    if not manifests:
        raise PullError("no manifest in the index")
    return str(manifests[0]["digest"])
