"""Portal: the items of a namespace. A change is seen by clients only when it is released."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from aiohttp import web

from sandbox.apollo.consumers import body_of, operator_of
from sandbox.apollo.errors import bad_request, not_found
from sandbox.apollo.portal import NAMESPACE, Portal, page_of, text
from sandbox.apollo.records import now
from sandbox.sqlite_file import Row

_VALUE_MOST, _KEY_MOST, _COMMENT_MOST = 20000, 128, 256


class Items:
    """Handlers of …/items and …/encodedItems (the key in base64)."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def routes(self) -> list[web.RouteDef]:
        """The item calls."""
        plain, encoded = NAMESPACE + "/items/{key:.+}", NAMESPACE + "/encodedItems/{encoded:.+}"
        routes = [web.get(NAMESPACE + "/items", self.browse), web.post(NAMESPACE + "/items", self.create)]
        for path in (plain, encoded):
            routes += [web.get(path, self.get), web.put(path, self.update), web.delete(path, self.delete)]
        return routes

    async def browse(self, request: web.Request) -> web.Response:
        """GET of the items, page by page from 0."""
        self._portal.consumers.reader(request)
        items = self._portal.items(self._portal.namespace(request))
        page, size = page_of(request, 50)
        shown = [item_view(item, line) for line, item in enumerate(items, 1)]
        body = {"page": page, "size": size, "total": len(items)}
        return web.json_response(body | {"content": shown[page * size : (page + 1) * size]})

    async def create(self, request: web.Request) -> web.Response:
        """POST of {key, value, comment, dataChangeCreatedBy}; 400 when the key exists."""
        self._portal.consumers.writer(request, self._portal.environment(request))
        namespace, body = self._portal.namespace(request), await body_of(request)
        operator = operator_of(request, body, "dataChangeCreatedBy")
        key = text(body.get("key"), _KEY_MOST, "Key")
        if not key:
            raise bad_request("key and dataChangeCreatedBy should not be null or empty")
        if self._find(namespace, key) is not None:
            raise bad_request(f"item already exists for itemKey:{key}")
        self._insert(namespace, key, body, operator)
        return web.json_response(self._shown(namespace, key))

    async def get(self, request: web.Request) -> web.Response:
        """GET of one item."""
        self._portal.consumers.reader(request)
        namespace, key = self._portal.namespace(request), _key_of(request)
        self._found(namespace, key)
        return web.json_response(self._shown(namespace, key))

    async def update(self, request: web.Request) -> web.Response:
        """PUT of {key, value, comment, dataChangeLastModifiedBy}; an upsert with `createIfNotExists=true`."""
        self._portal.consumers.writer(request, self._portal.environment(request))
        namespace, body, key = self._portal.namespace(request), await body_of(request), _key_of(request)
        operator = operator_of(request, body, "dataChangeLastModifiedBy")
        if body.get("key") != key:
            raise bad_request("Key in path and payload is not consistent")
        if self._find(namespace, key) is None:
            if request.query.get("createIfNotExists") != "true":
                raise not_found(f"item not found for itemKey:{key}")
            author = str(body.get("dataChangeCreatedBy") or operator)
            self._insert(namespace, key, body, author)
            return web.Response(status=200)
        value, comment = _value(body), text(body.get("comment"), _COMMENT_MOST, "Comment")
        self._portal.records.run(
            "UPDATE item SET value = ?, comment = ?, type = ?, modified_by = ?, modified = ?"
            " WHERE namespace_id = ? AND key = ?",
            *(value, comment, int(body.get("type") or 0), operator, now(), namespace["id"], key),
        )
        return web.Response(status=200)

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE ?operator=; 400 when there is no such item, as Apollo has it."""
        self._portal.consumers.writer(request, self._portal.environment(request))
        namespace, key = self._portal.namespace(request), _key_of(request)
        operator_of(request, None, "operator")
        statement = "DELETE FROM item WHERE namespace_id = ? AND key = ?"
        if not self._portal.records.changed(statement, namespace["id"], key):
            raise bad_request("item not exists")
        return web.Response(status=200)

    def _insert(self, namespace: Row, key: str, body: dict[str, Any], operator: str) -> None:
        present = now()
        self._portal.records.run(
            "INSERT INTO item (namespace_id, key, value, type, comment, created_by, created, modified_by,"
            " modified) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(namespace["id"], key, _value(body), int(body.get("type") or 0)),
            *(text(body.get("comment"), _COMMENT_MOST, "Comment"), operator, present, operator, present),
        )

    def _find(self, namespace: Row, key: str) -> Row | None:
        query = "SELECT * FROM item WHERE namespace_id = ? AND key = ?"
        return self._portal.records.row(query, namespace["id"], key)

    def _found(self, namespace: Row, key: str) -> Row:
        row = self._find(namespace, key)
        if row is None:
            raise not_found(f"item not found for itemKey:{key}")
        return row

    def _shown(self, namespace: Row, key: str) -> dict[str, Any]:
        items = self._portal.items(namespace)
        line = next(n for n, item in enumerate(items, 1) if item["key"] == key)
        return item_view(items[line - 1], line)


def item_view(row: Row, line: int) -> dict[str, Any]:
    """One item (OpenItemDTO)."""
    return {
        "key": row["key"],
        "type": row["type"],
        "value": row["value"],
        "comment": row["comment"],
        "lineNum": line,
        "dataChangeCreatedBy": row["created_by"],
        "dataChangeLastModifiedBy": row["modified_by"],
        "dataChangeCreatedTime": row["created"],
        "dataChangeLastModifiedTime": row["modified"],
    }


def _value(body: dict[str, Any]) -> str:
    return text(body.get("value"), _VALUE_MOST, "Value")


def _key_of(request: web.Request) -> str:
    encoded = request.match_info.get("encoded")
    if encoded is None:
        return request.match_info["key"]
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_").decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise bad_request(f"the key {encoded!r} is not base64") from error
