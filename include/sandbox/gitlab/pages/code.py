"""Pages of projects, branches, commits and comparisons."""

from __future__ import annotations

from aiohttp import web

from sandbox.gitlab import history
from sandbox.gitlab.git import Repository
from sandbox.gitlab.pages.html import badge, block, link, page, table, text
from sandbox.gitlab.site import SITE, Site
from sandbox.gitlab.store import Document

SHOWN = 20


def found(request: web.Request) -> tuple[Site, Document, Repository]:
    """The project a page belongs to; 404 for none."""
    site = request.app[SITE]
    project = site.store.find("project", request.match_info["path"])
    if project is None:
        raise web.HTTPNotFound
    return site, project, site.repository(project)


def way(site: Site, project: Document) -> list[tuple[str, str]]:
    """The way back to the project's page."""
    return [(site.web_url(project), project["path_with_namespace"])]


def commit_rows(commits: list[Document]) -> str:
    """Commits, one a row."""
    rows = (
        (
            link(one["web_url"], one["short_id"]),
            text(one["title"]),
            text(one["author_name"]),
            text(one["committed_date"]),
        )
        for one in commits
    )
    return table(("Commit", "Title", "Author", "Time"), rows)


def difference_blocks(differences: list[Document]) -> str:
    """Changed files with their patches."""
    return "".join(f"<h3>{text(one['new_path'])}</h3>{block(one['diff'])}" for one in differences)


def pipeline_rows(site: Site, project: Document, pipelines: list[Document]) -> str:
    """Pipelines, newest first."""
    url = site.web_url(project)
    rows = (
        (
            link(f"{url}/-/pipelines/{one['id']}", f"#{one['id']}"),
            badge(one["status"]),
            text(one["ref"]),
            one["sha"][:8],
        )
        for one in reversed(pipelines[-SHOWN:])
    )
    return table(("Pipeline", "Status", "Ref", "Commit"), rows)


async def projects(request: web.Request) -> web.Response:
    """All projects."""
    site = request.app[SITE]
    rows = (
        (link(site.web_url(one), one["path_with_namespace"]), text(one["description"]))
        for one in site.store.list("project")
    )
    return page("Projects", table(("Project", "Description"), rows))


async def project(request: web.Request) -> web.Response:
    """Branches, tags, merge requests, pipelines."""
    site, one, repository = found(request)
    url = site.web_url(one)
    branches = await repository.references("refs/heads")
    tags = await repository.references("refs/tags")
    requests = site.store.list("merge_request", project=one["id"])
    body = "".join(
        (
            f"<p>{text(one['description'])}</p>{block(f'git clone {url}.git')}<h2>Branches</h2>",
            table(
                ("Branch", "Commit"),
                (
                    (link(f"{url}/-/tree/{b.name}", b.name), link(f"{url}/-/commit/{b.commit}", b.commit[:8]))
                    for b in branches
                ),
            ),
            "<h2>Tags</h2>",
            table(
                ("Tag", "Commit"),
                ((text(t.name), link(f"{url}/-/commit/{t.commit}", t.commit[:8])) for t in tags),
            ),
            "<h2>Merge requests</h2>",
            table(
                ("Request", "Title", "State"),
                (
                    (
                        link(f"{url}/-/merge_requests/{m['iid']}", f"!{m['iid']}"),
                        text(m["title"]),
                        badge(m["state"]),
                    )
                    for m in reversed(requests[-SHOWN:])
                ),
            ),
            "<h2>Pipelines</h2>",
            pipeline_rows(site, one, site.store.list("pipeline", project=one["id"])),
        )
    )
    return page(one["path_with_namespace"], body)


async def commit(request: web.Request) -> web.Response:
    """Message, statuses, pipelines, differences of a commit."""
    site, one, repository = found(request)
    sha = await repository.commit_of(request.match_info["sha"])
    if sha is None:
        raise web.HTTPNotFound
    shown = await history.commit(repository, site.web_url(one), sha)
    statuses = [status for status in site.store.list("status", project=one["id"]) if status["sha"] == sha]
    latest = {status["name"]: status for status in statuses}.values()
    rows = (
        (
            badge(s["status"]),
            link(s["target_url"], s["name"]) if _safe(s["target_url"]) else text(s["name"]),
            text(s["description"]),
        )
        for s in latest
    )
    pipelines = [p for p in site.store.list("pipeline", project=one["id"]) if p["sha"] == sha]
    body = "".join(
        (
            f"<p>{text(shown['author_name'])} &lt;{text(shown['author_email'])}&gt;, ",
            f"{text(shown['authored_date'])}</p>",
            block(shown["message"]),
            f"<p>{text(sha)}</p><h2>Statuses</h2>",
            table(("Status", "Name", "Description"), rows),
            "<h2>Pipelines</h2>",
            pipeline_rows(site, one, pipelines),
            "<h2>Changes</h2>",
            difference_blocks(
                await history.differences(repository, await history.before(repository, sha), sha)
            ),
        )
    )
    return page(shown["title"], body, above=way(site, one))


def _safe(url: str | None) -> bool:
    return bool(url) and str(url).startswith(("http://", "https://"))


async def tree(request: web.Request) -> web.Response:
    """The last commits and the files of a branch, tag or commit."""
    site, one, repository = found(request)
    ref = request.match_info["ref"]
    sha = await repository.commit_of(ref)
    if sha is None:
        raise web.HTTPNotFound
    log = await history.commits(repository, site.web_url(one), f"-{SHOWN}", sha)
    files = await repository.text("ls-tree", "-r", "--name-only", "-z", sha)
    body = f"{commit_rows(log)}<h2>Files</h2>{block(files.replace(chr(0), chr(10)))}"
    return page(ref, body, above=way(site, one))


async def compare(request: web.Request) -> web.Response:
    """What one ref has more than another."""
    site, one, repository = found(request)
    names = request.match_info["old"], request.match_info["new"]
    old, new = [await repository.commit_of(name) for name in names]
    if old is None or new is None:
        raise web.HTTPNotFound
    log = await history.commits(repository, site.web_url(one), f"{old}..{new}")
    base = await repository.merge_base(old, new) or old
    changes = await history.differences(repository, base, new)
    body = f"{commit_rows(log)}<h2>Changes</h2>{difference_blocks(changes)}"
    return page(f"{names[0]}...{names[1]}", body, above=way(site, one))
