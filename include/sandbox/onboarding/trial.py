"""Starts the program in a scratch folder: does it serve on $PORT, on which path, and to others?"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import venv
from dataclasses import dataclass
from pathlib import Path

import psutil

from sandbox.onboarding.program import Program
from sandbox.onboarding.refusal import CannotJoin

PLATFORM = Path(__file__).parents[2]
START_SECONDS = 60.0
LOOK_SECONDS = 0.25
PATHS = ("/readyz", "/healthz", "/health", "/ready", "/healthcheck", "/status", "/version", "/")
LOOPBACK = ("127.", "::1", "::ffff:127.")


@dataclass(frozen=True)
class Served:
    """What the trial showed: a path that answers 2xx, and how long the program took to serve."""

    path: str
    seconds: float


def try_program(tree: Path, program: Program, scratch: Path) -> Served:
    """Install, start, ask, stop; CannotJoin says what to add where the program does not serve on $PORT."""
    environment = _prepared(tree, program, scratch)
    port = _free_port()
    environment |= {"PORT": str(port), "HOME": str(scratch), "TMPDIR": str(scratch), "LANG": "C.UTF-8"}
    log = scratch / "trial.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["sh", "-c", program.start],
            cwd=tree,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        began = time.monotonic()
        try:
            _await_port(process, port, program, log)
            seconds = time.monotonic() - began
            return Served(_answering_path(port), seconds)
        finally:
            # It may have ended by itself, with everything it started.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _prepared(tree: Path, program: Program, scratch: Path) -> dict[str, str]:
    """The platform's own installer, as the pipeline runs it, above an empty environment as an image's is."""
    found = scratch / "environment.json"
    command = [sys.executable, "-m", "hummingbird.workloads", "prepare_program", "--folder", str(tree)]
    command += ["--language", program.language, "--scratch", str(scratch), "--environment", str(found)]
    if program.prepare:
        command += ["--prepare", program.prepare]
    environment = {**os.environ, "PYTHONPATH": str(PLATFORM)}
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise CannotJoin(" ".join((done.stdout or done.stderr).split())[-600:])
    venv.EnvBuilder(with_pip=False, symlinks=True).create(scratch / "bare")
    given: dict[str, str] = json.loads(found.read_text("utf-8"))
    base = os.environ.get("PATH", os.defpath)
    first, _, rest = given.get("PATH", base).partition(os.pathsep)
    given["PATH"] = os.pathsep.join([first, str(scratch / "bare" / "bin"), rest])
    return given


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_port(process: subprocess.Popen[bytes], port: int, program: Program, log: Path) -> None:
    """Until it listens on the port; its own sockets tell, so that nobody else's port is taken for its."""
    until = time.monotonic() + START_SECONDS
    others: set[int] = set()
    while time.monotonic() < until:
        listening = _listening(process.pid)
        here = {address for address, number in listening if number == port}
        if here:
            if all(address.startswith(LOOPBACK) for address in here):
                raise CannotJoin(
                    f"`{program.start}` listens on {', '.join(sorted(here))} alone; a pod is asked "
                    "from outside: listen on 0.0.0.0"
                )
            return
        others |= {number for _, number in listening}
        if process.poll() is not None:
            raise CannotJoin(
                f"`{program.start}` ended with {process.returncode} before it served: {_said(log)}; "
                "add what it lacks, or a Procfile with the line `web: <command that serves HTTP on $PORT>`"
            )
        time.sleep(LOOK_SECONDS)  # the kernel tells nobody of another process's new socket
    if others:
        raise CannotJoin(
            f"`{program.start}` listens on port {', '.join(map(str, sorted(others)))} and not on $PORT; "
            "read the port from the environment (Python: os.environ['PORT'], Node: process.env.PORT), or "
            "add a Procfile with the line `web: <command> --port $PORT`"
        )
    raise CannotJoin(
        f"`{program.start}` runs and listens on no port after {START_SECONDS:.0f} s: {_said(log)}; "
        "the platform delivers services: serve HTTP on $PORT"
    )


def _listening(group: int) -> set[tuple[str, int]]:
    """Addresses and ports that the processes of a group listen on."""
    found: set[tuple[str, int]] = set()
    try:
        family = [psutil.Process(group), *psutil.Process(group).children(recursive=True)]
    except psutil.NoSuchProcess:
        return found
    for one in family:
        try:
            for connection in one.net_connections("tcp"):
                if connection.status == psutil.CONN_LISTEN:
                    found.add((str(connection.laddr.ip), int(connection.laddr.port)))
        except psutil.NoSuchProcess:
            continue
    return found


def _answering_path(port: int) -> str:
    told = {}
    for path in PATHS:
        told[path] = _status(port, path)
        if 200 <= told[path] < 300:
            return path
    heard = ", ".join(f"{path} {status}" for path, status in told.items())
    raise CannotJoin(
        f"the program serves on $PORT and answers no question of health ({heard}); add a path /healthz that "
        "answers 200 without signing in"
    )


def _status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def _said(log: Path) -> str:
    return " ".join(log.read_text("utf-8", "replace").split())[-300:] or "it said nothing"
