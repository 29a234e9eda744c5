"""The base images of the sandbox: standard OCI images whose only content says that they are markers.

In the sandbox a pod runs on this machine's Python and Node; the bases exist so that images are built, named
and pulled as anywhere. The same bytes on every machine: nothing in them depends on time or place.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from dataclasses import dataclass

README = """This layer is a marker.

It stands where a real base image has an operating system and {program}. The sandbox starts a pod's program
with the {program} of the machine that it runs on. With Docker, use a real base image of {program} {least} \
or newer
in its place.
"""
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


@dataclass(frozen=True)
class Base:
    """What a language's programs are built on."""

    repository: str
    tag: str
    program: str
    least: str
    command: str

    @property
    def label(self) -> str:
        """What it is, in a sentence that every tool shows."""
        return f"sandbox marker: no {self.program} inside, the machine's own Python and Node are the base"


PYTHON = Base("platform/base/python", "3", "Python", "3.11", "python3")
NODE = Base("platform/base/node", "24", "Node", "20", "node")
BASES = {"python": PYTHON, "javascript": NODE}
"""Language → base."""


@dataclass(frozen=True)
class OciImage:
    """A manifest with the blobs that it names, each by digest."""

    manifest: bytes
    blobs: dict[str, bytes]

    @property
    def digest(self) -> str:
        """The manifest's digest."""
        return digest_of(self.manifest)


def digest_of(content: bytes) -> str:
    """`sha256:…` of some bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def base_image(base: Base = PYTHON) -> OciImage:
    """The image of a base."""
    tar = _layer(base)
    layer = _gzip(tar)
    config = _json(
        {
            "created": "1970-01-01T00:00:00Z",
            "architecture": "amd64",
            "os": "linux",
            "config": {
                "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"],
                "Cmd": [base.command],
                "Labels": {
                    "org.opencontainers.image.title": base.repository.partition("/")[2],
                    "org.opencontainers.image.description": base.label,
                },
            },
            "rootfs": {"type": "layers", "diff_ids": [digest_of(tar)]},
            "history": [
                {"created": "1970-01-01T00:00:00Z", "created_by": "sandbox seed", "comment": base.label}
            ],
        }
    )
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": _descriptor(CONFIG, config),
            "layers": [_descriptor(LAYER, layer)],
            "annotations": {"org.opencontainers.image.description": base.label},
        }
    )
    return OciImage(manifest, {digest_of(config): config, digest_of(layer): layer})


def _gzip(content: bytes) -> bytes:
    """Stored, not deflated, with GzipFile's own header: both are alike in every build of Python."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=0, fileobj=buffer, mtime=0) as packed:
        packed.write(content)
    return buffer.getvalue()


def _layer(base: Base) -> bytes:
    buffer = io.BytesIO()
    content = README.format(program=base.program, least=base.least).encode("utf-8")
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for folder in ("etc", "etc/sandbox-base"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        entry = tarfile.TarInfo("etc/sandbox-base/README")
        entry.size, entry.mode = len(content), 0o644
        tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _descriptor(media_type: str, content: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("utf-8")
