"""A vendor's OpenAPI document (version 2 or 3.0), made as strict as JSON Schema can be.

Objects with named properties take no others, also where the document leaves it open: a field that a client
misspells or a stand-in invents would pass unseen. Formats are not judged.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft4Validator

Node = dict[str, Any]

_TIMES = {f"io.k8s.apimachinery.pkg.apis.meta.v1.{name}" for name in ("Time", "MicroTime")}
"""A time that is not known is null (metav1.Time.MarshalJSON), whatever the document says."""
_BESIDE = Path(__file__).parents[4] / "shared" / "specs"
SPECS = Path(os.environ.get("HUMMINGBIRD_SPECS", _BESIDE))


def load(name: str, *, closed: bool = True) -> Node:
    """The document by its path below the folder of specifications; without it the test is skipped."""
    path = SPECS / name
    if not path.exists():
        pytest.skip(f"the vendor's document {name} is not in {SPECS}; set HUMMINGBIRD_SPECS to its folder")
    return _strict(path) if closed else _loaded(path)


@cache
def _loaded(path: Path) -> Node:
    text = path.read_text("utf-8")
    loaded: Node = json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=yaml.CSafeLoader)
    return loaded


@cache
def _strict(path: Path) -> Node:
    document: Node = strict(_loaded(path))
    for name in _TIMES & document.get("definitions", {}).keys():
        document["definitions"][name]["type"] = ["string", "null"]
    return document


def strict(node: Any, *, part_of_all: bool = False) -> Any:
    """The same document with closed objects and, for `nullable`, null among the types."""
    if isinstance(node, list):
        return [strict(each) for each in node]
    if not isinstance(node, dict):
        return node
    several = len(node.get("allOf") or []) > 1
    made = {
        key: [strict(each, part_of_all=several) for each in value]
        if key == "allOf" and isinstance(value, list)
        else strict(value)
        for key, value in node.items()
    }
    if made.get("nullable") is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
    if made.get("format") == "int-or-string":
        made["type"] = ["integer", "string"]  # Kubernetes' IntOrString: a string by its document's word
    if made.get("additionalProperties") == {"type": "object"}:
        made["additionalProperties"] = True  # go-swagger, which Harbor is made with, reads a map of anything
    named = isinstance(made.get("properties"), dict) and node.get("type", "object") == "object"
    if named and not part_of_all and made.get("additionalProperties") in (None, True, {}):
        made["additionalProperties"] = False
    return made


def without_required(node: Any) -> Any:
    """A schema for a part of a thing, such as a patch."""
    if isinstance(node, list):
        return [without_required(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: without_required(value)
        for key, value in node.items()
        if not (key == "required" and isinstance(value, list))
    }


def faults(document: Node, schema: Any, value: Any) -> list[str]:
    """What of the value does not fit the schema, whose references lead into the document."""
    rooms = {key: document[key] for key in ("definitions", "components") if key in document}
    validator = Draft4Validator({**rooms, "allOf": [schema]})
    return [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(value)]
