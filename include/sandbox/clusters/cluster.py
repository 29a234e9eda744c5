"""One cluster, put together: store, API server, controllers, kubelet, services, on one TLS port."""

from __future__ import annotations

from sandbox.clusters.api.backend import Backend
from sandbox.clusters.api.removal import Remover
from sandbox.clusters.api.server import ApiServer
from sandbox.clusters.controllers.deployments import Deployments
from sandbox.clusters.controllers.loop import ControlLoop
from sandbox.clusters.controllers.owners import OrphanCollector
from sandbox.clusters.controllers.replica_sets import ReplicaSets
from sandbox.clusters.controllers.services import Services
from sandbox.clusters.events import Events
from sandbox.clusters.jsons import Json
from sandbox.clusters.kubelet.kubelet import Kubelet
from sandbox.clusters.kubelet.node import Node
from sandbox.clusters.kubelet.program import port_names
from sandbox.clusters.machine import Machine
from sandbox.clusters.pod_faults import PodFaults
from sandbox.clusters.resources import DEPLOYMENTS, PODS, REPLICA_SETS
from sandbox.clusters.seed import seed
from sandbox.clusters.store import Store
from sandbox.clusters.tokens import Tokens
from sandbox.clusters.writing import Writer
from sandbox.faults.book import Book
from sandbox.serving import HttpService
from sandbox.world import World


class Cluster:
    """A Service (see sandbox.serving): started once, stopped once; its pods go on without it."""

    def __init__(self, world: World, name: str, machine: Machine) -> None:
        self._world, self.name, self._machine = world, name, machine
        self.backend: Backend | None = None
        self._http: HttpService | None = None
        self._loop: ControlLoop | None = None
        self._pod_faults: PodFaults | None = None

    async def start(self) -> None:
        """Open the state, take up the pods, listen."""
        self._machine.start()
        folder = self._world.folder("clusters") / self.name
        folder.mkdir(exist_ok=True, mode=0o700)
        store = Store(folder / "objects.sqlite")
        writer, remover, events = Writer(store), Remover(store), Events(store)
        seed(self.name, store, writer)
        tokens = Tokens(self._world, self.name, store)
        tokens.start()
        port = self._world.port(self.name)
        node = Node(
            store=store,
            events=events,
            tokens=tokens,
            images=self._machine.images,
            files=self._machine.files,
            folder=folder / "pods",
            tools=self._machine.tools,
            authority=self._machine.authority,
            api_port=port,
            ports=self._machine.ports,
        )
        kubelet = Kubelet(node)
        services = Services(store, node.ports, lambda pod, wanted: _pod_port(kubelet, pod, wanted))
        address = f"127.0.0.1:{port}"
        self.backend = Backend(self.name, address, store, writer, remover, tokens, node, kubelet, services)
        store.listen(OrphanCollector(store, remover.remove).follow)
        await services.start()
        kubelet.start()
        replica_sets = ReplicaSets(store, writer, events, lambda pod: _discard(remover, pod))
        deployments = Deployments(store, events)
        self._loop = ControlLoop(
            store, {DEPLOYMENTS: deployments.reconcile, REPLICA_SETS: replica_sets.reconcile}
        )
        self._loop.start()
        self._pod_faults = PodFaults(
            Book(self._world), self.name, store, kubelet, remover, self._machine.files
        )
        self._pod_faults.start()
        app = ApiServer(self.backend, self._machine.access).application()
        self._http = HttpService(app, self._world, self.name, self._machine.tls)
        await self._http.start()

    async def stop(self) -> None:
        """Stop listening and looking; pods go on, and are found again at the next start."""
        if self._http is not None:
            await self._http.stop()
        if self._pod_faults is not None:
            self._pod_faults.stop()
        if self._loop is not None:
            self._loop.stop()
        if self.backend is not None:
            await self.backend.kubelet.stop()
            await self.backend.services.stop()
            self.backend.store.close()
        self._machine.stop()


def _discard(remover: Remover, pod: Json) -> None:
    remover.remove(PODS, pod)


def _pod_port(kubelet: Kubelet, pod: Json, wanted: int | str) -> int | None:
    """Where a container port of a running pod listens on this machine."""
    worker = kubelet.worker(pod)
    for each in worker.workers if worker else ():
        spec = each.container.spec if each.container else {}
        ports = {int(key): value for key, value in (spec.get("ports") or {}).items()}
        found = port_names(each.record.spec, ports)
        if wanted in found:
            return found[wanted]
    return None if isinstance(wanted, str) else wanted
