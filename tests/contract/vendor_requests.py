"""Comparing requests that our clients send with a vendor's OpenAPI document (version 2 or 3)."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
import yaml
from jsonschema import Draft4Validator

from unit.clients.misbehaving import Received

SPECS = Path(__file__).parents[3] / "shared" / "specs"
_TYPES = {"integer": r"-?\d+", "boolean": "true|false|True|False", "number": r"-?\d+(\.\d+)?"}


@cache
def _loaded(path: Path) -> dict[str, Any]:
    text = path.read_text("utf-8")
    document: dict[str, Any] = (
        json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=yaml.CSafeLoader)
    )
    return document


@cache
def _closed_document(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = _closed(_loaded(path))
    return document


class VendorRequests:
    """A document; `base` is what real paths have before the document's."""

    def __init__(self, name: str, base: str = "") -> None:
        path = SPECS / name
        if not path.exists():
            pytest.skip(f"the vendor document {name} is not beside this checkout (../shared/specs)")
        self._path = path
        self._document = _loaded(path)
        self._base = base

    def check(self, sent: Received) -> None:
        """Fail unless the document has this call, with these parameters and this body."""
        parts = urlsplit(sent.path)
        template, shared, operation = self._operation(
            sent.method.lower(), parts.path.removeprefix(self._base)
        )
        known = {
            each["name"]: each for each in map(self._followed, [*shared, *operation.get("parameters", [])])
        }
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self._check_query(f"{sent.method} {template}", query, known)
        if sent.body:
            self._check_body(f"{sent.method} {template}", sent, known, operation)

    def _check_query(self, call: str, query: dict[str, str], known: dict[str, Any]) -> None:
        declared = {name: each for name, each in known.items() if each["in"] == "query"}
        assert query.keys() <= declared.keys(), f"{call} has no parameters {query.keys() - declared.keys()}"
        missing = {name for name, each in declared.items() if each.get("required")} - query.keys()
        assert not missing, f"{call} needs the parameters {missing}"
        for name, value in query.items():
            kind = declared[name].get("type") or declared[name].get("schema", {}).get("type")
            assert re.fullmatch(_TYPES.get(kind, "(?s).*"), value), f"{call}: {name}={value} is not a {kind}"

    def _check_body(
        self, call: str, sent: Received, known: dict[str, Any], operation: dict[str, Any]
    ) -> None:
        content_type = next(v for k, v in sent.headers.items() if k.lower() == "content-type").split(";")[0]
        if "requestBody" in operation:
            content = self._followed(operation["requestBody"])["content"]
            assert content_type in content, f"{call} takes {sorted(content)}, not {content_type}"
            schema = content[content_type]["schema"]
        else:
            takes = operation.get("consumes") or self._document.get("consumes") or [content_type]
            assert content_type in takes or "*/*" in takes, f"{call} takes {takes}, not {content_type}"
            schema = next(each["schema"] for each in known.values() if each["in"] == "body")
        errors = list(Draft4Validator(_closed_document(self._path) | _closed(schema)).iter_errors(sent.json))
        assert not errors, f"{call}: " + "; ".join(f"{error.json_path}: {error.message}" for error in errors)

    def _operation(self, method: str, path: str) -> tuple[str, list[Any], dict[str, Any]]:
        fitting = [
            (template, known.get("parameters", []), known[method])
            for template, known in self._document["paths"].items()
            if method in known and _pattern(template).fullmatch(path)
        ]
        assert fitting, f"the document has no {method.upper()} {unquote(path)}"
        return min(fitting, key=lambda found: found[0].count("{"))

    def _followed(self, node: dict[str, Any]) -> dict[str, Any]:
        found: Any = self._document
        if "$ref" not in node:
            return node
        for part in node["$ref"].split("/")[1:]:
            found = found[part]
        assert isinstance(found, dict)
        return found


def _pattern(template: str) -> re.Pattern[str]:
    """A template's placeholder is one segment; a last `{path}` is the rest of the path."""
    escaped = re.sub(r"\{path\}$", "<rest>", template)
    escaped = re.sub(r"\{[^}]+\}", "[^/]+", escaped.replace(".", r"\."))
    return re.compile(escaped.replace("<rest>", ".+"))


def _closed(node: Any) -> Any:
    """Objects with named properties take no others, so that a misspelt field is seen."""
    if isinstance(node, list):
        return [_closed(each) for each in node]
    if not isinstance(node, dict):
        return node
    closed = {key: _closed(value) for key, value in node.items()}
    if isinstance(closed.get("properties"), dict) and closed.get("type", "object") == "object":
        closed.setdefault("additionalProperties", False)
    return closed
