"""All pods of one cluster: a worker for each, begun and ended as the store tells."""

from __future__ import annotations

import asyncio
import shutil

from sandbox.clusters.jsons import Json
from sandbox.clusters.kubelet.node import Node
from sandbox.clusters.kubelet.pod_worker import PodWorker
from sandbox.clusters.resources import CONFIG_MAPS, PODS, SECRETS
from sandbox.clusters.runtime.leftovers import end_runs
from sandbox.clusters.store import Change


class Kubelet:
    """Runs the pods of one node."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._pods: dict[str, PodWorker] = {}
        self._leaving: dict[asyncio.Task[None], PodWorker] = {}

    def start(self) -> None:
        """Take up every pod that is there, forget folders of pods that are gone, follow the store."""
        self._node.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        known = set()
        for pod in list(self._node.store.list(PODS)):
            known.add(pod["metadata"]["uid"])
            self._take(pod)
        for folder in self._node.folder.iterdir():
            if folder.name not in known:
                end_runs(folder, grace=0)
                shutil.rmtree(folder, ignore_errors=True)
        self._node.store.listen(self._follow)

    async def stop(self) -> None:
        """Stop looking; the processes go on and are found again at the next start, which also removes what a
        removed pod left.
        """
        await asyncio.gather(*(each.detach() for each in [*self._pods.values(), *self._leaving.values()]))

    def worker(self, pod: Json) -> PodWorker | None:
        """The worker of a pod."""
        return self._pods.get(pod["metadata"]["uid"])

    def _take(self, pod: Json) -> None:
        worker = PodWorker(self._node, pod)
        self._pods[pod["metadata"]["uid"]] = worker
        worker.start()

    def _follow(self, change: Change) -> None:
        if change.kind in {SECRETS, CONFIG_MAPS}:
            self._node.configuration_changed()
        if change.kind is not PODS:
            return
        meta = change.object["metadata"]
        worker = self._pods.get(meta["uid"])
        if change.action == "ADDED":
            self._take(change.object)
        elif worker is None:
            return
        elif change.action == "DELETED":
            del self._pods[meta["uid"]]
            going = worker.abandon()
            self._leaving[going] = worker
            going.add_done_callback(self._leaving.pop)
        elif meta.get("deletionTimestamp") and not (change.previous or {})["metadata"].get(
            "deletionTimestamp"
        ):
            worker.terminate(meta.get("deletionGracePeriodSeconds", 30))
