"""Whether an answer is one that openapi.yaml allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from .exchange import Answer

FILE = Path(__file__).parents[1] / "openapi.yaml"
KINDS = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "number": (int, float),
}
JSON = "application/json"


@dataclass(frozen=True)
class Contract:
    """The document, as it lies beside the tests."""

    document: dict

    @classmethod
    def of_this_checkout(cls) -> Contract:
        """The contract of the commit that the tests belong to."""
        return cls(yaml.safe_load(FILE.read_text("utf-8")))

    @property
    def version(self) -> str:
        """The version it is of."""
        return self.document["info"]["version"]

    def breaches(self, method: str, path: str, answer: Answer) -> list[str]:
        """Where the answer is none that the contract knows; empty when it keeps it."""
        responses = self.document["paths"][path][method]["responses"]
        response = self._meant(responses.get(str(answer.status)))
        if response is None:
            return [f"{method} {path}: {answer.status} is not one of {', '.join(responses)}"]
        kind = answer.headers.get("content-type", "").partition(";")[0]
        if kind != JSON:
            return [f"{method} {path}: the answer is {kind or 'of no kind'}, not {JSON}"]
        return list(self._wrong(response["content"][JSON]["schema"], answer.json, "answer"))

    def _wrong(self, schema: dict, value: object, where: str) -> Iterator[str]:
        schema = self._meant(schema)
        if value is None and schema.get("nullable"):
            return
        kind = schema["type"]
        if not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "boolean"):
            yield f"{where} is {value!r}, not of type {kind}"
        elif kind == "object":
            yield from (f"{where} lacks {name}" for name in schema.get("required", []) if name not in value)
            for name, part in schema.get("properties", {}).items():
                if name in value:
                    yield from self._wrong(part, value[name], f"{where}.{name}")
        elif kind == "array":
            for number, item in enumerate(value):
                yield from self._wrong(schema["items"], item, f"{where}[{number}]")
        elif value not in schema.get("enum", [value]):
            yield f"{where} is {value!r}, not one of {schema['enum']}"

    def _meant(self, part: dict | None) -> dict | None:
        """What is said here, or where it points to."""
        if part is None or "$ref" not in part:
            return part
        found = self.document
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return found
