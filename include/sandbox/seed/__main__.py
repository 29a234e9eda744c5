"""`python -m sandbox.seed`: bring a running sandbox into its starting state; as often as one likes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from sandbox.seed.api import SeedError
from sandbox.seed.apollo import seed_apollo
from sandbox.seed.artifactory import seed_artifactory
from sandbox.seed.clusters import seed_clusters
from sandbox.seed.gitlab import seed_gitlab
from sandbox.seed.harbor import seed_harbor
from sandbox.seed.jira import seed_jira
from sandbox.world import World

SYSTEMS = ("jira", "harbor", "artifactory", "gitlab", "apollo", "clusters")


def main(arguments: list[str]) -> int:
    """Seed every system asked for; 1 and a sentence when one does not answer as it should."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.seed", description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--port-base", type=int, required=True)
    parser.add_argument("--notary-url", required=True, help="where webhooks go and pods report")
    parser.add_argument("--notary-public-key", required=True, help="Ed25519, raw, base64")
    parser.add_argument("--metrics-dsn", help="the ledger's database for the role that makes figures of it")
    parser.add_argument("--only", nargs="+", choices=SYSTEMS, default=SYSTEMS, metavar="SYSTEM")
    options = parser.parse_args(arguments)
    world = World(home=options.home.resolve(), port_base=options.port_base)
    steps: dict[str, Callable[[], None]] = {
        "jira": lambda: seed_jira(world),
        "harbor": lambda: seed_harbor(world),
        "artifactory": lambda: seed_artifactory(world),
        "gitlab": lambda: seed_gitlab(world, options.notary_url),
        "apollo": lambda: seed_apollo(world),
        "clusters": lambda: seed_clusters(
            world, options.notary_url, options.notary_public_key, options.metrics_dsn
        ),
    }
    try:
        for system in SYSTEMS:
            if system in options.only:
                steps[system]()
    except SeedError as error:
        print(f"seeding stopped: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
