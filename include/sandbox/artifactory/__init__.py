"""Artifactory's stand-in: generic repositories over a checksum store, and builds.

Follows JFrog's "Artifactory REST APIs" (deploy, checksum deploy, item properties, file and folder info,
copy and move, checksum search, build information and promotion). AQL is not served.
"""

from __future__ import annotations

from sandbox.artifactory.app import application
from sandbox.serving import HttpService, Service
from sandbox.world import World


def create(world: World) -> list[Service]:
    """Artifactory on the world's `artifactory` port."""
    return [HttpService(application(world), world, "artifactory")]
