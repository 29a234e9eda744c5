"""A Cluster that talks to the misbehaving server, and the documents such a server answers."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import Any

from hummingbird.clients.cluster import Cluster
from hummingbird.clients.retrying import Retrying
from unit.clients.misbehaving import Behaviour


def kubeconfig(url: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": url}}],
        "users": [{"name": "u", "user": {"token": "s3cret"}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }


def cluster(url: str, retrying: Retrying, **ports: Any) -> Cluster:
    return Cluster.from_kubeconfig(kubeconfig(url), "dev", "trading", retrying=retrying, **ports)


def deployment(
    *,
    generation: int = 2,
    observed: int = 2,
    wanted: int = 2,
    updated: int = 0,
    total: int = 0,
    ready: int = 0,
) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "generation": generation, "resourceVersion": "7"},
        "spec": {"replicas": wanted},
        "status": {
            "observedGeneration": observed,
            "replicas": total,
            "updatedReplicas": updated,
            "availableReplicas": ready,
            "conditions": [{"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"}],
        },
    }


def failed_deployment() -> dict[str, Any]:
    document = deployment(updated=1, total=2, ready=1)
    document["status"]["conditions"] = [
        {
            "type": "Progressing",
            "status": "False",
            "reason": "ProgressDeadlineExceeded",
            "message": 'ReplicaSet "web-1" has timed out progressing.',
        }
    ]
    return document


def event(kind: str, thing: dict[str, Any]) -> bytes:
    return json.dumps({"type": kind, "object": thing}).encode() + b"\n"


def streams(*chunks: bytes, ends: bool = True) -> Behaviour:
    """A watch: chunks as they are, then the end, or a connection that is cut."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for chunk in chunks:
            handler.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
        if ends:
            handler.wfile.write(b"0\r\n\r\n")
        else:
            handler.close_connection = True

    return behave
