"""How gitlab-ci-local is called: its clean environment, its options, the programs it finds."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sandbox.gitlab.ci import rsync
from sandbox.gitlab.ci.installation import installation, node
from sandbox.gitlab.errors import message
from sandbox.gitlab.git import environment
from sandbox.gitlab.site import Site

STATE = ".gitlab-ci-local"
"""Its folder in the work tree: builds, artifacts, logs."""


def command(site: Site) -> list[str]:
    """Node and the installed program; 503 while it is not installed."""
    program = installation(site.world.home)
    if program is None:
        text = "503 Service Unavailable: no runner; run `python -m sandbox.gitlab.install --home HOME`"
        raise message(503, text)
    return [str(node()), str(program)]


def base_path() -> str:
    """What jobs find on PATH: the sandbox's base (Python, Node) and the system's programs."""
    default = f"{Path(sys.prefix) / 'bin'}{os.pathsep}{node().parent}"
    return os.pathsep.join([os.environ.get("SANDBOX_BASE_PATH", default), "/usr/bin", "/bin"])


def tool_environment(site: Site, home: Path, variables: dict[str, str]) -> dict[str, str]:
    """The tool's whole environment; variables go in by environment because a command line is public."""
    home.mkdir(parents=True, exist_ok=True)
    stand_in = site.folder / "bin"
    return {
        **environment(),
        "PATH": os.pathsep.join([str(stand_in), str(node().parent), base_path()]),
        "HOME": str(home),
        "GCL_IGNORE_PREDEFINED_VARS": ",".join(sorted(variables)),
        "GCL_VARIABLE_PATH": base_path(),
        **{f"GCL_VARIABLE_{key}": value for key, value in variables.items()},
    }


def install_rsync(site: Site) -> None:
    """Put the stand-in for rsync where the tool looks first."""
    folder = site.folder / "bin"
    folder.mkdir(exist_ok=True)
    script = folder / "rsync"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{rsync.__file__}" "$@"\n', "utf-8")
    script.chmod(0o700)
