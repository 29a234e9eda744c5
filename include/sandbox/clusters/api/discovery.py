"""What the server can do, as clients ask before they ask for anything else: groups, resources, OpenAPI.

The OpenAPI documents say only which calls take `fieldValidation`: that is what kubectl looks for before it
applies. No schema of the objects is served: version 2 of the document is there for `kubectl apply` of a List,
which looks a schema up to validate by, and does without one that is not there.
"""

from __future__ import annotations

from sandbox.clusters.jsons import Json
from sandbox.clusters.resources import ACCESS_REVIEWS, ALL, PODS, SERVICES, Resource

VERSION = {
    "major": "1",
    "minor": "33",
    "gitVersion": "v1.33.13+sandbox",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "2026-11-22T00:00:00Z",
    "goVersion": "none",
    "compiler": "none",
    "platform": "linux/amd64",
}
OPENAPI_V2 = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
_VERBS = ["create", "delete", "get", "list", "patch", "update", "watch"]


def groups() -> list[tuple[str, str]]:
    """The named groups with their version, once each."""
    return list(dict.fromkeys((each.group, each.version) for each in ALL if each.group))


def core_versions(address: str) -> Json:
    """GET /api."""
    places = [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}]
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": places}


def group_list() -> Json:
    """GET /apis."""
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(*each) for each in groups()]}


def _group(group: str, version: str) -> Json:
    both = {"groupVersion": f"{group}/{version}", "version": version}
    return {"name": group, "versions": [both], "preferredVersion": both}


def group(name: str) -> Json | None:
    """GET /apis/{group}, or None."""
    found = next((each for each in groups() if each[0] == name), None)
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(*found)} if found else None


def resource_list(name: str, version: str) -> Json | None:
    """GET /api/v1 or /apis/{group}/{version}, or None."""
    found = [each for each in ALL if (each.group, each.version) == (name, version)]
    if not found:
        return None
    resources = [entry for each in found for entry in _entries(each)]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": found[0].api_version,
        "resources": resources,
    }


def _entries(kind: Resource) -> list[Json]:
    own: Json = {
        "name": kind.plural,
        "singularName": kind.kind.lower(),
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": ["create"] if kind is ACCESS_REVIEWS else _VERBS,
    }
    if kind.short:
        own["shortNames"] = list(kind.short)
    if kind.plural in {"pods", "services", "deployments", "replicasets"}:
        own["categories"] = ["all"]
    entries = [own]

    def sub(name: str, what: str, verbs: list[str], **more: str) -> None:
        path = f"{kind.plural}/{name}"
        entries.append(
            {
                "name": path,
                "singularName": "",
                "namespaced": kind.namespaced,
                "kind": what,
                "verbs": verbs,
                **more,
            }
        )

    if kind.status:
        sub("status", kind.kind, ["get"])
    if kind.scale:
        sub("scale", "Scale", ["get", "patch", "update"], group="autoscaling", version="v1")
    if kind is PODS:
        sub("log", "Pod", ["get"])
        sub("exec", "PodExecOptions", ["create", "get"])
    if kind is SERVICES:
        sub("proxy", "ServiceProxyOptions", ["create", "delete", "get", "patch", "update"])
    return entries


def openapi_paths() -> Json:
    """GET /openapi/v3."""
    names = ["api/v1", *(f"apis/{name}/{version}" for name, version in groups())]
    return {"paths": {name: {"serverRelativeURL": f"/openapi/v3/{name}?hash=1"} for name in names}}


def openapi_v2() -> bytes:
    """GET /openapi/v2: the document `openapi.v2.Document` as protobuf, the only form that kubectl reads."""
    version = VERSION["gitVersion"].encode()
    info = _field(1, b"Kubernetes sandbox") + _field(2, version)
    return _field(1, b"2.0") + _field(2, info) + _field(8, b"")


def _field(number: int, content: bytes) -> bytes:
    """A protobuf field of bytes, shorter than 128."""
    return bytes((number << 3 | 2, len(content))) + content


def openapi(path: str) -> Json | None:
    """GET /openapi/v3/{path}: the calls of one group, or None."""
    found = [each for each in ALL if _prefix(each) == path and each is not ACCESS_REVIEWS]
    if not found:
        return None
    paths = {}
    for each in found:
        place = "/namespaces/{namespace}" if each.namespaced else ""
        collection = f"/{path}{place}/{each.plural}"
        paths[collection] = {"post": _operation(each, "post")}
        paths[f"{collection}/{{name}}"] = {
            "get": _operation(each, "get"),
            "put": _operation(each, "put"),
            "patch": _operation(each, "patch"),
            "delete": _operation(each, "delete"),
        }
    info = {"title": "Kubernetes sandbox", "version": VERSION["gitVersion"]}
    return {"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": {}}}


def _prefix(kind: Resource) -> str:
    return f"apis/{kind.api_version}" if kind.group else f"api/{kind.version}"


def _operation(kind: Resource, verb: str) -> Json:
    names = ["dryRun"] if verb == "delete" else ["dryRun", "fieldManager", "fieldValidation"]
    names += ["force"] if verb == "patch" else []
    parameters = [] if verb == "get" else names
    return {
        "x-kubernetes-action": verb,
        "x-kubernetes-group-version-kind": {
            "group": kind.group,
            "version": kind.version,
            "kind": kind.kind,
        },
        "parameters": [
            {"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
            for name in parameters
        ],
        "responses": {"200": {"description": "OK"}},
    }
