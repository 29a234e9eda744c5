"""The loop behind the controllers: what changed is looked at once, in the same turn of the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sandbox.clusters.controllers.owners import owner_uid
from sandbox.clusters.resources import DEPLOYMENTS, PODS, REPLICA_SETS, Resource
from sandbox.clusters.store import Change, Store

Key = tuple[Resource, str, str]
Reconcile = Callable[[str, str], float | None]


class ControlLoop:
    """Queues deployments and replica sets when they or their children change, and looks again when due."""

    def __init__(self, store: Store, reconcilers: dict[Resource, Reconcile]) -> None:
        self._store, self._reconcilers = store, reconcilers
        self._due: dict[Key, None] = {}
        self._timers: dict[Key, asyncio.TimerHandle] = {}
        self._scheduled: asyncio.Handle | None = None
        self._stopped = False

    def start(self) -> None:
        """Look at everything once, then follow the store."""
        for kind in self._reconcilers:
            for each in self._store.list(kind):
                self._queue((kind, each["metadata"]["namespace"], each["metadata"]["name"]))
        self._store.listen(self._follow)

    def stop(self) -> None:
        """Look at nothing more."""
        self._stopped = True
        for timer in self._timers.values():
            timer.cancel()
        if self._scheduled is not None:
            self._scheduled.cancel()

    def _follow(self, change: Change) -> None:
        meta = change.object["metadata"]
        if change.kind in self._reconcilers and change.action != "DELETED":
            self._queue((change.kind, meta["namespace"], meta["name"]))
        parent = {PODS: REPLICA_SETS, REPLICA_SETS: DEPLOYMENTS}.get(change.kind)
        uid = owner_uid(change.object) if parent else None
        if parent and uid:
            for each in self._store.list(parent, meta["namespace"]):
                if each["metadata"]["uid"] == uid:
                    self._queue((parent, meta["namespace"], each["metadata"]["name"]))

    def _queue(self, key: Key) -> None:
        self._due[key] = None
        if self._scheduled is None and not self._stopped:
            self._scheduled = asyncio.get_running_loop().call_soon(self._work)

    def _work(self) -> None:
        due, self._due, self._scheduled = self._due, {}, None
        for key in due:
            kind, namespace, name = key
            again = self._reconcilers[kind](namespace, name)
            timer = self._timers.pop(key, None)
            if timer is not None:
                timer.cancel()
            if again is not None:
                loop = asyncio.get_running_loop()
                self._timers[key] = loop.call_later(again, self._queue, key)
