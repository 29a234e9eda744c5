"""`pgrep`, `pkill` and `kill` as a pod sees them: nothing but the processes of its own container.

A pod of a real cluster has a process namespace; here pods share the machine with its user's own shells, and
Airflow ends its XCom sidecar with `kill -2 $(pgrep -u $(id -u) -f 'sh')`. Run as `python -I -S pod_tools.py
NAME ARGUMENT...` by the small programs that stand first on a pod's PATH.
"""

from __future__ import annotations

import os
import pwd
import re
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import processes  # type: ignore[import-not-found]


def command_line(pid: int) -> str:
    """A process's arguments joined by blanks."""
    content = Path(f"/proc/{pid}/cmdline").read_bytes()
    return content.rstrip(b"\0").replace(b"\0", b" ").decode("utf-8", "replace")


def short_name(pid: int) -> str:
    """A process's name, at most 15 letters."""
    return Path(f"/proc/{pid}/comm").read_text("utf-8", "replace").rstrip("\n")


def own() -> list[int]:
    """The processes of this container, without this one."""
    mark = os.environ.get(processes.MARK)
    return [pid for pid in processes.of_container(mark) if pid != os.getpid()] if mark else []


def users(text: str) -> set[int]:
    """User ids from `-u 0,root`."""
    return {int(each) if each.isdigit() else pwd.getpwnam(each).pw_uid for each in text.split(",")}


def select(arguments: list[str]) -> tuple[list[int], set[str], int]:
    """The processes that pgrep's arguments name, its plain flags, and pkill's signal."""
    flags: set[str] = set()
    allowed: set[int] | None = None
    pattern, number = "", int(signal.SIGTERM)
    rest = list(arguments)
    while rest:
        each = rest.pop(0)
        if each in {"-u", "-U", "--euid", "--uid"} and rest:
            allowed = users(rest.pop(0))
        elif re.fullmatch(r"-\d+|-(SIG)?[A-Z]+[0-9]*", each):
            number = signal_of(each[1:])
        elif re.fullmatch(r"-[fxlanoc]+", each):
            flags |= set(each[1:])
        elif each.startswith("-"):
            raise ValueError(f"unrecognized option '{each}'")
        else:
            pattern = each
    found = []
    for pid in own():
        try:
            text = command_line(pid) if "f" in flags else short_name(pid)
            user = Path(f"/proc/{pid}").stat().st_uid
        except OSError:
            continue
        match = re.fullmatch(pattern, text) if "x" in flags else re.search(pattern, text)
        if match and (allowed is None or user in allowed):
            found.append(pid)
    found = found[-1:] if "n" in flags else found[:1] if "o" in flags else found
    return found, flags, number


def signal_of(text: str) -> int:
    """A signal from `2`, `INT` or `SIGINT`."""
    return int(text) if text.isdigit() else int(signal.Signals[f"SIG{text.removeprefix('SIG')}"])


def pgrep(arguments: list[str]) -> int:
    """Print the matching process ids; 1 when there is none."""
    found, flags, _ = select(arguments)
    if "c" in flags:
        print(len(found))
    for pid in [] if "c" in flags else found:
        told = command_line(pid) if "a" in flags else short_name(pid) if "l" in flags else ""
        print(f"{pid} {told}".rstrip())
    return 0 if found else 1


def pkill(arguments: list[str]) -> int:
    """Signal the matching processes; 1 when there is none."""
    found, _, number = select(arguments)
    return max((send(pid, number) for pid in found), default=1)


def kill(arguments: list[str]) -> int:
    """Signal processes of this container; any other does not exist, as in a process namespace."""
    number, rest = int(signal.SIGTERM), list(arguments)
    if rest and rest[0] in {"-s", "-n"}:
        number, rest = signal_of(rest[1]), rest[2:]
    elif rest and rest[0].startswith("-"):
        number, rest = signal_of(rest[0][1:]), rest[1:]
    if rest and rest[0] == "--":
        rest = rest[1:]
    if not rest:
        raise ValueError("usage: kill [-s SIGNAL | -SIGNAL] PID...")
    # Every target is told before one of them, often the asking shell, ends.
    return max(send(int(each), number) for each in rest)


def send(pid: int, number: int) -> int:
    """Signal one process of this container; 1, said on standard error, when it is none."""
    if pid > 0 and pid in own():
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return 0  # it ended between the look and the signal
        return 0
    if processes.start_of(pid) is not None:
        # One that has just ended needs no word: the operator takes any for a failure and tries its next way.
        print(f"kill: ({pid}) - No such process", file=sys.stderr)
    return 1


TOOLS = {"pgrep": pgrep, "pkill": pkill, "kill": kill}


if __name__ == "__main__":
    try:
        sys.exit(TOOLS[sys.argv[1]](sys.argv[2:]))
    except (ValueError, KeyError, re.error) as problem:
        print(f"{sys.argv[1]}: {problem}", file=sys.stderr)
        sys.exit(2)
