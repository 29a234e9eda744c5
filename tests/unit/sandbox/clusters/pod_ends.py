"""Pods of a test until they have ended, or wait for something."""

from __future__ import annotations

from typing import Any

from kubernetes import client

from waiting import until


def finished(core: client.CoreV1Api, name: str) -> dict[str, Any]:
    def over() -> Any:
        found = core.read_namespaced_pod(name, "trading")
        return found if found.status.phase in {"Succeeded", "Failed"} else None

    return core.api_client.sanitize_for_serialization(until(over))


def ended(core: client.CoreV1Api, body: dict[str, Any]) -> dict[str, Any]:
    core.create_namespaced_pod("trading", body)
    return finished(core, body["metadata"]["name"])


def waiting(core: client.CoreV1Api, body: dict[str, Any], reason: str) -> dict[str, Any]:
    core.create_namespaced_pod("trading", body)

    def there() -> Any:
        found = core.read_namespaced_pod(body["metadata"]["name"], "trading")
        states = [each.state.waiting for each in found.status.container_statuses or []]
        return found if any(each and each.reason == reason for each in states) else None

    return core.api_client.sanitize_for_serialization(until(there))
