"""What the API server works on: one cluster's parts, put together once."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.clusters.api.removal import Remover
from sandbox.clusters.controllers.services import Services
from sandbox.clusters.kubelet.kubelet import Kubelet
from sandbox.clusters.kubelet.node import Node
from sandbox.clusters.store import Store
from sandbox.clusters.tokens import Tokens
from sandbox.clusters.writing import Writer


@dataclass(frozen=True)
class Backend:
    """The parts of one cluster."""

    name: str
    address: str
    store: Store
    writer: Writer
    remover: Remover
    tokens: Tokens
    node: Node
    kubelet: Kubelet
    services: Services
