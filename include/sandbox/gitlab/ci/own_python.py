"""A virtual environment for one job: pip installs into it, and what the base has is seen and not touched.

pip removes nothing that lies outside of the environment it runs in. So packages of the base are put on the
search path behind the job's own instead of being copied: a job gets its Python in milliseconds, may install
an older version of anything, and leaves the base as it is.
"""

from __future__ import annotations

import shutil
import sys
import sysconfig
import venv
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

OFFICIAL = ("pip", "setuptools", "wheel") if sys.version_info < (3, 12) else ("pip",)
"""What an official Python image has installed."""
PIP = """#!/bin/sh
'''exec' "{python}" "$0" "$@"
' '''
import sys

from pip._internal.cli.main import main

sys.exit(main())
"""
"""As pip writes its own command where the path of Python is long or has spaces."""


def packages() -> list[Path]:
    """Where the Python that runs the sandbox has its packages."""
    return sorted({Path(sysconfig.get_path(kind)) for kind in ("purelib", "platlib")})


def link_official_packages(folder: Path) -> None:
    """Fill a folder with links to the packages of an official image alone."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in OFFICIAL:
        for path in _parts(name):
            (folder / path.name).symlink_to(path)


def write_commands(folder: Path) -> None:
    """The commands of the sandbox's packages (`pytest`), run by the Python that comes first on PATH."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path in (Path(sys.prefix) / "bin").iterdir():
        script = _script(path)
        if script is not None and not path.name.startswith(("pip", "python")):
            (folder / path.name).write_bytes(b"#!/usr/bin/env python3\n" + script)
            (folder / path.name).chmod(0o700)


def make(folder: Path, behind: Iterable[Path]) -> Path:
    """An environment with pip that sees the packages of other folders; the folder of its commands."""
    venv.EnvBuilder(with_pip=False, symlinks=True).create(folder)
    commands = folder / "bin"
    own = sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)})
    lines = [f"import site; site.addsitedir({str(path)!r})\n" for path in behind]
    (Path(own) / "base.pth").write_text("".join(lines), "utf-8")
    for name in ("pip", "pip3", f"pip{sys.version_info.major}.{sys.version_info.minor}"):
        (commands / name).write_text(PIP.format(python=commands / "python3"), "utf-8")
        (commands / name).chmod(0o755)
    return commands


def _parts(name: str) -> list[Path]:
    """The files and folders of an installed package, as they lie beside each other."""
    try:
        installed = distribution(name)
    except PackageNotFoundError:
        return []
    tops = {file.parts[0] for file in installed.files or []} - {"..", "__pycache__"}
    return [Path(str(installed.locate_file(top))) for top in sorted(tops) if not top.endswith(".pth")]


def _script(path: Path) -> bytes | None:
    """A Python command without the lines that name its Python; None for any other file."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        first = file.readline(300)
        if not first.startswith(b"#!"):
            return None
        rest = file.read()
    if b"python" in first:
        return rest
    # The form for long paths, as above: three lines that are shell and Python at once.
    return rest.split(b"\n", 2)[-1] if rest.startswith(b"'''exec'") else None
