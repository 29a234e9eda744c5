"""`hummingbird compare`: what runs in the clusters under a permission that the ledger does not know.

The ledger may be older than the world: after a back-up was put back, what was deployed since is running, and
nothing in the database says so. Each Deployment names the warrant that it was brought under.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from hummingbird.catalogue.folders import catalogue_folders
from hummingbird.catalogue.load import load_catalogue
from hummingbird.clients.cluster import Cluster
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.environment import Cluster as Place
from hummingbird.core.errors import DeliveryError, Invalid, NotFound, Unreachable
from hummingbird.ledger.command import READER_DSN
from hummingbird.ledger.engine import connect
from hummingbird.ledger.views import by_key
from hummingbird.preflight.addresses import kubeconfig_problems

WARRANT = "hummingbird.dev/warrant"
Reach = Callable[[Place], Cluster]


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--kubeconfig", type=Path, required=True, help="its contexts are named like clusters")
    parser.add_argument("--dsn", help=f"PostgreSQL DSN of a reader; else ${READER_DSN}")
    parser.set_defaults(run=_run)


def differences(connection: Connection, catalogue: Catalogue, reach: Reach) -> Iterator[str]:
    """A sentence for every Deployment that the ledger does not know, and for every cluster not looked at."""
    serving = dict.fromkeys(name for one in catalogue.environments.values() for name in one.clusters)
    for name in serving:
        try:
            cluster = reach(catalogue.clusters[name])
            try:
                yield from _of_cluster(connection, catalogue, cluster)
            finally:
                cluster.close()
        except DeliveryError as error:
            yield f"{name} was not looked at: {error}"


def _of_cluster(connection: Connection, catalogue: Catalogue, cluster: Cluster) -> Iterator[str]:
    for component in catalogue.components:
        try:
            found = cluster.deployment(component)
        except NotFound:
            continue
        warrant = (found["metadata"].get("annotations") or {}).get(WARRANT)
        if warrant is None:
            yield f"{cluster.name}: {component} was not brought by the platform: it names no warrant"
        elif by_key(connection, f"warrant:{warrant}") is None:
            yield (
                f"{cluster.name}: {component} runs under warrant {warrant}, which the ledger does not know: "
                "the ledger is older; start the story's paths again (docs/production.md, Restore)"
            )


def _run(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    dsn = chosen.dsn or environment.get(READER_DSN)
    if not dsn:
        raise Invalid(f"no database was named: give --dsn or set {READER_DSN}")
    document = read_kubeconfig(chosen.kubeconfig)
    catalogue = load_catalogue(*catalogue_folders(os.environ))
    engine = connect(dsn, pool_size=1, name="hummingbird-compare")
    try:
        with engine.connect() as connection:
            told = list(
                differences(
                    connection,
                    catalogue,
                    lambda place: Cluster.from_kubeconfig(
                        document, place.name, place.namespace, context=place.name
                    ),
                )
            )
    except OperationalError as error:
        raise Unreachable(f"the ledger's database does not answer: {error.orig}") from error
    finally:
        engine.dispose()
    lines = [f"REFUSED: {one}" for one in told] or ["DONE: the ledger knows all that runs"]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(bool(told))


def read_kubeconfig(path: Path) -> dict[str, Any]:
    """The document; Invalid when it is none, or leads where somebody can listen in."""
    try:
        document = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise Invalid(f"--kubeconfig: {path} cannot be read: {error}") from error
    if not isinstance(document, dict):
        raise Invalid(f"--kubeconfig: {path} is not a kubeconfig")
    problems = kubeconfig_problems("--kubeconfig", document)
    if problems:
        raise Invalid(problems[0])
    return document
