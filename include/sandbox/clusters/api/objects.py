"""The calls on objects: get, list, watch, create, update, patch, apply, delete, scale, access reviews."""

from __future__ import annotations

import json
from typing import Any

import yaml
from aiohttp import web

from sandbox.clusters.api import tables, watching
from sandbox.clusters.api.backend import Backend
from sandbox.clusters.api.call import Call
from sandbox.clusters.jsons import Json, dig, truth
from sandbox.clusters.rbac import User
from sandbox.clusters.resources import ACCESS_REVIEWS, DEPLOYMENTS
from sandbox.clusters.selection import selection
from sandbox.clusters.statuses import ApiError, bad_request, invalid, not_served

APPLY = "application/apply-patch+yaml"


class Objects:
    """Serves resource calls of one cluster."""

    def __init__(self, backend: Backend) -> None:
        self._backend, self._store = backend, backend.store

    async def serve(self, call: Call, request: web.Request, user: User) -> web.StreamResponse:
        """One call on an object or a collection; ApiError as the API refuses it."""
        if call.kind is ACCESS_REVIEWS:
            return await self._review(call, request, user)
        if call.subresource == "scale" and call.kind is DEPLOYMENTS:
            return await self._scale(call, request)
        if call.subresource and not (call.subresource == "status" and call.verb == "get"):
            raise not_served(call.method, call.path)
        if call.verb == "watch":
            return await self._watch(call, request)
        serve = {
            "get": self._get,
            "list": self._list,
            "create": self._create,
            "update": self._update,
            "patch": self._patch,
            "delete": self._delete,
            "deletecollection": self._delete_all,
        }.get(call.verb)
        if serve is None or (call.verb == "create" and call.name):
            raise not_served(call.method, call.path)
        return await serve(call, request)

    async def _get(self, call: Call, request: web.Request) -> web.Response:
        body = self._store.find(call.kind, call.namespace or "", call.name)
        if tables.wants_table(request.headers.get("Accept", "")):
            include = request.query.get("includeObject", "")
            return _answer(tables.table(call.kind, [body], body["metadata"]["resourceVersion"], include))
        return _answer(body)

    async def _list(self, call: Call, request: web.Request) -> web.Response:
        query = request.query
        found = self._selected(call, request)
        left = 0
        limit = int(query.get("limit") or 0)
        start = int(query.get("continue") or 0)
        revision = str(self._store.revision)
        if limit:
            left = max(0, len(found) - start - limit)
            found = found[start : start + limit]
        meta: Json = {"resourceVersion": revision}
        if left:
            meta |= {"continue": str(start + limit), "remainingItemCount": left}
        if tables.wants_table(request.headers.get("Accept", "")):
            body = tables.table(call.kind, found, revision, query.get("includeObject", ""))
            return _answer({**body, "metadata": meta})
        # Members of a list carry neither kind nor version of their own.
        items = [
            {key: value for key, value in each.items() if key not in {"kind", "apiVersion"}} for each in found
        ]
        kind = f"{call.kind.kind}List"
        return _answer({"kind": kind, "apiVersion": call.kind.api_version, "metadata": meta, "items": items})

    def _selected(self, call: Call, request: web.Request) -> list[Json]:
        query = request.query
        matches = selection(call.kind, query.get("labelSelector", ""), query.get("fieldSelector", ""))
        namespace = call.namespace if call.kind.namespaced else None
        return [each for each in self._store.list(call.kind, namespace) if matches(each)]

    async def _watch(self, call: Call, request: web.Request) -> web.StreamResponse:
        query = request.query
        fields = query.get("fieldSelector", "")
        if call.name:
            fields = f"{fields},metadata.name={call.name}".strip(",")
        revision = query.get("resourceVersion", "")
        if revision and not revision.isdigit():
            raise bad_request(f"Invalid value: {revision!r}: resourceVersion must be a number")
        options = watching.WatchOptions(
            kind=call.kind,
            namespace=call.namespace if call.kind.namespaced else None,
            matches=selection(call.kind, query.get("labelSelector", ""), fields),
            revision=revision,
            initial=truth(query.get("sendInitialEvents")),
            bookmarks=truth(query.get("allowWatchBookmarks")),
            seconds=float(query.get("timeoutSeconds") or 0),
            table=tables.wants_table(request.headers.get("Accept", "")),
            include=query.get("includeObject", ""),
        )
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        lines = watching.watch(self._store, options)
        try:
            async for line in lines:
                await response.write(line)
        except ConnectionResetError:
            return response  # the client has seen enough
        finally:
            await lines.aclose()  # type: ignore[attr-defined]
        await response.write_eof()
        return response

    async def _create(self, call: Call, request: web.Request) -> web.Response:
        body = await _body(request)
        made = self._backend.writer.create(
            call.kind, call.namespace or "", body, _manager(request), dry_run=_dry(request)
        )
        return _answer(made, 201)

    async def _update(self, call: Call, request: web.Request) -> web.Response:
        body = await _body(request)
        kept = self._backend.writer.replace(
            call.kind, call.namespace or "", call.name, body, _manager(request), dry_run=_dry(request)
        )
        return _answer(kept)

    async def _patch(self, call: Call, request: web.Request) -> web.Response:
        content_type = request.content_type
        body = await _body(request)
        place = (call.kind, call.namespace or "", call.name)
        writer = self._backend.writer
        if content_type != APPLY:
            return _answer(writer.patch(*place, content_type, body, _manager(request), dry_run=_dry(request)))
        if not request.query.get("fieldManager"):
            problem = "Required value: is required for apply patch"
            told = invalid(call.kind, "", "fieldManager", problem, "FieldValueRequired")
            told.message = f'PatchOptions.meta.k8s.io "" is invalid: fieldManager: {problem}'
            raise told
        force = truth(request.query.get("force"))
        manager = request.query["fieldManager"]
        kept, new = writer.apply(*place, body, manager, force=force, dry_run=_dry(request))
        return _answer(kept, 201 if new else 200)

    async def _delete(self, call: Call, request: web.Request) -> web.Response:
        body = self._store.find(call.kind, call.namespace or "", call.name)
        options = await _body(request) if request.can_read_body else {}
        grace = request.query.get("gracePeriodSeconds")
        if grace is not None:
            options = {**options, "gracePeriodSeconds": int(grace)}
        if _dry(request) or options.get("dryRun"):
            return _answer(body)
        return _answer(self._backend.remover.remove(call.kind, body, options))

    async def _delete_all(self, call: Call, request: web.Request) -> web.Response:
        found = self._selected(call, request)
        for each in found:
            self._backend.remover.remove(call.kind, each)
        kind = f"{call.kind.kind}List"
        meta = {"resourceVersion": str(self._store.revision)}
        return _answer({"kind": kind, "apiVersion": call.kind.api_version, "metadata": meta, "items": found})

    async def _scale(self, call: Call, request: web.Request) -> web.Response:
        """GET, PATCH or PUT of /scale: only spec.replicas can be set."""
        place = (call.kind, call.namespace or "", call.name)
        if call.verb != "get":
            body = await _body(request)
            if isinstance(body, list):
                wanted = next((each["value"] for each in body if each["path"] == "/spec/replicas"), None)
            else:
                wanted = dig(body, "spec", "replicas")
            if not isinstance(wanted, int) or wanted < 0:
                raise bad_request(f"spec.replicas must be a number from 0, not {wanted!r}")
            patch = {"spec": {"replicas": wanted}}
            self._backend.writer.patch(*place, "application/merge-patch+json", patch, _manager(request))
        body = self._store.find(*place)
        labels = dig(body, "spec", "selector", "matchLabels") or {}
        keys = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
        return _answer(
            {
                "kind": "Scale",
                "apiVersion": "autoscaling/v1",
                "metadata": {key: body["metadata"][key] for key in keys},
                "spec": {"replicas": body["spec"]["replicas"]},
                "status": {
                    "replicas": dig(body, "status", "replicas") or 0,
                    "selector": ",".join(f"{key}={value}" for key, value in labels.items()),
                },
            }
        )

    async def _review(self, call: Call, request: web.Request, user: User) -> web.Response:
        if call.verb != "create":
            raise not_served(call.method, call.path)
        body = await _body(request)
        asked = dig(body, "spec", "resourceAttributes") or {}
        right = asked.get("resource", "") + (f".{asked['group']}" if asked.get("group") else "")
        if asked.get("subresource"):
            right += f"/{asked['subresource']}"
        allowed = user.may(asked.get("verb", ""), right, asked.get("namespace"))
        answer = {"kind": ACCESS_REVIEWS.kind, "apiVersion": ACCESS_REVIEWS.api_version, "metadata": {}}
        return _answer({**answer, "spec": dig(body, "spec"), "status": {"allowed": allowed}}, 201)


def _answer(body: Json, code: int = 200) -> web.Response:
    return web.json_response(body, status=code, dumps=lambda value: json.dumps(value, ensure_ascii=False))


async def _body(request: web.Request) -> Any:
    text = await request.read()
    if not text:
        return {}
    if "protobuf" in request.content_type:
        told = "the body of the request was in an unknown format - accepted media types include: "
        raise ApiError(415, "UnsupportedMediaType", f"{told}application/json")
    try:
        # Every JSON document is YAML, but JSON is read a hundred times faster.
        return json.loads(text) if text.lstrip()[:1] in b"{[" else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError) as problem:
        raise bad_request(f"couldn't get version/kind; json parse error: {problem}") from problem


def _manager(request: web.Request) -> str:
    agent = request.headers.get("User-Agent", "unknown")
    return request.query.get("fieldManager") or agent.partition("/")[0]


def _dry(request: web.Request) -> bool:
    return "All" in request.query.getall("dryRun", [])
