"""Installs what a checkout needs, by pip or npm, in bounded time, into folders of its own."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from hummingbird.core.errors import Invalid, NotFound, Unreachable
from hummingbird.workloads.process import Ended, clean_environment, run
from hummingbird.workloads.programs import trusted_node, trusted_python
from hummingbird.workloads.programs.mismatch import npm_mismatch, pip_mismatch
from hummingbird.workloads.programs.package_sources import npm_registry, pip_indexes
from hummingbird.workloads.programs.requirements import node_manifest, pip_arguments

SECONDS = 420.0
SOURCES = ("PIP_", "NPM_CONFIG_", "npm_config_", "NODE_EXTRA_CA_CERTS", "NODE_USE_SYSTEM_CA", "SSL_CERT_")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
"""What the pod's or job's environment may say about where packages come from."""
NPM = Path("lib/node_modules/npm/bin/npm-cli.js")


def install_python(folder: Path, target: Path, home: Path, *, tests: bool) -> bool:
    """Install a checkout's Python packages into a folder; False when it needs none.

    Raises Invalid with pip's own words or for a source that is not to be trusted, Unreachable when it takes
    too long.
    """
    wanted = pip_arguments(folder, tests=tests)
    if not wanted:
        return False
    environment = clean_environment(home, sources(os.environ))
    # What is installed beside the tools here is no part of the checkout's world.
    environment.pop("PYTHONPATH", None)
    trusted = trusted_python.trusted(folder, wanted, pip_indexes(home, environment))
    report = home / "installed.json"
    argv = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    argv += ["--target", str(target), "--no-compile", "--report", str(report), *trusted.arguments, *wanted]
    ended = run(argv, cwd=folder, env=environment, seconds=SECONDS)
    _checked(ended, "pip", "requirements", pip_mismatch(folder, ended.err))
    trusted_python.check_installed(folder, report, trusted.addresses)
    _portable(target / "bin")
    return True


def install_node(folder: Path, home: Path, *, tests: bool) -> bool:
    """Install a checkout's npm packages and run its build script, if any; False when it needs none.

    By the lock file where there is one. Packages' own install scripts are not run. Raises as install_python.
    """
    manifest = node_manifest(folder)
    build = "build" in manifest.get("scripts", {})
    kinds = ("dependencies", "devDependencies") if tests or build else ("dependencies",)
    if not any(manifest.get(kind) for kind in kinds):
        return False
    lock = trusted_node.lock_of(folder)
    shims = npm_shims(home)
    environment = clean_environment(home, sources(os.environ))
    environment["PATH"] = f"{shims}{os.pathsep}{environment.get('PATH', '')}"
    trusted_node.trust(folder, npm_registry(shims / "npm", home, environment))
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *trusted_node.ALLOWED]
    everything = tests or build
    omit = [] if everything else ["--omit=dev"]

    def step(*words: str) -> None:
        ended = run([str(shims / "npm"), *words], cwd=folder, env=environment, seconds=SECONDS)
        _checked(ended, f"npm {words[0]}", "package.json", npm_mismatch(folder, lock, ended.err))

    if lock:
        step("ci", *quiet, *omit)
    else:
        step("install", "--no-package-lock", *quiet, *omit)
        trusted_node.check_installed(folder)
    if build:
        step("run", "build")
    if everything and not tests:
        step("prune", "--omit=dev", *quiet)
    return True


def npm_shims(home: Path) -> Path:
    """A folder with `npm` and `npx` that run npm's own program, wherever this Node has it."""
    node = shutil.which("node")
    if node is None:
        raise NotFound("node is not installed here; the toolbox image must have Node for JavaScript")
    program = Path(node).resolve().parent.parent / NPM
    if not program.is_file():
        found = shutil.which("npm")
        if found is None:
            raise NotFound("npm is not installed here; the toolbox image must have it beside Node")
        program = Path(found).resolve()
    folder = home / "npm-bin"
    folder.mkdir(exist_ok=True)
    for name in ("npm", "npx"):
        shim = folder / name
        cli = program.with_name(f"{name}-cli.js")
        shim.write_text(f'#!/bin/sh\nexec "{node}" "{cli}" "$@"\n', "utf-8")
        shim.chmod(0o755)
    return folder


def sources(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that say where packages come from, and through which proxy."""
    return {name: value for name, value in environment.items() if name in PROXIES or name.startswith(SOURCES)}


def _checked(ended: Ended, tool: str, what: str, mismatch: str | None) -> None:
    if not ended.in_time:
        raise Unreachable(f"{tool} did not end within {SECONDS:.0f} s")
    if ended.code != 0 and mismatch:
        raise Invalid(mismatch)
    if ended.code != 0:
        raise Invalid(f"{tool} cannot install what {what} asks for: {last_words(ended)}")


def last_words(ended: Ended) -> str:
    """The end of what a program said."""
    return " ".join((ended.err or ended.out).split())[-400:]


def _portable(scripts: Path) -> None:
    """Let installed scripts name Python by PATH: the image's Python lies elsewhere than this one."""
    for script in _scripts(scripts):
        content = script.read_bytes()
        first, separator, rest = content.partition(b"\n")
        if first.startswith(b"#!") and b"python" in first:
            script.write_bytes(b"#!/usr/bin/env python3" + separator + rest)


def _scripts(folder: Path) -> Sequence[Path]:
    return [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
