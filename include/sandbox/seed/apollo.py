"""Apollo's starting state: applications with the clusters that read there, nothing released yet."""

from __future__ import annotations

from sandbox.catalog import clusters
from sandbox.seed.api import Api, SeedError
from sandbox.seed.say import say
from sandbox.world import MAIL_DOMAIN, World

APP = "order-gateway"
ENVIRONMENTS = ("DEV", "FAT", "PRO")
ABOUT = {
    "appId": APP,
    "name": "委托网关",
    "orgId": "trading",
    "orgName": "交易",
    "ownerName": "platform",
    "ownerEmail": f"platform@{MAIL_DOMAIN}",
    "dataChangeCreatedBy": "platform",
}


def seed_apollo(world: World) -> None:
    """Create the application where it is missing."""
    with Api(world.url("apollo"), headers={"Authorization": world.secret("apollo.platform")}) as apollo:
        found = apollo.call("GET", "/openapi/v1/apps", query={"appIds": APP}).json()
        made = not any(app["appId"] == APP for app in found)
        if made:
            wanted = {"app": ABOUT, "admins": ["platform"], "assignAppRoleToSelf": True}
            apollo.call("POST", "/openapi/v1/apps", wanted)
        found = apollo.call("GET", f"/openapi/v1/apps/{APP}/envclusters").json()
        there = {one["env"]: set(one["clusters"]) for one in found}
        missing = [name for name in ENVIRONMENTS if name not in there]
        if missing:
            raise SeedError(f"Apollo does not have {APP} in {', '.join(missing)}")
        say("apollo", f"application {APP} in {', '.join(ENVIRONMENTS)}", made=made)
        _seed_clusters(apollo, APP, there)


def _seed_clusters(apollo: Api, app: str, there: dict[str, set[str]]) -> None:
    """Create the app's cluster of every cloud that has its own."""
    for entry in clusters().values():
        if entry.apollo_env is None:
            continue
        made = entry.apollo_cluster not in there[entry.apollo_env]
        if made:
            wanted = {"name": entry.apollo_cluster, "appId": app, "dataChangeCreatedBy": "platform"}
            apollo.call("POST", f"/openapi/v1/envs/{entry.apollo_env}/apps/{app}/clusters", wanted)
            there[entry.apollo_env].add(entry.apollo_cluster)
        say("apollo", f"cluster {entry.apollo_cluster} of {app} in {entry.apollo_env}", made=made)
