"""Apollo's stand-in: the portal's OpenAPI and the configuration service with long polling.

Follows `apollo-openapi.yaml` 0.3.5 and, where the document is silent, what Apollo's own controllers do.
Base URLs: portal `/openapi/v1/…`; configuration service `/<ENV>/configs/…`, one prefix an environment.
"""

from __future__ import annotations

from sandbox.apollo.app import applications
from sandbox.serving import HttpService, Service
from sandbox.world import World


def create(world: World) -> list[Service]:
    """The portal on the world's `apollo` port, the configuration service on `apollo-config`."""
    portal, config_service = applications(world)
    return [
        HttpService(portal, world, "apollo"),
        HttpService(config_service, world, "apollo-config"),
    ]
