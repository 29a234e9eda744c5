"""GitLab API "Pipelines" and "Jobs", with traces and artifacts."""

from __future__ import annotations

import asyncio

from aiohttp import web

from sandbox.gitlab.accounts import DEVELOPER, REPORTER
from sandbox.gitlab.api.call import Call, on_project
from sandbox.gitlab.ci import artifacts
from sandbox.gitlab.ci import pipeline as pipelines
from sandbox.gitlab.ci.job import trace_file
from sandbox.gitlab.errors import forbidden, invalid, message, not_found
from sandbox.gitlab.moment import now, seconds_between
from sandbox.gitlab.store import Document

BASE = "/api/v4/projects/{id}"
ONE = BASE + "/pipelines/{pipeline}"
JOB = BASE + "/jobs/{job}"


def routes() -> list[web.RouteDef]:
    """Pipelines are made and steered by developers, read by reporters."""
    return [
        web.post(f"{BASE}/pipeline", on_project(create, DEVELOPER)),
        web.get(f"{BASE}/pipelines", on_project(listed, REPORTER)),
        web.get(ONE, on_project(get, REPORTER)),
        web.get(f"{ONE}/jobs", on_project(jobs, REPORTER)),
        web.get(f"{ONE}/variables", on_project(variables, DEVELOPER)),
        web.post(f"{ONE}/retry", on_project(retry, DEVELOPER)),
        web.post(f"{ONE}/cancel", on_project(cancel, DEVELOPER)),
        web.get(f"{BASE}/jobs", on_project(all_jobs, REPORTER)),
        web.get(JOB, on_project(job, REPORTER)),
        web.get(f"{JOB}/trace", on_project(trace, REPORTER)),
        web.get(f"{JOB}/artifacts", on_project(archive, REPORTER)),
        web.get(f"{JOB}/artifacts/{{path:.+}}", on_project(artifact, REPORTER)),
        web.post(f"{JOB}/retry", on_project(retry_job, DEVELOPER)),
        web.post(f"{JOB}/cancel", on_project(cancel_job, DEVELOPER)),
        web.post(f"{JOB}/play", on_project(play, DEVELOPER)),
    ]


def _brief(call: Call, pipeline: Document) -> Document:
    keys = ("id", "iid", "project_id", "sha", "ref", "status", "source", "created_at", "updated_at")
    url = f"{call.web_url}/-/pipelines/{pipeline['id']}"
    return {**{key: pipeline[key] for key in keys}, "name": None, "web_url": url}


def _full(call: Call, pipeline: Document) -> Document:
    status = pipeline["status"]
    words = {"success": "passed", "manual": "blocked"}
    return {
        **_brief(call, pipeline),
        "before_sha": "0" * 40,
        "tag": pipeline["tag"],
        "yaml_errors": None,
        "user": call.site.accounts.known(pipeline["user"]).brief(),
        "started_at": pipeline["started_at"],
        "finished_at": pipeline["finished_at"],
        "committed_at": None,
        "duration": seconds_between(pipeline["started_at"], pipeline["finished_at"]),
        "queued_duration": seconds_between(pipeline["created_at"], pipeline["started_at"]),
        "coverage": None,
        "detailed_status": {
            "icon": f"status_{status}",
            "text": words.get(status, status),
            "label": words.get(status, status),
            "group": status,
            "has_details": True,
            "details_path": f"/{call.project['path_with_namespace']}/-/pipelines/{pipeline['id']}",
        },
    }


def _log(call: Call, one: Document) -> list[Document]:
    file = trace_file(call.site, one)
    if not file.is_file():
        return []
    return [{"file_type": "trace", "size": file.stat().st_size, "filename": "job.log", "file_format": None}]


def _job(call: Call, one: Document) -> Document:
    pipeline = call.site.store.get("pipeline", one["pipeline"])
    if pipeline is None:
        raise not_found()
    archive_file = next((file for file in one["files"] if file["file_type"] == "archive"), None)
    return {
        "id": one["id"],
        "name": one["name"],
        "stage": one["stage"],
        "status": one["status"],
        "ref": pipeline["ref"],
        "tag": pipeline["tag"],
        "coverage": None,
        "allow_failure": bool(one["allow_failure"]),
        "created_at": one["created_at"],
        "started_at": one["started_at"],
        "finished_at": one["finished_at"],
        "erased_at": None,
        "duration": seconds_between(one["started_at"], one["finished_at"] or now()),
        "queued_duration": seconds_between(one["created_at"], one["started_at"]),
        "user": call.site.accounts.known(pipeline["user"]).brief(),
        "commit": {"id": pipeline["sha"], "short_id": pipeline["sha"][:8]},
        "pipeline": _brief(call, pipeline),
        "failure_reason": one["failure_reason"],
        "web_url": f"{call.web_url}/-/jobs/{one['id']}",
        "project": {"ci_job_token_scope_enabled": False},
        "artifacts": [*one["files"], *_log(call, one)],
        "artifacts_file": archive_file and {key: archive_file[key] for key in ("filename", "size")},
        "artifacts_expire_at": None,
        "runner": {"id": 1, "description": "sandbox shell runner", "active": True, "is_shared": True},
        "tag_list": [],
    }


