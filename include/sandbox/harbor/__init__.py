"""Harbor's stand-in: an OCI registry and the v2.0 calls that the platform makes.

Follows Harbor's `api/v2.0/swagger.yaml` and the OCI distribution specification 1.1; content lies in files
by digest, records in SQLite. Vulnerability reports are synthetic and say so.
"""

from __future__ import annotations

from sandbox.harbor.app import application
from sandbox.serving import HttpService, Service
from sandbox.world import World


def create(world: World) -> list[Service]:
    """Harbor on the world's `harbor` port."""
    return [HttpService(application(world), world, "harbor")]
