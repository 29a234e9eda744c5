"""GitLab's starting state: the components' projects with history, rules, webhook and pipeline variables."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sandbox.seed.api import Api, SeedError
from sandbox.seed.artifactory import artifactory_url
from sandbox.seed.base_image import BASES
from sandbox.seed.baseline import brings_history, push_baseline
from sandbox.seed.catalog import CatalogComponent, read_catalog
from sandbox.seed.harbor import base_image_reference
from sandbox.seed.say import say
from sandbox.world import World

GROUP_TITLES = {"trading": "交易"}
"""How a group is called where its path says too little."""
HEADS = "platform/ledger"
"""As airflow_settings.yaml names it."""
DEVELOPER, MAINTAINER = 30, 40
PROTECTED = {
    "master": (MAINTAINER, MAINTAINER),
    "develop": (MAINTAINER, DEVELOPER),
    "release/*": (DEVELOPER, DEVELOPER),
    "hotfix/*": (DEVELOPER, DEVELOPER),
}
"""Push and merge level by branch."""
TRIGGERS = ("push_events", "tag_push_events", "merge_requests_events", "pipeline_events")
TOOLS = Path(__file__).parents[2]
"""Where jobs find the image builder: a CI image has it on its path, the sandbox's jobs run right here."""


def seed_gitlab(world: World, notary_url: str) -> None:
    """Create what is missing of every component; webhook and variables are brought up to date."""
    token = world.secret("gitlab.administrator")
    with Api(world.url("gitlab"), headers={"PRIVATE-TOKEN": token}) as gitlab:
        for component in read_catalog().components:
            seed_project(world, gitlab, component, notary_url)
        seed_heads(gitlab)


def seed_heads(gitlab: Api) -> None:
    """The repository that the ledger's heads are published in: outside of any component, with one commit."""
    group, name = HEADS.split("/")
    made = gitlab.find(f"/api/v4/projects/{quote(HEADS, safe='')}") is None
    if made:
        place = _group(gitlab, group)["id"]
        wanted = {"name": name, "path": name, "namespace_id": place, "initialize_with_readme": True}
        gitlab.call("POST", "/api/v4/projects", wanted)
    say("gitlab", f"project {HEADS}", made=made)


def seed_project(
    world: World,
    gitlab: Api,
    component: CatalogComponent,
    notary_url: str,
    history: Callable[[str], object] | None = None,
) -> None:
    """One component's project; history is pushed where the seed has some, or is brought to the URL given."""
    path = f"{component.group}/{component.project}"
    project = project_path(component)
    _project(gitlab, component, project)
    if history is not None and gitlab.find(f"{project}/repository/branches/develop") is None:
        history(f"{world.url('gitlab')}/{path}.git")
        say("gitlab", f"{path}: branches master and develop", made=True)
    elif brings_history(component.name) and gitlab.find(f"{project}/repository/branches/develop") is None:
        url = f"{world.url('gitlab')}/{path}.git"
        commit = push_baseline(component, url, "administrator", world.secret("gitlab.administrator"))
        say("gitlab", f"{path}: branches master and develop at {commit[:12]}, tag v1.0.0", made=True)
    else:
        say("gitlab", f"{path}: branches master and develop", made=False)
    _protection(gitlab, project)
    # Last of what pushes could wake: the baseline itself is nobody's news.
    _hook(gitlab, project, f"{notary_url.rstrip('/')}/webhooks/gitlab", _hook_token(world, path))
    for key, value, secret in variables(world, component):
        seed_variable(gitlab, project, key, value, secret=secret)


def project_path(component: CatalogComponent) -> str:
    """Where GitLab's API has the component's project."""
    return f"/api/v4/projects/{quote(f'{component.group}/{component.project}', safe='')}"


def variables(world: World, component: CatalogComponent) -> list[tuple[str, str, bool]]:
    """What pipelines are given: name, value, whether it is a secret (masked, on protected branches only)."""
    if component.language not in BASES:
        raise SeedError(f"{component.name}: no base image for {component.language}, only {', '.join(BASES)}")
    return [
        ("PYTHONPATH", str(TOOLS), False),
        ("BASE_IMAGE", base_image_reference(BASES[component.language]), False),
        ("HARBOR_URL", world.url("harbor"), False),
        ("HARBOR_USER", "ci", False),
        ("HARBOR_PASSWORD", world.secret("harbor.ci"), True),
        ("ARTIFACTORY_URL", artifactory_url(world), False),
        ("ARTIFACTORY_USER", "ci", False),
        ("ARTIFACTORY_TOKEN", world.secret("artifactory.ci"), True),
    ]


def _project(gitlab: Api, component: CatalogComponent, project: str) -> None:
    made = gitlab.find(project) is None
    if made:
        group = _group(gitlab, component.group)
        wanted = {
            "name": component.project,
            "path": component.project,
            "namespace_id": group["id"],
            "default_branch": "master",
            "description": component.title,
        }
        gitlab.call("POST", "/api/v4/projects", wanted)
    say("gitlab", f"project {component.group}/{component.project}", made=made)


def _group(gitlab: Api, path: str) -> dict[str, Any]:
    """The group, made when it is missing."""
    found: dict[str, Any] | None = gitlab.find(f"/api/v4/groups/{quote(path, safe='')}")
    if found is None:
        wanted = {"name": GROUP_TITLES.get(path, path), "path": path}
        found = dict(gitlab.call("POST", "/api/v4/groups", wanted).json())
    return found


def _protection(gitlab: Api, project: str) -> None:
    there = {rule["name"] for rule in gitlab.call("GET", f"{project}/protected_branches").json()}
    for name, (push, merge) in PROTECTED.items():
        if name not in there:
            rule = {"name": name, "push_access_level": push, "merge_access_level": merge}
            gitlab.call("POST", f"{project}/protected_branches", rule)
        say("gitlab", f"protected {name}", made=name not in there)


def _hook_token(world: World, path: str) -> str:
    """The project's own token, as `python -m hummingbird.notary hook-tokens` draws it from the one secret."""
    secret = world.secret("gitlab.webhook").encode()
    return hmac.new(secret, f"gitlab-webhook:{path}".encode(), hashlib.sha256).hexdigest()


def _hook(gitlab: Api, project: str, url: str, token: str) -> None:
    wanted: dict[str, Any] = {"url": url, "token": token, **dict.fromkeys(TRIGGERS, True)}
    there = [hook for hook in gitlab.call("GET", f"{project}/hooks").json() if hook["url"] == url]
    if there:
        gitlab.call("PUT", f"{project}/hooks/{there[0]['id']}", wanted)
    else:
        gitlab.call("POST", f"{project}/hooks", wanted)
    say("gitlab", f"webhook {url}", made=not there)


def seed_variable(gitlab: Api, project: str, key: str, value: str, *, secret: bool = False) -> None:
    """A pipeline variable, brought up to date."""
    there = gitlab.find(f"{project}/variables/{key}")
    wanted = {"value": value, "masked": secret, "protected": secret}
    if there is None:
        gitlab.call("POST", f"{project}/variables", {"key": key, **wanted})
    elif any(there[name] != wanted[name] for name in wanted):
        gitlab.call("PUT", f"{project}/variables/{key}", wanted)
    say("gitlab", f"variable {key}", made=there is None)
