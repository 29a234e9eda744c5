"""`python -m sandbox serve SYSTEM...`: serve stand-ins in one process until SIGTERM.

`python -m sandbox stop-pods` ends the pods, which outlive the process that serves their clusters.
`python -m sandbox fault add|list|clear` makes a system answer badly, late, twice or not at all.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import signal
import sys
from pathlib import Path

from sandbox.faults import command as faults
from sandbox.serving import Service
from sandbox.world import World

SYSTEMS = ("jira", "gitlab", "harbor", "artifactory", "apollo", "clusters")


async def serve(systems: list[str], world: World) -> None:
    """Start the stand-ins, say `ready`, and stop them in reverse order on SIGTERM or SIGINT."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    services: list[Service] = []
    for system in systems:
        services.extend(importlib.import_module(f"sandbox.{system}").create(world))
    started: list[Service] = []
    try:
        for service in services:
            await service.start()
            started.append(service)
        print("ready", *systems, flush=True)
        await stopping.wait()
    finally:
        for service in reversed(started):
            await service.stop()


def main(arguments: list[str]) -> int:
    """Parse the command line and serve; 2 for a wrong command line, as argparse has it."""
    parser = argparse.ArgumentParser(prog="python -m sandbox")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("serve", help="serve stand-ins until SIGTERM")
    command.add_argument("systems", nargs="+", choices=SYSTEMS, metavar="SYSTEM")
    stop = commands.add_parser("stop-pods", help="end every pod of a home; stop its clusters first")
    fault = commands.add_parser("fault", help="make a system answer badly, late, twice or not at all")
    for each in (command, stop, *faults.verbs(fault)):
        each.add_argument("--home", type=Path, required=True)
        each.add_argument("--port-base", type=int, required=True)
    options = parser.parse_args(arguments)
    world = World(home=options.home.resolve(), port_base=options.port_base)
    if options.command == "stop-pods":
        stopping = importlib.import_module("sandbox.clusters.stopping")
        print(f"stopped {stopping.stop_pods(world)} containers")
        return 0
    if options.command == "fault":
        return faults.run(options, world)
    asyncio.run(serve(options.systems, world))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
