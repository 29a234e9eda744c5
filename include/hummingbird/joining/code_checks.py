"""GitLab: the token's account, the project, its webhook, its protected branches, its files.

API: https://docs.gitlab.com/api/projects/, /project_webhooks/, /protected_branches/, /repository_files/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from requests.auth import AuthBase
from requests.models import PreparedRequest

from hummingbird.clients.http import Site
from hummingbird.clients.session import sendable
from hummingbird.core.component import Component
from hummingbird.joining.check import Check, asked, either, missing, there
from hummingbird.joining.reach import Reach

SYSTEM = "GitLab"
BRANCHES = ("master", "develop", "release/*", "hotfix/*")
EVENTS = ("push_events", "tag_push_events", "merge_requests_events")
DEFAULT_CI_FILE = ".gitlab-ci.yml"
MAINTAINER = "give the account the role Maintainer"
_HIDDEN = frozenset({401, 403, 404})


class PrivateToken(AuthBase):
    """GitLab's own header for personal, project and group tokens."""

    def __init__(self, token: str) -> None:
        self._token = sendable(token)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the header."""
        request.headers["PRIVATE-TOKEN"] = self._token
        return request


def check_code(component: Component, reach: Reach, hook_url: str) -> Iterator[Check]:
    """Everything that GitLab must have for a component."""
    yield from asked(
        SYSTEM,
        "token",
        "give connection gitlab_default the address and a valid token (scope api)",
        lambda: _all(component, reach, hook_url),
    )


def _all(component: Component, reach: Reach, hook_url: str) -> Iterator[Check]:
    with Site(SYSTEM, f"{reach.url}/api/v4", auth=PrivateToken(reach.secret)) as site:
        user = site.call("GET", "user", about="the token's account").document()
        yield there(SYSTEM, "token", f"is {user.get('username')}'s")
        path = f"projects/{quote(component.gitlab_project, safe='')}"
        found = site.call("GET", path, about=component.gitlab_project, accept=_HIDDEN)
        subject = f"project {component.gitlab_project}"
        if found.status != 200:
            yield missing(
                SYSTEM, subject, "cannot be seen", "create it, or add the token's account as Maintainer"
            )
            return
        project = found.document()
        yield there(SYSTEM, subject, str(project.get("web_url", "is there")))
        yield from asked(
            SYSTEM, "webhook", "give the account the role Maintainer", lambda: _hook(site, path, hook_url)
        )
        yield from asked(
            SYSTEM, "branches", "give the account the role Developer", lambda: _branches(site, path)
        )
        yield from _files(site, path, component, project)


def _hook(site: Site, path: str, url: str) -> Iterator[Check]:
    hooks = site.call("GET", f"{path}/hooks", about="webhooks", accept=_HIDDEN)
    if hooks.status != 200:
        yield missing(SYSTEM, "webhook", f"cannot be read ({hooks.status})", MAINTAINER)
        return
    ours = [hook for hook in hooks.documents() if str(hook.get("url", "")).rstrip("/").endswith(url)]
    if not ours:
        mend = f"add one to <notary>{url}, with the notary's webhook token, for {', '.join(EVENTS)}"
        yield missing(SYSTEM, "webhook", f"none leads to {url}", mend)
        return
    hook = ours[0]
    absent = [name for name in EVENTS if not hook.get(name)]
    mend = f"switch on {', '.join(absent)}"
    yield either(SYSTEM, "webhook", not absent, str(hook["url"]), f"lacks {', '.join(absent)}", mend)
    if hook.get("alert_status", "executable") != "executable":
        yield missing(
            SYSTEM,
            "webhook",
            f"GitLab has disabled it ({hook['alert_status']})",
            "test it in the project's settings",
        )
    yield from _last_delivery(site, path, hook)


def _last_delivery(site: Site, path: str, hook: Mapping[str, Any]) -> Iterator[Check]:
    told = site.call(
        "GET", f"{path}/hooks/{hook['id']}/events", about="webhook deliveries", accept={403, 404, 405}
    )
    if told.status != 200:
        return
    deliveries = told.documents()
    if not deliveries:
        yield there(SYSTEM, "webhook", "has delivered nothing yet")
        return
    status = str(deliveries[0].get("response_status", ""))
    mend = "check that GitLab reaches the notary and that the token is the notary's"
    yield either(
        SYSTEM, "webhook", status.startswith("2"), "last delivery was taken", f"last delivery: {status}", mend
    )


def _branches(site: Site, path: str) -> Iterator[Check]:
    listed = site.call(
        "GET", f"{path}/protected_branches?per_page=100", about="protected branches"
    ).documents()
    guarded = {str(rule.get("name")) for rule in listed}
    absent = [name for name in BRANCHES if name not in guarded]
    mend = f"protect {', '.join(absent)} in Settings, Repository"
    yield either(
        SYSTEM,
        "branches",
        not absent,
        f"{', '.join(BRANCHES)} are protected",
        f"open: {', '.join(absent)}",
        mend,
    )


def _files(site: Site, path: str, component: Component, project: Mapping[str, Any]) -> Iterator[Check]:
    pipeline = str(project.get("ci_config_path") or DEFAULT_CI_FILE)
    wanted = {
        pipeline: "the pipeline",
        **{file: f"configuration of {env}" for env, file in component.configuration.items()},
    }
    if component.contract:
        wanted[component.contract] = "the API contract"
    heads = {name: _head(site, path, name) for name in ("develop", "master")}
    for name, commit in heads.items():
        mend = f"create {name}; deliveries are cut from develop and end in master"
        yield either(
            SYSTEM, f"branch {name}", commit is not None, f"is at {str(commit)[:8]}", "is not there", mend
        )
    if heads["develop"] is None or "@" in pipeline or "://" in pipeline:
        return
    for name, what in wanted.items():
        where = f"{path}/repository/files/{quote(name, safe='')}?ref=develop"
        found = site.call("HEAD", where, about=name, accept={404}).status == 200
        yield either(
            SYSTEM,
            name,
            found,
            f"is on develop ({what})",
            f"is not on develop ({what})",
            "commit it, or merge what brings it",
        )


def _head(site: Site, path: str, branch: str) -> str | None:
    found = site.call(
        "GET", f"{path}/repository/branches/{quote(branch, safe='')}", about=branch, accept={404}
    )
    if found.status != 200:
        return None
    commit = found.document().get("commit") or {}
    return str(commit.get("id", ""))
