"""What a job finds installed, by its `image:`, and where its own `pip install` and `npm install -g` go.

A container's writable layer, without a container: nothing that a job installs reaches another job or the
Python that the sandbox and Airflow run on. A job that names an image finds what an official python or node
image has. A job without one runs on the runner's own image, the toolbox: the sandbox's packages as well.
"""

from __future__ import annotations

import os
from pathlib import Path

from sandbox.gitlab.ci import own_node, own_python
from sandbox.gitlab.ci.tool import base_path
from sandbox.gitlab.site import Site

SYSTEM = ("/usr/local/bin", "/usr/bin", "/bin")


def lay_out(site: Site) -> None:
    """What all jobs share and none of them writes to, made anew at every start of the runner."""
    own_python.link_official_packages(_official(site))
    own_python.write_commands(_toolbox(site))


def make(site: Site, folder: Path, image: str | None) -> dict[str, str]:
    """A job's own places below a folder that is gone after the job; the variables that lead there."""
    behind = [_official(site)] if image else own_python.packages()
    rest = list(SYSTEM) if image else [str(_toolbox(site)), base_path()]
    python = own_python.make(folder / "python", behind)
    node = own_node.make(folder / "node")
    return {
        "PATH": os.pathsep.join([str(python), str(node), *rest]),
        "VIRTUAL_ENV": str(folder / "python"),
        "NPM_CONFIG_PREFIX": str(folder / "node"),
    }


def _official(site: Site) -> Path:
    return site.folder / "official-packages"


def _toolbox(site: Site) -> Path:
    return site.folder / "toolbox-commands"
