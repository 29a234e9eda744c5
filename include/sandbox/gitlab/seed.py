"""Seeding a project without the API: repository content, hooks and variables, as often as one likes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sandbox.gitlab.api.hooks import new_hook
from sandbox.gitlab.api.variables import new_variable
from sandbox.gitlab.events.queue import TRIGGERS
from sandbox.gitlab.git import Repository
from sandbox.gitlab.projects import create_project
from sandbox.gitlab.site import Site
from sandbox.gitlab.store import Document
from sandbox.gitlab.writing import identity
from sandbox.world import World


def seed_project(
    world: World,
    path: str,
    source: Path,
    *,
    hooks: Sequence[Mapping[str, Any]] = (),
    variables: Mapping[str, str | Mapping[str, Any]] | None = None,
) -> Document:
    """The project with this content, made or completed; safe beside a running server, which sees it at once.

    `source` is a git repository (all its branches and tags are taken) or a plain folder (one commit, on the
    default branch and on develop); a project that has commits keeps them. A hook is a mapping of `url`,
    `token` and switches, known by its URL; a variable is its value, or `{"value", "masked", "protected"}`.
    """
    site = Site(world)
    try:
        return asyncio.run(_seed(site, path, source, hooks, variables or {}))
    finally:
        site.store.close()


async def _seed(
    site: Site,
    path: str,
    source: Path,
    hooks: Sequence[Mapping[str, Any]],
    variables: Mapping[str, str | Mapping[str, Any]],
) -> Document:
    project = site.project(path)
    if project is None:
        project = await create_project(site, path, site.accounts.known("administrator"))
    repository = site.repository(project)
    if await repository.reference(f"refs/heads/{project['default_branch']}") is None:
        if (source / ".git").exists() or (source / "HEAD").is_file():
            refs = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
            await repository.run("fetch", "--quiet", str(source.resolve()), *refs)
        else:
            await _commit_folder(site, project, repository, source)
    with site.store.transaction():
        for hook in hooks:
            _keep_hook(site, project, hook)
        for key, given in variables.items():
            _keep_variable(site, project, key, {"value": given} if isinstance(given, str) else given)
    return project


async def _commit_folder(site: Site, project: Document, repository: Repository, source: Path) -> None:
    index = {"GIT_INDEX_FILE": str(repository.path / "seed.index")}
    tree = ("-c", "core.bare=false", f"--git-dir={repository.path}", f"--work-tree={source.resolve()}")
    await repository.run(*tree, "add", "--all", "--", str(source.resolve()), env=index)
    written = (await repository.run("write-tree", env=index)).decode().strip()
    (repository.path / "seed.index").unlink()
    who = identity(site.accounts.known("developer"))
    made = await repository.run("commit-tree", written, "-m", "Initial commit", env=who)
    for branch in (project["default_branch"], "develop"):
        await repository.run("update-ref", f"refs/heads/{branch}", made.decode().strip())


def _keep_hook(site: Site, project: Document, given: Mapping[str, Any]) -> None:
    switches = {name: bool(given[name]) for name in TRIGGERS if name in given}
    fresh = new_hook(str(given["url"]), str(given.get("token", "")), switches)
    for known in site.store.list("hook", project=project["id"]):
        if known["url"] == given["url"]:
            site.store.put("hook", {**known, **fresh, "uuid": known["uuid"]})
            return
    site.store.add("hook", {**fresh, "project_id": project["id"]}, project=project["id"])


def _keep_variable(site: Site, project: Document, key: str, given: Mapping[str, Any]) -> None:
    masked, protected = bool(given.get("masked")), bool(given.get("protected"))
    fresh = new_variable(key, str(given["value"]), masked=masked, protected=protected)
    known = site.store.find("variable", key, project=project["id"])
    if known is None:
        site.store.add("variable", fresh, project=project["id"], key=key)
    else:
        site.store.put("variable", {**known, **fresh})
