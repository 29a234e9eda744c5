"""What every cluster has from the beginning: namespaces and ServiceAccounts. Safe to run again."""

from __future__ import annotations

from sandbox.clusters.access import NAMESPACE
from sandbox.clusters.rbac import SEEDED
from sandbox.clusters.resources import NAMESPACES, SERVICE_ACCOUNTS
from sandbox.clusters.store import Change, Store
from sandbox.clusters.writing import Writer

_MANAGER = "sandbox-seed"


def seed(cluster: str, store: Store, writer: Writer) -> None:
    """Make what is missing, and give every namespace to come its `default` account."""
    for namespace in ("default", "kube-system", NAMESPACE[cluster]):
        if store.read(NAMESPACES, "", namespace) is None:
            writer.create(NAMESPACES, "", {"metadata": {"name": namespace}}, _MANAGER)
        _account(store, writer, namespace, "default")
    for name in SEEDED[cluster]:
        _account(store, writer, NAMESPACE[cluster], name)

    def follow(change: Change) -> None:
        if change.kind is NAMESPACES and change.action == "ADDED":
            _account(store, writer, change.object["metadata"]["name"], "default")

    store.listen(follow)


def _account(store: Store, writer: Writer, namespace: str, name: str) -> None:
    if store.read(SERVICE_ACCOUNTS, namespace, name) is None:
        writer.create(SERVICE_ACCOUNTS, namespace, {"metadata": {"name": name}}, _MANAGER)
