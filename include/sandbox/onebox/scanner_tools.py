"""`python -m sandbox.onebox.scanner_tools --home DIR`: ESLint for the pods, locked by npm files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sandbox.npm import InstallError, installed, npm_ci

LOCKED = Path(__file__).parents[2] / "hummingbird" / "scanners" / "node"
PACKAGE = "eslint"


def programs(home: Path) -> Path:
    """The folder that is on a pod's PATH."""
    return home / PACKAGE / "node_modules" / ".bin"


def install(home: Path) -> Path:
    """Install what is locked unless it is there; InstallError with npm's own words."""
    if not installed(LOCKED, home / PACKAGE, PACKAGE):
        npm_ci(LOCKED, home / PACKAGE)
    return programs(home)


def main(arguments: list[str]) -> int:
    """Install and say where; 1 with one sentence when it fails."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.onebox.scanner_tools")
    parser.add_argument("--home", type=Path, required=True)
    try:
        print(install(parser.parse_args(arguments).home.resolve()))
    except InstallError as error:
        print(f"ESLint could not be installed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
