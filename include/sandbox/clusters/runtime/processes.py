"""Which of this machine's processes belong to a container: those that carry its mark in their environment.

Every process of a container starts with SANDBOX_CONTAINER=<id>; children inherit it. Standard library only:
the pods' own `pgrep` and `kill` use this file too.
"""

from __future__ import annotations

from pathlib import Path

MARK = "SANDBOX_CONTAINER"


def start_of(pid: int) -> int | None:
    """A process's start time in clock ticks since boot, or None when it is gone or a zombie."""
    try:
        rest = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if rest[0] == "Z" else int(rest[19])


def is_alive(pid: int, start: int) -> bool:
    """Whether this very process still runs; a later one with the same id does not count."""
    return start_of(pid) == start


def boot_id() -> str:
    """What tells one start of the machine from another."""
    return Path("/proc/sys/kernel/random/boot_id").read_text("utf-8").strip()


def mark_of(pid: int) -> str | None:
    """The container that a process belongs to, or None."""
    try:
        content = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return None  # gone, or another user's: none of ours
    wanted = MARK.encode() + b"="
    for each in content.split(b"\0"):
        if each.startswith(wanted):
            return each[len(wanted) :].decode()
    return None


def of_container(mark: str) -> list[int]:
    """The processes of one container, oldest first."""
    pids = [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]
    return sorted(pid for pid in pids if mark_of(pid) == mark)
