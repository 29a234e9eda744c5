"""`host/repository:tag@sha256:…`, taken apart as the distribution reference grammar has it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_SHAPE = re.compile(
    rf"(?:(?P<host>(?:[A-Za-z0-9.-]+(?::\d+)?))/)?(?P<path>{_COMPONENT}(?:/{_COMPONENT})*)"
    r"(?::(?P<tag>[\w][\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
BUILT_IN = ("alpine", "busybox")


class InvalidImageName(Exception):
    """A reference that no registry could be asked for; the message is the kubelet's."""


@dataclass(frozen=True)
class Reference:
    """One image by place and tag or digest."""

    text: str
    host: str
    repository: str
    tag: str
    digest: str | None

    @property
    def wanted(self) -> str:
        """What the registry is asked for: the digest where one is given."""
        return self.digest or self.tag

    @property
    def built_in(self) -> bool:
        """Whether this is one of the few images that the sandbox has by itself (see images.cache)."""
        return self.host == "docker.io" and self.repository.removeprefix("library/") in BUILT_IN


def parse(text: str) -> Reference:
    """A reference; InvalidImageName when it is none."""
    found = _SHAPE.fullmatch(text)
    if found and found["host"] and not _is_host(found["host"]):
        # `trading/app`: the first part is no host, so it belongs to a path on Docker Hub.
        found = _SHAPE.fullmatch(f"docker.io/{text}")
    if found is None:
        problem = "invalid reference format"
        if text.lower() != text:
            name = text.rstrip(":")
            shown = name if "/" in name else f"library/{name}"
            problem += f": repository name ({shown}) must be lowercase"
        raise InvalidImageName(
            f'Failed to apply default image tag "{text}": couldn\'t parse image name "{text}": {problem}'
        )
    host, path = found["host"] or "docker.io", found["path"]
    if host == "docker.io" and "/" not in path:
        path = f"library/{path}"
    return Reference(text, host, path, found["tag"] or "latest", found["digest"])


def _is_host(part: str) -> bool:
    return "." in part or ":" in part or part == "localhost"
