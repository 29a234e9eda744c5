"""Judging an exchange by the vendor's document: the call, its parameters, its body, the answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from contract.vendor.exchange import Exchange, documents, media_type
from contract.vendor.schemas import Node, faults, load, without_required

_TYPES = {"integer": r"-?\d+", "boolean": "true|false|True|False", "number": r"-?\d+(\.\d+)?"}
_PATCHES = "patch+"


@dataclass(frozen=True)
class Excused:
    """Where the vendor's document is wrong: the answer it should describe, why, and who says so.

    `schema` None: any body. A pattern or status of None: every one.
    """

    why: str
    reference: str
    method: str | None = None
    path: str = ".*"
    statuses: frozenset[int] | None = None
    schema: Node | None = field(default=None, hash=False, compare=False)
    query: bool = False
    """Whether any query may be sent."""

    def fits(self, exchange: Exchange, path: str) -> bool:
        """Whether this is about the exchange."""
        return (
            self.method in (None, exchange.method)
            and re.fullmatch(self.path, path) is not None
            and (self.statuses is None or exchange.status in self.statuses)
        )


@dataclass(frozen=True)
class Operation:
    """One call of the document."""

    template: str
    parameters: list[Node]
    node: Node


class Judge:
    """A document; `base` is what real paths have before the document's.

    A placeholder is one segment of a path, but for those in `wide`. `closed` False: objects may have fields
    that the document does not name, for documents that put objects together by `allOf`.
    """

    def __init__(
        self,
        name: str,
        base: str = "",
        excused: Iterable[Excused] = (),
        *,
        wide: Iterable[str] = (),
        closed: bool = True,
    ) -> None:
        self._wide = set(wide)
        self._document = load(name, closed=closed)
        self._base = base
        self._excused = list(excused)
        self.applied: set[Excused] = set()

    def judge(self, exchange: Exchange) -> list[str]:
        """Every deviation in a sentence; none when the exchange is as documented."""
        path = exchange.path.removeprefix(self._base)
        found = self._operation(exchange.method.lower(), path)
        answered = [] if found is None else self._answered(exchange, found, path)
        return [*self.asked(exchange), *(f"{exchange}: {each}" for each in answered)]

    def asked(self, exchange: Exchange) -> list[str]:
        """The deviations of the request alone."""
        path = exchange.path.removeprefix(self._base)
        found = self._operation(exchange.method.lower(), path)
        if found is None:
            return [f"{exchange}: the document has no {exchange.method} {unquote(path)}"]
        passed = any(each.query and each.fits(exchange, path) for each in self._excused)
        asked = [] if passed else self._query(exchange, found)
        said = [*asked, *self._headers(exchange, found), *self._sent(exchange, found)]
        return [f"{exchange}: {each}" for each in said]

    def unused_excuses(self) -> list[str]:
        """Excuses that no exchange needed: the document was mended, or we were."""
        return [each.why for each in self._excused if each not in self.applied]

    def _operation(self, method: str, path: str) -> Operation | None:
        fitting = [
            (template, room)
            for template, room in self._document["paths"].items()
            if method in room and self._pattern(template).fullmatch(path)
        ]
        if not fitting:
            return None
        template, room = min(fitting, key=lambda each: each[0].count("{"))
        given = [*room.get("parameters", []), *room[method].get("parameters", [])]
        return Operation(template, [self._followed(each) for each in given], room[method])

    def _query(self, exchange: Exchange, operation: Operation) -> Iterator[str]:
        declared = {each["name"]: each for each in operation.parameters if each["in"] == "query"}
        for name, value in exchange.query:
            if name not in declared:
                yield f"there is no parameter {name}"
                continue
            schema = declared[name].get("schema", declared[name])
            values = [value]
            if schema.get("type") == "array":
                schema, values = schema["items"], value.split(",")
            for each in values:
                if not re.fullmatch(_TYPES.get(schema.get("type"), "(?s).*"), each):
                    yield f"parameter {name}: {each!r} is no {schema['type']}"
                if "enum" in schema and each not in map(str, schema["enum"]):
                    yield f"parameter {name}: {each!r} is none of {schema['enum']}"
        given = {name for name, _ in exchange.query}
        yield from (
            f"parameter {name} is missing"
            for name, each in declared.items()
            if each.get("required") and name not in given
        )

    def _headers(self, exchange: Exchange, operation: Operation) -> Iterator[str]:
        for each in operation.parameters:
            if each["in"] == "header" and each.get("required") and each["name"].lower() not in exchange.sent:
                yield f"header {each['name']} is missing"

    def _sent(self, exchange: Exchange, operation: Operation) -> Iterator[str]:
        kind, wanted = media_type(exchange.sent), self._body(operation)
        if wanted is None:
            if exchange.body:
                yield "a body was sent where none is taken"
            return
        required, by_kind = wanted
        if not exchange.body:
            if required:
                yield "a body is required"
            return
        schema = by_kind.get(kind, by_kind.get("*/*"))
        if schema is None:
            yield f"body: {kind} is none of {sorted(by_kind)}"
            return
        if _PATCHES in kind:  # the document says "any object": it must be a part of what is answered
            schema = without_required(self._answer_schema(operation, 200, "application/json"))
            yield from (f"patch: {each}" for each in self._patch_faults(schema, exchange))
            return
        [body] = documents(exchange.body, lines=False)
        yield from (f"body: {each}" for each in faults(self._document, schema, body))

    def _patch_faults(self, schema: Node, exchange: Exchange) -> list[str]:
        [body] = documents(exchange.body, lines=False)
        if isinstance(body, list):  # JSON Patch has a form of its own
            return []
        whole = without_required(
            {key: self._document[key] for key in ("definitions", "components") if key in self._document}
        )
        return faults(whole, schema, body)

    def _body(self, operation: Operation) -> tuple[bool, dict[str, Node]] | None:
        if "requestBody" in operation.node:
            body = self._followed(operation.node["requestBody"])
            return bool(body.get("required")), {k: v.get("schema", {}) for k, v in body["content"].items()}
        for each in operation.parameters:
            if each["in"] == "body":
                kinds = operation.node.get("consumes") or self._document.get("consumes") or ["*/*"]
                schema: Node = each["schema"]
                return bool(each.get("required")), dict[str, Node](dict.fromkeys(kinds, schema))
        return None

    def _answered(self, exchange: Exchange, operation: Operation, path: str) -> Iterator[str]:
        for excuse in self._excused:
            if excuse.fits(exchange, path):
                self.applied.add(excuse)
                schema = excuse.schema
                break
        else:
            known = operation.node["responses"]
            if str(exchange.status) not in known and "default" not in known:
                yield f"status {exchange.status} is none of {sorted(known)}: {exchange.answer[:200]!r}"
                return
            schema = self._answer_schema(operation, exchange.status, media_type(exchange.answered))
        if schema is None or not exchange.answer or "json" not in media_type(exchange.answered):
            return
        watch = exchange.watching and exchange.status == 200
        for document in documents(exchange.answer, lines=watch):
            part, wanted = (
                (document["object"], self._watched(schema, document)) if watch else (document, schema)
            )
            yield from (f"answer: {each}" for each in faults(self._document, wanted, part))

    def _watched(self, schema: Node, event: Any) -> Node:
        """An event's object: one of the list's things, or a Status when the watch goes wrong."""
        if event["type"] == "ERROR":
            return {"$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.Status"}
        listed: Node = self._followed(schema)["properties"]["items"]["items"]
        return listed

    def _answer_schema(self, operation: Operation, status: int, kind: str) -> Any:
        known = operation.node["responses"]
        told = self._followed(known.get(str(status)) or known["default"])
        if "content" in told:
            content = told["content"]
            return (content.get(kind) or content.get("*/*") or content.get("application/json") or {}).get(
                "schema"
            )
        return told.get("schema")

    def _followed(self, node: Node) -> Node:
        while "$ref" in node:
            found: Any = self._document
            for part in node["$ref"].split("/")[1:]:
                found = found[part.replace("~1", "/")]
            node = found
        return node

    def _pattern(self, template: str) -> re.Pattern[str]:
        parts = re.split(r"\{(\w+)\}", template)
        for number in range(1, len(parts), 2):
            rest = parts[number] == "path" and template.endswith("{path}")  # Kubernetes: the rest of the path
            parts[number] = ".+" if rest or parts[number] in self._wide else "[^/]+"
        parts[::2] = map(re.escape, parts[::2])
        return re.compile("".join(parts))
