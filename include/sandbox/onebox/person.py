"""What a person's own tools need for this platform: `make env` prints it as shell exports.

A kubeconfig with a context for each cluster (as the account `operations`), the ledger's reader, GitLab's and
the registry's address with the account `auditor`, and production's configuration service. Files are written
with mode 0600.
"""

from __future__ import annotations

import json
import shlex

from sandbox.catalog import clusters
from sandbox.clusters.access import kubeconfig
from sandbox.onebox.place import Place, write_private
from sandbox.onebox.platform_environment import reader_dsn
from sandbox.world import CLUSTERS

READER, WATCHER = "auditor", "operations"


def exports(place: Place) -> str:
    """Shell lines for `eval "$(make -s env)"`."""
    world = place.world
    path = place.secrets / "kubeconfig.json"
    write_private(path, json.dumps(_kubeconfig(place)))
    values = {
        "PYTHONPATH": str(place.repository / "include"),
        "KUBECONFIG": str(path),
        "HB_LEDGER_READER_DSN": reader_dsn(place),
        "HB_NOTARY_URL": place.notary_url,
        "HB_NOTARY_READER_TOKEN": world.secret("notary.reader"),
        "HARBOR_URL": world.url("harbor"),
        "APOLLO_CONFIG_URL": f"{world.url('apollo-config')}/{_production()}",
        "HB_GITLAB_URL": world.url("gitlab"),
        "HB_GITLAB_USER": READER,
        "HB_GITLAB_TOKEN": world.secret(f"gitlab.{READER}"),
        "HB_REGISTRY": world.url("harbor").removeprefix("http://"),
        "HB_REGISTRY_USER": READER,
        "HB_REGISTRY_PASSWORD": world.secret(f"harbor.{READER}"),
    }
    lines = [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
    lines.append(f'export PATH={shlex.quote(str(place.python.parent))}:"$PATH"')
    return "\n".join(lines)


def _production() -> str:
    """Apollo's environment of the last clusters, which are production's."""
    return [entry.apollo_env for entry in clusters().values() if entry.apollo_env][-1]


def _kubeconfig(place: Place) -> dict[str, object]:
    """All clusters in one file; a context is named after its cluster."""
    merged: dict[str, list[object]] = {"clusters": [], "users": [], "contexts": []}
    for cluster in CLUSTERS:
        one = kubeconfig(place.world, cluster, WATCHER)
        user = f"{WATCHER}-{cluster}"
        merged["clusters"] += one["clusters"]
        merged["users"].append({"name": user, "user": one["users"][0]["user"]})
        context = {**one["contexts"][0]["context"], "user": user}
        merged["contexts"].append({"name": cluster, "context": context})
    return {"apiVersion": "v1", "kind": "Config", **merged, "current-context": CLUSTERS[0]}
