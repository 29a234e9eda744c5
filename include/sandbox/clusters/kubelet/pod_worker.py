"""The life of one pod on the node: scheduled, volumes, init containers, containers, its end. One task each.

Every step can be taken again, so a pod whose sandbox was away is simply begun anew: what already ran or runs
is found in its folder and not repeated.
"""

from __future__ import annotations

import asyncio
import copy
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from sandbox.clusters.events import NODE
from sandbox.clusters.jsons import Json, now, parse_time
from sandbox.clusters.kubelet.container_worker import ContainerWorker
from sandbox.clusters.kubelet.node import Node
from sandbox.clusters.kubelet.program import quantity
from sandbox.clusters.kubelet.status import ContainerRecord, pod_status
from sandbox.clusters.kubelet.volumes import VolumeError, set_up
from sandbox.clusters.resources import PODS
from sandbox.clusters.statuses import ApiError

_TOO_LONG = "Pod was active on the node longer than the specified deadline"
_MOUNT_BACK_OFF = 10


class PodWorker:
    """One pod, from its creation to its removal."""

    def __init__(self, node: Node, pod: Json) -> None:
        self._node = node
        self._last = pod
        self._meta = pod["metadata"]
        self.folder = node.folder / self._meta["uid"]
        self._network = False
        self._ended_by: Json = {}
        """Reason and message of an end that came from the node, not from the containers."""
        self._began = (pod.get("status") or {}).get("startTime") or ""
        self.workers = [
            ContainerWorker(node, self._pod, record, self.folder, self.publish)
            for record in _records(pod["spec"])
        ]
        self._task: asyncio.Task[None] | None = None
        self._stop_task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, or go on."""
        self._task = asyncio.create_task(self._run())
        if self._meta.get("deletionTimestamp"):
            self.terminate(self._meta.get("deletionGracePeriodSeconds", 30))

    async def detach(self) -> None:
        """Look after the pod no more; its processes go on."""
        for worker in self.workers:
            worker.detach()
        for task in (self._task, self._stop_task):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    def terminate(self, grace: float) -> None:
        """The pod was asked to go: end its containers within `grace` seconds, then remove it."""
        if self._stop_task is None:
            self._stop_task = asyncio.create_task(self._terminate(grace))

    def abandon(self) -> asyncio.Task[None]:
        """The pod's object is gone: kill what is left and remove its folder; the task that does it."""
        if self._stop_task is None:
            self._stop_task = asyncio.create_task(self._clear())
        return self._stop_task

    def worker(self, container: str) -> ContainerWorker | None:
        """The worker of a container by name."""
        return next((each for each in self.workers if each.record.name == container), None)

    def _pod(self) -> Json:
        found = self._node.store.read(PODS, self._meta["namespace"], self._meta["name"])
        if found is not None and found["metadata"]["uid"] == self._meta["uid"]:
            self._last = found
        return self._last

    def publish(self) -> None:
        """Write the pod's status as it is now."""
        pod = self._pod()
        records = [each.record for each in self.workers]
        status = pod_status(pod, records, self._began, self._network)
        if self._ended_by:
            status |= {"phase": "Failed", **self._ended_by}
            if self._ended_by["reason"] == "Evicted":
                status["conditions"].insert(0, _disrupted(self._ended_by["message"]))
        self._write(lambda body: body.__setitem__("status", copy.deepcopy(status)))

    def _write(self, change: Callable[[Json], None]) -> None:
        pod = self._pod()
        current = self._node.store.read(PODS, self._meta["namespace"], self._meta["name"])
        if current is pod:
            self._node.store.edit(PODS, self._meta["namespace"], self._meta["name"], change)

    async def _run(self) -> None:
        if not self._schedule():
            return
        if self._pod()["status"].get("phase") in {"Succeeded", "Failed"}:
            return
        self.publish()
        limit = self._pod()["spec"].get("activeDeadlineSeconds")
        watch = asyncio.create_task(self._watch_deadline(float(limit))) if limit else None
        try:
            await self._volumes()
            self._network = True
            self.publish()
            for worker in self.workers:
                if worker.record.init and await worker.run() != 0:
                    return
            async with asyncio.TaskGroup() as group:
                for worker in self.workers:
                    if not worker.record.init:
                        group.create_task(worker.run())
        finally:
            if watch is not None:
                watch.cancel()
        self.publish()

    def _schedule(self) -> bool:
        """Bind the pod to the node; False when it asks for more than the node has."""
        pod = self._pod()
        if pod["spec"].get("nodeName"):
            self._began = self._began or now()
            return True
        problem = _too_big(pod["spec"])
        if problem:
            told = (
                f"0/1 nodes are available: 1 {problem}. preemption: 0/1 nodes are available: 1 No preemption "
                "victims found for incoming pod."
            )
            condition = {
                "lastProbeTime": None,
                "lastTransitionTime": now(),
                "message": told,
                "reason": "Unschedulable",
                "status": "False",
                "type": "PodScheduled",
            }
            self._write(lambda body: body["status"].__setitem__("conditions", [condition]))
            self._node.events.scheduler(pod, "Warning", "FailedScheduling", told)
            return False
        self._began = now()
        self._write(lambda body: body["spec"].__setitem__("nodeName", NODE))
        where = f"{self._meta['namespace']}/{self._meta['name']}"
        message = f"Successfully assigned {where} to {NODE}"
        self._node.events.scheduler(self._pod(), "Normal", "Scheduled", message)
        return True

    async def _volumes(self) -> None:
        folder = self.folder / "volumes"
        done = self.folder / "volumes.done"
        if done.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        while True:
            pod = self._pod()
            token = self._node.tokens.token_of(
                self._meta["namespace"], pod["spec"].get("serviceAccountName", "default")
            )
            account = {"token": token.encode(), "ca.crt": self._node.authority}
            try:
                set_up(self._node.store, pod, folder, account)
            except VolumeError as problem:
                self._node.events.kubelet(pod, "Warning", "FailedMount", str(problem))
                await self._node.configuration_change(_MOUNT_BACK_OFF)
            else:
                done.touch()
                return

    async def _watch_deadline(self, seconds: float) -> None:
        age = (datetime.now(UTC) - parse_time(self._began)).total_seconds()
        await asyncio.sleep(max(0.0, seconds - age))
        self._node.events.kubelet(self._pod(), "Normal", "DeadlineExceeded", _TOO_LONG)
        self._ended_by = {"reason": "DeadlineExceeded", "message": _TOO_LONG}
        self.publish()
        await self._stop_containers(float(self._pod()["spec"].get("terminationGracePeriodSeconds", 30)))

    async def evict(self, message: str) -> None:
        """The node takes the pod down at once, as it does when memory runs short."""
        self._node.events.kubelet(self._pod(), "Warning", "Evicted", message)
        self._ended_by = {"reason": "Evicted", "message": message}
        self.publish()
        await self._stop_containers(0)

    async def _stop_containers(self, grace: float) -> None:
        await asyncio.gather(*(worker.stop(grace) for worker in self.workers))

    async def _terminate(self, grace: float) -> None:
        await self._stop_containers(grace)
        await self._halt()
        if self._pod()["status"].get("phase") not in {"Succeeded", "Failed"}:
            self.publish()
        with suppress(ApiError):
            # someone may have removed it at once meanwhile
            if self._pod()["metadata"]["uid"] == self._meta["uid"]:
                self._node.store.delete(PODS, self._meta["namespace"], self._meta["name"])
        await self._remove()

    async def _clear(self) -> None:
        await self._stop_containers(0)
        await self._halt()
        await self._remove()

    async def _halt(self) -> None:
        """Let the containers' tasks see their ends, or stop waiting for what never began."""
        if self._task is None:
            return
        running = any("running" in worker.record.state for worker in self.workers)
        if running:
            await asyncio.wait({self._task}, timeout=5)
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _remove(self) -> None:
        await asyncio.to_thread(shutil.rmtree, self.folder, True)


def _records(spec: Json) -> list[ContainerRecord]:
    inits = spec.get("initContainers") or []
    reason = "PodInitializing" if inits else "ContainerCreating"
    waiting = [ContainerRecord(each, True, {"waiting": {"reason": "PodInitializing"}}) for each in inits]
    return waiting + [
        ContainerRecord(each, False, {"waiting": {"reason": reason}}) for each in spec["containers"]
    ]


def _disrupted(message: str) -> Json:
    return {
        "lastProbeTime": None,
        "lastTransitionTime": now(),
        "message": message,
        "reason": "TerminationByKubelet",
        "status": "True",
        "type": "DisruptionTarget",
    }


def _too_big(spec: Json) -> str | None:
    """What a single pod asks too much of. Pods are not counted together: this is no scheduler."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limits = {"memory": float(pages), "cpu": float(max(16, os.cpu_count() or 1))}
    for name, limit in limits.items():
        asked = sum(
            quantity(((each.get("resources") or {}).get("requests") or {}).get(name, 0))
            for each in spec["containers"]
        )
        if asked > limit:
            return f"Insufficient {name}"
    return None
