"""Small changes to the files of a checkout; each fails loudly when the file is not as the change expects."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class UnexpectedContentError(Exception):
    """A file does not contain, exactly once, the text that a change is made at."""


class Edit(Protocol):
    """One change."""

    def apply(self, folder: Path) -> None:
        """Make the change below `folder`."""


@dataclass(frozen=True)
class Write:
    """A whole file."""

    file: str
    text: str

    def apply(self, folder: Path) -> None:
        """Write the file, over an older one too."""
        path = folder / self.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.text, "utf-8")


@dataclass(frozen=True)
class Replace:
    """A text that a file has once becomes another."""

    file: str
    old: str
    new: str

    def apply(self, folder: Path) -> None:
        """Replace it."""
        path = folder / self.file
        content = path.read_text("utf-8")
        if content.count(self.old) != 1:
            found = content.count(self.old)
            raise UnexpectedContentError(f"{self.file}: expected once, found {found} times: {self.old!r}")
        path.write_text(content.replace(self.old, self.new), "utf-8")


def insert_before(file: str, anchor: str, text: str) -> Replace:
    """Put text before an anchor that the file has once."""
    return Replace(file, anchor, text + anchor)


@dataclass(frozen=True)
class Append:
    """Text at the end of a file."""

    file: str
    text: str

    def apply(self, folder: Path) -> None:
        """Append it."""
        path = folder / self.file
        path.write_text(path.read_text("utf-8") + self.text, "utf-8")


@dataclass(frozen=True)
class SortedLine:
    """A line at its place among the lines that begin alike."""

    file: str
    prefix: str
    line: str

    def apply(self, folder: Path) -> None:
        """Insert it; lines that begin alike are taken to be sorted."""
        path = folder / self.file
        lines = path.read_text("utf-8").splitlines()
        alike = [number for number, line in enumerate(lines) if line.startswith(self.prefix)]
        if not alike:
            raise UnexpectedContentError(f"{self.file}: no line begins with {self.prefix!r}")
        place = next((number for number in alike if lines[number] > self.line), alike[-1] + 1)
        lines.insert(place, self.line)
        path.write_text("\n".join(lines) + "\n", "utf-8")


@dataclass(frozen=True)
class JsonEntry:
    """One more entry in a JSON object with sorted keys."""

    file: str
    key: str
    value: str

    def apply(self, folder: Path) -> None:
        """Add it."""
        path = folder / self.file
        entries = {**json.loads(path.read_text("utf-8")), self.key: self.value}
        path.write_text(json.dumps(entries, ensure_ascii=False, indent=2, sort_keys=True) + "\n", "utf-8")


@dataclass(frozen=True)
class BumpMinor:
    """The next minor version, in VERSION and, where there is one, in the contract."""

    def apply(self, folder: Path) -> None:
        """Raise it."""
        version = folder / "VERSION"
        major, minor, _patch = version.read_text("utf-8").strip().split(".")
        raised = f"{major}.{int(minor) + 1}.0"
        version.write_text(raised + "\n", "utf-8")
        contract = folder / "openapi.yaml"
        if not contract.exists():
            return
        text, count = re.subn(r"(?m)^  version: .*$", f"  version: {raised}", contract.read_text("utf-8"))
        if count != 1:
            raise UnexpectedContentError("openapi.yaml: expected one `  version:` line")
        contract.write_text(text, "utf-8")
