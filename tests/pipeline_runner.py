"""gitlab-ci-local for tests: the one that `make install` installed, else a new one."""

from __future__ import annotations

import os
from pathlib import Path

from sandbox.gitlab.install import install, installation
from sandbox.onebox.machine import home_from
from sandbox.onebox.place import REPOSITORY


def place_runner(home: Path) -> None:
    """Let `home` have a runner; InstallError when npm cannot install one."""
    ready = home_from(dict(os.environ), REPOSITORY)
    if installation(ready) and not (home / "node").exists():
        (home / "node").symlink_to(ready / "node")
    else:
        install(home)
