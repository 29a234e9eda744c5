"""Pages of merge requests, pipelines and jobs, with the files that jobs left."""

from __future__ import annotations

import asyncio
from pathlib import PurePosixPath

from aiohttp import web

from sandbox.gitlab import history, merge_requests
from sandbox.gitlab.ci import artifacts
from sandbox.gitlab.ci.job import trace_file
from sandbox.gitlab.ci.pipeline import jobs_of
from sandbox.gitlab.pages.code import commit_rows, difference_blocks, found, pipeline_rows, way
from sandbox.gitlab.pages.html import badge, block, link, page, table, text
from sandbox.gitlab.site import Site
from sandbox.gitlab.store import Document

TRACE_SHOWN = 200_000
"""Bytes of a trace's end that a page shows."""

TYPES = {".html": "text/html", ".json": "application/json", ".txt": "text/plain", ".xml": "text/xml"}


def _person(site: Site, username: str) -> str:
    return text(site.accounts.known(username).name)


async def merge_request(request: web.Request) -> web.Response:
    """Title, description, discussion, commits, pipelines and changes."""
    site, project, repository = found(request)
    one = site.store.find("merge_request", request.match_info["iid"], project=project["id"])
    if one is None:
        raise web.HTTPNotFound
    view = await merge_requests.view(site, project, one, check=True)
    refs = view["diff_refs"]
    span = f"{refs['base_sha']}..{refs['head_sha']}" if refs else "HEAD..HEAD"
    changes = await history.differences(repository, refs["base_sha"], refs["head_sha"]) if refs else []
    notes = "".join(
        f'<div class="note"><small>{_person(site, note["author"])}, {text(note["updated_at"])}</small>'
        f"{block(note['body'])}</div>"
        for note in site.store.list("note", project=one["id"])
    )
    pipelines = [p for p in site.store.list("pipeline", project=project["id"]) if p["sha"] == one["sha"]]
    merged = (
        f", merged by {_person(site, one['merged_by'])} {text(one['merged_at'])}" if one["merged_by"] else ""
    )
    body = "".join(
        (
            f"<p>{badge(one['state'])} {_person(site, one['author'])}: {text(one['source_branch'])} → ",
            f"{text(one['target_branch'])}{merged}; {text(view['detailed_merge_status'])}</p>",
            block(one["description"]) if one["description"] else "",
            f"<h2>Discussion</h2>{notes or '<p><small>Nothing yet.</small></p>'}",
            f"<h2>Pipelines</h2>{pipeline_rows(site, project, pipelines)}",
            f"<h2>Commits</h2>{commit_rows(await history.commits(repository, site.web_url(project), span))}",
            f"<h2>Changes</h2>{difference_blocks(changes)}",
        )
    )
    return page(f"{one['title']} (!{one['iid']})", body, above=way(site, project))


def _trace(site: Site, job: Document) -> str:
    file = trace_file(site, job)
    if not file.is_file():
        return "<p><small>No log yet.</small></p>"
    raw = file.read_bytes()
    return block(("…\n" if len(raw) > TRACE_SHOWN else "") + raw[-TRACE_SHOWN:].decode("utf-8", "replace"))


def _job(site: Site, project: Document, job: Document) -> str:
    url = f"{site.web_url(project)}/-/jobs/{job['id']}"
    facts = (
        f"{badge(job['status'])} {text(job['stage'])}, {text(job['started_at'])} – {text(job['finished_at'])}"
    )
    has_archive = any(file["file_type"] == "archive" for file in job["files"])
    download = f", {link(f'{url}/artifacts/download', 'artifacts.zip')}" if has_archive else ""
    return f"<h2>{link(url, job['name'])}</h2><p>{facts}{download}</p>{_trace(site, job)}"


async def pipeline(request: web.Request) -> web.Response:
    """The pipeline's jobs with their traces."""
    site, project, _ = found(request)
    one = site.store.get("pipeline", int(request.match_info["pipeline"]))
    if one is None or one["project_id"] != project["id"]:
        raise web.HTTPNotFound
    commit = link(f"{site.web_url(project)}/-/commit/{one['sha']}", one["sha"][:8])
    head = (
        f"<p>{badge(one['status'])} {text(one['ref'])} {commit}, started by {_person(site, one['user'])}</p>"
    )
    body = head + "".join(_job(site, project, job) for job in jobs_of(site, one))
    return page(f"Pipeline #{one['id']}", body, above=way(site, project))


def _own_job(request: web.Request) -> tuple[Site, Document, Document]:
    site, project, _ = found(request)
    one = site.store.get("job", int(request.match_info["job"]))
    if one is None or one["project_id"] != project["id"]:
        raise web.HTTPNotFound
    return site, project, one


async def job(request: web.Request) -> web.Response:
    """One job with its trace."""
    site, project, one = _own_job(request)
    number = one["pipeline"]
    above = [*way(site, project), (f"{site.web_url(project)}/-/pipelines/{number}", f"Pipeline #{number}")]
    files = table(
        ("File", "Kind", "Bytes"),
        ((text(f["filename"]), text(f["file_type"]), text(f["size"])) for f in one["files"]),
    )
    return page(
        f"{one['name']} (#{one['id']})", f"{_job(site, project, one)}<h2>Files</h2>{files}", above=above
    )


async def download(request: web.Request) -> web.StreamResponse:
    """The job's archive."""
    site, _, one = _own_job(request)
    file = artifacts.folder_of(site, one) / "artifacts.zip"
    if not file.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(file, headers={"Content-Disposition": 'attachment; filename="artifacts.zip"'})


async def raw(request: web.Request) -> web.Response:
    """One file that the job left, as the browser can show it; scripts in it do not run."""
    site, _, one = _own_job(request)
    path = request.match_info["file"]
    content = await asyncio.to_thread(artifacts.read, site, one, path)
    if content is None:
        raise web.HTTPNotFound
    kind = TYPES.get(PurePosixPath(path).suffix, "application/octet-stream")
    return web.Response(
        body=content, content_type=kind, charset="utf-8", headers={"Content-Security-Policy": "sandbox"}
    )
