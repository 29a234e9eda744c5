"""Jira: the project, and whether the account may read, comment, link and move its issues.

API: `project/{key}`, `mypermissions`, `search`, `issue/{key}/transitions`; alike in v2 and v3.
"""

from __future__ import annotations

from collections.abc import Iterator

from hummingbird.clients.http import Site
from hummingbird.clients.session import basic
from hummingbird.core.catalogue import Catalogue
from hummingbird.core.component import Component
from hummingbird.joining.check import Check, asked, either, missing, there
from hummingbird.joining.reach import Reach

SYSTEM = "Jira"
PERMISSIONS = ("BROWSE_PROJECTS", "ADD_COMMENTS", "TRANSITION_ISSUES", "LINK_ISSUES")


def check_stories(catalogue: Catalogue, component: Component, reach: Reach) -> Iterator[Check]:
    """The component's Jira project."""
    mend = "give connection jira_default the address, the account and its password or API token"
    yield from asked(SYSTEM, "account", mend, lambda: _all(catalogue, component, reach))


def _all(catalogue: Catalogue, component: Component, reach: Reach) -> Iterator[Check]:
    version = "3" if reach.extra.get("api") == "cloud" else "2"
    key = component.jira_project
    with Site(SYSTEM, f"{reach.url}/rest/api/{version}", auth=basic(reach.user, reach.secret)) as site:
        site.call("GET", "myself", about="the account")
        yield there(SYSTEM, "account", f"{reach.user} is known")
        found = site.call("GET", f"project/{key}", about=key, accept={403, 404})
        if found.status != 200:
            yield missing(
                SYSTEM, f"project {key}", f"cannot be seen ({found.status})", "add the account to its roles"
            )
            return
        yield there(SYSTEM, f"project {key}", str(found.document().get("name", "is there")))
        yield from _permissions(site, key)
        yield from _transitions(site, catalogue, key)


def _permissions(site: Site, key: str) -> Iterator[Check]:
    query = {"projectKey": key, "permissions": ",".join(PERMISSIONS)}
    told = site.call("GET", "mypermissions", about=f"rights in {key}", params=query, accept={404, 501})
    if told.status != 200:
        return
    given = told.document().get("permissions") or {}
    lacking = [name for name in PERMISSIONS if not (given.get(name) or {}).get("havePermission")]
    mend = f"grant {', '.join(lacking)} in the project's permission scheme"
    yield either(
        SYSTEM,
        "rights",
        not lacking,
        "may comment, link and move issues",
        f"lacks {', '.join(lacking)}",
        mend,
    )


def _transitions(site: Site, catalogue: Catalogue, key: str) -> Iterator[Check]:
    """Looked at on a story that can be delivered: a workflow tells its ways only from where one is."""
    statuses = ", ".join(f'"{status}"' for status in catalogue.stories.deliverable_statuses)
    query = {"jql": f"project = {key} AND status in ({statuses})", "maxResults": "1", "fields": "status"}
    search = "search/jql" if site.url.endswith("/3") else "search"
    issues = (
        site.call("GET", search, about="a deliverable story", params=query).document().get("issues") or []
    )
    if not issues:
        yield there(SYSTEM, "transitions", f"no story is in {statuses} now: nothing to look at")
        return
    story = str(issues[0].get("key"))
    ways = site.call("GET", f"issue/{story}/transitions", about=story).document().get("transitions") or []
    names = [str((way.get("to") or {}).get("name")) for way in ways]
    mend = "let the platform's account make the workflow's transitions"
    yield either(
        SYSTEM,
        "transitions",
        bool(names),
        f"{story} may go to {', '.join(names)}",
        f"{story} may go nowhere",
        mend,
    )
