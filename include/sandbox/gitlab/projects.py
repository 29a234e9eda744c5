"""Projects: creation with its repository and default rules, and the API's view of one."""

from __future__ import annotations

import re
import shutil

from sandbox.gitlab import protection
from sandbox.gitlab.accounts import Account
from sandbox.gitlab.errors import message
from sandbox.gitlab.git import git
from sandbox.gitlab.moment import now
from sandbox.gitlab.site import Site
from sandbox.gitlab.store import Document, DuplicateError

DEFAULT_BRANCH = "master"
"""What this instance's administrator has set for new projects."""

PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")


def group(site: Site, path: str) -> Document:
    """A group by path, made on first use."""
    known = site.store.find("group", path)
    return known or site.store.add("group", {"path": path, "name": path.rsplit("/", 1)[-1]}, key=path)


async def create_project(
    site: Site, path: str, creator: Account, *, name: str = "", description: str = "", branch: str = ""
) -> Document:
    """A new project with an empty repository and the default protected branches; 400 for a taken path."""
    if not PATH.fullmatch(path) or "/" not in path or path.endswith((".git", ".atom")):
        raise message(400, {"path": ["can contain only letters, digits, '_', '-' and '.'."]})
    project = {
        "path_with_namespace": path,
        "name": name or path.rsplit("/", 1)[-1],
        "description": description,
        "default_branch": branch or DEFAULT_BRANCH,
        "creator_id": creator.id,
        "created_at": now(),
        "last_activity_at": now(),
    }
    group(site, path.rsplit("/", 1)[0])
    folder = site.repository_path(project)
    if site.project(path) is None:
        # Left over from a creation that was killed before its document was kept.
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        await git("init", "--quiet", "--bare", str(folder), cwd=folder.parent)
        await git("symbolic-ref", "HEAD", f"refs/heads/{project['default_branch']}", cwd=folder)
    try:
        with site.store.transaction():
            project = site.store.add("project", project, key=path)
            number = int(str(project["id"]))
            for branch_name, push, merge in protection.DEFAULTS:
                protection.protect(site.store, number, branch_name, push, merge)
    except DuplicateError as error:
        raise message(
            400, {"path": ["has already been taken"], "name": ["has already been taken"]}
        ) from error
    return project


async def view(site: Site, project: Document) -> Document:
    """The API's project."""
    path = project["path_with_namespace"]
    space, _, short = path.rpartition("/")
    url = site.web_url(project)
    owner = group(site, space)
    empty = await site.repository(project).commit_of(project["default_branch"]) is None
    return {
        "id": project["id"],
        "description": project["description"],
        "name": project["name"],
        "name_with_namespace": f"{space.replace('/', ' / ')} / {project['name']}",
        "path": short,
        "path_with_namespace": path,
        "created_at": project["created_at"],
        "last_activity_at": project["last_activity_at"],
        "default_branch": None if empty else project["default_branch"],
        "empty_repo": empty,
        "http_url_to_repo": f"{url}.git",
        "ssh_url_to_repo": None,
        "web_url": url,
        "visibility": "internal",
        "archived": False,
        "creator_id": project["creator_id"],
        "ci_config_path": project.get("ci_config_path") or None,
        "merge_method": "merge",
        "namespace": {
            "id": owner["id"],
            "name": owner["name"],
            "path": space.rsplit("/", 1)[-1],
            "kind": "group",
            "full_path": space,
            "web_url": f"{site.url}/groups/{space}",
        },
        "issues_enabled": False,
        "merge_requests_enabled": True,
        "jobs_enabled": True,
        "only_allow_merge_if_pipeline_succeeds": False,
    }


def config_file(project: Document) -> str:
    """Where the project keeps its pipeline: GitLab's setting "CI/CD configuration file"."""
    return str(project.get("ci_config_path") or ".gitlab-ci.yml")


def in_event(site: Site, project: Document) -> Document:
    """The project object of a webhook's payload."""
    url = site.web_url(project)
    space = project["path_with_namespace"].rsplit("/", 1)[0]
    return {
        "id": project["id"],
        "name": project["name"],
        "description": project["description"],
        "web_url": url,
        "avatar_url": None,
        "git_ssh_url": None,
        "git_http_url": f"{url}.git",
        "namespace": space,
        "visibility_level": 10,
        "path_with_namespace": project["path_with_namespace"],
        "default_branch": project["default_branch"],
        "ci_config_path": project.get("ci_config_path") or None,
        "homepage": url,
        "url": f"{url}.git",
        "ssh_url": None,
        "http_url": f"{url}.git",
    }


def repository_in_event(site: Site, project: Document) -> Document:
    """The older `repository` object that GitLab still sends beside `project`."""
    url = site.web_url(project)
    return {
        "name": project["name"],
        "url": f"{url}.git",
        "description": project["description"],
        "homepage": url,
        "git_http_url": f"{url}.git",
        "git_ssh_url": None,
        "visibility_level": 10,
    }
