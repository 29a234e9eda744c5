"""The bill of materials of what was really installed: CycloneDX 1.5 JSON in which nothing depends on time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from hummingbird.core.canonical import canonical_json


def bill(component: str, version: str, packages: Path, tree: Path) -> bytes:
    """Python packages of a folder and npm packages of a tree's node_modules."""
    found = {part["bom-ref"]: part for part in (*_python(packages), *_node(tree / "node_modules"))}
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": component, "version": version}},
        "components": [found[name] for name in sorted(found)],
    }
    return canonical_json(document)


def _python(folder: Path) -> Iterator[dict[str, Any]]:
    if folder.is_dir():
        for one in distributions(path=[str(folder)]):
            name = str(one.metadata["Name"]).lower().replace("_", "-")
            yield _part("pypi", name, str(one.version))


def _node(folder: Path) -> Iterator[dict[str, Any]]:
    for manifest in sorted(folder.rglob("package.json")):
        # A package's own manifest lies right below node_modules, or below its scope's folder there.
        above = manifest.parent.parent
        if above.name != "node_modules" and not (
            above.name.startswith("@") and above.parent.name == "node_modules"
        ):
            continue
        content = json.loads(manifest.read_text("utf-8"))
        if isinstance(content.get("name"), str) and isinstance(content.get("version"), str):
            yield _part("npm", content["name"], content["version"])


def _part(kind: str, name: str, version: str) -> dict[str, Any]:
    purl = f"pkg:{kind}/{name.replace('@', '%40')}@{version}"
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
