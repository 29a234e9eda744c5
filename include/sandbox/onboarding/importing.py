"""The project in the sandbox's systems: GitLab with its whole history, Apollo, and a story to travel by."""

from __future__ import annotations

import base64
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sandbox.onboarding.delivery import PIPELINE, write
from sandbox.onboarding.source import Source, git
from sandbox.onebox.package_sources import package_sources
from sandbox.onebox.place import Place
from sandbox.seed.api import Api
from sandbox.seed.apollo import seed_application
from sandbox.seed.catalog import CatalogComponent, read_catalog
from sandbox.seed.gitlab import project_path, seed_project, seed_variable
from sandbox.seed.people import author

JIRA_PROJECT = "HB"


@dataclass(frozen=True)
class Story:
    """The Jira story that brings the project to production, and its branch."""

    key: str
    title: str

    @property
    def branch(self) -> str:
        """Where the delivery's files are committed."""
        return f"feature/{self.key}-delivery"


def import_project(place: Place, component: CatalogComponent, source: Source, *, own_pipeline: bool) -> None:
    """GitLab project, branches, tags, rules, webhook, variables and CI file; Apollo application."""
    world = place.world
    token = world.secret("gitlab.administrator")
    with Api(world.url("gitlab"), headers={"PRIVATE-TOKEN": token}) as gitlab:

        def history(url: str) -> None:
            refs = [f"{source.commit}:refs/heads/{branch}" for branch in ("master", "develop")]
            tags = ["refs/tags/*:refs/tags/*"] if source.git("tag", "--list").strip() else []
            git(
                source.folder,
                "push",
                "--quiet",
                url,
                *refs,
                *tags,
                environment=as_account("administrator", token),
            )

        seed_project(world, gitlab, component, place.notary_url, history)
        project = project_path(component)
        if not own_pipeline:
            gitlab.call("PUT", project, {"ci_config_path": PIPELINE})
        for name, value in package_sources(place).items():
            seed_variable(gitlab, project, name, value)
    with Api(world.url("apollo"), headers={"Authorization": world.secret("apollo.platform")}) as apollo:
        seed_application(apollo, component, read_catalog())


def find_or_write_story(place: Place, name: str) -> Story:
    """The story "NAME joins the delivery platform", in progress."""
    world = place.world
    title = f"{name} joins the delivery platform"
    asking = Api(world.url("jira"), auth=("release_manager", world.secret("jira.release_manager")))
    working = Api(world.url("jira"), auth=("developer", world.secret("jira.developer")))
    with asking, working:
        query = {"jql": f'project = {JIRA_PROJECT} AND summary ~ "{name}"', "maxResults": "200"}
        found = asking.call("GET", "/rest/api/2/search", query=query).json()["issues"]
        for issue in found:
            if issue["fields"]["summary"] == title:
                return Story(issue["key"], title)
        fields = {
            "project": {"key": JIRA_PROJECT},
            "issuetype": {"name": "Story"},
            "summary": title,
            "description": "Pipeline, configuration and functional suite; the program itself stays as it is.",
            "assignee": {"name": "developer"},
        }
        key = asking.call("POST", "/rest/api/2/issue", {"fields": fields}).json()["key"]
        path = f"/rest/api/2/issue/{quote(key)}/transitions"
        for transition in working.call("GET", path).json()["transitions"]:
            if transition["to"]["name"] == "In Progress":
                working.call("POST", path, {"transition": {"id": transition["id"]}})
    return Story(key, title)


def push_delivery(place: Place, component: CatalogComponent, story: Story, files: dict[str, str]) -> str:
    """Commit the files on a feature branch of develop as the developer, unless it is there; its head."""
    world = place.world
    url = f"{world.url('gitlab')}/{component.group}/{component.project}.git"
    environment = as_account("developer", world.secret("gitlab.developer"))
    with tempfile.TemporaryDirectory(prefix="joining-") as scratch:
        tree = Path(scratch, "work")
        git(tree.parent, "clone", "--quiet", "--branch", "develop", url, str(tree), environment=environment)
        remote = git(tree, "ls-remote", "--heads", "origin", story.branch, environment=environment)
        if remote.strip():
            return remote.split()[0]
        git(tree, "checkout", "--quiet", "-b", story.branch)
        write(tree, files)
        # By name and by force: a project may ignore such a folder, and only these files are ours to add.
        git(tree, "add", "--force", "--", *files)
        message = f"{story.key} {story.title}"
        git(tree, "commit", "--quiet", "--message", message, environment=environment)
        git(tree, "push", "--quiet", "origin", story.branch, environment=environment)
        return git(tree, "rev-parse", "HEAD").strip()


def as_account(user: str, token: str) -> dict[str, str]:
    """git's environment for an account: the token shows in no list of processes."""
    account = base64.b64encode(f"{user}:{token}".encode()).decode()
    name, address = author("developer")
    return {
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": address,
        "GIT_COMMITTER_NAME": name,
        "GIT_COMMITTER_EMAIL": address,
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {account}",
        "GIT_CONFIG_KEY_1": "http.postBuffer",
        "GIT_CONFIG_VALUE_1": "1073741824",
    }
