"""GitLab API "Repository files": read, raw, create, update, delete."""

from __future__ import annotations

import base64
import hashlib

from aiohttp import web

from sandbox.gitlab.accounts import DEVELOPER, REPORTER
from sandbox.gitlab.api.call import Call, on_project
from sandbox.gitlab.api.commits import commit_to, content_of
from sandbox.gitlab.errors import message, not_found
from sandbox.gitlab.writing import FileChange

BASE = "/api/v4/projects/{id}/repository/files/{path}"


def routes() -> list[web.RouteDef]:
    """One file at a time; the path is one encoded piece, as GitLab wants it."""
    return [
        web.get(f"{BASE}/raw", on_project(raw, REPORTER)),
        web.get(BASE, on_project(get, REPORTER)),
        web.post(BASE, on_project(create, DEVELOPER)),
        web.put(BASE, on_project(update, DEVELOPER)),
        web.delete(BASE, on_project(delete, DEVELOPER)),
    ]


async def _read(call: Call) -> tuple[str, str, str, bytes]:
    """Ref, commit, blob id and bytes."""
    ref = call.text("ref", "HEAD")
    commit = await call.repository.commit_of(call.project["default_branch"] if ref == "HEAD" else ref)
    if commit is None:
        raise not_found("Commit")
    found = await call.repository.blob(commit, call.part("path"))
    if found is None:
        raise not_found("File")
    return ref, commit, *found


async def raw(call: Call) -> web.Response:
    _, _, _, content = await _read(call)
    return web.Response(body=content, content_type="text/plain", charset="utf-8")


async def get(call: Call) -> web.Response:
    ref, commit, blob, content = await _read(call)
    path = call.part("path")
    last = await call.repository.text("--literal-pathspecs", "rev-list", "-1", commit, "--", path)
    return call.reply(
        {
            "file_name": path.rsplit("/", 1)[-1],
            "file_path": path,
            "size": len(content),
            "encoding": "base64",
            "content_sha256": hashlib.sha256(content).hexdigest(),
            "ref": ref,
            "blob_id": blob,
            "commit_id": commit,
            "last_commit_id": last,
            "content": base64.b64encode(content).decode(),
        }
    )


async def _exists(call: Call, branch: str) -> bool:
    commit = await call.repository.commit_of(branch)
    return commit is not None and await call.repository.entry(commit, call.part("path")) is not None


async def _change(call: Call, content: bytes | None) -> web.Response:
    branch, text = call.need("branch", "commit_message")
    await commit_to(call, branch, [FileChange(call.part("path"), content)], text)
    return call.reply({"file_path": call.part("path"), "branch": branch})


async def create(call: Call) -> web.Response:
    if await _exists(call, call.text("branch")):
        raise message(400, "A file with this name already exists")
    answer = await _change(call, content_of(dict(call.params)))
    answer.set_status(201)
    return answer


async def update(call: Call) -> web.Response:
    if not await _exists(call, call.text("branch")) and not call.text("start_branch"):
        raise message(400, "A file with this name doesn't exist")
    return await _change(call, content_of(dict(call.params)))


async def delete(call: Call) -> web.Response:
    if not await _exists(call, call.text("branch")):
        raise message(400, "A file with this name doesn't exist")
    await _change(call, None)
    return call.gone()
