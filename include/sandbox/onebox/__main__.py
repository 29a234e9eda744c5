"""`python -m sandbox.onebox up|down|status|demo|reset|env`: the whole platform on one machine."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from sandbox.onebox import lifecycle
from sandbox.onebox.airflow_environment import airflow_environment
from sandbox.onebox.board import read_board
from sandbox.onebox.machine import Lacking, home_from, port_base_from
from sandbox.onebox.place import REPOSITORY, Place

STATE = ("sandbox", "postgres", "socket", "airflow", "logs", "run", "secrets", "catalog")
"""What `reset` throws away; installed tools stay."""
FILES = ("accounts.txt", "ledger.witness")
"""Files too: a ledger that begins anew is not an older one."""

_STARTED = time.monotonic()


def say(text: str) -> None:
    """One progress line with the time since the start."""
    print(f"[{time.monotonic() - _STARTED:5.1f} s] {text}", flush=True)


def main(arguments: list[str]) -> int:
    """0 when done; 1 with one sentence when not; 130 for Ctrl-C."""
    try:
        options = _parser().parse_args(arguments)
        place = _place(options)
        return COMMANDS[options.command](place)
    except Lacking as lacking:
        print(lacking, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "\nInterrupted. What runs keeps running: the same command goes on, `make down` stops all.",
            file=sys.stderr,
        )
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox.onebox", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--home", type=Path, help="state folder (HUMMINGBIRD_HOME)")
    parser.add_argument("--port-base", type=int, help="first port of the block (HUMMINGBIRD_PORT)")
    return parser


def _place(options: argparse.Namespace) -> Place:
    environment = dict(os.environ)
    home = options.home.resolve() if options.home else home_from(environment, REPOSITORY)
    return Place(home=home, port_base=options.port_base or port_base_from(environment))


def _up(place: Place) -> int:
    lifecycle.up(place, say)
    _show_addresses(place)
    return 0


def _down(place: Place) -> int:
    lifecycle.down(place, say)
    return 0


def _status(place: Place) -> int:
    board = read_board(place.run / "board.json")
    if board is None or lifecycle.supervisor_pid(place) is None:
        print("Hummingbird does not run here. `make up` starts it.")
        return 0
    print(f"{board.phase}{': ' + board.why if board.why else ''}")
    for name, notice in board.notices.items():
        again = f", started again {notice.restarts} times" if notice.restarts else ""
        process = f"pid {notice.pid}" if notice.pid else ""
        print(f"  {name:<17} {notice.state:<9} {process:<12} {notice.title}{again}")
    _show_addresses(place)
    return 0


def _reset(place: Place) -> int:
    lifecycle.down(place, say)
    for name in STATE:
        if (place.home / name).exists():
            shutil.rmtree(place.home / name)
    for name in FILES:
        (place.home / name).unlink(missing_ok=True)
    say(f"the state in {place.home} is gone")
    return 0


def _demo(place: Place) -> int:
    lifecycle.up(place, say)
    _show_addresses(place)
    from sandbox.onebox.play.story import play  # noqa: PLC0415 - only the demo needs git and the APIs

    code = play(place, say)
    _show_addresses(place)
    return code


def _onboard(place: Place) -> int:
    from sandbox.onboarding.command import onboard  # noqa: PLC0415 - reads the environment, needs git and psutil

    _require_running(place)
    return onboard(place, say)


def _deliver(place: Place) -> int:
    from sandbox.onboarding.command import deliver  # noqa: PLC0415 - as above

    _require_running(place)
    return deliver(place, say)


def _doctor(place: Place) -> int:
    _require_running(place)
    name = os.environ.get("NAME", "")
    if not name:
        raise Lacking("Say which: make doctor NAME=<component>")
    command = [str(place.python), "-m", "hummingbird", "doctor", name]
    return subprocess.run(command, env=airflow_environment(place), check=False).returncode


def _require_running(place: Place) -> None:
    if lifecycle.supervisor_pid(place) is None:
        raise Lacking("Hummingbird does not run here. `make up` starts it.")


def _env(place: Place) -> int:
    from sandbox.onebox.person import exports  # noqa: PLC0415 - imports the database driver

    _require_running(place)
    print(exports(place))
    return 0


def _supervise(place: Place) -> int:
    from sandbox.onebox.background import supervise  # noqa: PLC0415 - imports the database driver

    return supervise(place)


def _show_addresses(place: Place) -> None:
    world = place.world
    print(f"\n  Airflow   {place.airflow_url}")
    print(f"  GitLab    {world.url('gitlab')}    Jira    {world.url('jira')}")
    print(f"  Accounts  {place.accounts_file} (passwords, mode 0600)\n", flush=True)


COMMANDS = {
    "up": _up,
    "down": _down,
    "status": _status,
    "demo": _demo,
    "reset": _reset,
    "onboard": _onboard,
    "deliver": _deliver,
    "doctor": _doctor,
    "env": _env,
    "supervise": _supervise,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
