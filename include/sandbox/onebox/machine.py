"""What this machine must have before anything is installed; each lack is one sentence with its mend.

Runs on whatever `python3` is there: everything in this file parses on Python 3.8.
"""

from __future__ import annotations

import errno
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

GIGABYTE = 1024**3
DISK_NEEDED = 4 * GIGABYTE
DISK_NEEDED_INSTALLED = GIGABYTE
MEMORY_NEEDED = 5 * GIGABYTE // 2
OLDEST, NEWEST = (3, 11), (3, 13)
PORT_OFFSETS = (0, 1, 2, 3, 4, 5, 6, 7, *range(10, 20), 20, 21)


class Lacking(Exception):
    """The machine cannot run the platform; the message is the sentence for the person, mend included."""


def check_python() -> None:
    """Python 3.11 to 3.13 on Linux."""
    if not sys.platform.startswith("linux"):
        raise Lacking(
            "The sandbox runs its pods as Linux processes: run it on Linux, in a virtual machine or in WSL 2."
        )
    version = sys.version_info[:2]
    if OLDEST <= version <= NEWEST:
        return
    other = next((name for name in ("python3.13", "python3.12", "python3.11") if _runs(name)), None)
    mend = (
        "you have {0}: run the command again with PYTHON={0} at its end".format(other)  # noqa: UP032
        if other
        else "install one (for example: apt install python3.11 python3.11-venv) and add PYTHON=python3.11"
    )
    raise Lacking(
        f"Python {version[0]}.{version[1]} is not supported, Hummingbird runs on 3.11, 3.12 and 3.13; {mend}."
    )


def _runs(name: str) -> bool:
    found = shutil.which(name)
    if not found:
        return False
    try:
        probe = [found, "-c", "import venv, ensurepip"]
        return subprocess.run(probe, capture_output=True, timeout=2, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def check_venv() -> None:
    """The venv and ensurepip modules, which Debian and Ubuntu ship apart, and ssl."""
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
            raise Lacking(
                f"Python's {module} module is missing; install it (Debian, Ubuntu: apt install {package}) "
                "and run the command again."
            )
    if importlib.util.find_spec("_ssl") is None:
        raise Lacking(
            f"{sys.executable} was built without ssl and can fetch nothing over HTTPS; "
            "choose another with PYTHON=/path/to/python3 and run the command again."
        )


def check_git() -> None:
    """Git: the sandbox's GitLab serves real repositories."""
    if shutil.which("git") is None:
        raise Lacking(
            "git is missing; install it (Debian, Ubuntu: apt install git) and run the command again."
        )


def disk_free(folder: Path) -> int:
    """Free bytes where `folder` lies or will lie."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def check_disk(folder: Path, needed: int) -> None:
    """Enough space in the folder for packages, databases and images."""
    free = disk_free(folder)
    if free < needed:
        raise Lacking(
            f"{folder} has {free / GIGABYTE:.1f} GB free and {needed / GIGABYTE:.0f} GB are needed; "
            "free some space, or put the state elsewhere with HUMMINGBIRD_HOME=/another/folder."
        )


def memory_available() -> int:
    """Bytes of memory that can still be had: the machine's, or the control group's when that is less."""
    available = 1 << 62
    for line in _text(Path("/proc/meminfo")).splitlines():
        if line.startswith("MemAvailable:"):
            available = int(line.split()[1]) * 1024
    group = Path("/sys/fs/cgroup")
    limit, used = _text(group / "memory.max").strip(), _text(group / "memory.current").strip()
    if limit.isdigit() and used.isdigit():
        available = min(available, int(limit) - int(used))
    return available


def check_memory(needed: int = MEMORY_NEEDED) -> None:
    """Enough memory for Airflow, PostgreSQL, the notary and the pods."""
    available = memory_available()
    if available < needed:
        raise Lacking(
            f"{available / GIGABYTE:.1f} GB of memory are available, {needed / GIGABYTE:.1f} GB are needed; "
            "close some programs or take a bigger machine."
        )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def check_ports(port_base: int) -> None:
    """Every port of the block is free on the loopback address."""
    for port in (port_base + offset for offset in PORT_OFFSETS):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                raise Lacking(
                    f"Port {port} is in use by another program; stop it, or take another block of ports with "
                    f"HUMMINGBIRD_PORT={_another(port_base)}."
                ) from error


def _another(port_base: int) -> int:
    return port_base + 1000 if port_base + 1100 < 65536 else 28080


def port_base_from(environment: dict[str, str]) -> int:
    """The first port of the block: HUMMINGBIRD_PORT, or 28080."""
    text = environment.get("HUMMINGBIRD_PORT") or "28080"
    if not text.isdigit() or not 1024 <= int(text) <= 65535 - max(PORT_OFFSETS):
        raise Lacking(f"HUMMINGBIRD_PORT={text} is not a port: choose a number from 1024 to 65500.")
    return int(text)


def home_from(environment: dict[str, str], repository: Path) -> Path:
    """The folder all state lies in: HUMMINGBIRD_HOME, or .hummingbird in the repository."""
    chosen = environment.get("HUMMINGBIRD_HOME")
    return Path(os.path.abspath(os.path.expanduser(chosen))) if chosen else repository / ".hummingbird"  # noqa: PTH100, PTH111
