"""Services: a port of 127.0.0.1 for each service port, forwarding to a ready pod.

The ports stand in the annotation `sandbox/ports` (`80=23456`), so they stay the same over restarts.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable

from sandbox.clusters.controllers.owners import is_ready
from sandbox.clusters.jsons import Json, dig
from sandbox.clusters.kubelet.environment import PORTS_ANNOTATION, forwarder_ports
from sandbox.clusters.kubelet.ports import free_port
from sandbox.clusters.resources import PODS, SERVICES
from sandbox.clusters.selection import label_selector
from sandbox.clusters.store import Change, Store

PodPort = Callable[[Json, int | str], int | None]


class Services:
    """The forwarders of one cluster; `pod_port` says where a container port of a pod really listens."""

    def __init__(self, store: Store, taken: set[int], pod_port: PodPort) -> None:
        self._store, self._taken, self._pod_port = store, taken, pod_port
        self._servers: dict[tuple[str, str, int], tuple[int, asyncio.Server]] = {}
        self._turn = itertools.count()
        self._tasks: set[asyncio.Task[None]] = set()
        self._opening = asyncio.Lock()

    async def start(self) -> None:
        """Open the forwarders of every service, then follow the store."""
        self._store.listen(self._follow)
        for each in list(self._store.list(SERVICES)):
            await self._open(each)

    async def stop(self) -> None:
        """Close all forwarders, and what goes through them."""
        for _, server in self._servers.values():
            server.close()
        at_work = list(self._tasks)
        for task in at_work:
            task.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)

    def target(self, service: Json, port: Json) -> int | None:
        """The port of a ready pod that serves a service port, a different pod each time; None without one."""
        selector = service["spec"].get("selector")
        if not selector:
            return None
        matches = label_selector({"matchLabels": selector})
        wanted: int | str = port.get("targetPort") or port["port"]
        found = [
            own
            for pod in self._store.list(PODS, service["metadata"]["namespace"])
            if is_ready(pod)
            and not pod["metadata"].get("deletionTimestamp")
            and matches(pod["metadata"].get("labels") or {})
            and (own := self._pod_port(pod, wanted)) is not None
        ]
        return found[next(self._turn) % len(found)] if found else None

    def _follow(self, change: Change) -> None:
        if change.kind is not SERVICES:
            return
        meta = change.object["metadata"]
        wanted = (
            set()
            if change.action == "DELETED"
            else {each["port"] for each in dig(change.object, "spec", "ports") or []}
        )
        for key in [key for key in self._servers if key[:2] == (meta["namespace"], meta["name"])]:
            if key[2] not in wanted:
                own, server = self._servers.pop(key)
                self._taken.discard(own)
                server.close()
        if change.action != "DELETED":
            self._assign(change.object)
            task = asyncio.get_running_loop().create_task(self._open(change.object))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _assign(self, service: Json) -> dict[int, int]:
        """Give every port of a service a port of this machine, kept in its annotation."""
        known = forwarder_ports(service)
        ports = {}
        for each in service["spec"].get("ports") or []:
            ports[each["port"]] = known.get(each["port"]) or free_port(self._taken)
            self._taken.add(ports[each["port"]])
        text = ",".join(f"{port}={own}" for port, own in ports.items())
        if ports != known:
            meta = service["metadata"]
            self._store.edit(
                SERVICES,
                meta["namespace"],
                meta["name"],
                lambda body: body["metadata"].setdefault("annotations", {}).update({PORTS_ANNOTATION: text}),
            )
        return ports

    async def _open(self, service: Json) -> None:
        meta = service["metadata"]
        found = self._store.read(SERVICES, meta["namespace"], meta["name"])
        if found is None:
            return
        async with self._opening:
            for port, own in self._assign(found).items():
                key = (meta["namespace"], meta["name"], port)
                if key in self._servers:
                    continue
                try:
                    server = await asyncio.start_server(self._forwarder(*key), "127.0.0.1", own)
                except OSError:
                    # Someone took the port while the sandbox was away: the service gets another.
                    self._forget(found, port)
                    continue
                self._servers[key] = (own, server)

    def _forget(self, service: Json, port: int) -> None:
        """Take a service port's number away; the change that this makes assigns a new one and opens it."""
        meta = service["metadata"]
        kept = {key: own for key, own in forwarder_ports(service).items() if key != port}
        text = ",".join(f"{key}={own}" for key, own in kept.items())
        self._store.edit(
            SERVICES,
            meta["namespace"],
            meta["name"],
            lambda body: body["metadata"]["annotations"].update({PORTS_ANNOTATION: text}),
        )

    def _forwarder(
        self, namespace: str, name: str, number: int
    ) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None  # a server calls this in a task of its own
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            service = self._store.read(SERVICES, namespace, name)
            ports = dig(service, "spec", "ports") or []
            port = next((each for each in ports if each["port"] == number), None)
            own = self.target(service, port) if service and port else None
            try:
                if own is not None:
                    inner, outer = await asyncio.open_connection("127.0.0.1", own)
                    try:
                        await asyncio.gather(_pipe(reader, outer), _pipe(inner, writer))
                    finally:
                        outer.close()
            except OSError:
                return  # the pod refuses: so does the forwarder
            finally:
                writer.close()

        return forward


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except (ConnectionError, OSError):
        writer.close()
