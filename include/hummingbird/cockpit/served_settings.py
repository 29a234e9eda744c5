"""What Apollo serves in a cluster, beside the configuration that the ledger's version carries there."""

from __future__ import annotations

from collections.abc import Iterator

from hummingbird.clients.apollo_config import ApolloConfig
from hummingbird.cockpit.population import Standing
from hummingbird.core.catalogue import Catalogue


def apollo_differences(
    service: ApolloConfig, catalogue: Catalogue, cluster: str, standing: Standing, environment: str
) -> Iterator[str]:
    """A sentence for every component whose served items are others: keys are named, values are not."""
    for name, carried in standing.serving.items():
        wanted = carried.configuration.get(environment)
        if wanted is None or name not in catalogue.components:
            continue
        own = {"cluster": catalogue.clusters[cluster].apollo_cluster}
        served = service.served(catalogue.components[name].apollo.model_copy(update=own))
        found = served.configurations if served else {}
        keys = sorted(key for key in {*found, *wanted.items} if found.get(key) != wanted.items.get(key))
        if keys:
            yield (
                f"{cluster}: {name}: Apollo serves another configuration than bundle version "
                f"{carried.version} has; {', '.join(keys)} differ: somebody released there past the platform"
            )
