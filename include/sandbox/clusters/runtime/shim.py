"""Keeper of one container: starts it, dates its output, waits for it, writes how it ended.

Run as `python -I -S shim.py FOLDER`; FOLDER/spec.json says what to run. Writes FOLDER/started.json and
FOLDER/exit.json by atomic rename, and FOLDER/log (lines as the CRI writes them: `TIME STREAM F|P TEXT`). It
lives in a session of its own and depends on nobody, so a crash of the sandbox loses neither output nor exit
code. It adopts orphans of the container and ends them with it, and kills it when it takes more memory than
allowed. Standard library only.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import selectors
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

_SET_CHILD_SUBREAPER = 36
_LOOK_AT_MEMORY = 0.5
_LONGEST_LINE = 1 << 16
_DRAIN = 0.2


def stamp() -> str:
    """RFC 3339 with nanoseconds, as log lines carry it."""
    seconds, nanos = divmod(time.time_ns(), 1_000_000_000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{nanos:09d}Z"


def start_of(pid: int) -> int:
    """A process's start time in clock ticks since boot: with the pid, it names the process for good."""
    return int(Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[19])


def write(path: Path, content: dict[str, Any]) -> None:
    """A file that is there whole or not at all."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(content), "utf-8")
    fresh.replace(path)


def start(spec: dict[str, Any], streams: list[int]) -> tuple[int, str]:
    """Fork and execute; the process id and, when it could not be executed, why."""
    telling, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            for number in range(1, signal.NSIG):
                try:
                    signal.signal(number, signal.SIG_DFL)
                except (OSError, ValueError):
                    continue  # KILL, STOP, and the numbers the C library keeps for itself
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            nothing = os.open(os.devnull, os.O_RDONLY)
            for old, new in ((nothing, 0), (streams[0], 1), (streams[1], 2)):
                os.dup2(old, new)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            os.chdir(spec["cwd"])
            os.execve(spec["executable"], spec["argv"], spec["env"])  # noqa: S606
        except OSError as problem:
            os.write(told, (problem.strerror or "error").lower().encode())
        os._exit(127)
    os.close(told)
    with os.fdopen(telling, "rb") as answer:
        return pid, answer.read().decode()


def children(pid: int) -> list[int]:
    """The direct children of a process; none once it is gone."""
    found: list[int] = []
    try:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (thread / "children").read_text("utf-8").split())
    except OSError:
        return found
    return found


def descendants(pid: int) -> list[int]:
    """All processes below one."""
    found = children(pid)
    for each in list(found):
        found += descendants(each)
    return found


def memory(pid: int) -> int:
    """Bytes of memory that are a process's own: resident without shared file pages."""
    try:
        numbers = Path(f"/proc/{pid}/statm").read_text("utf-8").split()
    except OSError:
        return 0
    return (int(numbers[1]) - int(numbers[2])) * os.sysconf("SC_PAGE_SIZE")


def end_all(group: int) -> None:
    """Kill what the container left behind: its process group, then every adopted orphan."""
    for attempt in range(50):
        with suppress(ProcessLookupError, PermissionError):  # the group is empty already
            os.killpg(group, signal.SIGKILL)
        left = children(os.getpid())
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.01 * (attempt + 1))


class Output:
    """One stream of the container, cut into dated lines."""

    def __init__(self, name: str, log: IO[bytes]) -> None:
        self._name, self._log, self._rest = name.encode(), log, b""

    def take(self, data: bytes) -> None:
        """Write every whole line; keep the rest until it is whole, ended or too long."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        moment = stamp().encode()
        for line in lines:
            self._log.write(b"%s %s F %s\n" % (moment, self._name, line))
        while len(self._rest) > _LONGEST_LINE:
            piece, self._rest = self._rest[:_LONGEST_LINE], self._rest[_LONGEST_LINE:]
            self._log.write(b"%s %s P %s\n" % (moment, self._name, piece))

    def end(self) -> None:
        """Write what came after the last line end."""
        if self._rest:
            self._log.write(b"%s %s P %s\n" % (stamp().encode(), self._name, self._rest))
            self._rest = b""


def keep(pid: int, streams: dict[int, Output], limit: int | None) -> tuple[int, bool]:
    """Carry output until the process ends; its wait status, and whether it was killed for memory."""
    selector = selectors.DefaultSelector()
    handle = os.pidfd_open(pid)
    selector.register(handle, selectors.EVENT_READ)
    for stream, output in streams.items():
        os.set_blocking(stream, False)
        selector.register(stream, selectors.EVENT_READ, output)
    over = ended = False
    status = 0
    # The process may close its streams and go on, or leave them open to others: both must be over.
    while selector.get_map():
        events = selector.select(_DRAIN if ended else _LOOK_AT_MEMORY if limit else None)
        if ended and not events:
            break
        for key, _ in events:
            if key.data is None:
                _, status = os.waitpid(pid, 0)
                selector.unregister(handle)
                ended = True
                end_all(pid)
            else:
                data = os.read(key.fd, 1 << 16)
                key.data.take(data)
                if not data:
                    selector.unregister(key.fd)
        if limit and not over and not ended:
            over = memory(pid) + sum(map(memory, descendants(pid))) > limit
            if over:
                os.killpg(pid, signal.SIGKILL)
    return status, over


def main(folder: Path) -> None:
    """Run the container that FOLDER/spec.json describes."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    spec = json.loads((folder / "spec.json").read_text("utf-8"))
    out, out_end = os.pipe()
    err, err_end = os.pipe()
    began = stamp()
    pid, problem = start(spec, [out_end, err_end])
    os.close(out_end)
    os.close(err_end)
    if problem:
        os.waitpid(pid, 0)
        write(folder / "exit.json", {"problem": problem, "finishedAt": stamp()})
        return
    boot = Path("/proc/sys/kernel/random/boot_id").read_text("utf-8").strip()
    own = os.getpid()
    write(
        folder / "started.json",
        {
            "pid": pid,
            "start": start_of(pid),
            "shim": own,
            "shimStart": start_of(own),
            "boot": boot,
            "startedAt": began,
        },
    )
    with (folder / "log").open("ab", buffering=0) as log:
        outputs = {out: Output("stdout", log), err: Output("stderr", log)}
        status, over = keep(pid, outputs, spec.get("memory"))
        for each in outputs.values():
            each.end()
    code = os.waitstatus_to_exitcode(status)
    write(
        folder / "exit.json",
        {"exitCode": code if code >= 0 else 128 - code, "outOfMemory": over, "finishedAt": stamp()},
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
