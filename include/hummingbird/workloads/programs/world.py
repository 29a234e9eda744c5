"""The environment a checkout's program or tests run in, once what it needs is installed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from hummingbird.workloads.programs.installing import install_node, install_python, npm_shims
from hummingbird.workloads.programs.tests_run import with_path


@dataclass(frozen=True)
class World:
    """Where packages were installed, and the variables that make them found."""

    packages: Path | None
    env: dict[str, str]

    @property
    def brings_packages(self) -> bool:
        """Whether anything was installed."""
        return self.packages is not None


def prepare(folder: Path, languages: list[str], scratch: Path, *, tests: bool) -> World:
    """Install what the checkout needs, by language; raises as installing.py says."""
    home = scratch / "packages-home"
    home.mkdir()
    target = scratch / "packages"
    python = "python" in languages and install_python(folder, target, home, tests=tests)
    node = "javascript" in languages and install_node(folder, home, tests=tests)
    env: dict[str, str] = {}
    roots = [str(path) for path in (folder / "src", folder) if path.is_dir()]
    if "python" in languages:
        env["PYTHONPATH"] = os.pathsep.join([*roots, str(target)] if python else roots)
    if python or node:
        shims = [npm_shims(home)] if node else []
        env["PATH"] = with_path(target / "bin", folder / "node_modules" / ".bin", *shims)
    return World(target if python or node else None, env)
