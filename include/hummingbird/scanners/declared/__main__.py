"""`python -m hummingbird.scanners.declared FILE…`: what is wrong in these files of the current folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hummingbird.scanners.declared.files import declared_problems, is_declaring
from hummingbird.scanners.declared.npm_registry import registry_of


def main(names: list[str]) -> int:
    """Print the problems, one a line; 1 when there is any, 2 for a file of another kind."""
    foreign = [name for name in names if not is_declaring(name) or not Path(name).is_file()]
    if foreign or not names:
        sys.stderr.write(f"give requirement files, manifests, locks or .npmrc; {foreign} is none of them\n")
        return 2
    problems = declared_problems(Path(), names, registry_of(os.environ))
    sys.stdout.writelines(f"{one}\n" for one in problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
