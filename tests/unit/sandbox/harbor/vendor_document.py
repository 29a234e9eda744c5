"""Comparing answers with a vendor's OpenAPI document: the status must be listed, the body must fit.

Properties that the document does not know are errors too: a stand-in that invents fields teaches clients
what the vendor never sends.
"""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest
import requests
import yaml
from jsonschema import Draft202012Validator

SPECS = Path(__file__).parents[5] / "shared" / "specs"


class VendorDocument:
    """An OpenAPI 2 or 3 document; `base` is what real paths have before the document's."""

    def __init__(self, name: str, base: str = "") -> None:
        path = SPECS / name
        if not path.exists():
            pytest.skip(f"the vendor document {name} is not beside this checkout (../shared/specs)")
        self._document: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
        self._base = base
        self._closed = _closed(copy.deepcopy(self._document))

    def check(self, answer: requests.Response, also: frozenset[int] = frozenset()) -> requests.Response:
        """Fail unless the document lists this answer; `also` are statuses it forgot."""
        request = answer.request
        path = urlparse(str(request.url)).path.removeprefix(self._base)
        template, operation = self._operation(str(request.method).lower(), path)
        told = operation["responses"].get(str(answer.status_code))
        if told is None and answer.status_code in also:
            return answer
        assert told, f"{request.method} {template} does not list {answer.status_code}: {answer.text}"
        schema = self._schema(told)
        if schema is not None and answer.content and "json" in answer.headers.get("Content-Type", ""):
            errors = list(Draft202012Validator(self._closed | schema).iter_errors(answer.json()))
            assert not errors, "; ".join(f"{error.json_path}: {error.message}" for error in errors)
        return answer

    def _operation(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        fitting = [
            (template, known[method])
            for template, known in self._document["paths"].items()
            if method in known and re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path)
        ]
        assert fitting, f"the document has no {method.upper()} {path}"
        return min(fitting, key=lambda pair: pair[0].count("{"))

    def _schema(self, told: dict[str, Any]) -> dict[str, Any] | None:
        for part in str(told.get("$ref", "")).split("/")[1:]:
            told = (told if "$ref" not in told else self._document)[part]
        if "schema" in told:
            schema: dict[str, Any] = told["schema"]
            return _closed(copy.deepcopy(schema))
        content = told.get("content", {}).get("application/json", {})
        found: dict[str, Any] | None = _closed(copy.deepcopy(content.get("schema")))
        return found


def _closed(node: Any) -> Any:
    """Objects with named properties take no others.

    A free map "of object" means a map of anything: so the vendor's own server code, generated from the
    document, reads it, and so it answers ("architecture": "amd64" in Harbor's extra_attrs).
    """
    if isinstance(node, list):
        return [_closed(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    closed = {key: _closed(value) for key, value in node.items()}
    if closed.get("additionalProperties") == {"type": "object"}:
        closed["additionalProperties"] = True
    properties = closed.get("properties")
    if isinstance(properties, dict) and isinstance(node.get("type", "object"), str):
        closed.setdefault("additionalProperties", False)
    return closed
