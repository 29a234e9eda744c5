"""Artifactory needs nothing made: its administrator's generic repositories are only looked for."""

from __future__ import annotations

from sandbox.seed.api import Api, SeedError
from sandbox.seed.say import say
from sandbox.world import World

REPOSITORIES = ("trading-dev-local", "trading-test-local", "trading-prod-local", "reports-local")


def artifactory_url(world: World) -> str:
    """Artifactory's base URL, with its context path."""
    return f"{world.url('artifactory')}/artifactory"


def seed_artifactory(world: World) -> None:
    """Check that every repository is there."""
    auth = ("platform", world.secret("artifactory.platform"))
    with Api(artifactory_url(world), auth=auth) as artifactory:
        there = {one["key"] for one in artifactory.call("GET", "/api/repositories").json()}
    for name in REPOSITORIES:
        if name not in there:
            raise SeedError(f"Artifactory has no repository {name}")
        say("artifactory", f"repository {name}", made=False)
