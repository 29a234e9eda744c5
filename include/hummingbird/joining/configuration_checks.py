"""Apollo: the application, every environment and cluster that a release goes to, and the token's rights.

API: Apollo's open platform: `apps`, `apps/{app}/envclusters`, `…/clusters/{cluster}/namespaces`.
"""

from __future__ import annotations

from collections.abc import Iterator

from hummingbird.clients.http import Site
from hummingbird.clients.session import BearerToken
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.component import Component
from hummingbird.joining.check import Check, asked, either, missing, there
from hummingbird.joining.reach import Reach

SYSTEM = "Apollo"


def check_configuration(catalogue: Catalogue, component: Component, reach: Reach) -> Iterator[Check]:
    """The component's application."""
    mend = "give connection apollo_default the portal's address and a consumer's token"
    yield from asked(SYSTEM, "token", mend, lambda: _all(catalogue, component, reach))


def _all(catalogue: Catalogue, component: Component, reach: Reach) -> Iterator[Check]:
    place = component.apollo
    with Site(SYSTEM, f"{reach.url}/openapi/v1", auth=BearerToken(reach.secret, scheme="")) as site:
        found = site.call("GET", "apps", about=place.app, params={"appIds": place.app}).documents()
        if not any(one.get("appId") == place.app for one in found):
            yield missing(SYSTEM, f"application {place.app}", "is not there", "create it in the portal")
            return
        yield there(SYSTEM, f"application {place.app}", "is there")
        mine = site.call("GET", "apps/authorized", about="the token's applications", accept={404}).json()
        allowed = not isinstance(mine, list) or any(one.get("appId") == place.app for one in mine)
        mend = f"authorize the consumer for {place.app} (modify and release)"
        yield either(SYSTEM, "token", allowed, f"may change {place.app}", f"may not change {place.app}", mend)
        yield from _clusters(site, catalogue, component)


def _clusters(site: Site, catalogue: Catalogue, component: Component) -> Iterator[Check]:
    app = component.apollo.app
    listed = site.call("GET", f"apps/{app}/envclusters", about=app).documents()
    known = {str(one.get("env")): set(one.get("clusters") or []) for one in listed}
    wanted = {
        (environment.apollo_env, catalogue.clusters[cluster].apollo_cluster)
        for environment in catalogue.environments.values()
        for cluster in environment.clusters
    }
    for env, cluster in sorted(wanted):
        subject = f"{app} in {env}/{cluster}"
        if cluster not in known.get(env, set()):
            yield missing(SYSTEM, subject, "is not there", f"create cluster {cluster} of {app} in {env}")
            continue
        path = f"envs/{env}/apps/{app}/clusters/{cluster}/namespaces"
        spaces = {str(one.get("namespaceName")) for one in site.call("GET", path, about=subject).documents()}
        name = component.apollo.namespace
        yield either(
            SYSTEM,
            subject,
            name in spaces,
            f"has namespace {name}",
            f"has no namespace {name}",
            f"create {name} there",
        )
