"""`python -m sandbox.gitlab.install --home DIR`: gitlab-ci-local for the pipelines, on PyPI's Node."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sandbox.gitlab.ci.installation import InstallError, install, installation

__all__ = ["InstallError", "install", "installation"]


def main(arguments: list[str]) -> int:
    """Install and say where; 1 with one sentence when it fails."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.gitlab.install")
    parser.add_argument("--home", type=Path, required=True)
    try:
        print(install(parser.parse_args(arguments).home.resolve()))
    except InstallError as error:
        print(f"gitlab-ci-local could not be installed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
