"""Faults of pods: deleted by somebody, evicted by the node, killed for their memory, as the rules say.

What an evicted pod shows follows the kubelet of Kubernetes 1.33 (pkg/kubelet/eviction): phase Failed, reason
Evicted, condition DisruptionTarget; its Deployment makes another, a bare pod is gone for good.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

from sandbox.clusters.api.removal import Remover
from sandbox.clusters.jsons import Json, dig
from sandbox.clusters.kubelet.kubelet import Kubelet
from sandbox.clusters.resources import PODS
from sandbox.clusters.store import Change, Store
from sandbox.faults.answers import label
from sandbox.faults.book import Book
from sandbox.faults.rule import Rule
from sandbox.file_events import FileEvents


class PodFaults:
    """Looks at every pod of one cluster when it begins to run, and at those that run when a rule is set."""

    def __init__(
        self, book: Book, cluster: str, store: Store, kubelet: Kubelet, remover: Remover, files: FileEvents
    ) -> None:
        self._book, self._cluster, self._store = book, cluster, store
        self._kubelet, self._remover, self._files = kubelet, remover, files
        self._known: set[int] = set()
        self._under_way: set[asyncio.Task[None]] = set()
        self._closing = ExitStack()

    def start(self) -> None:
        """Follow pods and rules."""
        self._known = {each.id for each in self._rules()}
        self._closing.callback(self._store.listen(self._follow))
        self._closing.enter_context(self._files.watching(self._book.folder, self._rules_changed))

    def stop(self) -> None:
        """Follow no more; what is under way is forgotten."""
        self._closing.close()
        for task in self._under_way:
            task.cancel()

    def _rules(self) -> list[Rule]:
        return [each for each in self._book.rules(self._cluster) if each.where == "pod"]

    def _rules_changed(self) -> None:
        fresh = [each.id for each in self._rules() if each.id not in self._known]
        self._known.update(fresh)
        for number in fresh:
            for pod in [each for each in self._store.list(PODS) if _runs(each)]:
                self._look(pod, number)

    def _follow(self, change: Change) -> None:
        if change.kind is PODS and _runs(change.object) and not _runs(change.previous or {}):
            self._look(change.object)

    def _look(self, pod: Json, number: int = 0) -> None:
        name = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
        for rule in self._book.strike(self._cluster, ("pod",), "", name, {}, only=number):
            task = asyncio.create_task(self._strike(rule, pod))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _strike(self, rule: Rule, pod: Json) -> None:
        await asyncio.sleep(rule.settings["seconds"])
        worker, meta = self._kubelet.worker(pod), pod["metadata"]
        found = self._store.read(PODS, meta["namespace"], meta["name"])
        if worker is None or found is None or not _runs(found):
            return  # it ended by itself
        if rule.kind == "pod_deleted":
            self._remover.remove(PODS, found, {"gracePeriodSeconds": rule.settings["grace"]})
        elif rule.kind == "pod_evicted":
            await worker.evict(
                "The node was low on resource: memory. Threshold quantity: 100Mi, available: 64Mi. "
                f"(injected fault {label(rule)})"
            )
        else:
            name = rule.settings["container"] or found["spec"]["containers"][0]["name"]
            container = worker.worker(name)
            if container is not None:
                await container.run_out_of_memory()


def _runs(pod: Json) -> bool:
    return dig(pod, "status", "phase") == "Running" and not dig(pod, "metadata", "deletionTimestamp")
