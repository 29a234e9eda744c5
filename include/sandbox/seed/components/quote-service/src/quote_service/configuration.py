"""What a configuration is: text items by key, named by their hash; and the file format it is kept in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class ConfigurationError(ValueError):
    """A configuration that this version can not work with; the message names key and value."""


@dataclass(frozen=True)
class Configuration:
    """Items by key, where they came from and, from Apollo, the release they belong to."""

    items: Mapping[str, str]
    source: str
    release_key: str = ""

    @property
    def sha256(self) -> str:
        """Hash of the items as JSON with sorted keys and no blanks, UTF-8."""
        text = json.dumps(dict(self.items), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()

    def required(self, key: str) -> str:
        """The value of a key that must be there."""
        value = self.items.get(key, "").strip()
        if not value:
            raise ConfigurationError(f"{key} is missing")
        return value


def parse_properties(text: str) -> dict[str, str]:
    """Items of a `key = value` text; blank lines and lines that begin with # say nothing."""
    items: dict[str, str] = {}
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        key, separator, value = line.partition("=")
        if not separator or not key.strip():
            raise ConfigurationError(f"line {number}: expected key = value, found {line!r}")
        items[key.strip()] = value.strip()
    return items


def read_files(paths: list[Path]) -> Configuration:
    """Items of several files, a later file over an earlier one."""
    items: dict[str, str] = {}
    for path in paths:
        try:
            items.update(parse_properties(path.read_text("utf-8")))
        except OSError as error:
            raise ConfigurationError(f"{path}: {error.strerror}") from error
    return Configuration(items=items, source="file")
