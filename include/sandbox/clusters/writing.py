"""The way of every write: defaults, validation, admission, ownership of fields, then the store."""

from __future__ import annotations

import base64
import copy
from typing import Any

from sandbox.clusters import defaults, validation
from sandbox.clusters.admission import admit_pod
from sandbox.clusters.jsons import Json, now
from sandbox.clusters.patches import PATCHES
from sandbox.clusters.patches.apply import server_side_apply
from sandbox.clusters.patches.managers import track_update
from sandbox.clusters.resources import (
    DEPLOYMENTS,
    NAMESPACES,
    PODS,
    REPLICA_SETS,
    SECRETS,
    SERVICES,
    Resource,
)
from sandbox.clusters.statuses import ApiError, bad_request, conflict, not_found
from sandbox.clusters.store import Store

_OWN = ("uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds")
_WITH_GENERATION = {PODS, DEPLOYMENTS, REPLICA_SETS}
_FIRST_STATUS: dict[Any, Json] = {SERVICES: {"loadBalancer": {}}, REPLICA_SETS: {"replicas": 0}}


class Writer:
    """Creates and changes the objects of one cluster on behalf of a field manager."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(
        self, kind: Resource, namespace: str, body: Any, manager: str, *, dry_run: bool = False
    ) -> Json:
        """A new object; ApiError 400, 403, 404 (namespace), 409 or 422."""
        body = self._named(kind, namespace, body)
        meta = body["metadata"]
        for key in (*_OWN, "resourceVersion", "managedFields"):
            meta.pop(key, None)
        self._prepare(kind, body, new=True)
        track_update(None, body, manager)
        return self._add(kind, body, dry_run=dry_run)

    def replace(
        self, kind: Resource, namespace: str, name: str, body: Any, manager: str, *, dry_run: bool = False
    ) -> Json:
        """The object as a writer wants it (PUT); ApiError 409 when its resourceVersion is old."""
        before = self._store.find(kind, namespace, name)
        body = self._named(kind, namespace, body)
        if body["metadata"]["name"] != name:
            raise bad_request("the name of the object does not match the name on the URL")
        return self._change(kind, before, body, manager, dry_run=dry_run)

    def patch(
        self,
        kind: Resource,
        namespace: str,
        name: str,
        content_type: str,
        patch: Any,
        manager: str,
        *,
        dry_run: bool = False,
    ) -> Json:
        """The object after a JSON, merge or strategic merge patch; ApiError 415 for another type."""
        if content_type not in PATCHES:
            raise ApiError(
                415,
                "UnsupportedMediaType",
                f"the body of the request was in an unknown format - accepted media types include: "
                f"{', '.join([*PATCHES, 'application/apply-patch+yaml'])}",
            )
        before = self._store.find(kind, namespace, name)
        after = PATCHES[content_type](before, patch)
        return self._change(kind, before, self._named(kind, namespace, after), manager, dry_run=dry_run)

    def apply(
        self,
        kind: Resource,
        namespace: str,
        name: str,
        config: Any,
        manager: str,
        *,
        force: bool,
        dry_run: bool = False,
    ) -> tuple[Json, bool]:
        """The object after a server-side apply, and whether it is new."""
        config = self._named(kind, namespace, config, name)
        if config["metadata"].get("managedFields"):
            raise bad_request("metadata.managedFields must be nil")
        asked = config["metadata"].pop("resourceVersion", None)
        config = defaults.without_nothing(config)
        before = self._store.read(kind, namespace, name)
        if before is None:
            if asked:
                raise conflict(kind, name)
            after = server_side_apply(None, config, manager, force=force)
            self._prepare(kind, after, new=True)
            return self._add(kind, after, dry_run=dry_run), True
        if asked not in {None, before["metadata"]["resourceVersion"]}:
            raise conflict(kind, name)
        after = server_side_apply(before, config, manager, force=force)
        return self._keep(kind, before, after, dry_run=dry_run), False

    def _add(self, kind: Resource, body: Json, *, dry_run: bool) -> Json:
        meta = body["metadata"]
        if kind in _WITH_GENERATION:
            meta["generation"] = 1
        if dry_run:
            return {**body, "metadata": {**meta, "creationTimestamp": now()}}
        return self._store.create(kind, body)

    def _named(self, kind: Resource, namespace: str, body: Any, name: str | None = None) -> Json:
        if not isinstance(body, dict):
            raise bad_request("the object provided is unrecognized (must be of type " + kind.kind + ")")
        body = copy.deepcopy(body)
        given = (body.setdefault("apiVersion", kind.api_version), body.setdefault("kind", kind.kind))
        if given != (kind.api_version, kind.kind):
            raise bad_request(
                f"{given[1]} in version {given[0]!r} cannot be handled as a {kind.kind}: "
                f"expected {kind.api_version}, {kind.kind}"
            )
        meta = body.get("metadata")
        body["metadata"] = meta = meta if isinstance(meta, dict) else {}
        if kind.namespaced:
            if meta.setdefault("namespace", namespace) != namespace:
                raise bad_request(
                    "the namespace of the provided object does not match the namespace sent on the request"
                )
            if self._store.read(NAMESPACES, "", namespace) is None:
                raise not_found(NAMESPACES, namespace)
        else:
            meta.pop("namespace", None)
        if name:
            meta.setdefault("name", name)
        if not meta.get("name") and meta.get("generateName"):
            meta["name"] = f"{meta['generateName'][:58]}{defaults.random_suffix()}"
        if not meta.get("name"):
            raise validation.required(kind, "", "metadata.name", ": name or generateName is required")
        named: Json = body
        return named

    def _prepare(self, kind: Resource, body: Json, *, new: bool) -> None:
        """Complete and check a body in place."""
        completed = defaults.without_nothing(body)
        body.clear()
        body.update(completed)
        if "spec" in body or kind.scale or kind in {PODS, SERVICES, REPLICA_SETS}:
            body.setdefault("spec", {})
        if kind is SECRETS:
            _encode(body)
        try:
            defaults.fill(kind, body)
        except (KeyError, TypeError, AttributeError) as problem:
            raise bad_request(
                f"{kind.kind} in version {kind.version!r} cannot be handled: {problem!r}"
            ) from problem
        validation.check(kind, body)
        if new and kind is PODS:
            defaults.new_pod(body)
            admit_pod(self._store, body)
        elif new:
            body.pop("status", None)
            if kind is NAMESPACES:
                body["spec"], body["status"] = {"finalizers": ["kubernetes"]}, {"phase": "Active"}
                body["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = body["metadata"][
                    "name"
                ]
            elif kind.status:
                body["status"] = copy.deepcopy(_FIRST_STATUS.get(kind, {}))

    def _change(self, kind: Resource, before: Json, after: Json, manager: str, *, dry_run: bool) -> Json:
        version = after["metadata"].get("resourceVersion")
        if version and version != before["metadata"]["resourceVersion"]:
            raise conflict(kind, before["metadata"]["name"])
        uid = after["metadata"].get("uid")
        if uid and uid != before["metadata"]["uid"]:
            raise conflict(kind, before["metadata"]["name"])
        written = after["metadata"].get("managedFields")
        if written == before["metadata"].get("managedFields") or not written:
            track_update(before, after, manager)
        return self._keep(kind, before, after, dry_run=dry_run)

    def _keep(self, kind: Resource, before: Json, after: Json, *, dry_run: bool) -> Json:
        old, new = before["metadata"], after["metadata"]
        for key in _OWN:
            new.pop(key, None)
            if key in old:
                new[key] = old[key]
        if kind.status and "status" in before:
            after["status"] = before["status"]
        self._prepare(kind, after, new=False)
        validation.check_change(kind, before, after)
        if kind in _WITH_GENERATION and before["spec"] != after["spec"]:
            new = after["metadata"]
            new["generation"] = old.get("generation", 0) + 1
        if dry_run:
            return after
        return self._store.replace(kind, after)


def _encode(body: Json) -> None:
    for key, value in (body.pop("stringData", None) or {}).items():
        body.setdefault("data", {})[key] = base64.b64encode(value.encode()).decode()
