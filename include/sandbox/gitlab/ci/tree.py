"""A pipeline's fresh clone of its commit, in a folder that lives as long as the pipeline runs."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from sandbox.gitlab.git import GitError, git
from sandbox.gitlab.site import Site
from sandbox.gitlab.store import Document


def folder(site: Site, name: str) -> Path:
    """The work folder: `work` is the clone, `home` the jobs' HOME."""
    return site.folder / "pipelines" / name


async def make(site: Site, project: Document, pipeline: Document, name: str) -> Path:
    """Clone and check out; the remote looks as it would to a runner."""
    place = folder(site, name)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    tree = place / "work"
    bare = site.repository_path(project)
    await git("clone", "--quiet", "--no-checkout", str(bare), str(tree), cwd=place)
    await git("remote", "set-url", "origin", f"{site.web_url(project)}.git", cwd=tree)
    with suppress(GitError):
        # A project without its default branch has no head to set; the tool then warns and goes on.
        await git("remote", "set-head", "origin", project["default_branch"], cwd=tree)
    user = site.accounts.known(pipeline["user"])
    await git("config", "user.name", user.name, cwd=tree)
    await git("config", "user.email", user.email, cwd=tree)
    where = ("--detach",) if pipeline["tag"] else ("-B", pipeline["ref"])
    await git("checkout", "--quiet", *where, pipeline["sha"], cwd=tree)
    return tree


def remove(site: Site, name: str) -> None:
    """Forget the work folder; artifacts and traces are kept elsewhere."""
    shutil.rmtree(folder(site, name), ignore_errors=True)
