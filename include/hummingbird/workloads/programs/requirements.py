"""What a checkout says it needs: requirement files and manifests, for running it and for its tests."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from hummingbird.core.errors import Invalid

FOR_TESTS = (
    "requirements-dev.txt",
    "requirements-test.txt",
    "requirements_dev.txt",
    "requirements_test.txt",
    "dev-requirements.txt",
    "test-requirements.txt",
    "requirements/dev.txt",
    "requirements/test.txt",
    "tests/requirements.txt",
)
TEST_GROUPS = ("test", "tests", "testing", "dev")
FOR_SERVING = ("mainapp", "server", "serve", "web", "production", "prod")
"""Optional dependencies by the names that projects give to what only a running service needs."""


def pip_arguments(folder: Path, *, tests: bool) -> list[str]:
    """What pip is to install, empty when the checkout needs nothing; paths are whole."""
    files = [folder / "requirements.txt"]
    if tests:
        files += [folder / name for name in FOR_TESTS]
    found = [word for file in files if _asks(file) for word in ("-r", str(file))]
    if (folder / "requirements.txt").is_file():
        return found
    return [*found, *_of_manifest(folder, tests=tests)]


def node_manifest(folder: Path) -> dict[str, Any]:
    """package.json; an empty one where there is none. Invalid when it is no JSON object."""
    path = folder / "package.json"
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise Invalid(f"package.json: not JSON: {error}") from error
    if not isinstance(content, dict):
        raise Invalid("package.json: expected an object")
    return content


def python_manifest(folder: Path) -> dict[str, Any]:
    """pyproject.toml; an empty one where there is none. Invalid when it is no TOML."""
    path = folder / "pyproject.toml"
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"pyproject.toml: not TOML: {error}") from error


def _of_manifest(folder: Path, *, tests: bool) -> list[str]:
    """The project itself, by its own build, with the extras that serving and testing need."""
    manifest = python_manifest(folder)
    project = manifest.get("project", {})
    if not project and not manifest.get("build-system") and not (folder / "setup.py").is_file():
        return []
    offered = project.get("optional-dependencies", {})
    extras = [name for name in (*FOR_SERVING, *(TEST_GROUPS if tests else ())) if name in offered]
    groups = manifest.get("dependency-groups", {}) if tests else {}
    loose = [one for name in TEST_GROUPS for one in groups.get(name, []) if isinstance(one, str)]
    if not manifest.get("build-system") and not (folder / "setup.py").is_file():
        # No package, only a list: what it names is installed, the program runs from its folder.
        wanted = [*project.get("dependencies", []), *(one for name in extras for one in offered[name])]
        return [str(one) for one in (*wanted, *loose)]
    named = f"{folder}[{','.join(extras)}]" if extras else str(folder)
    return [named, *loose]


def _asks(file: Path) -> bool:
    if not file.is_file():
        return False
    lines = (line.strip() for line in file.read_text("utf-8", "replace").splitlines())
    return any(line and not line.startswith("#") for line in lines)
