"""YAML files of the catalogue → one validated value; every complaint names file, line and field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from hummingbird.catalogue.consistency import complaints
from hummingbird.catalogue.lines import line_of
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.errors import Invalid

_NAMED = {
    "components": "components.yaml",
    "environments": "environments.yaml",
    "clusters": "clusters.yaml",
    "calendars": "calendars.yaml",
}
_PLAIN = ("roles.yaml", "gates.yaml")
_NAMED_INSIDE = ("roles", "persons")


def load_catalogue(folder: Path) -> Catalogue:
    """Read all files of the folder; raises Invalid naming file, line and field of the first complaint."""
    documents = {name: _read(folder / name) for name in (*_NAMED.values(), *_PLAIN)}
    value: dict[str, Any] = {}
    for section, name in _NAMED.items():
        value[section] = _with_names(documents[name], folder / name)
    for name in _PLAIN:
        for section, content in documents[name].items():
            value[section] = _with_names(content, folder / name) if section in _NAMED_INSIDE else content
    try:
        catalogue = Catalogue.model_validate(value)
    except ValidationError as error:
        raise Invalid(_first_complaint(folder, error)) from error
    for section, path, why in complaints(catalogue):
        raise Invalid(_place(folder, (section, *path)) + f": {why}")
    return catalogue


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
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


def _first_complaint(folder: Path, error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = tuple(str(step) for step in first["loc"])
    return f"{_place(folder, where)}: {first['msg']}"


def _place(folder: Path, where: tuple[str, ...]) -> str:
    section, path = where[0], list(where[1:])
    if section in _NAMED:
        file = folder / _NAMED[section]
        return f"{file.name}:{line_of(file, path)}: {'.'.join(path)}"
    file = folder / ("roles.yaml" if section in (*_NAMED_INSIDE, "platform_account") else "gates.yaml")
    return f"{file.name}:{line_of(file, [section, *path])}: {'.'.join([section, *path])}"
