"""`python -m long.systems --home H --port-base P`: the checker's systems file for a sandbox."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from sandbox.clusters.access import NAMESPACE, token
from sandbox.clusters.authority import certificate_authority
from sandbox.onebox.place import Place
from sandbox.world import CLUSTERS

READER, WATCHER = "auditor", "operations"
APPROVED = ("test", "prod")


def systems(place: Place) -> dict[str, Any]:
    """Where everything is, and accounts that read."""
    world = place.world
    authority = certificate_authority(world).decode()

    def account(system: str) -> dict[str, str]:
        return {"url": world.url(system), "user": READER, "password": world.secret(f"{system}.{READER}")}

    return {
        "approved": APPROVED,
        "airflow": {
            "url": place.airflow_url,
            "user": READER,
            "password": world.secret(f"airflow.{READER}"),
        },
        "gitlab": {
            "url": world.url("gitlab"),
            "headers": {"PRIVATE-TOKEN": world.secret(f"gitlab.{READER}")},
        },
        "jira": account("jira"),
        "registry": account("harbor"),
        "clusters": {
            name: {
                "url": world.url(name),
                "ca": authority,
                "namespace": NAMESPACE[name],
                "headers": {"Authorization": f"Bearer {token(world, name, WATCHER)}"},
            }
            for name in CLUSTERS
        },
    }


def main(arguments: list[str]) -> int:
    """Print the file."""
    parser = argparse.ArgumentParser(prog="python -m long.systems", description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--port-base", type=int, required=True)
    chosen = parser.parse_args(arguments)
    print(json.dumps(systems(Place(home=chosen.home, port_base=chosen.port_base)), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
