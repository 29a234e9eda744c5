"""Running one more command in a running container: for exec and for exec probes."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process

from sandbox.clusters.kubelet.paths import PathMap
from sandbox.clusters.runtime.container import Container

_SHELLS = {"sh", "ash", "dash", "bash"}
PRELUDE = 'kill() { command pod-kill "$@"; }\n'
"""Given to every exec'd shell: its built-in `kill` reaches processes outside the pod, too."""


class NoSuchProgram(Exception):
    """A command that is not there; the message is the runtime's."""


async def begin(container: Container, command: list[str], *, stdin: bool, merged: bool = False) -> Process:
    """Start a command with a container's environment and folder, in a process group of its own."""
    spec = container.spec
    paths = PathMap([(at, to) for at, to in spec["paths"]], spec["root"])
    executable = paths.program(command[0], spec["env"]["PATH"], spec["cwd"])
    if executable is None:
        told = f"stat {command[0]}: no such file or directory"
        if "/" not in command[0]:
            told = "executable file not found in $PATH"
        raise NoSuchProgram(
            f'OCI runtime exec failed: exec failed: unable to start container process: exec: "{command[0]}": '
            f"{told}: unknown"
        )
    arguments = paths.arguments(command)[1:]
    if is_shell(command) and arguments[:1] == ["-c"] and len(arguments) > 1:
        arguments[1] = PRELUDE + arguments[1]
    return await asyncio.create_subprocess_exec(
        executable,
        *arguments,
        stdin=PIPE if stdin else DEVNULL,
        stdout=PIPE,
        stderr=STDOUT if merged else PIPE,
        env=spec["env"],
        cwd=spec["cwd"],
        start_new_session=True,
        preexec_fn=_heed_signals,
    )


def _heed_signals() -> None:
    """A sandbox started in the background may ignore SIGINT; its pods' shells must not inherit that."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def is_shell(command: list[str]) -> bool:
    """Whether a command is a POSIX shell."""
    return command[0].rpartition("/")[2] in _SHELLS


def end(process: Process) -> None:
    """Kill a command and its group, if it still runs."""
    if process.returncode is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # it ended by itself


async def execute(container: Container, command: list[str], seconds: float) -> tuple[int, str]:
    """Run a command to its end; code and output together. TimeoutError when it takes longer."""
    try:
        process = await begin(container, command, stdin=False, merged=True)
    except NoSuchProgram as problem:
        return 126, str(problem)
    try:
        async with asyncio.timeout(seconds):
            output, _ = await process.communicate()
    finally:
        end(process)
    return process.returncode or 0, output.decode("utf-8", "replace")
