"""Running one job: a process of its own, a token of its own, its trace, its artifacts, its verdict."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path

from sandbox.gitlab import history
from sandbox.gitlab.ci import artifacts, keeper, own_packages, tool, variables
from sandbox.gitlab.ci.trace import Trace
from sandbox.gitlab.moment import now
from sandbox.gitlab.projects import config_file
from sandbox.gitlab.site import Site
from sandbox.gitlab.store import Document

OPTIONS = (
    "--force-shell-executor",
    "--shell-isolation",
    "--no-json-schema-validation",
    "--no-artifacts-to-source",
)


def trace_file(site: Site, job: Document) -> Path:
    """Where a job's log is kept."""
    return site.folder / "traces" / f"{job['id']}.log"


def change(site: Site, job: Document, **fields: object) -> Document:
    """Keep changed fields of a job and return it as it now is."""
    changed = {**(site.store.get("job", job["id"]) or job), **fields}
    site.store.put("job", changed)
    return changed


async def run(site: Site, project: Document, pipeline: Document, job: Document, tree: Path) -> None:
    """Run a pending job to its end; a cancelled one ends canceled."""
    token = f"glcbt-{secrets.token_urlsafe(20)}"
    job = change(site, job, status="running", started_at=now())
    site.accounts.lend(token, site.accounts.known(pipeline["user"]))
    try:
        await _run(site, project, pipeline, job, tree, token)
    finally:
        site.accounts.end(token)
        await asyncio.to_thread(shutil.rmtree, _own(tree, job), ignore_errors=True)


def _own(tree: Path, job: Document) -> Path:
    return tree.parent / f"own-{job['id']}"


async def _run(
    site: Site, project: Document, pipeline: Document, job: Document, tree: Path, token: str
) -> None:
    commit = await history.commit(site.repository(project), site.web_url(project), pipeline["sha"])
    known = {
        **await asyncio.to_thread(own_packages.make, site, _own(tree, job), job.get("image")),
        **variables.predefined(site, project, pipeline, commit),
        **variables.of_job(site, project, job, token),
        **variables.own(site, project, pipeline),
    }
    secret = [*variables.masked(site, project), token]
    trace = Trace(trace_file(site, job), job["name"], secret)
    trace.write(f"Running with gitlab-ci-local on the sandbox's shell executor, commit {pipeline['sha'][:8]}")
    code_file = tree.parent / f"job-{job['id']}.code"
    command = [*tool.command(site), *OPTIONS, "--max-job-name-padding", "0"]
    command += ["--file", config_file(project), job["name"]]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", keeper.__file__, str(code_file)),
        *command,
        cwd=tree,
        env=tool.tool_environment(site, tree.parent / f"home-{job['id']}", known),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    site.job_processes[job["id"]] = process
    try:
        if process.stdout is None:
            raise RuntimeError("the job was started without a pipe")
        await trace.follow(process.stdout)
    finally:
        site.job_processes.pop(job["id"], None)
        end(process)
        await process.wait()
    await _conclude(site, job, tree, trace, code_file)


def end(process: asyncio.subprocess.Process) -> None:
    """Kill a job's whole process group; silent when it is gone."""
    if process.returncode is None:
        # asyncio may not have heard of the end yet.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


async def _conclude(site: Site, job: Document, tree: Path, trace: Trace, code_file: Path) -> None:
    now_kept = site.store.get("job", job["id"]) or job
    if now_kept["status"] == "canceled":
        trace.write("ERROR: Job was canceled")
        return
    code = int(code_file.read_text("ascii")) if code_file.exists() else None
    succeeded = code == 0 and trace.failure is None
    found = await asyncio.to_thread(artifacts.collect, site, tree, job, succeeded=succeeded)
    ended: Document = {"status": "success", "finished_at": now(), "files": found, "failure_reason": None}
    if succeeded:
        trace.write("Job succeeded")
    else:
        kind, exit_code = trace.failure or ("FAIL", code)
        trace.write(f"ERROR: Job failed: exit code {exit_code}")
        reason = "runner_system_failure" if code is None else "script_failure"
        ended |= {"status": "failed", "failure_reason": reason, "exit_code": exit_code}
        if not isinstance(job["allow_failure"], bool):
            ended["allow_failure"] = kind == "WARN"
    change(site, job, **ended)
