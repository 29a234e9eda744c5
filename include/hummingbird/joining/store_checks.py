"""Harbor and Artifactory: are the repositories there, may the account write and copy?

API: Harbor v2.0 `projects/{name}`, `users/current/permissions`; JFrog's `api/repositories`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hummingbird.clients.http import Site
from hummingbird.clients.session import BearerToken, basic
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.component import Component
from hummingbird.joining.check import Check, asked, either, missing, there
from hummingbird.joining.reach import Reach

HARBOR, ARTIFACTORY = "Harbor", "Artifactory"
NEEDED = (("repository", "pull"), ("repository", "push"), ("artifact", "read"))
"""What copying by digest needs in a project, in Harbor's own words."""
REPORTS = "reports-local"


def check_images(catalogue: Catalogue, component: Component, reach: Reach) -> Iterator[Check]:
    """Every registry project that the component's images pass through."""
    mend = "give connection harbor_default the address and an account's or a robot's secret"
    yield from asked(HARBOR, "account", mend, lambda: _images(catalogue, component, reach))


def _images(catalogue: Catalogue, component: Component, reach: Reach) -> Iterator[Check]:
    with Site(HARBOR, f"{reach.url}/api/v2.0", auth=basic(reach.user, reach.secret)) as site:
        for name in _projects(catalogue):
            subject = f"project {name}"
            found = site.call("GET", f"projects/{name}", about=name, accept={403, 404})
            if found.status != 200:
                yield missing(
                    HARBOR, subject, f"cannot be seen ({found.status})", "create it, or add the account to it"
                )
                continue
            yield there(HARBOR, subject, "is there")
            yield from _rights(site, name)
        repository = f"{component.image_repository}"
        yield there(HARBOR, "repository", f"{repository} is made by the first push")


def _rights(site: Site, project: str) -> Iterator[Check]:
    query = {"scope": f"/project/{project}", "relative": "true"}
    told = site.call(
        "GET",
        "users/current/permissions",
        about=f"rights in {project}",
        params=query,
        accept={401, 403, 404, 501},
    )
    if told.status != 200:
        # Robots may not ask for their own rights; what they may do shows at the first copy.
        yield there(HARBOR, f"rights in {project}", f"Harbor does not tell this account ({told.status})")
        return
    rights = told.documents()
    given = {(str(one.get("resource", "")).strip("/"), str(one.get("action"))) for one in rights}
    lacking = [f"{action} {resource}" for resource, action in NEEDED if (resource, action) not in given]
    mend = f"allow the account to {', '.join(lacking)} in {project}"
    yield either(
        HARBOR,
        f"rights in {project}",
        not lacking,
        "may pull, push and copy",
        f"lacks {', '.join(lacking)}",
        mend,
    )


def _projects(catalogue: Catalogue) -> list[str]:
    named = [
        catalogue.clusters[cluster].registry_project
        for environment in catalogue.environments.values()
        for cluster in environment.clusters
    ]
    return list(dict.fromkeys(named))


def check_packages(catalogue: Catalogue, reach: Reach) -> Iterator[Check]:
    """Every package repository, and the one for reports."""
    mend = "give connection artifactory_default the address (with /artifactory) and a token"
    yield from asked(ARTIFACTORY, "account", mend, lambda: _packages(catalogue, reach))


def _packages(catalogue: Catalogue, reach: Reach) -> Iterator[Check]:
    url = reach.url if reach.url.endswith("/artifactory") else f"{reach.url}/artifactory"
    auth = basic(reach.user, reach.secret) if reach.user else BearerToken(reach.secret)
    with Site(ARTIFACTORY, url, auth=auth) as site:
        seen = {_key(one) for one in site.call("GET", "api/repositories", about="repositories").documents()}
    wanted = [environment.package_repository for environment in catalogue.environments.values()]
    for name in dict.fromkeys([*wanted, REPORTS]):
        mend = "create a generic repository of that name, or let the account read and deploy in it"
        yield either(ARTIFACTORY, f"repository {name}", name in seen, "is there", "cannot be seen", mend)


def _key(entry: Mapping[str, Any]) -> str:
    return str(entry.get("key"))
