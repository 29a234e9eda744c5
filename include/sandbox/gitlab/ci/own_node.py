"""A global npm folder for one job, with what an official Node image has in its own: npm, npx, corepack."""

from __future__ import annotations

from pathlib import Path

from sandbox.gitlab.ci.installation import node

COMMANDS = {
    "npm": "npm/bin/npm-cli.js",
    "npx": "npm/bin/npx-cli.js",
    "corepack": "corepack/dist/corepack.js",
}


def make(folder: Path) -> Path:
    """Links, because npm replaces a link and never what it leads to; the folder of the commands.

    The commands beside the wheel's Node are copies that do not find their own modules.
    """
    program = node()
    brought = program.parent.parent / "lib" / "node_modules"
    commands, modules = folder / "bin", folder / "lib" / "node_modules"
    commands.mkdir(parents=True)
    modules.mkdir(parents=True)
    (commands / "node").symlink_to(program)
    for package in ("npm", "corepack"):
        (modules / package).symlink_to(brought / package)
    for name, script in COMMANDS.items():
        (commands / name).symlink_to(Path("..", "lib", "node_modules", script))
    return commands