def _pipeline(call: Call) -> Document:
    found = call.site.store.get("pipeline", call.number("pipeline"))
    if found is None or found["project_id"] != call.project["id"]:
        raise not_found()
    return found


def _own_job(call: Call) -> Document:
    found = call.site.store.get("job", call.number("job"))
    if found is None or found["project_id"] != call.project["id"]:
        raise not_found()
    return found


def _given(call: Call) -> list[Document]:
    """The pipeline's variables; 400 for anything but a list of key and value."""
    given = call.params.get("variables") or []
    if not isinstance(given, list) or not all(isinstance(one, dict) and "key" in one for one in given):
        raise invalid("variables is invalid")
    return [
        {"key": str(one["key"]), "value": str(one.get("value", "")), "variable_type": "env_var"}
        for one in given
    ]


async def create(call: Call) -> web.Response:
    (ref,) = call.need("ref")
    made = await pipelines.create(call.site, call.project, call.account, ref, _given(call))
    return call.reply(_full(call, made), 201)


async def listed(call: Call) -> web.Response:
    found = call.site.store.list("pipeline", project=call.project["id"])
    for key in ("sha", "ref", "status", "source"):
        if call.text(key):
            found = [one for one in found if one[key] == call.text(key)]
    if call.text("username"):
        found = [one for one in found if one["user"] == call.text("username")]
    newest = sorted(found, key=lambda one: int(one["id"]), reverse=call.text("sort", "desc") == "desc")
    return call.listed([_brief(call, one) for one in newest])


async def get(call: Call) -> web.Response:
    return call.reply(_full(call, _pipeline(call)))


def _scoped(call: Call, found: list[Document]) -> list[Document]:
    query = call.request.query
    wanted = {*query.getall("scope[]", []), *query.getall("scope", [])}
    return [_job(call, one) for one in found if not wanted or one["status"] in wanted]


async def jobs(call: Call) -> web.Response:
    found = pipelines.jobs_of(call.site, _pipeline(call), retried=call.flag("include_retried"))
    return call.listed(_scoped(call, found))


async def all_jobs(call: Call) -> web.Response:
    mine = [one for one in call.site.store.list("job") if one["project_id"] == call.project["id"]]
    return call.listed(_scoped(call, list(reversed(mine))))


async def variables(call: Call) -> web.Response:
    return call.reply(_pipeline(call)["variables"])


async def retry(call: Call) -> web.Response:
    pipeline = _pipeline(call)
    if pipeline["status"] in ("failed", "canceled"):
        pipeline = pipelines.retry(call.site, pipeline)
    return call.reply(_full(call, pipeline), 201)


async def cancel(call: Call) -> web.Response:
    return call.reply(_full(call, pipelines.cancel(call.site, _pipeline(call))))


async def job(call: Call) -> web.Response:
    return call.reply(_job(call, _own_job(call)))


async def trace(call: Call) -> web.Response:
    file = trace_file(call.site, _own_job(call))
    content = file.read_bytes() if file.is_file() else b""
    return web.Response(body=content, content_type="text/plain", charset="utf-8")


async def archive(call: Call) -> web.StreamResponse:
    file = artifacts.folder_of(call.site, _own_job(call)) / "artifacts.zip"
    if not file.is_file():
        raise not_found()
    disposition = {
        "Content-Disposition": 'attachment; filename="artifacts.zip"',
        "Content-Type": "application/zip",
    }
    return web.FileResponse(file, headers=disposition)


async def artifact(call: Call) -> web.Response:
    content = await asyncio.to_thread(artifacts.read, call.site, _own_job(call), call.part("path"))
    if content is None:
        raise not_found()
    return web.Response(body=content, content_type="application/octet-stream")


async def retry_job(call: Call) -> web.Response:
    one = _own_job(call)
    if one["retried"] or one["status"] not in ("success", "failed", "canceled"):
        raise message(403, "403 Forbidden - Job is not retryable")
    return call.reply(_job(call, pipelines.retry_job(call.site, one)), 201)


async def cancel_job(call: Call) -> web.Response:
    one = _own_job(call)
    if one["status"] not in ("created", "pending", "running", "manual"):
        raise forbidden()
    return call.reply(_job(call, pipelines.cancel_job(call.site, one)), 201)


async def play(call: Call) -> web.Response:
    one = _own_job(call)
    if one["status"] != "manual":
        raise message(400, "400 Bad request - Unplayable Job")
    return call.reply(_job(call, pipelines.play(call.site, one)))
