"""`python -m hummingbird.workloads prepare_program`: a checkout made ready to start, as its image would be.

Installs what the program needs and writes the environment it starts with, so that a team can try its start
command before the first pipeline.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from hummingbird.core.errors import Invalid
from hummingbird.workloads.process import clean_environment, run
from hummingbird.workloads.programs.installing import last_words
from hummingbird.workloads.programs.world import World, prepare

SECONDS = 300.0


def main(arguments: list[str]) -> int:
    """Prepare; 0 when the environment is written."""
    line = argparse.ArgumentParser(
        prog="python -m hummingbird.workloads prepare_program", description=__doc__
    )
    line.add_argument("--folder", type=Path, required=True)
    line.add_argument("--language", required=True, choices=("python", "javascript"))
    line.add_argument("--scratch", type=Path, required=True)
    line.add_argument("--prepare", help="shell command to run once everything is installed")
    line.add_argument("--environment", type=Path, required=True, help="JSON file to write")
    options = line.parse_args(arguments)
    world = prepare_tree(
        options.folder.resolve(), options.language, options.scratch.resolve(), options.prepare
    )
    options.environment.write_text(json.dumps(world.env), "utf-8")
    return 0


def prepare_tree(tree: Path, language: str, scratch: Path, command: str | None) -> World:
    """Install, then run the project's own preparing command in the tree; Invalid with its last words."""
    world = prepare(tree, [language], scratch, tests=False)
    if command:
        home = scratch / "prepare-home"
        home.mkdir()
        ended = run(["sh", "-c", command], cwd=tree, env=clean_environment(home, world.env), seconds=SECONDS)
        if ended.code != 0 or not ended.in_time:
            raise Invalid(f"`{command}` ended with {ended.code}: {last_words(ended)}")
    return world
