"""Apollo's starting state: the application in every environment, with nothing released yet."""

from __future__ import annotations

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
        there = {one["env"] for one in apollo.call("GET", f"/openapi/v1/apps/{APP}/envclusters").json()}
    missing = [name for name in ENVIRONMENTS if name not in there]
    if missing:
        raise SeedError(f"Apollo does not have {APP} in {', '.join(missing)}")
    say("apollo", f"application {APP} in {', '.join(ENVIRONMENTS)}", made=made)
