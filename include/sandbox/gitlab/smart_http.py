"""Real git over smart HTTP (git's "http-protocol"): each request is one `git http-backend`, streamed."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import sys
from pathlib import Path

from aiohttp import web

from sandbox.gitlab import push_rules
from sandbox.gitlab.accounts import DEVELOPER, Account
from sandbox.gitlab.events import pushes
from sandbox.gitlab.git import environment
from sandbox.gitlab.site import SITE, Site
from sandbox.gitlab.store import Document

CHUNK = 64 * 1024


def install_hooks(site: Site) -> None:
    """Write the two hook programs, for the interpreter that serves now."""
    folder = site.folder / "hooks"
    folder.mkdir(exist_ok=True)
    for name in ("pre-receive", "post-receive"):
        hook = folder / name
        hook.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" -I -S "{Path(push_rules.__file__)}" {name}\n', "utf-8"
        )
        hook.chmod(0o700)


def routes() -> list[web.RouteDef]:
    """git's three addresses of a repository."""
    return [
        web.get(r"/{path:.+}.git/info/refs", serve),
        web.post(r"/{path:.+}.git/{service:git-upload-pack|git-receive-pack}", serve),
    ]


def basic_account(site: Site, request: web.Request) -> Account | None:
    """Who signs in with `Authorization: Basic`; None for nobody we know."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        username, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return site.accounts.by_password(username, password)


async def serve(request: web.Request) -> web.StreamResponse:
    """One smart-HTTP request: fetch for every account, push for developers and above."""
    site = request.app[SITE]
    account = basic_account(site, request)
    if account is None:
        return web.Response(
            status=401,
            text="HTTP Basic: Access denied. The provided password or token is incorrect.\n",
            headers={"WWW-Authenticate": 'Basic realm="GitLab"'},
        )
    project = site.project(request.match_info["path"])
    if project is None or not request.match_info["path"].startswith(project["path_with_namespace"]):
        return web.Response(status=404, text="The project you were looking for could not be found.\n")
    service = request.match_info.get("service") or request.query.get("service", "")
    if service not in ("git-upload-pack", "git-receive-pack"):
        return web.Response(status=403, text="Git access over the dumb HTTP protocol is not served.\n")
    if service == "git-receive-pack" and site.level(account, project) < DEVELOPER:
        return web.Response(status=403, text="You are not allowed to push code to this project.\n")
    pushing = request.method == "POST" and service == "git-receive-pack"
    # Shielded: whoever goes away early, git comes to its end and a push leaves its events behind.
    task = asyncio.create_task((_receive if pushing else _backend)(site, request, project, account))
    site.serving.add(task)
    task.add_done_callback(site.serving.discard)
    return await asyncio.shield(task)


async def _receive(
    site: Site, request: web.Request, project: Document, account: Account
) -> web.StreamResponse:
    async with site.writing(project):
        try:
            return await _backend(site, request, project, account)
        finally:
            # Again for a sender that left before its answer was complete.
            await pushes.ingest(site)


def _environment(site: Site, request: web.Request, project: Document, account: Account) -> dict[str, str]:
    path = request.path.removeprefix(f"/{request.match_info['path']}.git")
    rules = [
        {key: rule[key] for key in ("name", "push", "allow_force_push")}
        for rule in site.store.list("protected_branch", project=project["id"])
    ]
    order = {
        "level": site.level(account, project),
        "protected": rules,
        "spool": str(site.spool),
        "project": project["id"],
        "user": account.username,
    }
    settings = {
        "core.hooksPath": str(site.folder / "hooks"),
        "http.receivepack": "true",
        "receive.autogc": "false",
    }
    cgi = {
        "GIT_PROJECT_ROOT": str(site.repository_path(project)),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": path,
        "QUERY_STRING": request.query_string,
        "REQUEST_METHOD": request.method,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        "REMOTE_USER": account.username,
        "REMOTE_ADDR": "127.0.0.1",
        "GIT_COMMITTER_NAME": account.name,
        "GIT_COMMITTER_EMAIL": account.email,
        "SANDBOX_PUSH": json.dumps(order),
        "GIT_CONFIG_COUNT": str(len(settings)),
    }
    for number, (key, value) in enumerate(settings.items()):
        cgi[f"GIT_CONFIG_KEY_{number}"] = key
        cgi[f"GIT_CONFIG_VALUE_{number}"] = value
    return environment(**cgi)


async def _backend(
    site: Site, request: web.Request, project: Document, account: Account
) -> web.StreamResponse:
    process = await asyncio.create_subprocess_exec(
        "git",
        "http-backend",
        env=_environment(site, request, project, account),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    feeding = asyncio.ensure_future(_feed(request, process))
    try:
        response = await _answer(site, request, process)
        await feeding
        return response
    except asyncio.CancelledError:
        process.kill()
        raise
    finally:
        feeding.cancel()
        await process.wait()


async def _feed(request: web.Request, process: asyncio.subprocess.Process) -> None:
    """Pass the body on; aiohttp has already undone any gzip, so git reads to the end of the pipe."""
    if process.stdin is None:
        raise RuntimeError("git http-backend was started without a pipe")
    try:
        async for chunk in request.content.iter_chunked(CHUNK):
            process.stdin.write(chunk)
            await process.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        return
    finally:
        process.stdin.close()


async def _answer(
    site: Site, request: web.Request, process: asyncio.subprocess.Process
) -> web.StreamResponse:
    if process.stdout is None:
        raise RuntimeError("git http-backend was started without a pipe")
    head = await process.stdout.readuntil(b"\r\n\r\n")
    response = web.StreamResponse()
    for line in head.decode().splitlines():
        name, _, value = line.partition(": ")
        if name == "Status":
            response.set_status(int(value.split()[0]))
        elif name and name.lower() != "content-length":
            response.headers[name] = value
    try:
        await response.prepare(request)
        while chunk := await process.stdout.read(CHUNK):
            await response.write(chunk)
        # Before the answer ends: whoever sees the push done finds its events owed, its merge request moved.
        await pushes.ingest(site)
        await response.write_eof()
    except ConnectionError:
        # The client has gone; git still needs its output taken to come to an end.
        while await process.stdout.read(CHUNK):
            pass
    return response
