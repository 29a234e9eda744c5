"""Jira: jira820 (Jira Data Center 8.20, REST v2) with accounts, projects and a workflow of this workplace.

Follows https://docs.atlassian.com/software/jira/docs/api/REST/8.20.8/. What jira820 leaves open is in the
files beside this one; `cloud` answers REST v3 for the same issues. jira820 sends no webhooks; `hooks` does.
"""

from __future__ import annotations

import logging

from sandbox.faults.asgi import FaultLayer
from sandbox.jira.app import make_jira
from sandbox.jira.listener import UvicornService
from sandbox.serving import Service
from sandbox.world import World


def create(world: World) -> list[Service]:
    """Jira on its port, its state in `jira/state.json`."""
    log = logging.getLogger("sandbox.jira.access")
    return [UvicornService(FaultLayer(make_jira(world), world, "jira", log), world.port("jira"))]
