"""A cluster in a thread of the test, clients for it, and pods to run in it."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
import warnings
from pathlib import Path
from typing import Any

from kubernetes import client, config

from sandbox.clusters.access import kubeconfig
from sandbox.clusters.cluster import Cluster
from sandbox.clusters.machine import Machine
from sandbox.world import World


class Running:
    """A cluster whose event loop runs in a thread of the test."""

    def __init__(self, world: World, name: str = "dev") -> None:
        self.world, self.name = world, name
        self._clients: list[client.ApiClient] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.cluster = self.call(self._start())

    async def _start(self) -> Cluster:
        cluster = Cluster(self.world, self.name, Machine(self.world))
        await cluster.start()
        return cluster

    def call(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def stop(self) -> None:
        for each in self._clients:
            each.rest_client.pool_manager.clear()
            each.close()
        self.call(self.cluster.stop())
        left = self.call(self._tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()
        # Python 3.11 leaves the socket of a TLS connection to the collector when its client went away first.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()
        assert left == []

    @staticmethod
    async def _tasks() -> list[str]:
        await asyncio.sleep(0)  # tasks that were cancelled see it
        return [repr(each) for each in asyncio.all_tasks() if each is not asyncio.current_task()]

    def api(self, account: str = "admin", namespace: str | None = None) -> client.ApiClient:
        settings = kubeconfig(self.world, self.name, account, namespace)
        made = config.new_client_from_config_dict(settings)
        self._clients.append(made)
        return made

    def core(self, account: str = "admin") -> client.CoreV1Api:
        return client.CoreV1Api(self.api(account))

    def apps(self, account: str = "admin") -> client.AppsV1Api:
        return client.AppsV1Api(self.api(account))


def pod(name: str, *command: str, **more: Any) -> dict[str, Any]:
    """A pod of one container `base` of the built-in image."""
    container = {"name": "base", "image": "busybox:1", "command": list(command)}
    container |= more.pop("container", {})
    spec = {"restartPolicy": "Never", "containers": [container], **more}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def recorded(folder: Path, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "samples" / f"{name}.json").read_text("utf-8"))
    return content
