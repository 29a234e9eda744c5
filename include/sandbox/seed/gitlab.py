"""GitLab's starting state: the project with its history, rules, webhook and pipeline variables."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from sandbox.seed.api import Api
from sandbox.seed.artifactory import artifactory_url
from sandbox.seed.baseline import push_baseline
from sandbox.seed.harbor import base_image_reference
from sandbox.seed.say import say
from sandbox.world import World

GROUP, NAME = "trading", "order-gateway"
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
PROJECT = f"/api/v4/projects/{quote(f'{GROUP}/{NAME}', safe='')}"


def seed_gitlab(world: World, notary_url: str) -> None:
    """Create what is missing; webhook and variables are brought up to date."""
    token = world.secret("gitlab.administrator")
    with Api(world.url("gitlab"), headers={"PRIVATE-TOKEN": token}) as gitlab:
        _project(gitlab)
        if gitlab.find(f"{PROJECT}/repository/branches/develop") is None:
            commit = push_baseline(f"{world.url('gitlab')}/{GROUP}/{NAME}.git", "administrator", token)
            say("gitlab", f"branches master and develop at {commit[:12]}, tag v1.0.0", made=True)
        else:
            say("gitlab", "branches master and develop", made=False)
        _protection(gitlab)
        # Last of what pushes could wake: the baseline itself is nobody's news.
        _hook(gitlab, f"{notary_url.rstrip('/')}/webhooks/gitlab", world.secret("gitlab.webhook"))
        for key, value, secret in variables(world):
            _variable(gitlab, key, value, secret=secret)


def variables(world: World) -> list[tuple[str, str, bool]]:
    """What pipelines are given: name, value, whether it is a secret (masked, on protected branches only)."""
    return [
        ("PYTHONPATH", str(TOOLS), False),
        ("BASE_IMAGE", base_image_reference(), False),
        ("HARBOR_URL", world.url("harbor"), False),
        ("HARBOR_USER", "ci", False),
        ("HARBOR_PASSWORD", world.secret("harbor.ci"), True),
        ("ARTIFACTORY_URL", artifactory_url(world), False),
        ("ARTIFACTORY_USER", "ci", False),
        ("ARTIFACTORY_TOKEN", world.secret("artifactory.ci"), True),
    ]


def _project(gitlab: Api) -> None:
    made = gitlab.find(PROJECT) is None
    if made:
        group = gitlab.find(f"/api/v4/groups/{GROUP}")
        if group is None:
            group = gitlab.call("POST", "/api/v4/groups", {"name": "交易", "path": GROUP}).json()
        project = {
            "name": NAME,
            "path": NAME,
            "namespace_id": group["id"],
            "default_branch": "master",
            "description": "委托网关",
        }
        gitlab.call("POST", "/api/v4/projects", project)
    say("gitlab", f"project {GROUP}/{NAME}", made=made)


def _protection(gitlab: Api) -> None:
    there = {rule["name"] for rule in gitlab.call("GET", f"{PROJECT}/protected_branches").json()}
    for name, (push, merge) in PROTECTED.items():
        if name not in there:
            rule = {"name": name, "push_access_level": push, "merge_access_level": merge}
            gitlab.call("POST", f"{PROJECT}/protected_branches", rule)
        say("gitlab", f"protected {name}", made=name not in there)


def _hook(gitlab: Api, url: str, token: str) -> None:
    wanted: dict[str, Any] = {"url": url, "token": token, **dict.fromkeys(TRIGGERS, True)}
    there = [hook for hook in gitlab.call("GET", f"{PROJECT}/hooks").json() if hook["url"] == url]
    if there:
        gitlab.call("PUT", f"{PROJECT}/hooks/{there[0]['id']}", wanted)
    else:
        gitlab.call("POST", f"{PROJECT}/hooks", wanted)
    say("gitlab", f"webhook {url}", made=not there)


def _variable(gitlab: Api, key: str, value: str, *, secret: bool) -> None:
    there = gitlab.find(f"{PROJECT}/variables/{key}")
    wanted = {"value": value, "masked": secret, "protected": secret}
    if there is None:
        gitlab.call("POST", f"{PROJECT}/variables", {"key": key, **wanted})
    elif any(there[name] != wanted[name] for name in wanted):
        gitlab.call("PUT", f"{PROJECT}/variables/{key}", wanted)
    say("gitlab", f"variable {key}", made=there is None)
