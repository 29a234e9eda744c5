"""Apollo's starting state: every component's application in every environment, with nothing released yet."""

from __future__ import annotations

from sandbox.seed.api import Api, SeedError
from sandbox.seed.catalog import Catalog, CatalogComponent, read_catalog
from sandbox.seed.say import say
from sandbox.world import MAIL_DOMAIN, World


def seed_apollo(world: World) -> None:
    """Create the applications, and the clusters that environments have beside `default`, where missing."""
    catalog = read_catalog()
    with Api(world.url("apollo"), headers={"Authorization": world.secret("apollo.platform")}) as apollo:
        for component in catalog.components:
            seed_application(apollo, component, catalog)


def seed_application(apollo: Api, component: CatalogComponent, catalog: Catalog) -> None:
    """One component's application in every environment and cluster."""
    _application(apollo, component)
    _clusters(apollo, component, catalog)


def _application(apollo: Api, component: CatalogComponent) -> None:
    app = component.apollo_app
    found = apollo.call("GET", "/openapi/v1/apps", query={"appIds": app}).json()
    made = not any(one["appId"] == app for one in found)
    if made:
        about = {
            "appId": app,
            "name": component.title,
            "orgId": "trading",
            "orgName": "交易",
            "ownerName": "platform",
            "ownerEmail": f"platform@{MAIL_DOMAIN}",
            "dataChangeCreatedBy": "platform",
        }
        wanted = {"app": about, "admins": ["platform"], "assignAppRoleToSelf": True}
        apollo.call("POST", "/openapi/v1/apps", wanted)
    say("apollo", f"application {app}", made=made)


def _clusters(apollo: Api, component: CatalogComponent, catalog: Catalog) -> None:
    app = component.apollo_app
    listed = apollo.call("GET", f"/openapi/v1/apps/{app}/envclusters").json()
    there = {one["env"]: set(one["clusters"]) for one in listed}
    missing = [name for name in catalog.apollo_environments if name not in there]
    if missing:
        raise SeedError(f"Apollo does not have {app} in {', '.join(missing)}")
    for cluster in catalog.clusters:
        environment, name = cluster.apollo_environment, cluster.apollo_cluster
        if environment is None or name == "default":
            continue
        made = name not in there[environment]
        if made:
            wanted = {"name": name, "appId": app, "dataChangeCreatedBy": "platform"}
            apollo.call("POST", f"/openapi/v1/envs/{environment}/apps/{app}/clusters", wanted)
            there[environment].add(name)
        say("apollo", f"cluster {name} of {app} in {environment}", made=made)
