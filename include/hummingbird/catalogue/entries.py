"""The entries of all folders' files by section and name, and which file each stands in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from hummingbird.catalogue.folders import BASELINES
from hummingbird.catalogue.lines import LOADER, line_of
from hummingbird.core.errors import Invalid

NAMED = {
    "components": "components.yaml",
    "environments": "environments.yaml",
    "clusters": "clusters.yaml",
    "calendars": "calendars.yaml",
    "blackouts": "blackouts.yaml",
    "exchanges": "exchanges.yaml",
    "schedules": "schedules.yaml",
}
"""Section → file whose top level is the section's entries."""
UNNEEDED = ("blackouts", "exchanges")
"""Sections that a catalogue may do without."""
PLAIN = ("roles.yaml", "gates.yaml")
"""Files whose top level is sections."""
OPTIONAL = ("metrics.yaml",)
"""The same, where there is one."""
NAMED_INSIDE = ("roles", "airflow_roles", "persons")


@dataclass
class Entries:
    """What was read so far, and where from: a second folder adds entries and changes none."""

    value: dict[str, Any] = field(default_factory=dict)
    _files: dict[tuple[str, ...], Path] = field(default_factory=dict)

    def read(self, folders: Sequence[Path]) -> None:
        """Read every folder; Invalid for what is missing, no mapping, or there twice."""
        for number, folder in enumerate(folders):
            if not folder.is_dir():
                raise Invalid(f"{folder}: this folder of the catalogue is missing")
            for section in NAMED:
                self._add_file(section, folder, needed=number == 0 and section not in UNNEEDED)
            for name in (*PLAIN, *OPTIONAL):
                if (number == 0 and name in PLAIN) or (folder / name).exists():
                    self._add_sections(folder / name)
            for path in sorted((folder / BASELINES).glob("*.yaml")):
                entry = {"component": path.stem, **_mapping(path)}
                self._add_entries("baselines", {path.stem: entry}, path)

    def read_section(self, section: str, folders: Sequence[Path]) -> None:
        """Read one section's file of every folder and nothing else."""
        for number, folder in enumerate(folders):
            self._add_file(section, folder, needed=number == 0)

    def place(self, where: Sequence[str]) -> str:
        """File, line and field of a complaint about a section's path."""
        section, path = where[0], list(where[1:])
        file = self._files.get((section, *path[:1])) or self._files[(section,)]
        if section == "baselines":
            steps = path[1:]
        elif section in NAMED:
            steps = path
        else:
            steps = [section, *path]
        told = steps or [section]
        return f"{file.name}:{line_of(file, steps)}: {'.'.join(told)}"

    def _add_file(self, section: str, folder: Path, *, needed: bool) -> None:
        path = folder / NAMED[section]
        if needed or path.exists():
            self._add_entries(section, _with_names(_mapping(path), path), path)

    def _add_sections(self, file: Path) -> None:
        for section, content in _mapping(file).items():
            named = _with_names(content, file) if section in NAMED_INSIDE else content
            if isinstance(named, dict) and isinstance(self.value.get(section), dict):
                self._add_entries(section, named, file)
            elif section in self.value:
                raise Invalid(
                    f"{file.name}:{line_of(file, [section])}: {section} is set in another folder too"
                )
            else:
                self.value[section] = named
                self._files[(section,)] = file

    def _add_entries(self, section: str, entries: dict[str, Any], file: Path) -> None:
        known = self.value.setdefault(section, {})
        self._files.setdefault((section,), file)
        for name, entry in entries.items():
            if name in known:
                first = self._files.get((section, name), self._files[(section,)])
                steps = [] if section == "baselines" else [name] if section in NAMED else [section, name]
                raise Invalid(
                    f"{file.name}:{line_of(file, steps)}: {name} of {section} is in two folders of the "
                    f"catalogue, {first.parent} and {file.parent}; take it out of one"
                )
            known[name] = entry
            self._files[(section, name)] = file


def _mapping(path: Path) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text("utf-8"), Loader=LOADER)  # noqa: S506 - one of the safe ones
    except FileNotFoundError as error:
        raise Invalid(f"{path.name}: the file is missing from the catalogue folder {path.parent}") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Invalid(f"{path.name}:{line}: not YAML: {error.problem}") from error
    if not isinstance(content, dict):
        raise Invalid(f"{path.name}:1: expected a mapping of names, found {type(content).__name__}")
    return content


def _with_names(entries: object, path: Path) -> dict[str, Any]:
    if not isinstance(entries, dict):
        raise Invalid(f"{path.name}:1: expected a mapping of names, found {type(entries).__name__}")
    named = {}
    for name, entry in entries.items():
        if not isinstance(entry, dict):
            raise Invalid(
                f"{path.name}:{line_of(path, [str(name)])}: {name}: expected fields, found {entry!r}"
            )
        named[str(name)] = {"name": str(name), **entry}
    return named
