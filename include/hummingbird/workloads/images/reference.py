"""Names of images in one registry: `repository@sha256:…`, never a tag."""

from __future__ import annotations

import re

from hummingbird.core.artifact import Image
from hummingbird.core.errors import Invalid

REPOSITORY = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*")
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def base_image(text: str) -> Image:
    """Read `repository@sha256:…`; raises Invalid for a tag, because what a tag names may change."""
    repository, separator, digest = text.partition("@")
    if not separator or not _DIGEST.fullmatch(digest):
        raise Invalid(f"--base {text}: name the base by digest, as in platform/base/python@sha256:…")
    return Image(repository=repository_name(repository, "--base"), digest=digest)


def repository_name(text: str, option: str) -> str:
    """A repository name without host; raises Invalid naming the option."""
    if not REPOSITORY.fullmatch(text):
        raise Invalid(f"{option} {text}: expected a repository without host and tag, as in project/name")
    return text


def tag_name(text: str) -> str:
    """A tag; raises Invalid for what no registry accepts."""
    if not TAG.fullmatch(text):
        raise Invalid(f"--tag {text}: expected up to 128 letters, digits, dots, dashes and underscores")
    return text
