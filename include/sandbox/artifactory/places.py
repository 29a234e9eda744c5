"""Where a request points: repository, path, and the matrix parameters that are properties."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from sandbox.artifactory.access import REPOSITORIES
from sandbox.artifactory.errors import ArtifactoryError


@dataclass(frozen=True)
class Place:
    """A path in a repository; the empty path is its root."""

    repo: str
    path: str

    def __str__(self) -> str:
        """As Artifactory's messages write it."""
        return f"{self.repo}:{self.path}"

    @property
    def url_path(self) -> str:
        """`repo/path`."""
        return f"{self.repo}/{self.path}" if self.path else self.repo

    def inside(self, folder: Place, target: Place) -> Place:
        """Where this file of a folder comes to lie when the folder becomes the target."""
        rest = self.path[len(folder.path) :].strip("/")
        return Place(target.repo, "/".join(x for x in (target.path, rest) if x))


def place_of(raw: str) -> Place:
    """The place a still encoded path names; 404 for an unknown repository, 400 for a climbing path."""
    place, _ = place_and_properties(raw)
    return place


def place_and_properties(raw: str) -> tuple[Place, dict[str, list[str]]]:
    """The place and the `;name=value,value` parameters after any of its parts."""
    parts: list[str] = []
    properties: dict[str, list[str]] = {}
    for segment in raw.strip("/").split("/"):
        part, *parameters = segment.split(";")
        if part:
            parts.append(unquote(part))
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            properties.setdefault(unquote(name), []).extend(unquote(v) for v in value.split(","))
    if any(part in {".", ".."} or "\0" in part for part in parts):
        raise ArtifactoryError(400, f"invalid path {raw!r}")
    if not parts or parts[0] not in REPOSITORIES:
        raise ArtifactoryError(404, f"Failed to find repository '{parts[0] if parts else ''}'")
    return Place(parts[0], "/".join(parts[1:])), properties


def properties_of(given: str) -> dict[str, list[str]]:
    r"""The value of `?properties=`: `a=1,2;b=3`, also with `|`; a separator is escaped with `\`."""
    properties: dict[str, list[str]] = {}
    for pair in re.split(r"(?<!\\)[;|]", given):
        name, equals, values = pair.partition("=")
        if not name or not equals:
            raise ArtifactoryError(400, f"'{pair}' is no property of the form name=value")
        properties[name] = [re.sub(r"\\([;|,=])", r"\1", v) for v in re.split(r"(?<!\\),", values)]
    return properties
