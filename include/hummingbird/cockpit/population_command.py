"""`hummingbird population`: every production change of the ledger beside what clusters and registry say."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from hummingbird.catalogue.folders import catalogue_folders
from hummingbird.catalogue.load import load_catalogue
from hummingbird.clients.apollo_config import ApolloConfig
from hummingbird.clients.cluster import Cluster
from hummingbird.clients.harbor import Harbor
from hummingbird.cockpit.compare import Reach, read_kubeconfig
from hummingbird.cockpit.estate import cluster_differences, harbor_differences
from hummingbird.cockpit.population import Change, Ledger, Standing
from hummingbird.cockpit.served_settings import apollo_differences
from hummingbird.core.bundle import BundleComponent
from hummingbird.core.canonical import canonical_json
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.environment import Cluster as Place
from hummingbird.core.errors import DeliveryError, Invalid, Unreachable
from hummingbird.core.event import EventKind
from hummingbird.ledger.command import READER_DSN
from hummingbird.ledger.engine import connect
from hummingbird.ledger.views import events

APOLLO = "APOLLO_CONFIG_URL"
REGISTRY, USER, PASSWORD = "HARBOR_URL", "HB_REGISTRY_USER", "HB_REGISTRY_PASSWORD"


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--kubeconfig", type=Path, required=True, help="its contexts are named like clusters")
    parser.add_argument("--dsn", help=f"PostgreSQL DSN of a reader; else ${READER_DSN}")
    parser.add_argument("--registry", help=f"Harbor's address; else ${REGISTRY}; as ${USER}, ${PASSWORD}")
    parser.add_argument("--apollo", help=f"its environment's configuration service; else ${APOLLO}")
    parser.add_argument("--environment", help="another one than production")
    parser.set_defaults(run=_run)


def unaccounted(
    connection: Connection,
    catalogue: Catalogue,
    environment: str,
    reach: Reach,
    harbor: Harbor,
    apollo: ApolloConfig | None,
) -> Iterator[str]:
    """A sentence for everything that one side has and the other does not; what was not looked at is one.

    So is broken glass that nobody looked at in time.
    """
    ledger = Ledger(connection, environment)
    yield from ledger.overdue
    signed = _provenance(connection)
    for name in catalogue.environment(environment).clusters:
        place = catalogue.clusters[name]
        standing = ledger.standing(name, list(catalogue.components))
        repositories = [
            f"{place.registry_project}/{component.image_repository}"
            for component in catalogue.components.values()
        ]
        yield from _in_cluster(reach, place, standing, environment)
        try:
            yield from harbor_differences(harbor, name, standing, repositories, signed)
        except DeliveryError as error:
            yield f"{name}: its registry project was not looked at: {error}"
        yield from _in_apollo(apollo, catalogue, name, standing, environment)


def _in_cluster(reach: Reach, place: Place, standing: Standing, environment: str) -> Iterator[str]:
    try:
        cluster = reach(place)
        try:
            yield from cluster_differences(cluster, standing, environment)
        finally:
            cluster.close()
    except DeliveryError as error:
        yield f"{place.name} was not looked at: {error}"


def _in_apollo(
    apollo: ApolloConfig | None, catalogue: Catalogue, cluster: str, standing: Standing, environment: str
) -> Iterator[str]:
    if apollo is None:
        yield f"{cluster}: what Apollo serves was not looked at: give --apollo or ${APOLLO}"
        return
    try:
        yield from apollo_differences(apollo, catalogue, cluster, standing, environment)
    except DeliveryError as error:
        yield f"{cluster}: what Apollo serves was not looked at: {error}"


def _provenance(connection: Connection) -> Callable[[BundleComponent], set[bytes]]:
    def signed(carried: BundleComponent) -> set[bytes]:
        recorded = events(
            connection,
            kinds=[EventKind.PROVENANCE_SIGNED],
            component=carried.name,
            subject=carried.commit,
        )
        return {canonical_json(one.event.data["envelope"]) for one in recorded}

    return signed


def _run(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    dsn, registry = chosen.dsn or environment.get(READER_DSN), chosen.registry or environment.get(REGISTRY)
    if not dsn or not registry:
        raise Invalid(f"give --dsn or ${READER_DSN}, and --registry or ${REGISTRY}")
    document = read_kubeconfig(chosen.kubeconfig)
    catalogue = load_catalogue(*catalogue_folders(os.environ))
    stage = chosen.environment or catalogue.production.name
    catalogue.environment(stage)
    harbor = Harbor(registry, environment.get(USER, ""), environment.get(PASSWORD, ""))
    config = chosen.apollo or environment.get(APOLLO)
    apollo = ApolloConfig(config) if config else None
    engine = connect(dsn, pool_size=1, name="hummingbird-population")
    try:
        with engine.connect() as connection:
            changes = list(Ledger(connection, stage).changes())
            told = list(
                unaccounted(
                    connection,
                    catalogue,
                    stage,
                    lambda place: Cluster.from_kubeconfig(
                        document, place.name, place.namespace, context=place.name
                    ),
                    harbor,
                    apollo,
                )
            )
    except OperationalError as error:
        raise Unreachable(f"the ledger's database does not answer: {error.orig}") from error
    finally:
        engine.dispose()
        harbor.close()
        if apollo:
            apollo.close()
    sys.stdout.write(report(stage, changes, told))
    return int(bool(told))


def report(environment: str, changes: list[Change], told: list[str]) -> str:
    """The population, then what is unaccounted for, then the verdict."""
    lines = [f"{len(changes)} changes of {environment} in the ledger", *(f"  {one.line}" for one in changes)]
    lines += [f"REFUSED: {one}" for one in told]
    if not told:
        lines.append("DONE: clusters, registry and Apollo hold what the ledger says, and nothing else")
    return "\n".join(lines) + "\n"
