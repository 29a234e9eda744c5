"""From a plain `python3` and a fresh clone to an installed platform.

Says what it will take, checks what it needs (a sentence with the mend within five seconds), installs what is
missing, and starts the goal in the installed environment. Interrupted, it resumes. Parses on Python 3.8.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from sandbox.onebox import machine
from sandbox.onebox.environments import Environment, environments, install_installer, start_install
from sandbox.onebox.package_index import read_pip_settings, uv_environment

REPOSITORY = Path(__file__).resolve().parents[3]
GOALS = ("demo", "up", "install", "install-test")
STARTED = time.monotonic()
HEARTBEAT_SECONDS = 15
NODE_TOOLS = ("sandbox.gitlab.install", "sandbox.onebox.scanner_tools")
"""What installs into a home from npm: the pipeline runner, the scanners of JavaScript."""


def say(text: str) -> None:
    """One progress line with the time since the start."""
    print(f"[{time.monotonic() - STARTED:5.1f} s] {text}", flush=True)


def announce(home: Path, port_base: int, installed: bool) -> None:
    """What it takes and whom it talks to, before anything happens."""
    disk, memory = machine.disk_free(home), machine.memory_available()
    last = port_base + max(machine.PORT_OFFSETS)
    network = "no host: all is installed" if installed else "the Python package index, the npm registry"
    print(f"Hummingbird on this machine. State: {home}")
    print(f"  disk     about 3 GB ({disk / machine.GIGABYTE:.0f} GB free)")
    print(f"  memory   about 2.5 GB ({memory / machine.GIGABYTE:.1f} GB available)")
    print(f"  ports    {len(machine.PORT_OFFSETS)} between {port_base} and {last}, on 127.0.0.1 only")
    print(f"  network  {network}", flush=True)


def check(home: Path, port_base: int, installed: bool, starts: bool) -> None:
    """Raise Lacking for the first thing that is missing."""
    machine.check_git()
    if not installed:
        machine.check_venv()
    for folder in (REPOSITORY, home):
        machine.check_disk(folder, machine.DISK_NEEDED_INSTALLED if installed else machine.DISK_NEEDED)
    if starts and not running(home):
        machine.check_memory()
        machine.check_ports(port_base)


def running(home: Path) -> bool:
    """Whether this home's own platform holds the ports."""
    try:
        pid = int((home / "run" / "supervisor.pid").read_text(encoding="utf-8"))
        return b"sandbox.onebox" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return False


def install(main: Environment, semgrep: Environment, home: Path, smaller: list[Environment]) -> None:
    """Fill both environments at the same time."""
    say("making the virtual environments")
    main.create(with_pip=True)
    semgrep.create(with_pip=False)
    try:
        install_installer(main, REPOSITORY)
    except subprocess.CalledProcessError:
        raise machine.Lacking(
            "pip could not install uv (see above): check the network, the proxy and the package index "
            "(`pip config list`), then run the command again; it resumes."
        ) from None
    settings = uv_environment(read_pip_settings(main.python), dict(os.environ))
    logs = home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    uv = main.folder / "bin" / "uv"
    say("installing the Python packages (hashes checked, bytecode compiled)")
    under_way = {}
    for target in (main, semgrep):
        if not target.installed():
            log = logs / f"install{target.folder.name}.log"
            under_way[target] = (start_install(uv, target, settings, log), log)
    try:
        for target, (process, log) in under_way.items():
            finish(process, log)
            target.mark_installed(*(other.wanted() for other in smaller if other.folder == target.folder))
    finally:
        for process, _ in under_way.values():
            if process.poll() is None:
                process.terminate()
                process.wait()


def finish(process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for an installation; when it fails, its last words are the reason."""
    while process.poll() is None:
        try:
            process.wait(HEARTBEAT_SECONDS)
        except subprocess.TimeoutExpired:
            say("still installing packages")
    if process.returncode:
        words = " ".join(log.read_text(encoding="utf-8", errors="replace").split()[-60:])
        raise machine.Lacking(
            f"Installing packages failed: {words}. Check the network, the proxy and the package index "
            f"(`pip config list`), then run the command again; it resumes. The whole log: {log}"
        )


def install_node_tools(main: Environment, home: Path) -> None:
    """What the sandbox's GitLab runner and the scans need from npm; idempotent by itself."""
    for module in NODE_TOOLS:
        command = [str(main.python), "-m", module, "--home", str(home)]
        if subprocess.run(command, env=project_environment(), check=False).returncode:
            raise machine.Lacking(
                "Installing the pipeline runner and ESLint from the npm registry failed (see above): "
                "check the network, the proxy and `npm config`, then run the command again; it resumes."
            )


def project_environment() -> dict[str, str]:
    """This process's environment with the project's packages on the path."""
    return {**os.environ, "PYTHONPATH": str(REPOSITORY / "include")}


def prepare(goal: str) -> list[str]:
    """Check, announce, install; returns the command that goes on, empty when there is none."""
    machine.check_python()
    environment = dict(os.environ)
    home, port_base = machine.home_from(environment, REPOSITORY), machine.port_base_from(environment)
    main, semgrep = environments(REPOSITORY, for_tests=goal == "install-test")
    smaller = [environments(REPOSITORY, for_tests=False)[0]] if goal == "install-test" else []
    installed = main.installed() and semgrep.installed()
    announce(home, port_base, installed)
    starts = goal in ("demo", "up")
    check(home, port_base, installed, starts)
    if not installed:
        install(main, semgrep, home, smaller)
    install_node_tools(main, home)
    say("installed")
    if not starts:
        return []
    command = [str(main.python), "-m", "sandbox.onebox", goal]
    return [*command, "--home", str(home), "--port-base", str(port_base)]


def main(arguments: list[str]) -> int:
    """0 when the goal is reached; 1 with one sentence when the machine lacks something; 130 for Ctrl-C."""
    if len(arguments) != 1 or arguments[0] not in GOALS:
        print(f"usage: bootstrap {'|'.join(GOALS)}", file=sys.stderr)
        return 2
    try:
        command = prepare(arguments[0])
    except machine.Lacking as lacking:
        print(f"{lacking}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; the same command goes on where it stopped.", file=sys.stderr)
        return 130
    if command:
        os.execve(command[0], command, project_environment())  # noqa: S606 - this very process goes on
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
